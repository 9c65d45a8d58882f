"""Fit the thresholds of a codebook's labels to a wanted precision or recall, from as few as 50 labelled articles.

A label with three gold articles says little about its own precision. So a label's rate at a threshold is a Beta posterior whose
prior is the rate of all labels together at that threshold (empirical Bayes: Efron and Morris, 1975, "Data Analysis Using
Stein's Estimator and its Generalizations"), and a threshold is taken where the lower quantile of the posterior, not its mean,
reaches the target: of many candidates the best one always looks better than it is. ``benchmarks/thresholds.py`` shows how often
the target is then met on other articles, and how often by the threshold that looks best on its own rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Aim = Literal["precision", "recall"]
Basis = Literal["own rows", "all labels", "not reached"]

PRIOR_ROWS = 10.0
"""What the rate of all labels weighs, in rows of one label. In ``benchmarks/thresholds.py`` 5 and 20 did alike; 50 missed the
target more often where labels are rare."""
CONFIDENCE = 0.8
"""Posterior probability that the target is reached. ``benchmarks/thresholds.py``, runs that missed it by over two points, at 0.5
and at 0.8: 18 to 34% and 0 to 10% on current_events_dev, 26 to 54% and 10 to 36% on india_police_dev, where 3 decisions in 100
are positive. It costs 4 to 11 points of recall."""
FOLDS = 5
"""Folds of :func:`cross_fitted`: the usual number, which leaves four fifths of 50 articles to fit on."""
STEP = 0.0001
"""Thresholds are whole multiples of it: four decimals, as the scores in a record."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is wanted.

    :param aim: precision or recall.
    :param value: At least this much, between 0 and 1.
    """

    aim: Aim
    value: float


@dataclass(frozen=True, slots=True)
class LabelThreshold:
    """The threshold of one label.

    :param threshold: 0 to 1.
    :param basis: ``own rows``: the label's rows, with all labels as prior, reach the target here. ``all labels``: they neither
        reach it nor speak against it, so that the threshold of all labels stands. ``not reached``: no score reaches it; for
        precision the threshold keeps out every wrong row, for recall it lets in every right one.
    :param support: Rows that have the label.
    :param given: Rows at or above the threshold.
    :param hits: Those of them that have the label.
    """

    label: str
    threshold: float
    basis: Basis
    support: int
    given: int
    hits: int


@dataclass(frozen=True)
class Fit:
    """Fitted thresholds.

    :param threshold: Of all labels together: the codebook's own.
    :param reached: Whether all labels together reach the target at it.
    :param labels: One per label, in the order given.
    """

    threshold: float
    reached: bool
    labels: tuple[LabelThreshold, ...]

    @property
    def thresholds(self) -> Floats:
        """One per label, shape (L,)."""
        return np.array([label.threshold for label in self.labels])


def fit_thresholds(gold: Bools, scores: Floats, labels: Sequence[str], target: Target) -> Fit:
    """The lowest threshold that keeps a wanted precision, or the highest that keeps a wanted recall, for each label.

    :param gold: Whether row i has label j, shape (n, L).
    :param scores: The score of label j on row i, 0 where it was not considered, shape (n, L).
    :param labels: The L labels.
    :raises ValueError: If the shapes differ, or no row has a label or a score.
    """
    if gold.shape != scores.shape or gold.shape[1:] != (len(labels),) or not gold.any() or not scores.any():
        raise ValueError(
            f"gold {gold.shape} and scores {scores.shape} must both be (rows, {len(labels)}), and not all zero"
        )
    together = _Curve(scores.ravel(), gold.ravel())
    shared = together.threshold(target)
    reached = shared is not None
    wide = shared if shared is not None else together.last_resort(target)
    fitted = []
    for column, label in enumerate(labels):
        threshold, basis = _fit_label(_Curve(scores[:, column], gold[:, column]), together, wide, target)
        given = scores[:, column] >= threshold
        hits, support = int((given & gold[:, column]).sum()), int(gold[:, column].sum())
        fitted.append(LabelThreshold(label, threshold, basis, support, int(given.sum()), hits))
    return Fit(wide, reached, tuple(fitted))


def cross_fitted(gold: Bools, scores: Floats, labels: Sequence[str], target: Target, seed: int = 0) -> Bools:
    """What would be given on articles that the thresholds were not fitted on: each fold by a fit on the others.

    :returns: Whether row i is given label j, shape (n, L).
    :raises ValueError: As :func:`fit_thresholds`, for the rows of any four fifths.
    """
    fold = np.random.default_rng(seed).permutation(len(gold)) % FOLDS
    given = np.zeros_like(gold)
    for held_out in range(FOLDS):
        rows = fold == held_out
        given[rows] = scores[rows] >= fit_thresholds(gold[~rows], scores[~rows], labels, target).thresholds
    return given


def _fit_label(curve: "_Curve", together: "_Curve", wide: float, target: Target) -> tuple[float, Basis]:
    """One label's threshold and what it rests on."""
    own = curve.threshold(target, prior=together)
    if own is not None:
        return own, "own rows"
    if curve.speaks_against(wide, target, prior=together):
        return curve.last_resort(target), "not reached"
    return wide, "all labels"


class _Curve:
    """Hits and answers of one label, or of all, at each of its scores as a threshold, highest first."""

    def __init__(self, scores: Floats, gold: Bools) -> None:
        order = np.argsort(-scores, kind="stable")
        ranked, right = scores[order], gold[order]
        # A threshold keeps all rows of equal score. Score 0 is "not considered" and never given.
        ends = np.flatnonzero((ranked > 0) & (np.diff(ranked, append=-1.0) != 0))
        self.support = int(gold.sum())
        self.scores = ranked[ends]
        self.hits = np.cumsum(right)[ends]
        self.given = ends + 1.0
        self.best_wrong = float(ranked[~right].max(initial=0.0))

    def threshold(self, target: Target, prior: "_Curve | None" = None) -> float | None:
        """The outermost score at which the rate surely reaches the target; ``None`` where there is none."""
        reached = np.flatnonzero(self._quantile(self.scores, target, prior, 1 - CONFIDENCE) >= target.value)
        if not len(reached):
            return None
        return _rounded(self.scores[reached[-1 if target.aim == "precision" else 0]])

    def speaks_against(self, threshold: float, target: Target, prior: "_Curve") -> bool:
        """Whether the rate at a threshold surely misses the target."""
        return bool(self._quantile(np.array([threshold]), target, prior, CONFIDENCE)[0] < target.value)

    def last_resort(self, target: Target) -> float:
        """Where no score reaches the target: above every wrong row, or at the lowest score of all."""
        if target.aim == "recall":
            return _rounded(self.scores[-1]) if len(self.scores) else STEP
        return min(1.0, _rounded(self.best_wrong) + STEP)

    def _quantile(self, thresholds: Floats, target: Target, prior: "_Curve | None", probability: float) -> Floats:
        """Quantile of the posterior of the rate at each threshold: Beta with the prior's mean, or Jeffreys' prior."""
        from scipy.stats import beta

        hits, trials = self._counts(thresholds, target)
        if prior is None:
            good, bad = hits + 0.5, trials - hits + 0.5
        else:
            all_hits, all_trials = prior._counts(thresholds, target)
            rate = (all_hits + 0.5) / (all_trials + 1.0)
            good, bad = hits + PRIOR_ROWS * rate, trials - hits + PRIOR_ROWS * (1 - rate)
        return np.asarray(beta.ppf(probability, good, bad))

    def _counts(self, thresholds: Floats, target: Target) -> tuple[Floats, Floats]:
        """Successes and trials of the rate at each threshold: hits of those given, or of those that have the label."""
        at = np.searchsorted(-self.scores, -thresholds, side="right")
        hits = np.concatenate([[0.0], self.hits])[at]
        given = np.concatenate([[0.0], self.given])[at]
        return hits, given if target.aim == "precision" else np.full(len(thresholds), float(self.support))


def _rounded(score: float) -> float:
    """A score as a threshold that it still reaches: rounded down, above 0."""
    return round(max(floor(score / STEP), 1) * STEP, 4)
