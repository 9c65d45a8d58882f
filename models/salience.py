"""Which sentence carries the news: a linear model over a sentence's place, form and likeness to the rest of the article.

It predicts the ROUGE-1 F1 of the sentence with the article's headline, as the baseline's does, so that both speak the same units.
Its twelve weights are learnt by ``training/headline_weights.py`` and ship in ``embedded/headline/salience.json``.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Self

import numpy as np

from copydesk.models.document import Document
from copydesk.models.lexicon import lexicon
from copydesk.models.suite import Floats, SentenceEncoder
from copydesk.models.words import is_word, word_spans

FEATURES = (
    "early", "first", "place", "centrality", "likeness to the first", "length", "fragment", "figures", "names", "quotation",
    "question", "pronoun first",
)  # fmt: skip
"""The columns of :func:`salience_features`."""
SENTENCES_READ = 60
"""Sentences that are encoded; the later ones of a long article have the salience of the last one read, which is low."""


@dataclass(frozen=True)
class SalienceWeights:
    """A linear model over :data:`FEATURES`.

    :param weights: One per feature.
    :param bias: What a sentence has with every feature at 0.
    """

    weights: tuple[float, ...]
    bias: float

    @classmethod
    @cache
    def load(cls) -> Self:
        """The shipped weights."""
        path = files("copydesk.models") / "embedded" / "headline" / "salience.json"
        table = json.loads(path.read_text(encoding="utf-8"))
        return cls(tuple(table["weights"][name] for name in FEATURES), table["bias"])


class EncoderSalience:
    """A :class:`~copydesk.models.suite.SalienceScorer` over sentence encodings.

    :param encoder: Anything that turns sentences into unit vectors.
    :param weights: The shipped ones by default.
    """

    def __init__(self, encoder: SentenceEncoder, weights: SalienceWeights | None = None) -> None:
        self._encoder = encoder
        self._weights = weights or SalienceWeights.load()

    def salience(self, document: Document) -> Floats:
        """Predicted ROUGE-1 F1 of each of ``document.sentences`` with the headline, shape (n_sentences,)."""
        if not document.sentences:
            return np.zeros(0, dtype=np.float32)
        texts = [sentence.text for sentence in document.sentences[:SENTENCES_READ]]
        features = salience_features(texts, self._encoder.encode(texts))
        read = features @ np.asarray(self._weights.weights, dtype=np.float32) + np.float32(self._weights.bias)
        rest = np.full(len(document.sentences) - len(texts), read[-1], dtype=np.float32)
        # Rounded, so that the last bits of an encoding, which may differ with the batch, never reorder two sentences.
        return np.asarray(np.round(np.concatenate([read, rest]), 5), dtype=np.float32)


def salience_features(sentences: Sequence[str], rows: Floats) -> Floats:
    """What tells the lead of a story from the rest, shape (n_sentences, len(FEATURES)).

    :param sentences: The sentences of one article, in order; at least one.
    :param rows: Their encodings, unit rows, shape (n_sentences, d).
    """
    centre = rows.mean(axis=0)
    central = rows @ centre / max(float(np.linalg.norm(centre)), 1e-9)
    first = rows @ rows[0]
    subjects = lexicon("classes", "subject")
    features = []
    for index, sentence in enumerate(sentences):
        words = [sentence[start:end] for start, end in word_spans(sentence) if is_word(sentence[start:end])]
        count = max(len(words), 1)
        features.append(
            (
                1 / (1 + index),
                float(index == 0),
                index / len(sentences),
                float(central[index]),
                float(first[index]) if index else float(central[0]),
                float(np.log1p(count)),
                float(count < 8),
                sum(word[0].isdigit() for word in words) / count,
                sum(word[0].isupper() for word in words) / count,
                float(any(mark in sentence for mark in '"“”')),
                float(sentence.rstrip("\"”' ").endswith("?")),
                float(bool(words) and words[0].lower() in subjects),
            )
        )
    return np.asarray(features, dtype=np.float32)
