"""Lines and paragraphs of a raw text, as offsets.

Most articles come with one paragraph on each line. Text files and e-mails are often wrapped at a fixed width instead, with a
blank line between paragraphs; their line ends stand inside sentences.
"""

import re
from itertools import pairwise

from copydesk.models.schema import Span

MAX_WRAP_WIDTH = 100
"""Widest column at which text is still taken to be hard-wrapped; 72 to 80 is usual, agency terminals went to 100."""

MIN_WRAP_WIDTH = 40
"""Narrower blocks are lists, verses or tables, whose lines stand for themselves."""

_LINE_END = re.compile(r"\r\n|[\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]")


def lines(text: str) -> list[Span]:
    """Every line of a text without the white space around it, in order; a blank line is an empty span."""
    ends = [(found.start(), found.end()) for found in _LINE_END.finditer(text)]
    starts = [0, *(end for _, end in ends)]
    stops = [*(start for start, _ in ends), len(text)]
    return [strip(text, (start, stop)) for start, stop in zip(starts, stops, strict=True)]


def paragraphs(text: str) -> list[Span]:
    """The paragraphs of a text, ascending, without the white space around them.

    :param text: Any text; it is never changed.
    :return: A span for each line that is not blank; one for the whole block where its lines are hard-wrapped.
    """
    found: list[Span] = []
    block: list[Span] = []
    for line in [*lines(text), (len(text), len(text))]:
        if line[0] < line[1]:
            block.append(line)
            continue
        found.extend([(block[0][0], block[-1][1])] if _is_wrapped(text, block) else block)
        block = []
    return found


def strip(text: str, span: Span) -> Span:
    """The span without white space at its ends; an empty span at its start where nothing else is in it."""
    start, end = span
    part = text[start:end]
    left = len(part) - len(part.lstrip())
    return (start + left, start + left + len(part.strip()))


def _is_wrapped(text: str, block: list[Span]) -> bool:
    """Whether each line of the block ends where the next line's first word did not fit, and some line runs on in lower case."""
    if len(block) < 2:
        return False
    width = max(end - start for start, end in block)
    if not MIN_WRAP_WIDTH <= width <= MAX_WRAP_WIDTH:
        return False
    for (start, end), (after, stop) in pairwise(block):
        first_word = text[after:stop].split(maxsplit=1)[0]
        if end - start + 1 + len(first_word) <= width:
            return False
    return any(text[start].islower() for start, _ in block[1:])
