"""Which parts of an article are not its prose: title, dateline, byline, caption, plug and the like."""

from collections.abc import Sequence
from typing import NamedTuple

from copydesk.models.boilerplate import (
    credit_start,
    dateline_length,
    is_byline,
    is_furniture,
    is_promotion,
    is_sign_off,
)
from copydesk.models.document import MarkKind
from copydesk.models.paragraphs import paragraphs
from copydesk.models.schema import Article, Span

HEADLINE_LIKE: frozenset[MarkKind] = frozenset({"title", "heading", "caption"})
"""Kinds that are told from prose by what stands around them; alone they are prose."""

MAX_TITLE_WORDS = 30
MAX_HEADING_WORDS = 12


class Piece(NamedTuple):
    """A part of a paragraph: prose where the kind is ``None``."""

    start: int
    end: int
    kind: MarkKind | None


def mark_paragraphs(article: Article) -> list[list[Piece]]:
    """The paragraphs of an article in order, each as the pieces that it is made of."""
    text = article.text
    read = [_read_paragraph(text, span) for span in paragraphs(text)]
    prose = [number for number, pieces in enumerate(read) if len(pieces) == 1 and pieces[0].kind is None]
    for number, kind in _headings(text, [read[number][0] for number in prose], prose):
        read[number] = [read[number][0]._replace(kind=kind)]
    return read


def mark_sentence(text: str, span: Span) -> list[Piece]:
    """A sentence of a prose paragraph as prose, or as the plug or sign-off that it is."""
    sentence = text[slice(*span)]
    if is_promotion(sentence):
        return [Piece(*span, "promotion")]
    if is_sign_off(sentence):
        return [Piece(*span, "sign-off")]
    return [Piece(*span, None)]


def _read_paragraph(text: str, span: Span) -> list[Piece]:
    start, end = span
    line = text[start:end]
    if is_furniture(line):
        return [Piece(start, end, "furniture")]
    if is_byline(line):
        return [Piece(start, end, "byline")]
    if (credit := credit_start(line)) is not None:
        caption = line[:credit].rstrip()
        return [*([Piece(start, start + len(caption), "caption")] if caption else []), Piece(start + credit, end, "credit")]
    if length := dateline_length(line):
        return [Piece(start, start + len(line[:length].rstrip()), "dateline"), Piece(start + length, end, None)]
    return [Piece(start, end, None)]


def _headings(text: str, pieces: Sequence[Piece], numbers: Sequence[int]) -> list[tuple[int, MarkKind]]:
    """The title and the crossheads among the paragraphs that are prose by their words."""
    closed = [_is_closed(text[piece.start : piece.end]) for piece in pieces]
    if sum(closed) * 2 < len(closed):
        return []
    found: list[tuple[int, MarkKind]] = []
    for at, piece in enumerate(pieces):
        words = len(text[piece.start : piece.end].split())
        if closed[at]:
            continue
        if at == 0 and numbers[0] == 0 and words <= MAX_TITLE_WORDS and any(closed):
            found.append((numbers[at], "title"))
        elif 0 < at < len(pieces) - 1 and words <= MAX_HEADING_WORDS and closed[at - 1] and closed[at + 1]:
            found.append((numbers[at], "heading"))
    return found


def _is_closed(paragraph: str) -> bool:
    """Whether a paragraph ends like a sentence does."""
    return paragraph.rstrip("\"”’')]»").endswith((".", "!", "?", "…", ":", ";", ",", "。"))
