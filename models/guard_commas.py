"""The check that commas stand where the headline needs them: none between a subject and its verb, none of a pair alone."""

from collections.abc import Iterator
from itertools import pairwise

from copydesk.models.guard import Kept
from copydesk.models.phrases import Parse

_FINITE = frozenset({"VZ", "VD", "VB", "BE", "HV", "MD", "DO"})


def commas(read: Parse, kept: Kept) -> Iterator[str]:
    """ "Moss[, fresh from the vote], now moves", "Workers [at Norvik, the mill], went on strike"."""
    indices = [at for at in range(len(read)) if kept[at]]
    for before, left, right in zip(indices, indices[1:], indices[2:], strict=False):
        if read.words[left] in {'"', "”", "''"} and read.words[before] == read.words[right] == ",":
            yield "commas: two with a quotation mark between them"  # a "reasonable level,", he said
    told = {at for report in read.reports for at in range(*report.core)}
    for place, (left, right) in enumerate(pairwise(indices)):
        if read.words[left] == "," and left not in told and _cuts_subject(read, indices, left, right):
            yield f"commas: ',' between {read.words[right]!r} and its subject"
        orphan = read.words[right] == "," and right not in told and read.words[left] != ","
        gone = read.words[left + 1 : right]
        whole = gone[:1] == (",",) and gone.count(",") == 1  # "its view[, after a vote], a sign of doubt"
        if orphan and "," in gone and not whole:
            follows = indices[place + 2] if place + 2 < len(indices) else len(read)
            joins = read.tags[follows : follows + 1] == ("CC",) and any(read.finite[at] for at in indices[: place + 1])
            if not joins:  # "Gold rose[, as talks went on], but calls are unlikely"
                yield f"commas: ',' after {read.words[left]!r} has lost its pair"


def _cuts_subject(read: Parse, indices: list[int], comma: int, verb: int) -> bool:
    """Whether a finite verb follows a comma that is alone since its subject, or from which something is gone."""
    if not read.finite[verb] or read.tags[verb] not in _FINITE:
        return False
    start = read.subject_start.get(verb, verb)
    alone = start < comma and sum(read.words[at] == "," for at in indices if start <= at < verb) == 1
    return alone or verb > comma + 1
