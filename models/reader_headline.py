"""The headline's two scorers from a reader: salience from its embeddings, words to keep from its ``keep`` head."""

from collections.abc import Sequence

import numpy as np

from copydesk.models.document import Document
from copydesk.models.headline import ExtractiveHeadliner
from copydesk.models.reader import Reader, TokenLogits, softmax
from copydesk.models.schema import Span
from copydesk.models.suite import Floats

LEAD_WEIGHT = 0.4
"""Weight of a sentence's place, 1 / its number, against its cosine to the article's mean sentence. News tells its story first."""
KEEP = 1
"""Column of "keep" in the head."""


class ReaderSalience:
    """A :class:`~copydesk.models.suite.SalienceScorer`: how central a sentence is, and how early it stands.

    Centrality is the cosine to the mean of the article's sentences (Radev et al., 2004, "Centroid-based summarization").
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def salience(self, document: Document) -> Floats:
        """A score for each of ``document.sentences``, higher is more telling, shape (n_sentences,)."""
        if not document.sentences:
            return np.zeros(0, dtype=np.float32)
        rows = self._reader.encode([sentence.text for sentence in document.sentences])
        centre = rows.mean(axis=0)
        central = rows @ centre / max(float(np.linalg.norm(centre)), 1e-9)
        early = 1.0 / np.arange(1, len(rows) + 1)
        return np.asarray(np.round(central + LEAD_WEIGHT * early, 6), dtype=np.float32)


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
    """The headline maker of a reader.

    :raises ModelError: If it has no ``keep`` head.
    """
    return ExtractiveHeadliner(ReaderSalience(reader), ReaderKeep(reader), reader)
