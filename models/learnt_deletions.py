"""Which gaps of a learnt model a headline is tried with.

The rules of :mod:`copydesk.models.deletions` propose what they can show to be whole; the model of gaps
(:mod:`copydesk.models.gap_model`) proposes whatever headlines written by deletion make likely. What would put words together that
say something else, and is rare where people delete words, is refused here: of 10,650 gaps in headlines that were written for us,
4%. All checks of :mod:`copydesk.models.guards` follow on top.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from copydesk.models.coordination import is_list_comma
from copydesk.models.deletions import is_denied
from copydesk.models.gap_model import gap_chances
from copydesk.models.phrases import Parse
from copydesk.models.sentence_words import INSIDE_NP, VERBAL
from copydesk.models.suite import GapScores
from copydesk.models.words import is_word

MIN_CHANCE = -6.0
"""Logarithm of the least probability of a gap that is tried: of the gaps in unseen headlines, 95% have it, and some 75 of a
sentence's gaps."""
_GLUE = frozenset({"-", "/", "&", "–"})
_OWNING = frozenset({"'s", "'", "’", "’s"})
_PREFIXES = frozenset(
    {"north", "south", "east", "west", "new", "united", "san", "los", "saint", "st.", "hong", "great"}
)
"""What a place's name begins with that is another name without it."""
_NOUNS = frozenset({"NN", "NS", "NP"})
_FULL_VERBS = frozenset({"VB", "VD", "VZ", "VN", "VG"})


@dataclass(frozen=True, slots=True)
class Gap:
    """A learnt deletion.

    :param start: First token.
    :param end: One past the last.
    :param score: The model's.
    """

    start: int
    end: int
    score: float


def learnt_gaps(read: Parse, scores: GapScores) -> Iterator[Gap]:
    """Every gap that is likely enough, breaks no word and joins nothing that says something else."""
    quoted = _inside_quotes(read)
    for row, column in zip(*np.nonzero(gap_chances(scores) >= MIN_CHANCE), strict=True):
        start, end = int(row), int(column)
        if start >= read.body_end or read.body_end <= end < len(read) or start in quoted or end in quoted:
            continue
        if _is_boundary(read, start) and _is_boundary(read, end) and _may_go(read, start, end):
            yield Gap(start, end, float(scores.gaps[start, end]))


def _inside_quotes(read: Parse) -> set[int]:
    """The places between two words of one quotation, by the second: what is printed as somebody's words is not cut."""
    found, opened = set[int](), None
    for index, word in enumerate(read.words):
        if word in {"“", "``"} or (word == '"' and opened is None):
            opened = index
        elif word in {"”", "''", '"'} and opened is not None:
            found.update(range(opened + 2, index))
            opened = None
    return found


def _is_boundary(read: Parse, index: int) -> bool:
    """Whether a word or name may end before a token: not inside "U.S.-Mexico", "AT&T", "Norvik's", "North Korea" or "Bank of
    America"."""
    if index in {0, len(read)}:
        return True
    before, after = read.words[index - 1], read.words[index]
    named = read.tags[index] in {"NP", "PZ"} and before[0].isupper() and read.lower[index - 1] in _PREFIXES
    if read.lower[index] in _OWNING or named or _opens_second_half(read, index):
        return False
    glued = read.spans[index][0] == read.spans[index - 1][1]
    return not (glued and (after in _GLUE or before in _GLUE or (is_word(before) and is_word(after))))


def _opens_second_half(read: Parse, index: int) -> bool:
    """Whether "of", or "of the", stands between capitals: "Bank of America", "State of the Union"."""
    after = index + 1 + (read.lower[index + 1 : index + 2] == ("the",))
    return (
        read.lower[index] == "of"
        and read.tags[index - 1] == "NP"
        and after < len(read)
        and read.words[after][0].isupper()
    )


def _may_go(read: Parse, start: int, end: int) -> bool:
    """Whether what becomes neighbours is not read as one thing that the sentence doesn't say."""
    gone = read.tags[start:end]
    if start == 0:
        return end == len(read) or gone[-1] != "TH" or not any(read.finite[:end])  # "[You might think that] the drop …"
    left = read.tags[start - 1]
    if (
        left == "NG"
        or (left == "CD" and read.tags[start] in INSIDE_NP)
        or (left == "DT" and not _is_article(read, start - 1))
    ):
        return set(gone) <= {"DT"}  # "not [far] from", "two [senior] officers"
    if any(read.tags[at] == "RB" and is_denied(read, at) for at in range(start, end)):
        return False
    return end == len(read) or not (_joins_anew(read, start, end) or _tears_list(read, start, end))


def _is_article(read: Parse, index: int) -> bool:
    return read.lower[index] in {"the", "a", "an"}


def _joins_anew(read: Parse, start: int, end: int) -> bool:
    """Whether a verb or preposition gets another object, or a verb meets another."""
    gone, left, right = read.tags[start:end], read.tags[start - 1], read.tags[end]
    told = any(report.cue == start - 1 for report in read.reports if report.content[0] > report.cue)
    return (
        # "bought [a stake in] Aldane", "approval to [the takeover of] Aldane"
        (
            left in _FULL_VERBS | {"IN", "TO"}
            and right in INSIDE_NP
            and gone[-1] in {"IN", "TO"}
            and not _NOUNS.isdisjoint(gone)
        )
        or (right in INSIDE_NP and gone[-1] in VERBAL)  # "arrived [on Monday to discuss] a second loan"
        or (left == "TO" and gone[-1] == "TO")  # "plans to [seek permission to] build"
        or (left in _FULL_VERBS and right in VERBAL and gone[-1] != "CC")  # "shells fired [from the north] struck"
        or read.lower[end] == "of"  # "investigated [by the Federal Bureau] of Ports"
        or (told and right not in INSIDE_NP | {"TH"})  # "said [it was committed] to exploration"
    )


def _tears_list(read: Parse, start: int, end: int) -> bool:
    """Whether a gap opens a list, or takes one comma of a pair."""
    if is_list_comma(read, end):
        return True  # "workers [in Oslo], Bergen and Narvik"
    if read.words[start] == ",":
        attributed = any(report.core[0] == end for report in read.reports if report.content[0] == 0)
        return not (read.words[end - 1] == "," or read.tags[end] == "CC" or attributed)
    return read.words[end - 1] == "," and "," not in read.words[start - 1 : end - 1]
