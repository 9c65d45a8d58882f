"""Lines and paragraphs of a raw text, as offsets.

Most articles come with one paragraph on each line. Text files, e-mails and old agency copy are wrapped at a fixed width instead:
their line ends stand inside sentences.
"""

import re
from itertools import pairwise

from copydesk.models.schema import Span

MAX_WRAP_WIDTH = 100
"""Widest column at which text is still taken to be hard-wrapped; 72 to 80 is usual, agency terminals went to 100."""

MIN_WRAP_WIDTH = 30
"""Narrower lines are lists, verses or tables, whose lines stand for themselves."""

CLOSERS = "\"”’'»)]}›*_ \u200e\u200f\u202c\u2069"
"""What may follow the last full stop of a line."""

_STOPS = (".", "!", "?", "…", ":", "。", "！", "？", "؟", "।", "۔")
_NEVER_LAST = re.compile(r",$|\b(?:a|an|and|at|but|by|for|from|in|into|its|of|on|or|that|the|their|to|which|with)$")
_LINE_END = re.compile(r"\r\n|[\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]")


def lines(text: str) -> list[Span]:
    """Every line of a text without the white space around it, in order; a blank line is an empty span."""
    edges = [0, *(edge for found in _LINE_END.finditer(text) for edge in found.span()), len(text)]
    return [strip(text, span) for span in zip(edges[::2], edges[1::2], strict=True)]


def paragraphs(text: str) -> list[Span]:
    """The paragraphs of a text, ascending, without the white space around them.

    :param text: Any text; it is never changed.
    :return: A span for each line that is not blank; one for several lines where they are hard-wrapped.
    """
    found: list[Span] = []
    block: list[Span] = []
    for line in [*lines(text), (len(text), len(text))]:
        if line[0] < line[1]:
            block.append(line)
            continue
        found.extend(_unwrapped(text, block))
        block = []
    return found


def strip(text: str, span: Span) -> Span:
    """The span without white space at its ends; an empty one where nothing else is in it."""
    start, end = span
    part = text[start:end]
    left = len(part) - len(part.lstrip())
    return (start + left, start + max(left, len(part.rstrip())))


def is_closed(line: str) -> bool:
    """Whether a line ends like a sentence or a clause does."""
    return line.rstrip(CLOSERS).endswith((*_STOPS, ","))


def _runs_on(line: str, following: str) -> bool:
    """Whether a line goes on in the next one: that one begins small, or this one ends where no sentence and no title does."""
    end = line.rstrip(CLOSERS)
    return not end.endswith(_STOPS) and (following[0].islower() or _NEVER_LAST.search(end) is not None)


def _unwrapped(text: str, block: list[Span]) -> list[Span]:
    """The lines of a block without blank lines, those of a hard-wrapped paragraph joined."""
    parts = [text[start:end] for start, end in block]
    runs_on = [len(part) >= MIN_WRAP_WIDTH and _runs_on(part, following) for part, following in pairwise(parts)]
    widths = [len(part) for part, runs in zip(parts, runs_on, strict=False) if runs and len(part) <= MAX_WRAP_WIDTH]
    width = max(widths, default=0)
    joined: list[Span] = block[:1]
    for at, line in enumerate(block[1:]):
        needed = len(parts[at]) + 1 + len(parts[at + 1].split(maxsplit=1)[0])
        if runs_on[at] or len(parts[at]) <= width < needed:
            joined[-1] = (joined[-1][0], line[1])
        else:
            joined.append(line)
    return joined
