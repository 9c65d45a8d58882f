"""Prepositional phrases and relative clauses inside a sentence that it can do without."""

from collections.abc import Iterator
from typing import Literal

from copydesk.models.coordination import is_list_comma
from copydesk.models.lexicon import lexicon
from copydesk.models.phrases import Parse
from copydesk.models.prepositions import ALWAYS_BOUND, is_bound, may_drop_of, opens_number
from copydesk.models.sentence_words import INSIDE_NP, NOMINAL

PhraseDeletion = tuple[int, int, Literal["phrase"]]
_ADJUNCTS = frozenset({"after", "before", "during", "amid", "despite", "since", "as", "following"})
"""Prepositions that rarely hang on the noun before them: "a storm [over his pitch] for a brand" must not become "a storm for a
brand"."""


def phrase_deletions(read: Parse) -> Iterator[PhraseDeletion]:
    """Prepositional phrases and relative clauses that may go, as half-open token ranges with their kind; in no order, and some
    overlap."""
    yield from _phrases(read)
    yield from _relatives(read)


def _phrases(read: Parse) -> Iterator[PhraseDeletion]:
    """Prepositional phrases inside the sentence, with what hangs on them by "of"."""
    planned = lexicon("verbs", "planning_noun")
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
        if before in {"VB", "VD", "VN", "VZ"} and low in {"in", "on", "at", "during"}:
            dated = read.calendar_end(end)
            if follows in {"DT", "PS"}:
                yield index, end, "phrase"  # "will propose [in his budget] a fund"
            elif read.tags[dated : dated + 2] == ("TO", "VB") and read.lower[dated - 1] not in planned:
                yield index, dated, "phrase"  # "will agree [at a summit on Monday] to cut"
            elif read.lower[index - 1] in lexicon("attribution", "verb"):
                yield from _told_in(read, index, end)
        resumes = (
            (follows == "IN" and (read.lower[end] in _ADJUNCTS or read.calendar_end(end) > end))
            or follows == "SB"
            or (read.finite[end] and follows != "PR" and read.is_own_subject(end))
            or (read.words[end] in {",", ";", "--"} and not is_list_comma(read, end))
        )
        if before in NOMINAL and resumes and read.lower[end] not in {"than", "of"}:
            yield index, end, "phrase"


def _told_in(read: Parse, index: int, end: int) -> Iterator[PhraseDeletion]:
    """ "said [in a report published on Friday] (that) the port …": where something is said, before what is said."""
    at = end
    if read.tags[at : at + 1] in {("VN",), ("VD",)} and not read.finite[at]:
        at = read.calendar_end(at + 1)
    at = max(at, read.calendar_end(end))
    stated = at < read.body_end and any(
        start in {at, at + 1} and verb > start - (read.tags[verb] == "PR") for verb, start in read.subject_start.items()
    )
    if stated and (read.tags[at] == "TH" or read.tags[at] in INSIDE_NP):
        yield index, at, "phrase"


def _relatives(read: Parse) -> Iterator[PhraseDeletion]:
    """ "Insurers [that cover millions] said": the subject keeps its verb."""
    for start, verb in read.relatives:
        if not read.quote_depth[start]:
            yield start, verb, "phrase"


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
