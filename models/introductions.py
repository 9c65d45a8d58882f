"""What stands before a sentence's first words."""

from copydesk.models.phrases import Parse

_DASHES = frozenset({"-", "--", "–", "—"})
MAX_DATELINE = 14
"""Tokens in which a dateline within a sentence must end."""
_MIN_CAPITALS = 4
"""A place in capitals has this many letters, or two words."""


def dateline_end(read: Parse) -> int:
    """One past the dash of a dateline with an agency that the reading of the article did not know, 0 without one.

    "NEW HAVEN (Harbour.example) - The port …", "OSLO, March 4 (Pier Point) - The port …", "March 4 - The port …".
    """
    dated = read.calendar_end(0)
    if dated and read.words[dated : dated + 1] and read.words[dated] in _DASHES and len(read) > dated + 1:
        return dated + 1
    place = next((at for at in range(len(read)) if not read.words[at].isupper()), len(read))
    if sum(len(word) for word in read.words[:place]) < _MIN_CAPITALS or "(" not in read.words[:MAX_DATELINE]:
        return 0
    for at in range(place, min(MAX_DATELINE, len(read) - 1)):
        if read.finite[at]:
            return 0
        if read.words[at] in _DASHES and read.words[at - 1] == ")":
            return at + 1
    return 0
