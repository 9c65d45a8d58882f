"""What the scikit-learn baseline is built from: text features, masked actors and calibrated one-vs-rest classification.

The features are words with namespaces: an actor that a question is about is replaced by its role, and the words around it are
marked by where they stand, so that "A attacked B" and "B attacked A" differ for the pair (A, B). A bag of such words goes
through TF-IDF into a linear model.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import precision_recall_curve
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import FeatureUnion
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from copydesk.models.schema import Span

WORD = re.compile(r"\w+(?:['’]\w+)?")
"""A word; linear in the text's length."""
WINDOW = 5
"""Words on each side of a masked actor that get their own namespace; 4 to 8 measured alike on newsmtsc_dev."""
MIN_PER_CLASS = 2
"""Examples of a class without which no fold can both train and judge it."""


class CompactTfidf(TfidfVectorizer):  # type: ignore[misc]
    """TF-IDF whose vocabulary is stored as one string instead of a dict, so that a saved model is small and loads fast."""

    def __getstate__(self) -> dict[str, Any]:
        state = dict(super().__getstate__())
        if "vocabulary_" in state:
            terms = sorted(state["vocabulary_"], key=state["vocabulary_"].__getitem__)
            state["vocabulary_"] = "\n".join(terms)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        vocabulary = state.get("vocabulary_")
        if isinstance(vocabulary, str):
            state = {**state, "vocabulary_": {term: index for index, term in enumerate(vocabulary.split("\n"))}}
        super().__setstate__(state)


def prose_features(words: int, chars: int) -> FeatureUnion:
    """TF-IDF of word uni- and bigrams and of character 4-grams within words.

    On ``current_events_dev`` 4-grams are worth six points of accuracy over words alone, as many as 3- to 5-grams
    at twice the cost.

    :param words: Most frequent word n-grams to keep.
    :param chars: Most frequent character n-grams to keep.
    """
    common = {"sublinear_tf": True, "min_df": 2, "dtype": np.float32, "strip_accents": "unicode"}
    return FeatureUnion(
        [
            ("words", CompactTfidf(ngram_range=(1, 2), max_features=words, **common)),
            ("chars", CompactTfidf(analyzer="char_wb", ngram_range=(4, 4), max_features=chars, **common)),
        ]
    )


def token_features(size: int, *, min_df: int = 2) -> CompactTfidf:
    """TF-IDF over ready-made feature words, separated by spaces (see :func:`role_features`).

    :param size: Most frequent features to keep.
    :param min_df: In how many examples a feature must occur.
    """
    return CompactTfidf(
        token_pattern=r"\S+", lowercase=False, sublinear_tf=True, min_df=min_df, max_features=size, dtype=np.float32
    )


def find_mentions(text: str, name: str) -> tuple[Span, ...]:
    """Where ``name`` stands in ``text``, in any case, each span widened to the end of its word.

    :param text: A sentence or passage.
    :param name: A name; spaces around it don't count. The last word alone is looked for where the whole name isn't there.
    """
    wanted = name.strip()
    for candidate in dict.fromkeys((wanted, wanted.split()[-1] if wanted else "")):
        if not candidate:
            continue
        spans = [match.span() for match in re.finditer(re.escape(candidate), text, re.IGNORECASE)]
        if spans:
            return tuple((start, _word_end(text, end)) for start, end in spans)
    return ()


def _word_end(text: str, end: int) -> int:
    while end < len(text) and text[end].isalnum():
        end += 1
    return end


def masked_words(text: str, roles: Mapping[str, Sequence[Span]]) -> list[str]:
    """The words of ``text`` in lower case, with every span of a role replaced by the role's name.

    :param text: A sentence or passage.
    :param roles: Role name (upper case) to the spans it covers; of overlapping spans the first, then the longest, wins.
    """
    marks = sorted((start, -end, role) for role, spans in roles.items() for start, end in spans)
    words: list[str] = []
    position = 0
    for start, negative_end, role in marks:
        if start < position:
            continue
        words += _words(text[position:start])
        words.append(role)
        position = -negative_end
    return words + _words(text[position:])


def _words(text: str) -> list[str]:
    return [match.group().lower() for match in WORD.finditer(text)]


def role_features(words: Sequence[str], roles: Sequence[str]) -> list[str]:
    """Feature words that know where the roles stand.

    Every word and word pair; the words just left and right of each role, with and without their distance; the words between two
    roles and which of the two comes first; and which roles are missing.

    :param words: From :func:`masked_words`.
    :param roles: One or two role names.
    """
    features = [f"s_{word}" for word in words]
    features += [f"s_{first}_{second}" for first, second in pairwise(words)]
    places = {role: [index for index, word in enumerate(words) if word == role] for role in roles}
    for role, indices in places.items():
        if not indices:
            features.append(f"{role}_missing")
        for index in indices[:3]:
            left, right = words[max(0, index - WINDOW) : index], words[index + 1 : index + 1 + WINDOW]
            features += [f"{role}_l_{word}" for word in left] + [f"{role}_r_{word}" for word in right]
            features += [f"{role}_l1_{word}" for word in left[-1:]] + [f"{role}_r1_{word}" for word in right[:1]]
            features += ["_".join((role, "r2", *right[:2]))] if len(right) > 1 else []
    if len(roles) == 2 and all(places.values()):
        first, second = min(
            ((a, b) for a in places[roles[0]] for b in places[roles[1]]), key=lambda pair: abs(pair[0] - pair[1])
        )
        order = f"{roles[0]}_first" if first < second else f"{roles[1]}_first"
        between = words[min(first, second) + 1 : max(first, second)][: 3 * WINDOW]
        features += [order, f"{order}_{min(len(between), 9)}"]
        features += [f"{order}_b_{word}" for word in between]
        features += [f"{order}_b_{a}_{b}" for a, b in pairwise(between)]
    return features


class CalibratedOneVsRest(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """One logistic regression per class, with its own calibration and its own decision threshold.

    The decision values of held-out folds train a sigmoid per class (Platt, 1999), and the threshold is the one that gives the
    best F1 on the same held-out probabilities. ``predict`` gives the likeliest class; the probabilities of the classes are
    independent of one another and don't sum to 1.

    :param C: Inverse strength of the L2 penalty.
    :param folds: Cross-validation folds for calibration and thresholds; fewer where a class is smaller.
    :param balance: Weigh the classes inversely to their frequency.
    :param max_iter: Most iterations of the solver.
    :param random_state: Seed of the folds.

    Learned: ``classes_``; ``coef_`` (classes, features) and ``intercept_``; ``slope_`` and ``offset_`` of the calibration;
    ``thresholds_``, a calibrated probability per class; ``n_iter_``, the most iterations that a class took.
    """

    def __init__(
        self,
        C: float = 2.0,  # noqa: N803 - scikit-learn's name
        *,
        folds: int = 3,
        balance: bool = False,
        max_iter: int = 200,
        random_state: int = 0,
    ) -> None:
        self.C = C
        self.folds = folds
        self.balance = balance
        self.max_iter = max_iter
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:  # noqa: N803
        """Train, calibrate and set thresholds.

        :param X: Features, dense or sparse, shape (n_samples, n_features).
        :param y: Class of each sample.
        :raises ValueError: If there are fewer than two classes.
        """
        X, y = validate_data(self, X, y, accept_sparse="csr", dtype=(np.float64, np.float32))  # noqa: N806
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"Training needs two classes; y has one class only: {self.classes_[0]!r}.")
        columns = [self._fit_class(X, (codes == index).astype(np.int8)) for index in range(len(self.classes_))]
        self.coef_ = np.stack([column[0] for column in columns])
        self.intercept_, self.slope_, self.offset_, self.thresholds_ = (
            np.array([column[part] for column in columns]) for part in range(1, 5)
        )
        self.n_iter_ = max(column[5] for column in columns)
        return self

    def _fit_class(self, X: Any, target: NDArray[np.int8]) -> tuple[Any, float, float, float, float, int]:  # noqa: N803
        weights = "balanced" if self.balance else None
        model = LogisticRegression(C=self.C, max_iter=self.max_iter, class_weight=weights)
        folds = min(self.folds, int(min(target.sum(), len(target) - target.sum())))
        slope, offset, threshold = 1.0, 0.0, 0.5
        if folds >= MIN_PER_CLASS:
            splitter = StratifiedKFold(folds, shuffle=True, random_state=self.random_state)
            held_out = cross_val_predict(clone(model), X, target, cv=splitter, method="decision_function")
            platt = LogisticRegression(C=1e4).fit(held_out[:, None], target)
            slope, offset = float(platt.coef_[0, 0]), float(platt.intercept_[0])
            threshold = best_f1_threshold(target, expit(slope * held_out + offset))
        model.fit(X, target)
        iterations = int(model.n_iter_[0])
        return model.coef_[0].astype(np.float32), float(model.intercept_[0]), slope, offset, threshold, iterations

    def decision_function(self, X: ArrayLike) -> Any:  # noqa: N803
        """Calibrated log-odds, shape (n_samples, n_classes); for two classes those of the second, shape (n_samples,)."""
        scores = self._log_odds(X)
        return scores[:, 1] - scores[:, 0] if len(self.classes_) == 2 else scores

    def predict_proba(self, X: ArrayLike) -> Any:  # noqa: N803
        """The classes' probabilities as exclusive ones: :meth:`label_proba` with rows that sum to 1."""
        odds = self.label_proba(X).astype(np.float64) + 1e-12
        return odds / odds.sum(axis=1, keepdims=True)

    def label_proba(self, X: ArrayLike) -> Any:  # noqa: N803
        """Calibrated probability of each class by itself, shape (n_samples, n_classes)."""
        return expit(self._log_odds(X))

    def predict(self, X: ArrayLike) -> Any:  # noqa: N803
        """The likeliest class of each sample."""
        best = self._log_odds(X).argmax(axis=1)
        return self.classes_[best]

    def _log_odds(self, X: ArrayLike) -> Any:  # noqa: N803
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse="csr", reset=False, dtype=(np.float64, np.float32))  # noqa: N806
        return (X @ self.coef_.T + self.intercept_) * self.slope_ + self.offset_

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def best_f1_threshold(target: ArrayLike, probability: ArrayLike) -> float:
    """The threshold on ``probability`` with the best F1 for the positive class, between two neighbouring values.

    :param target: 0 or 1, shape (n,).
    :param probability: Held-out probabilities, shape (n,).
    """
    precision, recall, thresholds = precision_recall_curve(target, probability)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    best = int(np.argmax(f1[:-1]))
    below = thresholds[best - 1] if best else thresholds[best]
    return float((thresholds[best] + below) / 2)


def joined(features: Iterable[str]) -> str:
    """Feature words as the one string that :func:`token_features` reads."""
    return " ".join(features)
