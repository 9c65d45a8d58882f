"""From "would a compression keep this word?" to "is this word in the headline?".

A keep scorer is trained on compressions, which keep articles and say nothing of which sentence to choose. A headline has a word
more or less often by its word class, its place and the salience of its sentence. A logistic model over these turns the scorer's
probability into that of the headline, in which sentences can be compared and an expected ROUGE-1 can be summed. Its
weights are learnt by ``training/headline_weights.py`` and ship in ``embedded/headline/odds.json``, one set for each keep scorer.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Self

import numpy as np

from copydesk.models.lexicon import function_words, lexicon
from copydesk.models.phrases import Parse
from copydesk.models.suite import Floats

FEATURES = (
    "keep", "function word", "article", "auxiliary", "preposition", "pronoun", "name", "number", "verb", "adverb", "calendar",
    "attribution", "early", "salience", "bias",
)  # fmt: skip
"""The columns of :func:`odds_features`."""
MAX_LOGIT = 4.0
"""Keep probabilities are read between 1.8% and 98.2%: beyond, their logits are noise."""


@dataclass(frozen=True)
class HeadlineOdds:
    """A logistic model over :data:`FEATURES`.

    :param weights: One per feature.
    """

    weights: tuple[float, ...]

    @classmethod
    @cache
    def load(cls, scorer: str) -> Self:
        """The shipped weights for a keep scorer.

        :param scorer: ``reader`` or ``baseline``.
        """
        path = files("copydesk.models") / "embedded" / "headline" / "odds.json"
        table = json.loads(path.read_text(encoding="utf-8"))[scorer]
        return cls(tuple(table[name] for name in FEATURES))

    def probabilities(self, read: Parse, keep: Floats, salience: float) -> Floats:
        """Probability of each token to be in the headline, shape (n_tokens,).

        :param read: The parsed sentence.
        :param keep: The keep scorer's probability of each token, shape (n_tokens,).
        :param salience: Of the sentence, as predicted ROUGE-1 F1.
        """
        logits = odds_features(read, keep, salience) @ np.asarray(self.weights, dtype=np.float32)
        return np.asarray(1 / (1 + np.exp(-logits)), dtype=np.float32)


def odds_features(read: Parse, keep: Floats, salience: float) -> Floats:
    """The features of each token, shape (n_tokens, len(FEATURES))."""
    bound = 1 / (1 + np.exp(MAX_LOGIT))
    chance = np.clip(keep, bound, 1 - bound)
    functional, articles = function_words(), lexicon("classes", "article")
    said = {index for report in read.reports for index in range(*report.core)}
    dated = {at for index in range(len(read)) for at in range(index, read.calendar_end(index))}
    rows = np.zeros((len(read), len(FEATURES)), dtype=np.float32)
    rows[:, 0] = np.log(chance / (1 - chance))
    for index, (low, tag) in enumerate(zip(read.lower, read.tags, strict=True)):
        flags = (
            low in functional,
            low in articles,
            tag in {"BE", "HV", "DO"},
            tag in {"IN", "TO", "SB"},
            tag in {"PR", "PS", "PO"},
            tag in {"NP", "PZ"},
            tag == "CD",
            tag in {"VB", "VZ", "VD", "VN", "VG"},
            tag == "RB",
            index in dated,
            index in said,
        )
        rows[index, 1:-3] = flags
        rows[index, -3] = 1 / (1 + index / 4)
    rows[:, -2] = salience
    rows[:, -1] = 1.0
    return rows
