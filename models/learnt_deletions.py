"""Which gaps of a learnt model a headline may have: those that no form of the sentence speaks against.

The rules of :mod:`copydesk.models.deletions` propose what they can show to be whole; the model of gaps
(:mod:`copydesk.models.gap_model`) proposes anything that reference compressions make likely. What it can't see, and what would
put words together that say something else, is refused here; all checks of :mod:`copydesk.models.guards` follow on top.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from copydesk.models.auxiliaries import is_droppable
from copydesk.models.coordination import is_list_comma
from copydesk.models.deletions import is_denied
from copydesk.models.guard_verbs import head_tokens
from copydesk.models.phrases import Parse
from copydesk.models.premodifiers import recasts
from copydesk.models.sentence_words import INSIDE_NP, NOMINAL, VERBAL
from copydesk.models.suite import GapScores
from copydesk.models.words import is_word

MIN_ODDS = -3.0
"""Log odds of a gap against keeping its tokens, below which it is not tried."""
MIN_COLOUR_ODDS = 0.0
"""The same of adjectives alone, which the rules leave where they can't show that they only colour their noun."""
_HELPING = frozenset({"MD", "HV", "DO", "BE", "NG"})
_WAITING = _HELPING | {"IN", "TO", "SB", "TH", "RL", "DT", "PS", "PZ", "CC"}
"""Classes whose words wait for what comes next."""
_MODIFYING = INSIDE_NP | {"RB"}
"""A gap of these alone is a modifier's, which the rules do better."""
_OPENING_CLAUSES = frozenset({"SB", "IN", "VG", "VN", "RB", "CC", "TO"})
_GLUE = frozenset({"-", "/", "&", "–"})


@dataclass(frozen=True, slots=True)
class Gap:
    """A learnt deletion.

    :param start: First token.
    :param end: One past the last.
    :param score: The model's.
    :param is_small: Whether it may stand next to another gap.
    """

    start: int
    end: int
    score: float
    is_small: bool = False


def learnt_gaps(read: Parse, scores: GapScores) -> Iterator[Gap]:
    """Every gap that the model finds likely enough and the sentence's form allows."""
    count, last = len(read), read.body_end
    whole = np.concatenate([[0.0], np.cumsum(scores.keeps)])
    odds = scores.gaps - (whole[None, :] - whole[:, None])
    clauses = list(_clauses(read))
    for start in range(last):
        if not _may_start(read, start):
            continue
        for end in (*range(start + 1, last), count):
            if odds[start, end] < MIN_ODDS or _takes_source(read, start, end) or _tears_clause(clauses, start, end):
                continue
            if end == count or _may_join(read, start, end):
                yield Gap(start, end, float(scores.gaps[start, end]))
    for start, end in _colours(read):
        if odds[start, end] >= MIN_COLOUR_ODDS:
            yield Gap(start, end, float(scores.gaps[start, end]), is_small=True)


def _colours(read: Parse) -> Iterator[tuple[int, int]]:
    """Adjectives before a noun that don't change what it is: "a [computer-driven] sale", not "the [former] sale"."""
    for start in range(read.body_end):
        end = start
        while end < read.body_end - 1 and read.tags[end] == "JJ" and not read.quote_depth[end]:
            if recasts(read.lower[end]) or not _is_boundary(read, end):
                break
            end += 1
            if (
                read.tags[end] in {"NN", "NS"}
                and _is_boundary(read, end)
                and (start == 0 or read.tags[start - 1] != "JJ")
            ):
                yield start, end


def _clauses(read: Parse) -> Iterator[tuple[int, int, bool]]:
    """For each finite verb with a subject: the subject's last head, the verb, and whether they must go together."""
    for verb, start in read.subject_start.items():
        if heads := head_tokens(read, start, verb):
            yield heads[-1], verb, read.is_certain_subject(verb) and not is_droppable(read, verb)


def _tears_clause(clauses: Sequence[tuple[int, int, bool]], start: int, end: int) -> bool:
    """Whether a gap takes a subject and leaves its verb, or the other way round."""
    return any(
        start <= head < end <= verb or (certain and head < start <= verb < end) for head, verb, certain in clauses
    )


def _takes_source(read: Parse, start: int, end: int) -> bool:
    """Whether a gap takes the cue of an attribution, or the comma before one that closes the sentence."""
    for report in read.reports:
        closes = report.content[0] == 0
        takes_all = not closes and report.content[1] <= end
        if start <= report.cue < end and not takes_all:
            return True
        if closes and start <= report.core[0] < end:
            return True
        if closes and start < report.source[1] and end > report.source[0]:
            kept = read.tags[report.source[0] : max(report.source[0], start)]
            if NOMINAL.isdisjoint(kept):
                return True  # "according to [a survey]", "[officials in the city] said"
    return False


def _may_start(read: Parse, index: int) -> bool:
    """Whether a gap may begin before a token, by what stays before it."""
    if not _is_boundary(read, index) or read.quote_depth[index]:
        return False
    if index == 0:
        return True
    before, first = read.tags[index - 1], read.tags[index]
    dated = read.calendar_end(index) > index
    if before in _WAITING or (before == "CD" and first in INSIDE_NP):
        return False  # "to [the] …", "was [far] from …"
    if first == "IN" and before == "NP" and _is_name_after(read, index):
        return False  # "Bank [of America]"
    return dated or first not in INSIDE_NP or before not in INSIDE_NP | VERBAL  # "took [a step] to …"


def _is_name_after(read: Parse, index: int) -> bool:
    """Whether "of", or "of the", stands before a capital: "State of the Union"."""
    after = index + 1 + (read.lower[index + 1 : index + 2] == ("the",))
    return read.lower[index] == "of" and after < len(read) and read.words[after][0].isupper()


def _may_join(read: Parse, start: int, end: int) -> bool:
    """Whether what becomes neighbours is not read as one thing that the sentence doesn't say."""
    gone = read.tags[start:end]
    if not _is_boundary(read, end) or read.quote_depth[end] or gone[-1] in _WAITING | {"CD"} or set(gone) <= _MODIFYING:
        return False
    if start == 0:
        return not _tears_opening(read, end)
    left, right = read.tags[start - 1], read.tags[end]
    between_nouns = left in INSIDE_NP and right in INSIDE_NP  # "approval to the [firm's takeover of] Norvik"
    coordinated = "CC" in {left, right}
    split_verb = right in VERBAL and _ends_helping(gone)
    denied = any(read.tags[at] == "RB" and is_denied(read, at) for at in range(start, end))
    refused = between_nouns or coordinated or split_verb or denied or _tears_phrase(read, start, end)
    return not refused and _leaves_commas(read, start, end) and _leaves_content(read, start, end)


def _tears_phrase(read: Parse, start: int, end: int) -> bool:
    """Whether a gap ends in mid-phrase, leaves two verbs side by side, or opens a list."""
    gone, left, right = read.tags[start:end], read.tags[start - 1], read.tags[end]
    dated = any(read.calendar_end(at) == end for at in range(start, end))
    begins_noun = right in {"DT", "PS", "PO", "PR"}
    told_by_noun = read.lower[start] == "of" or not VERBAL.isdisjoint(gone)
    joins_predicates = gone[0] == "CC" and not set(gone[1:]) <= INSIDE_NP
    return (
        read.lower[end] == "of"  # "investigated [by the Federal Bureau] of Investigation"
        or (
            right in VERBAL and (left in VERBAL or joins_predicates)
        )  # "shells fired [from the north] struck a village"
        or (right in INSIDE_NP and gone[-1] in VERBAL)  # "arrived [on Monday to discuss] a second loan"
        or (right in INSIDE_NP and not begins_noun and gone[-1] in INSIDE_NP and not dated)  # "[… of a former] client"
        or (right in {"IN", "TO"} and told_by_noun)  # "owed by the firm [that has been pledged] to a fund"
        or is_list_comma(read, end)  # "workers [in Oslo], Bergen and Narvik"
    )


def _leaves_content(read: Parse, start: int, end: int) -> bool:
    """Whether what follows a verb of saying is still a statement: not "said [it was committed] to exploration"."""
    told = any(report.cue == start - 1 for report in read.reports if report.content[0] > report.cue)
    return not told or read.tags[end] in INSIDE_NP | {"TH"}


def _ends_helping(gone: Sequence[str]) -> bool:
    """ "would [probably not] have", "said [it has] expanded": the last verb of the gap helps one after it."""
    verbs = [tag for tag in gone if tag in VERBAL or tag == "NG"]
    return bool(verbs) and verbs[-1] in _HELPING


def _is_boundary(read: Parse, index: int) -> bool:
    """Whether a phrase may end before a token: not inside "U.S.-Mexico", "Bristol-Myers Squibb" or "20 people"."""
    if index == 0:
        return True
    if read.lower[index] in {"'s", "'", "’", "’s"} or read.calendar_end(index - 1) > index:
        return False
    before, after = read.words[index - 1], read.words[index]
    glued = read.spans[index][0] == read.spans[index - 1][1]
    if glued and (after in _GLUE or before in _GLUE or (is_word(before) and is_word(after))):
        return False
    return (
        not (read.tags[index - 1] == "NP" and read.tags[index] == "NP") and "CD" not in read.tags[index - 1 : index + 1]
    )


def _leaves_commas(read: Parse, start: int, end: int) -> bool:
    """Whether commas stay in pairs: a gap that begins with one, or after one, ends with one or before what needs one."""
    if read.words[start] == ",":
        attributed = any(report.core[0] == end for report in read.reports if report.content[0] == 0)
        return read.words[end - 1] == "," or read.tags[end] == "CC" or attributed
    return read.words[end - 1] != "," or "," in read.words[start - 1 : end - 1]


def _tears_opening(read: Parse, end: int) -> bool:
    """Whether a gap at the beginning takes a statement, not only a clause that opens one."""
    if read.words[end - 1] in {",", ":", "–", "—", "--"}:
        return read.tags[0] not in _OPENING_CLAUSES and any(read.finite[:end])
    return True
