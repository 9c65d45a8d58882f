"""Figures for labelled predictions: scikit-learn's metrics with bootstrap intervals, calibration, coverage and risk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from copydesk.training.resampling import Figure, Floats, Resampling, with_intervals

Bools = NDArray[np.bool_]

CALIBRATION_BINS = 15
"""Equal-width bins of the calibration error, as in Guo et al. (2017), "On Calibration of Modern Neural Networks"."""
THRESHOLDS = tuple(round(0.05 * step, 2) for step in range(20))
"""Where coverage and risk are reported: 0, 0.05, … 0.95."""


@dataclass(frozen=True, slots=True)
class LabelFigures:
    """How one label fared.

    :param support: Rows that have the label.
    :param given: Rows that were given it.
    :param average_precision: Area under the precision-recall curve over all thresholds; multi-label only.
    """

    label: str
    precision: Figure
    recall: Figure
    f1: Figure
    support: int
    given: int
    average_precision: float | None = None


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """What a threshold on the score would do.

    :param threshold: Answers with a lower score are withheld.
    :param coverage: Share of rows that keep an answer.
    :param risk: Share of the kept answers that are wrong; ``None`` where none is kept.
    :param recall: Share of the gold labels that are given.
    """

    threshold: float
    coverage: float
    risk: float | None
    recall: float | None


@dataclass(frozen=True)
class Scores:
    """All figures of one set of labelled predictions.

    :param overall: Metric name to figure.
    :param labels: One entry per label.
    :param ece: Expected calibration error of the scores, 0 to 1.
    :param coverage: Coverage and risk at each of :data:`THRESHOLDS`.
    :param confusion: Rows are gold labels, columns given ones, in the order of ``labels``; single-label only.
    """

    overall: Mapping[str, Figure]
    labels: tuple[LabelFigures, ...]
    ece: float
    coverage: tuple[CoverageRow, ...]
    confusion: tuple[tuple[int, ...], ...] = ()


def single_label_scores(
    gold: Sequence[str], given: Sequence[str], confidence: Floats, resampling: Resampling | None = None
) -> Scores:
    """Figures for one label per row: accuracy, macro and weighted F1, Cohen's kappa, and per label.

    Averages run over the labels that occur in the gold labels; an answer outside them still costs recall.

    :param gold: The right label of each row, n of them.
    :param given: The given label of each row.
    :param confidence: The score of each given label, shape (n,).
    :raises ValueError: If the lengths differ or there is no row.
    """
    from sklearn.metrics import accuracy_score, cohen_kappa_score, confusion_matrix, precision_recall_fscore_support

    if not len(gold) == len(given) == len(confidence) or not gold:
        raise ValueError(
            f"{len(gold)} gold labels, {len(given)} given and {len(confidence)} scores must be equally many, and some"
        )
    labels = sorted({*gold, *given})
    right, answer = np.searchsorted(labels, gold), np.searchsorted(labels, given)
    pair, every = (right, answer), range(len(labels))
    one_hot = np.eye(len(labels), dtype=bool)
    counts = _Counts(one_hot[right], one_hot[answer])

    def resampled(weights: Floats) -> Floats:
        drawn = counts.weighted(weights)
        return np.column_stack([drawn.accuracy(), *drawn.averages(), drawn.kappa(), *drawn.by_label()])

    precision, recall, f1, support = precision_recall_fscore_support(*pair, labels=every, zero_division=np.nan)
    values = [
        accuracy_score(*pair),
        np.nanmean(f1[support > 0]),
        np.average(f1[support > 0], weights=support[support > 0]),
        cohen_kappa_score(*pair, labels=every) if len(labels) > 1 else np.nan,
        *np.concatenate([precision, recall, f1]),
    ]
    figures = with_intervals(values, resampled, len(gold), resampling or Resampling())
    confusion = confusion_matrix(*pair, labels=every) if len(labels) > 1 else [[len(gold)]]
    return Scores(
        overall=dict(zip(("accuracy", "macro F1", "weighted F1", "Cohen's kappa"), figures, strict=False)),
        labels=_by_label(labels, figures[4:], counts),
        ece=calibration_error(confidence, right == answer),
        coverage=tuple(_single_label_coverage(right == answer, confidence, threshold) for threshold in THRESHOLDS),
        confusion=tuple(tuple(map(int, row)) for row in confusion),
    )


def multi_label_scores(
    gold: Bools, given: Bools, scores: Floats, labels: Sequence[str], resampling: Resampling | None = None
) -> Scores:
    """Figures for zero, one or many labels per row.

    Each label is judged on its positive class, never on flattened zeros, which would reward silence. Averages run over the
    labels with a gold row. The sample-wise F1 leaves out the rows that have no label and were given none.

    :param gold: Whether row i has label j, shape (n, L).
    :param given: Whether row i was given label j, shape (n, L).
    :param scores: The score of label j on row i, shape (n, L).
    :param labels: The L labels.
    :raises ValueError: If the shapes differ or there is no row.
    """
    from sklearn.metrics import accuracy_score, average_precision_score, f1_score, precision_recall_fscore_support

    if not gold.shape == given.shape == scores.shape == (len(gold), len(labels)) or not len(gold):
        raise ValueError(
            f"gold {gold.shape}, given {given.shape} and scores {scores.shape} must all be (rows, {len(labels)}), with rows"
        )
    counts = _Counts(gold, given)
    sample_f1 = 2 * (gold & given).sum(axis=1) / np.maximum(gold.sum(axis=1) + given.sum(axis=1), 1)
    not_empty = gold.any(axis=1) | given.any(axis=1)
    all_right = (gold == given).all(axis=1)

    def resampled(weights: Floats) -> Floats:
        drawn = counts.weighted(weights)
        return np.column_stack(
            [
                *drawn.averages(),
                drawn.micro_f1(),
                weights @ sample_f1 / (weights @ not_empty),
                weights @ all_right / len(gold),
                *drawn.by_label(),
            ]
        )

    # One more label that nobody has: scikit-learn takes a single column for a binary target. Its F1 is undefined (NaN) and
    # counts in no average.
    pair = tuple(np.pad(labelled, ((0, 0), (0, 1))) for labelled in (gold, given))
    precision, recall, f1, support = (
        row[: len(labels)] for row in precision_recall_fscore_support(*pair, zero_division=np.nan)
    )
    some = support > 0
    values = [
        np.nanmean(f1[some]) if some.any() else np.nan,
        np.average(f1[some], weights=support[some]) if some.any() else np.nan,
        f1_score(*pair, average="micro", zero_division=np.nan),
        f1_score(*(labelled[not_empty] for labelled in pair), average="samples", zero_division=0.0)
        if not_empty.any()
        else np.nan,
        accuracy_score(*pair),
        *np.concatenate([precision, recall, f1]),
    ]
    figures = with_intervals(values, resampled, len(gold), resampling or Resampling())
    names = ("macro F1", "weighted F1", "micro F1", "sample-wise F1", "accuracy (every label right)")
    areas = [float(average_precision_score(gold[:, j], scores[:, j])) if some[j] else None for j in range(len(labels))]
    return Scores(
        overall=dict(zip(names, figures, strict=False)),
        labels=_by_label(labels, figures[len(names) :], counts, areas),
        ece=calibration_error(scores.ravel(), gold.ravel()),
        coverage=tuple(_multi_label_coverage(gold, scores, threshold) for threshold in THRESHOLDS),
    )


class _Counts:
    """What a thousand resamples are made of: right, gold and given labels, counted once per resample by a matrix product.

    The figures themselves are scikit-learn's; calling it for every resample would take minutes. The tests hold both equal.
    Shapes: (b, L) for b resamples and L labels.
    """

    def __init__(self, gold: Bools, given: Bools, weights: Floats | None = None) -> None:
        self.gold, self.given = gold, given
        weights = np.ones((1, len(gold))) if weights is None else weights
        self.rows = weights.sum(axis=1, keepdims=True)
        self.hits = weights @ (gold & given)
        self.support = weights @ gold
        self.answers = weights @ given
        self.in_gold = gold.any(axis=0)

    def weighted(self, weights: Floats) -> "_Counts":
        """The same rows, each counted as often as it was drawn; weights (b, n)."""
        return _Counts(self.gold, self.given, weights)

    def by_label(self) -> tuple[Floats, Floats, Floats]:
        """Precision, recall and F1 of every label, (b, L) each."""
        f1 = 2 * self.hits / (self.support + self.answers)
        return self.hits / self.answers, self.hits / self.support, f1

    def averages(self) -> tuple[Floats, Floats]:
        """Macro and weighted F1 over the labels with gold rows, (b,) each."""
        f1, support = self.by_label()[2][:, self.in_gold], self.support[:, self.in_gold]
        return np.nanmean(f1, axis=1), np.nansum(f1 * support, axis=1) / support.sum(axis=1)

    def micro_f1(self) -> Floats:
        """F1 over all (row, label) decisions for a positive, (b,)."""
        return np.asarray(2 * self.hits.sum(axis=1) / (self.support + self.answers).sum(axis=1))

    def accuracy(self) -> Floats:
        """Share of rows with the right label, for one label per row, (b,)."""
        return np.asarray(self.hits.sum(axis=1) / self.rows[:, 0])

    def kappa(self) -> Floats:
        """Cohen's kappa (1960), for one label per row, (b,)."""
        by_chance = (self.support * self.answers).sum(axis=1) / self.rows[:, 0] ** 2
        return np.asarray((self.accuracy() - by_chance) / (1 - by_chance))


def calibration_error(probability: Floats, correct: Bools, bins: int = CALIBRATION_BINS) -> float:
    """Expected calibration error: the mean gap between score and share of right answers over equal-width bins, weighted by size.

    Guo et al. (2017), equation 3; scikit-learn has the curve but not the error.

    :param probability: Scores, 0 to 1, shape (n,).
    :param correct: Whether each answer was right, shape (n,).
    :returns: 0 (calibrated) to 1.
    """
    bin_of = np.minimum((probability * bins).astype(int), bins - 1)
    gaps = np.bincount(bin_of, probability, minlength=bins) - np.bincount(bin_of, correct, minlength=bins)
    return float(np.abs(gaps).sum() / len(probability))


def _by_label(
    labels: Sequence[str], figures: Sequence[Figure], counts: _Counts, areas: Sequence[float | None] | None = None
) -> tuple[LabelFigures, ...]:
    """Cut the flat figures (all precisions, then all recalls, then all F1) into one record per label."""
    size = len(labels)
    return tuple(
        LabelFigures(
            label=str(label),
            precision=figures[j],
            recall=figures[size + j],
            f1=figures[2 * size + j],
            support=int(counts.support[0, j]),
            given=int(counts.answers[0, j]),
            average_precision=areas[j] if areas else None,
        )
        for j, label in enumerate(labels)
    )


def _single_label_coverage(correct: Bools, confidence: Floats, threshold: float) -> CoverageRow:
    """Answers below the threshold withheld: rows with an answer, share of wrong answers, share of rows answered right."""
    kept = confidence >= threshold
    return CoverageRow(
        threshold=threshold,
        coverage=float(kept.mean()),
        risk=float(1 - correct[kept].mean()) if kept.any() else None,
        recall=float((kept & correct).mean()),
    )


def _multi_label_coverage(gold: Bools, scores: Floats, threshold: float) -> CoverageRow:
    """One threshold for all labels: rows with a tag, share of wrong tags, share of gold labels found."""
    given = scores >= threshold
    right = int((given & gold).sum())
    return CoverageRow(
        threshold=threshold,
        coverage=float(given.any(axis=1).mean()),
        risk=1 - right / int(given.sum()) if given.any() else None,
        recall=right / int(gold.sum()) if gold.any() else None,
    )
