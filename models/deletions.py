"""What may be deleted from a sentence without joining what does not belong together.

A deletion is a token range that makes a whole: an adverb, a date, a prepositional phrase, what stands between two commas or in
brackets, a relative clause, an introduction, or everything from a legal end of the statement on. Whatever can't be shown to
be one of these stays. The guarantees in :mod:`copydesk.models.guards` are checked on top, by other means.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from copydesk.models.asides import MAX_ASIDE, asides
from copydesk.models.auxiliaries import is_droppable_have
from copydesk.models.beginnings import frames_superlative, may_begin
from copydesk.models.clause_deletions import clause_deletions
from copydesk.models.coordination import is_list_comma
from copydesk.models.endings import asks, legal_end
from copydesk.models.introductions import dateline_end
from copydesk.models.lexicon import lexicon
from copydesk.models.noun_deletions import noun_deletions
from copydesk.models.person_names import surnames
from copydesk.models.phrase_deletions import phrase_deletions
from copydesk.models.phrases import Parse
from copydesk.models.prepositions import ALWAYS_BOUND, CONDITIONS
from copydesk.models.sentence_words import INSIDE_NP, NOMINAL, VERBAL

Kind = Literal[
    "article", "adverb", "calendar", "aside", "bracket", "phrase", "introduction", "auxiliary", "that", "modifier", "name",
    "owner", "tail", "ticker", "conjunct",
]  # fmt: skip

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
    for more in (asides, noun_deletions, phrase_deletions, clause_deletions, surnames):
        found |= {Deletion(start, end, kind) for start, end, kind in more(read)}
    cores = [report.core for report in read.reports if report.content[0] == 0]
    free = (one for one in found if not any(_overlap(one, core) and not _leaves_source(one, core) for core in cores))
    return tuple(sorted(free, key=lambda one: (one.start, one.end, one.kind)))


def _overlap(one: Deletion, core: tuple[int, int]) -> bool:
    return one.start < core[1] and core[0] < one.end


def _leaves_source(one: Deletion, core: tuple[int, int]) -> bool:
    """Whether a source and its cue survive a deletion: ", Economy Minister [Jane] Doe[, a lawyer,] said"."""
    return one.kind in _WITHIN_CORE or (one.kind == "aside" and core[0] + 1 < one.start and one.end < core[1])


def _tails(read: Parse) -> Iterator[Deletion]:
    """From a legal end of the statement to the end of the sentence, or to the attribution that must stay there."""
    closing = [report.core[0] for report in read.reports if report.content[0] == 0 and report.core[0] > 0]
    if asks(read):
        closing.append(read.body_end - 1)
    first_verb = next((index for index in range(len(read)) if read.finite[index]), len(read))
    for cut in range(first_verb + 1, read.body_end):
        if not may_begin(read, cut) or not legal_end(read, cut - 1, cut):
            continue
        separates = any(
            start < cut <= verb < read.body_end and read.is_certain_subject(verb)
            for verb, start in read.subject_start.items()
        )
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
        if index and read.tags[index - 1] in {"NP", "PZ"} and read.words[index - 1][0].isupper() and follows == "NP":
            continue  # "Face the Nation"
        headed = follows != "JJ" or read.tags[index + 2 : index + 3] in _NOUN_FOLLOWS
        participle = follows in {"VN", "VG"} and read.tags[index + 2 : index + 3] in {("NN",), ("NS",)}
        plain = follows in {"NN", "NS", "NP", "JJ", "PZ"} and headed
        if (plain or participle) and read.lower[index + 1] not in needed:
            yield Deletion(index, index + 1, "article")


def _possessives(read: Parse) -> Iterator[Deletion]:
    """ "cut [its] staff"."""
    fixed = lexicon("style", "needs_article") | {"own"}
    for index in range(read.body_end - 1):
        if read.lower[index] not in _OF_THIRD or read.tags[index] != "PS" or read.quote_depth[index]:
            continue
        if index > 1 and read.lower[index - 1] == "of" and read.tags[index - 2] in {"DT", "CD", "PR"}:
            continue  # "two of its subsidiaries"
        if index and read.tags[index - 1] in {"PO", "NP", "NN", "NS"}:
            continue  # "denied him his right"
        if read.lower[index + 1] in lexicon("names", "title"):
            continue  # "blamed on its president"
        follows = read.tags[index + 1]
        headed = follows in {"NN", "NS"} or (follows == "JJ" and read.tags[index + 2 : index + 3] in _NOUN_FOLLOWS)
        if headed and read.lower[index + 1] not in fixed:
            yield Deletion(index, index + 1, "article")


_OF_THIRD = frozenset({"its", "his", "her", "their"})


def _article_is_needed(read: Parse, index: int) -> bool:
    """ "It is a response", "either of the bills", "$75 a barrel": a bare noun is no English there, not even in a headline."""
    before = read.tags[index - 1]
    dated = any(begin < index == read.calendar_end(begin) for begin in range(max(0, index - 5), index))
    if before in {"NP", "NN", "NS", "PO"} and not dated:
        return True  # "named Norvik a tax haven", "deemed the name an issue", "gave it a push"
    quantified = read.lower[index - 1] == "of" and index > 1 and read.tags[index - 2] in {"DT", "CD", "PR"}
    if read.lower[index] in {"a", "an"} and read.lower[index + 1] in lexicon("calendar", "unit"):
        return True  # "comes a week before"
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
        if is_denied(read, index):
            continue
        if follows not in {"JJ", "RB", "CD", "DT", "NN", "NS", "NP"} and before not in {"RB", "NG", "IN", "DT", "CC"}:
            yield Deletion(index, index + 1, "adverb")


def is_denied(read: Parse, index: int) -> bool:
    """ "no reason to doubt he has faithfully told it": under a denial, the adverb may be all that is denied."""
    denials = lexicon("meaning", "negation") | lexicon("meaning", "negative_stem") | {"doubt", "doubts", "doubted"}
    for at in range(index - 1, max(-1, index - 10), -1):
        if read.words[at] in {",", ";"}:
            return False
        if read.tags[at] == "NG" or read.lower[at] in denials or read.lower[at].endswith("n't"):
            return True
    return False


def _calendar(read: Parse) -> Iterator[Deletion]:
    """ "on Tuesday (Nov 16)", "last week"; not "Tuesday's vote", "this year's budget" or "the Monday meeting"."""
    for index in range(read.body_end):
        end = read.calendar_end(index)
        if end <= index or read.quote_depth[index] or frames_superlative(read, index):
            continue
        before = read.tags[index - 1] if index else "PU"
        follows = read.tags[end] if end < len(read) else "PU"
        owned = read.tags[end - 1] == "PZ" or (
            end < len(read) and read.lower[end] in {"of", "and", "or", "to", "'s", "alone"}
        )
        dangling = before in {"IN", "SB", "DT", "TO", "PZ", "CC", "JJ", "PS"} or (
            before == "BE" and end >= read.body_end
        )
        attributive = (
            follows in {"NN", "NS", "JJ", "VG"} and read.tags[index] != "IN" and before not in VERBAL | NOMINAL
        )
        subject = any(start == index and verb == end for verb, start in read.subject_start.items())  # "Next week marks"
        subject = subject or (index == 0 and read.finite[end : end + 1] == (True,))  # "Today is the day"
        if not owned and not dangling and not attributive and not subject:
            yield Deletion(index, end, "calendar")


def _introductions(read: Parse) -> Iterator[Deletion]:
    """An opening "But", and what stands before the first comma when a whole statement follows."""
    if len(read) < 3:
        return
    if read.lower[0] in {"but", "and", "yet"} or read.words[0] in {"-", "--", "–", "—"}:
        yield Deletion(0, 1, "introduction")
    if end := dateline_end(read):
        yield Deletion(0, end, "introduction")
    if read.words[0] == "(" and ")" in read.words[:6]:  # "(New York) – The council …"
        close = read.words.index(")")
        if not {"-", "--", "–", "—"}.isdisjoint(read.words[close + 1 : close + 2]):
            yield Deletion(0, close + 2, "introduction")
    end = read.calendar_end(0)
    if end and end < len(read) and read.tags[end] in INSIDE_NP and read.lower[end] != "alone":
        yield Deletion(0, end, "introduction")
    # "Days after the vote, …"
    dated = end > 0 or (read.lower[0] in lexicon("calendar", "units") and read.lower[1] in {"after", "before"})
    bound = read.lower[0] in ALWAYS_BOUND | CONDITIONS | {"according"}
    if bound or (read.tags[0] not in _INTRODUCING and not dated):
        return
    starts = {start for verb, start in read.subject_start.items() if verb > start or read.tags[verb] == "PR"}
    for comma in range(1, min(read.body_end, MAX_ASIDE)):
        outside = read.words[comma] == "," and not read.quote_depth[comma]
        listed = is_list_comma(read, comma) and not any(read.finite[:comma])
        subject = comma + 1
        while subject < read.body_end and read.tags[subject] == "RB":
            subject += 1  # "…, just a quarter of voters say"
        if outside and not {comma + 1, subject}.isdisjoint(starts) and read.tags[subject] in INSIDE_NP and not listed:
            yield Deletion(0, comma + 1, "introduction")


def _auxiliaries(read: Parse) -> Iterator[Deletion]:
    """ "has signed" is "signed" in a headline; "said that" is "said"."""
    for index in range(1, read.body_end - 1):
        if read.quote_depth[index]:
            continue
        follows = read.tags[index + 1]
        if is_droppable_have(read, index):
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


_RULES = (_articles, _possessives, _adverbs, _calendar, _introductions, _auxiliaries, _tails)
