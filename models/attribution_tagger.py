"""Who said what, by a trained tagger: the ``attribution`` head finds the spans, their places say what belongs together."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from copydesk.models.attribution_tags import WINDOW_PIECES, RoleSpan, decode, link, windows
from copydesk.models.document import Document
from copydesk.models.reader import TokenLogits, softmax
from copydesk.models.schema import Span
from copydesk.models.suite import Attribution, Floats


class TokenReader(Protocol):
    """What the tagger needs of a :class:`~copydesk.models.reader.Reader`."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Word pieces of each text."""
        ...

    def token_logits(self, head: str, texts: Sequence[str], *, window: int | None = None) -> list[TokenLogits]:
        """Logits for every word piece of each text."""
        ...


class TokenAttributor:
    """An :class:`~copydesk.models.suite.Attributor` over the ``attribution`` token head.

    The article is read in overlapping windows of whole sentences; a word piece that stands in two is taken from the one in which
    it has more context.

    :param reader: A loaded reader with the head.
    """

    def __init__(self, reader: TokenReader) -> None:
        self._reader = reader

    def attribute(self, document: Document) -> tuple[Attribution, ...]:
        """Every attribution, by where its content starts."""
        return link(self.spans(document), document.sentences)

    def spans(self, document: Document) -> list[RoleSpan]:
        """The spans of sources, cues and contents, ascending, before they are joined."""
        sentences = document.sentences
        lengths = self._reader.count_tokens([sentence.text for sentence in sentences])
        places = [(sentences[first].start, sentences[last - 1].end) for first, last in windows(sentences, lengths)]
        texts = [document.text[start:end] for start, end in places]
        answers = self._reader.token_logits("attribution", texts, window=WINDOW_PIECES + 2)
        offsets, probabilities = _merged([start for start, _ in places], answers)
        prose = [n for n, span in enumerate(offsets) if _in_prose(span, document)]
        return decode([offsets[n] for n in prose], probabilities[prose])


def _merged(starts: Sequence[int], answers: Sequence[TokenLogits]) -> tuple[list[Span], Floats]:
    """The windows' word pieces as one sequence with the article's offsets."""
    best: dict[Span, tuple[int, Floats]] = {}
    for start, answer in zip(starts, answers, strict=True):
        count = len(answer.offsets)
        for place, (first, last) in enumerate(answer.offsets.tolist()):
            span = (start + first, start + last)
            room = min(place, count - 1 - place)
            if span not in best or room > best[span][0]:
                best[span] = (room, answer.logits[place])
    spans = sorted(best)
    if not spans:
        return [], np.zeros((0, 0), dtype=np.float32)
    return spans, softmax(np.stack([best[span][1] for span in spans]))


def _in_prose(span: Span, document: Document) -> bool:
    """Whether a word piece lies in a sentence: captions and other marks inside a window are not read."""
    return not any(mark.start <= span[0] < mark.end for mark in document.marks)
