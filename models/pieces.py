"""What the words of one paragraph tell about it, before its neighbours are looked at: its sentences and its marked parts."""

from collections.abc import Iterator
from typing import NamedTuple

from copydesk.models.captions import MAX_CAPTION_WORDS, find_credit, is_source, opens_caption
from copydesk.models.datelines import dateline_length, inline_dateline
from copydesk.models.document import MarkKind
from copydesk.models.name_lines import is_byline, is_sign_off, sign_off_start
from copydesk.models.paragraphs import is_closed, strip
from copydesk.models.schema import Span
from copydesk.models.sentence_ends import sentence_spans
from copydesk.models.site_chrome import is_furniture, is_promotion, is_time_stamp

MAX_TITLE_WORDS = 30
"""Longer first lines are prose; agency headlines have up to 20 words, British tabloids' up to 28."""


class Piece(NamedTuple):
    """A part of a paragraph: one sentence of prose where the kind is ``None``."""

    start: int
    end: int
    kind: MarkKind | None


def read_paragraph(text: str, span: Span, language: str) -> Iterator[Piece]:
    """The sentences and marked parts of one paragraph, ascending; together they cover all of it but white space.

    :param text: The article's text.
    :param span: The paragraph in it, without white space at its ends.
    :param language: ISO 639-1 code for the sentence rules.
    """
    start, end = span
    sign_off = sign_off_start(text[start:end])
    if sign_off is None:
        yield from _before_sign_off(text, span, language)
        return
    before = strip(text, (start, start + sign_off))
    if before[0] < before[1]:
        yield from _before_sign_off(text, before, language)
    yield Piece(start + sign_off, end, "sign-off")


def _before_sign_off(text: str, span: Span, language: str) -> Iterator[Piece]:
    start, end = span
    line = text[start:end]
    if kind := _line_kind(line):
        yield Piece(start, end, kind)
    elif (caption := _caption_length(line)) is not None:
        yield from _nonempty(text, Piece(start, start + caption, "caption"), Piece(start + caption, end, "credit"))
    elif length := dateline_length(line):
        yield from _nonempty(text, Piece(start, start + length, "dateline"))
        if is_byline(line[length:]):  # "(Reuters) - By Jane Doe", before a second dateline
            yield Piece(start + length, end, "byline")
        else:
            yield from _sentences(text, (start + length, end), language)
    elif (inline := inline_dateline(line)) is not None:
        yield from _lost_head(text, (start, start + inline), language)
        yield from _before_sign_off(text, (start + inline, end), language)
    else:
        yield from _sentences(text, span, language)


def _sentences(text: str, span: Span, language: str) -> Iterator[Piece]:
    """Sentences of prose, with the plugs, links and sources among them marked."""
    start, end = strip(text, span)
    for left, right in sentence_spans(text[start:end], language):
        yield Piece(start + left, start + right, _sentence_kind(text[start + left : start + right]))


def _lost_head(text: str, span: Span, language: str) -> Iterator[Piece]:
    """What stands before a dateline on the same line: a title or caption, or the end of another story."""
    start, end = strip(text, span)
    head = text[start:end]
    if (caption := _caption_length(head)) is not None:
        yield from _nonempty(text, Piece(start, start + caption, "caption"), Piece(start + caption, end, "credit"))
    elif not is_closed(head) and word_count(head) <= MAX_TITLE_WORDS:
        yield Piece(start, end, "title")
    else:
        yield from _sentences(text, span, language)


def _line_kind(line: str) -> MarkKind | None:
    """The kind of a whole line by its words."""
    if is_furniture(line):
        return "furniture"
    if is_byline(line):
        return "byline"
    if is_sign_off(line):
        return "sign-off"
    if opens_caption(line) and find_credit(line) is None:
        return "caption"
    return None


def _sentence_kind(sentence: str) -> MarkKind | None:
    """The kind of a sentence among prose; a time or a number alone is the prose's."""
    if is_promotion(sentence):
        return "promotion"
    if is_sign_off(sentence):
        return "sign-off"
    if is_source(sentence):
        return "credit"
    if is_furniture(sentence) and not is_time_stamp(sentence):
        return "furniture"
    return None


def _caption_length(line: str) -> int | None:
    """How many characters of a line with a credit at its end are caption; ``None`` where it is no caption.

    A source after a closed paragraph ("… officials said. (Reuters)") makes no caption of it.
    """
    credit = find_credit(line)
    if credit is None or word_count(line) > MAX_CAPTION_WORDS:
        return None
    before = line[: credit.start].rstrip()
    if credit.certain or opens_caption(line) or not is_closed(before):
        return credit.start
    return None


def _nonempty(text: str, *pieces: Piece) -> Iterator[Piece]:
    """The pieces without the white space around them, and without those that have nothing else."""
    for piece in pieces:
        start, end = strip(text, (piece.start, piece.end))
        if start < end:
            yield Piece(start, end, piece.kind)


def word_count(line: str) -> int:
    """Number of words of a line, counted no further than any rule asks."""
    return len(line[: MAX_CAPTION_WORDS * 20].split(maxsplit=MAX_CAPTION_WORDS))
