"""What may be deleted from a sentence without joining what does not belong together.

A deletion is a token range that makes a whole: an adverb, a date, a prepositional phrase, what stands between two commas or in
brackets, a relative clause, an introduction, or everything from a legal end of the statement on. Whatever can't be shown to
be one of these stays. The guarantees in :mod:`copydesk.models.guards` are checked on top, by other means.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from copydesk.models.endings import (
    ALWAYS_BOUND,
    CONDITIONS,
    is_bound,
    is_list_comma,
    legal_end,
    may_begin,
    may_drop_of,
    opens_number,
)
from copydesk.models.lexicon import lexicon
from copydesk.models.noun_deletions import is_ticker, noun_deletions
from copydesk.models.phrases import INSIDE_NP, NOMINAL, VERBAL, Parse

Kind = Literal[
    "article", "adverb", "calendar", "aside", "bracket", "phrase", "introduction", "auxiliary", "that", "modifier", "name",
    "owner", "tail", "ticker",
]  # fmt: skip

MAX_ASIDE = 30
"""Longest deletable stretch between commas or brackets, in tokens; a longer one is rarely an aside."""
_WITHIN_CORE = frozenset({"article", "name", "calendar", "bracket", "modifier", "owner", "ticker"})
"""Deletions that are allowed inside "…, Economy Minister Jane Doe said": they leave a source and its cue."""
_LOOSE_ADVERBS = frozenset({"also", "meanwhile", "however", "further", "instead", "moreover"})
_INTRODUCING = frozenset({"IN", "SB", "VG", "VN", "RB", "CC", "VD"})


@dataclass(frozen=True, slots=True)
class Deletion:
    """A deletable token range.

    :param start: First token.
    :param end: One past the last.
    :param kind: What it is.
    """

    start: int
    end: int
    kind: Kind


def deletions(read: Parse) -> tuple[Deletion, ...]:
    """Every deletion that the sentence allows, the tails included; overlapping ones are alternatives."""
    found = {one for rule in _RULES for one in rule(read)}
    found |= {Deletion(start, end, kind) for start, end, kind in noun_deletions(read)}
    cores = [report.core for report in read.reports if report.content[0] == 0]
    free = (one for one in found if one.kind in _WITHIN_CORE or not any(_overlap(one, core) for core in cores))
    return tuple(sorted(free, key=lambda one: (one.start, one.end, one.kind)))


def _overlap(one: Deletion, core: tuple[int, int]) -> bool:
    return one.start < core[1] and core[0] < one.end


def _tails(read: Parse) -> Iterator[Deletion]:
    """From a legal end of the statement to the end of the sentence, or to the attribution that must stay there."""
    closing = [report.core[0] for report in read.reports if report.content[0] == 0 and report.core[0] > 0]
    first_verb = next((index for index in range(len(read)) if read.finite[index]), len(read))
    for cut in range(first_verb + 1, read.body_end):
        if not may_begin(read, cut) or not legal_end(read, cut - 1, cut):
            continue
        separates = any(start < cut <= verb < read.body_end for verb, start in read.subject_start.items())
        if not separates and not _leaves_saying_empty(read, cut):
            yield Deletion(cut, next((start for start in closing if start > cut), read.body_end), "tail")
    for report in read.reports:  # what follows an attribution at the end: "…, police said [on Monday, adding that …]"
        if report.content[0] == 0 and report.core[1] < read.body_end:
            yield Deletion(report.core[1], read.body_end, "tail")


def _leaves_saying_empty(read: Parse, cut: int) -> bool:
    """ "Economies said | on Sunday that they will": a verb of saying that ends up with nothing said."""
    if any(report.core[0] < cut and report.content[0] == 0 for report in read.reports):
        return False
    verb = next((at for at in range(cut - 1, -1, -1) if read.finite[at]), None)
    if verb is None or read.lower[verb] not in lexicon("verbs", "clausal"):
        return False
    return "TO" not in read.tags[verb + 1 : cut]


def _articles(read: Parse) -> Iterator[Deletion]:
    """Headlines do without "the" and "a", but for names ("The Hague"), amounts ("a dozen") and nouns that need one."""
    needed = lexicon("style", "needs_article")
    for index in range(read.body_end - 1):
        if read.lower[index] not in lexicon("classes", "article") or read.quote_depth[index]:
            continue
        if index and (read.words[index][0].isupper() or _article_is_needed(read, index)):
            continue
        follows = read.tags[index + 1]
        headed = follows != "JJ" or read.tags[index + 2 : index + 3] in _NOUN_FOLLOWS
        if follows in {"NN", "NS", "NP", "JJ", "PZ"} and headed and read.lower[index + 1] not in needed:
            yield Deletion(index, index + 1, "article")


def _article_is_needed(read: Parse, index: int) -> bool:
    """ "It is a response", "either of the bills", "$75 a barrel": a bare noun is no English there, not even in a headline."""
    before = read.tags[index - 1]
    quantified = read.lower[index - 1] == "of" and index > 1 and read.tags[index - 2] in {"DT", "CD"}
    return before in {"BE", "PR", "CD"} or quantified


_NOUN_FOLLOWS = {("NN",), ("NS",), ("NP",), ("JJ",), ("CC",), ("VG",), ("VN",), ("PZ",)}


def _adverbs(read: Parse) -> Iterator[Deletion]:
    fixed = lexicon("meaning", "hedge") | lexicon("meaning", "negation")
    for index in range(read.body_end):
        low = read.lower[index]
        loose = (low.endswith("ly") and len(low) > 4) or low in _LOOSE_ADVERBS
        if read.tags[index] != "RB" or not loose or low in fixed or read.quote_depth[index]:
            continue
        before = read.tags[index - 1] if index else "PU"
        follows = read.tags[index + 1] if index + 1 < read.body_end else "PU"
        if follows not in {"JJ", "RB", "CD", "DT", "NN", "NS", "NP"} and before not in {"RB", "NG", "IN", "DT", "CC"}:
            yield Deletion(index, index + 1, "adverb")


def _calendar(read: Parse) -> Iterator[Deletion]:
    """ "on Tuesday (Nov 16)", "last week"; not "Tuesday's vote", "this year's budget" or "the Monday meeting"."""
    for index in range(read.body_end):
        end = read.calendar_end(index)
        if end <= index or read.quote_depth[index]:
            continue
        before = read.tags[index - 1] if index else "PU"
        follows = read.tags[end] if end < len(read) else "PU"
        owned = read.tags[end - 1] == "PZ" or (end < len(read) and read.lower[end] in {"of", "and", "or", "to", "'s"})
        dangling = before in {"IN", "SB", "DT", "TO", "PZ", "CC", "JJ", "PS"} or (
            before == "BE" and end >= read.body_end
        )
        attributive = (
            follows in {"NN", "NS", "JJ", "VG"} and read.tags[index] != "IN" and before not in VERBAL | NOMINAL
        )
        if not owned and not dangling and not attributive:
            yield Deletion(index, end, "calendar")


def _asides(read: Parse) -> Iterator[Deletion]:
    """Brackets; what stands between two commas or two dashes; each with its marks."""
    for index in range(read.body_end):
        word = read.words[index]
        if word == "(" and (close := _closing(read, index, ")")) is not None:
            yield Deletion(
                index, close + 1, "ticker" if close == index + 2 and is_ticker(read.words[index + 1]) else "bracket"
            )
        if word not in {",", "--", "—", "–", "-"} or index == 0:
            continue
        second = _closing(read, index, word)
        while second is not None and second - index <= MAX_ASIDE:
            if _is_aside(read, index, second):
                yield Deletion(index, second + 1, "aside")
            second = _closing(read, second, word)


def _closing(read: Parse, index: int, mark: str) -> int | None:
    """The next ``mark`` outside any quotation or bracket that opens after ``index``."""
    depth = read.quote_depth[index] + (mark == ")")
    reach = range(index + 1, min(read.body_end, index + MAX_ASIDE + 1))
    return next((at for at in reach if read.words[at] == mark and read.quote_depth[at] <= depth), None)


def _is_aside(read: Parse, first: int, second: int) -> bool:  # noqa: PLR0911 - one answer per kind of aside
    if second - first < 2 or second + 1 >= len(read):
        return False
    if read.tags[first - 1] not in NOMINAL | {"PU", "RB", "VN", "VD", "VZ", "CC"}:
        return False
    begin, after = first + 1, second + 1
    opener, follows, low = read.tags[begin], read.tags[after], read.lower[begin]
    verbs = [at for at in range(begin, second) if read.finite[at]]
    if any(read.subject_start[verb] < first for verb in verbs):
        return False
    if read.words[first] != ",":
        return not verbs or opener in {"RL", "SB", "CC"}
    if opener == "RL" or low in {"whose", "where"} or (opener == "IN" and read.tags[begin + 1] == "RL"):
        return bool(verbs) and (read.finite[after] or follows in {"IN", "SB", "VG", "CC", "RB"})
    if opener in {"SB", "VG", "VN"} or (opener == "IN" and low not in ALWAYS_BOUND):
        # The clause must end before the second comma: "…, while the state had a weak, | circumstantial case" has not.
        whole = legal_end(read, second - 1, second)
        return whole and low not in CONDITIONS | {"citing", "according"} and follows not in {"CC", "JJ", "VG", "VN"}
    if opener not in INSIDE_NP:
        return False
    # An appositive ("…, a member of the group, …") or an age; not the middle of a list.
    listed = any(read.tags[at] == "CC" and read.tags[at - 1] == "PU" for at in range(begin, second))
    return (
        not verbs and not listed and not is_list_comma(read, first) and (read.finite[after] or follows in {"IN", "SB"})
    )


def _phrases(read: Parse) -> Iterator[Deletion]:
    """Prepositional phrases inside the sentence, with what hangs on them by "of"."""
    for index in range(1, read.body_end):
        low, before = read.lower[index], read.tags[index - 1]
        if read.tags[index] != "IN" or read.quote_depth[index] or before == "CD":
            continue
        if not may_drop_of(read, index) if low == "of" else low in ALWAYS_BOUND or opens_number(read, index):
            continue
        end = _phrase_end(read, index)
        if is_bound(read, index) or end is None or end >= read.body_end:
            continue
        follows = read.tags[end]
        if before in {"VB", "VD", "VN", "VZ"} and low in {"in", "on", "at", "during"} and follows in {"DT", "PS"}:
            yield Deletion(index, end, "phrase")  # "will propose [in his budget] a fund"
        resumes = follows in {"IN", "SB"} or read.finite[end] or read.words[end] in {",", ";", "--"}
        if before in NOMINAL and resumes and read.lower[end] not in {"than", "of"}:
            yield Deletion(index, end, "phrase")


def _relatives(read: Parse) -> Iterator[Deletion]:
    """ "Insurers [that cover millions] said": the subject keeps its verb."""
    for start, verb in read.relatives:
        if not read.quote_depth[start]:
            yield Deletion(start, verb, "phrase")


def _phrase_end(read: Parse, index: int) -> int | None:
    """End of the noun phrase (and its "of" phrases) after a preposition; ``None`` where it is not simple."""
    at = begin = index + 1
    while at < read.body_end and not read.finite[at]:
        tag = read.tags[at]
        new_phrase = tag in {"DT", "PS"} and read.lower[at - 1] != "of"
        if at > begin and (new_phrase or read.calendar_end(at) > at):
            break
        inside = (
            tag in INSIDE_NP - {"PR"} or read.words[at] == "&" or (tag == "VN" and read.tags[at - 1] in {"DT", "IN"})
        )
        if not inside and not (read.lower[at] == "of" and at > begin):
            break
        at += 1
    return at if at > begin and read.tags[at - 1] in NOMINAL else None


def _introductions(read: Parse) -> Iterator[Deletion]:
    """An opening "But", and what stands before the first comma when a whole statement follows."""
    if len(read) < 3:
        return
    if read.lower[0] in {"but", "and", "yet"}:
        yield Deletion(0, 1, "introduction")
    end = read.calendar_end(0)
    if end and end < len(read) and read.tags[end] in INSIDE_NP:
        yield Deletion(0, end, "introduction")
    if (read.tags[0] not in _INTRODUCING and end == 0) or read.lower[0] in ALWAYS_BOUND | CONDITIONS | {"according"}:
        return
    starts = {start for verb, start in read.subject_start.items() if verb > start or read.tags[verb] == "PR"}
    for comma in range(1, min(read.body_end, MAX_ASIDE)):
        outside = read.words[comma] == "," and not read.quote_depth[comma]
        if outside and comma + 1 in starts and read.tags[comma + 1] in INSIDE_NP and not is_list_comma(read, comma):
            yield Deletion(0, comma + 1, "introduction")


def _auxiliaries(read: Parse) -> Iterator[Deletion]:
    """ "has signed" is "signed" in a headline; "said that" is "said"."""
    for index in range(1, read.body_end - 1):
        if read.quote_depth[index]:
            continue
        follows = read.tags[index + 1]
        low = read.lower[index + 1]
        regular = follows == "VN" and (low.endswith("ed") or low in lexicon("verbs", "same_past"))
        if read.tags[index] == "HV" and read.finite[index] and regular and read.lower[index] != "'ve":
            yield Deletion(index, index + 1, "auxiliary")
        if read.tags[index] == "TH" and follows in INSIDE_NP and _follows_saying(read, index):
            yield Deletion(index, index + 1, "that")


def _follows_saying(read: Parse, index: int) -> bool:
    """Whether a verb that takes a statement stands before "that", with at most a date between."""
    for at in range(index - 1, max(-1, index - 7), -1):
        if read.tags[at] in {"VD", "VZ", "VB", "VN", "VG"}:
            return at == index - 1 or read.calendar_end(at + 1) == index
        if read.tags[at] in VERBAL:
            return False
    return False


_RULES = (_articles, _adverbs, _calendar, _asides, _phrases, _relatives, _introductions, _auxiliaries, _tails)
