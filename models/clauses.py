"""The pieces of an article that a model reads: its sentences, the overlong ones split at clause marks."""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from copydesk.models.document import Document
from copydesk.models.schema import Span

Count = Callable[[Sequence[str]], list[int]]
"""Counts the tokens of texts."""

SURELY_SHORT = 3
"""A text of fewer than ``limit / 3`` characters can't exceed ``limit`` tokens, so it isn't counted (byte-level tokenizers make up
to three tokens of one character)."""

_CLAUSE_END = re.compile(r"[;:,—–)\]”\"]\s+|\s[—–-]\s+")
_WORD = re.compile(r"\S+\s*")


def read_pieces(document: Document, count: Count, limit: int) -> list[Span]:
    """Spans of the document's sentences; a sentence of more than ``limit`` tokens becomes several spans.

    :param limit: Most tokens of a piece.
    :returns: ``(start, end)`` code points into the article's text, ascending; no prose is left out.
    """
    doubtful = [one for one in document.sentences if len(one.text) * SURELY_SHORT > limit]
    lengths = dict(zip((one.span for one in doubtful), count([one.text for one in doubtful]), strict=True))
    spans: list[Span] = []
    for sentence in document.sentences:
        if lengths.get(sentence.span, 0) <= limit:
            spans.append(sentence.span)
        else:
            spans += [
                (sentence.start + a, sentence.start + b) for a, b in split_at_clauses(sentence.text, count, limit)
            ]
    return spans


def split_at_clauses(text: str, count: Count, limit: int) -> list[Span]:
    """Cut a text into pieces of at most ``limit`` tokens: at clause marks, else between words, else within a word.

    :returns: ``(start, end)`` code points, ascending, without the white space around the pieces.
    """
    parts = _fitting(text, _cut(0, len(text), _CLAUSE_END, text), count, limit)
    packed: list[Span] = []
    used = 0
    for start, end, tokens in parts:
        if packed and used + tokens <= limit:
            packed[-1] = (packed[-1][0], end)
            used += tokens
        else:
            packed.append((start, end))
            used = tokens
    return [trimmed for span in packed if (trimmed := _trim(text, span))]


def _fitting(text: str, parts: Sequence[Span], count: Count, limit: int) -> list[tuple[int, int, int]]:
    """The parts with their token counts, those beyond the limit cut into words, and words beyond it into characters."""
    found: list[tuple[int, int, int]] = []
    for (start, end), tokens in zip(parts, count([text[a:b] for a, b in parts]), strict=True):
        if tokens <= limit:
            found.append((start, end, tokens))
            continue
        words = _cut(start, end, _WORD, text)
        for (a, b), size in zip(words, count([text[a:b] for a, b in words]), strict=True):
            step = (b - a) if size <= limit else max(1, limit // SURELY_SHORT)
            found += [(at, min(at + step, b), min(size, limit)) for at in range(a, b, step)]
    return found


def _cut(start: int, end: int, mark: re.Pattern[str], text: str) -> list[Span]:
    edges = [start, *(match.end() for match in mark.finditer(text, start, end)), end]
    return [(a, b) for a, b in pairwise(edges) if b > a]


def _trim(text: str, span: Span) -> Span | None:
    piece = text[span[0] : span[1]]
    left, right = len(piece) - len(piece.lstrip()), len(piece.rstrip())
    return (span[0] + left, span[0] + right) if right > left else None
