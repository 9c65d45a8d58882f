"""The words of an article that its answers rest on, ready to be marked in a page: merged, nested and in the browser's units."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import Literal, get_args

from copydesk.models.schema import Evidence, Prediction, Span

HighlightKind = Literal["summary", "event", "stance", "headline"]
KINDS: tuple[HighlightKind, ...] = get_args(HighlightKind)
"""Outermost first, where several kinds mark the same words."""

OWN_VOICE = "The article"
"""How a page names the holder ``None``."""

MAX_HIGHLIGHTS = 500
"""Most highlights in one article. Our own records have fewer than a hundred; a hostile one whose spans all cross would make
pieces with the square of this."""


@dataclass(frozen=True, slots=True)
class Highlight:
    """Words that are marked, and what is said of them.

    :param span: ``(start, end)`` code points into the article's text.
    :param kind: What rests on them.
    :param captions: What a reader is told, a line for each answer.
    """

    span: Span
    kind: HighlightKind
    captions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one highlight that stands inside, around or apart from every other piece, and never across one.

    :param start: First code point.
    :param end: One past the last code point.
    :param highlight: Number of its highlight.
    """

    start: int
    end: int
    highlight: int


def highlights(prediction: Prediction) -> tuple[Highlight, ...]:
    """The highlights of an article in reading order; one for all answers of a kind that rest on the same words.

    Spans that don't lie in the text are left out: records may come from other hands.
    """
    size = len(prediction.article.text)
    captions: dict[tuple[Span, HighlightKind], list[str]] = {}
    for span, kind, caption in _claims(prediction):
        if 0 <= span[0] < span[1] <= size:
            lines = captions.setdefault((span, kind), [])
            if caption not in lines:
                lines.append(caption)
    ordered = sorted(captions, key=lambda key: _order(*key))[:MAX_HIGHLIGHTS]
    return tuple(Highlight(span, kind, tuple(captions[span, kind])) for span, kind in ordered)


def nested(marked: Sequence[Highlight]) -> tuple[Piece, ...]:
    """Cut highlights that cross, so that they nest like elements of a page.

    :return: The pieces in the order in which their elements open.
    """
    waiting = [(_order(one.span, one.kind), number, one.span[1]) for number, one in enumerate(marked)]
    heapify(waiting)
    open_ends: list[int] = []
    pieces = []
    while waiting:
        (start, _, rank), number, end = heappop(waiting)
        while open_ends and open_ends[-1] <= start:
            open_ends.pop()
        if open_ends and open_ends[-1] < end:
            rest = open_ends[-1]
            heappush(waiting, ((rest, -end, rank), number, end))
            end = rest
        open_ends.append(end)
        pieces.append(Piece(start, end, number))
    return tuple(pieces)


def utf16_offsets(text: str) -> Callable[[int], int]:
    """What turns an offset in code points into one in UTF-16 units, which is how JavaScript counts.

    :param text: The text that the offsets are in.
    """
    astral = [place for place, mark in enumerate(text) if mark > "\uffff"] if not text.isascii() else []
    return lambda offset: offset + bisect_left(astral, offset)


def _order(span: Span, kind: HighlightKind) -> tuple[int, int, int]:
    return (span[0], -span[1], KINDS.index(kind))


def _claims(prediction: Prediction) -> Iterator[tuple[Span, HighlightKind, str]]:
    for sentence in prediction.summary:
        yield sentence.span, "summary", f"Summary, {sentence.score:.2f}"
    for tag in prediction.events:
        name = f"{tag.name or tag.label} ({tag.modality}), {tag.score:.2f}"
        yield from _rests_on(tag.evidence, "event", f"Event: {name}")
    for stance in prediction.stances:
        view = f"{stance.holder or OWN_VOICE} → {stance.target}: {stance.polarity}, {stance.score:.2f}"
        yield from _rests_on(stance.evidence, "stance", f"Stance: {view}")
    if prediction.headline:
        for span in prediction.headline.spans:
            yield span, "headline", "Headline"


def _rests_on(
    evidence: Sequence[Evidence], kind: HighlightKind, caption: str
) -> Iterator[tuple[Span, HighlightKind, str]]:
    for proof in evidence:
        yield proof.span, kind, f"{caption}; evidence {proof.score:.2f}"
