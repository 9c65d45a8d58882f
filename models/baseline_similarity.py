"""Similarity of texts that needs no training labels: hashed TF-IDF with word weights learnt from news.

It carries what the baseline can say about labels that it was not trained on, finds the sentences of a body that matter to a
claim, and ranks an article's sentences. Hashing has no fixed vocabulary, so a word that training never saw still counts, and
counts most.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, HashingVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import normalize

from copydesk.configs.codebook import Label
from copydesk.models.suite import Floats

WORD_BUCKETS = 2**16
CHAR_BUCKETS = 2**15
"""Few collisions for the ~60,000 words of the training news; character n-grams share more and matter less."""
CHAR_WEIGHT = 0.7
"""Weight of the character n-grams, which join "shelled" and "shelling", against 1 for the words."""


def similarity_vectors() -> FeatureUnion:
    """Unfitted text vectors: words without English function words, and character 4-grams within words."""
    common = {"alternate_sign": False, "norm": None, "strip_accents": "unicode", "dtype": np.float32}
    words = HashingVectorizer(n_features=WORD_BUCKETS, stop_words=sorted(ENGLISH_STOP_WORDS), **common)
    chars = HashingVectorizer(n_features=CHAR_BUCKETS, analyzer="char_wb", ngram_range=(4, 4), **common)
    return FeatureUnion(
        [
            (name, make_pipeline(part, TfidfTransformer(sublinear_tf=True)))
            for name, part in (("words", words), ("chars", chars))
        ],
        transformer_weights={"words": 1.0, "chars": CHAR_WEIGHT},
    )


def vectors(model: FeatureUnion, texts: Sequence[str]) -> Any:
    """Sparse unit rows, shape (len(texts), WORD_BUCKETS + CHAR_BUCKETS); a zero row for a text without words."""
    return normalize(model.transform(texts).tocsr())


def cosines(left: Any, right: Any) -> Floats:
    """Cosines of two sets of unit rows, shape (rows of left, rows of right)."""
    return np.asarray((left @ right.T).todense(), dtype=np.float32)


class LabelMatcher:
    """How well texts match labels that are known only by their words: names, definitions and hypotheses.

    :param text_vectors: Fitted :func:`similarity_vectors`.
    :param model: Fitted :func:`match_model`.
    :param threshold: Probability of a match from which it counts as one.
    """

    def __init__(self, text_vectors: FeatureUnion, model: Pipeline, threshold: float) -> None:
        self._vectors = text_vectors
        self._model = model
        self.threshold = threshold

    def match(self, texts: Sequence[str], wordings: Sequence[Sequence[str]]) -> Floats:
        """Probability that each label applies to each text, shape (len(texts), len(wordings)).

        :param texts: Sentences or longer texts.
        :param wordings: For each label, its statements; at least one each.
        """
        if not texts:
            return np.zeros((0, len(wordings)), dtype=np.float32)
        features = match_features(self._vectors, texts, wordings)
        flat = features.reshape(-1, features.shape[-1])
        return np.asarray(self._model.predict_proba(flat)[:, 1], dtype=np.float32).reshape(features.shape[:2])


def match_model() -> LogisticRegression:
    """Unfitted logistic regression over :func:`match_features`."""
    return LogisticRegression(C=10.0)


def match_features(model: FeatureUnion, texts: Sequence[str], wordings: Sequence[Sequence[str]]) -> Floats:
    """What tells a matching (text, label) pair, shape (len(texts), len(wordings), 4).

    The cosine with the label's nearest statement and with all of its words together, and by how much each is above the mean of
    all labels: a text about war is near to every label of a codebook about war.

    :param model: Fitted :func:`similarity_vectors`.
    :param texts: Sentences or longer texts, at least one.
    :param wordings: For each label, its statements; at least one each.
    """
    rows = vectors(model, texts)
    owners = np.repeat(np.arange(len(wordings)), [len(one) for one in wordings])
    statements = vectors(model, [statement for one in wordings for statement in one])
    every = cosines(rows, statements)
    nearest = np.stack([every[:, owners == index].max(axis=1) for index in range(len(wordings))], axis=1)
    membership = sparse.csr_matrix((np.ones(len(owners), np.float32), (owners, np.arange(len(owners)))))
    pooled = cosines(rows, normalize(membership @ statements))
    both = (nearest, pooled)
    return np.stack([*both, *(one - one.mean(axis=1, keepdims=True) for one in both)], axis=-1)


def wording(label: Label) -> tuple[str, ...]:
    """All that a codebook says of a label: its statements, definition and name."""
    return tuple(dict.fromkeys(text for text in (*label.statements, label.definition, label.name) if text))
