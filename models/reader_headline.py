"""The headline's scorers from a reader: salience from its embeddings, its keep head, and the models that lie beside it."""

from collections.abc import Sequence

import numpy as np

from copydesk.models.headline import ExtractiveHeadliner
from copydesk.models.headline_judge import HeadlineJudge
from copydesk.models.headline_odds import HeadlineOdds
from copydesk.models.headline_word_model import HeadlineWordModel
from copydesk.models.reader import Reader, TokenLogits, softmax
from copydesk.models.salience import EncoderSalience
from copydesk.models.schema import Span
from copydesk.models.suite import Floats

KEEP = 1
"""Column of "keep" in the head."""


class ReaderKeep:
    """A :class:`~copydesk.models.suite.KeepScorer` over the ``keep`` head."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._temperature = reader.heads.get("keep").temperature

    def keep(self, sentences: Sequence[str], words: Sequence[Sequence[Span]]) -> list[Floats]:
        """The probability of each word to be kept: the mean over its word pieces; 0.5 for a word that has none."""
        answers = self._reader.token_logits("keep", sentences)
        return [self._of_words(answer, spans) for answer, spans in zip(answers, words, strict=True)]

    def _of_words(self, answer: TokenLogits, spans: Sequence[Span]) -> Floats:
        chances = softmax(answer.logits / self._temperature)[:, KEEP] if len(answer.logits) else np.zeros(0)
        starts, ends = answer.offsets[:, 0], answer.offsets[:, 1]
        found = []
        for start, end in spans:
            inside = chances[(starts < end) & (ends > start)]
            found.append(round(float(inside.mean()), 6) if len(inside) else 0.5)
        return np.asarray(found, dtype=np.float32)


def reader_headliner(reader: Reader) -> ExtractiveHeadliner:
    """The headline maker of a reader, with the judge and the model of words and gaps that lie beside it, if any.

    :raises ModelError: If it has no ``keep`` head, or one of them is not its own.
    """
    return ExtractiveHeadliner(
        EncoderSalience(reader),
        ReaderKeep(reader),
        reader,
        HeadlineOdds.load("reader"),
        judge=HeadlineJudge.load(reader),
        reading=HeadlineWordModel.load(reader),
    )
