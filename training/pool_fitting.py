"""Fits how two models' probabilities are pooled (:mod:`copydesk.models.blend`) to macro-F1 on a development table.

Macro-F1 counts a class of one row in fifty as much as one of three in four, so the most probable class is not the best answer.
Offsets on the log probabilities are fitted to a smooth macro-F1 (the sums of true and false positives taken over sharpened
probabilities, as in Jansche, 2005) with a share of the log likelihood, which keeps them from chasing single rows. Fitted figures
are judged on rows that they were not fitted on: folds by text.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold

from copydesk.models.blend import LEAST, TURNED, Pool
from copydesk.models.suite import Floats
from copydesk.training.resampling import Figure, Resampling, with_intervals

Doubles = NDArray[np.float64]
SHARES = tuple(round(0.1 * step, 1) for step in range(11))
FOLDS = 10
SHARPNESS = 3.0
"""Power of the probabilities under the smooth macro-F1: near to counting, still smooth. 2 and 4 measure within 0.005."""
LIKELIHOOD = 0.5
"""Weight of the mean negative log likelihood beside the smooth macro-F1; 0.1 to 1 measure within 0.01 on ``directed_dev``."""
RIDGE = 0.002
"""Weight of the squared offsets and slopes: a prior that the models are right as they are."""
MIN_GAIN = 0.005
"""Macro-F1 on held-out rows from which offsets are taken."""


@dataclass(frozen=True)
class Component:
    """What two models said about one table.

    :param gold: The right class of each row, shape (n,).
    :param first: Probabilities of the model whose share is fitted, shape (n, classes).
    :param second: The other's.
    :param groups: What rows are drawn with: those of one text stay in one fold.
    :param near: Figures of :func:`copydesk.models.blend.relevance`, shape (n, 2), or ``None``.
    :param turned: Rows whose directions are the other way round (five classes only), or ``None``.
    :param weights: What a row stands for, where a class was sampled, or ``None``.
    """

    gold: NDArray[np.int64]
    first: Doubles
    second: Doubles
    groups: Sequence[object]
    near: Doubles | None = None
    turned: NDArray[np.bool_] | None = None
    weights: Doubles | None = None

    def rows(self, chosen: NDArray[np.int64]) -> "Component":
        """Some of the rows."""
        return Component(
            self.gold[chosen],
            self.first[chosen],
            self.second[chosen],
            [self.groups[row] for row in chosen],
            None if self.near is None else self.near[chosen],
            None if self.turned is None else self.turned[chosen],
            None if self.weights is None else self.weights[chosen],
        )

    def scores(self, pool: Pool) -> Floats:
        """The pooled probabilities, shape (n, classes)."""
        offsets = None
        if pool.offsets and self.turned is not None:
            given = np.asarray(pool.offsets, dtype=np.float32)
            offsets = np.where(self.turned[:, None], given[list(TURNED)], given)
        near = None if self.near is None else self.near.astype(np.float32)
        return pool.join(self.first.astype(np.float32), self.second.astype(np.float32), near, offsets)


@dataclass(frozen=True)
class PoolFit:
    """A fitted pool and what it measures.

    :param pool: Fitted on all rows.
    :param macro_f1: Of each row's answer by a pool fitted on other folds; the interval draws whole texts.
    :param accuracy: The same.
    :param plain: Macro-F1 of the best linear pool without offsets.
    :param f1: By class, cross-validated.
    """

    pool: Pool
    macro_f1: Figure
    accuracy: Figure
    plain: float
    f1: tuple[float, ...]


def fit_pool(component: Component) -> PoolFit:
    """Choose the share by cross-validated macro-F1 (smoothed over its neighbours) and fit the rest for it.

    Offsets are left out where they don't raise macro-F1 on held-out rows by :data:`MIN_GAIN`.
    """
    bare = {share: component.scores(Pool(share)).argmax(axis=1) for share in SHARES}
    fitted = {share: _held_out(component, share) for share in SHARES}
    without, best = _best(component, bare), _best(component, fitted)
    plain = _macro_f1(component, bare[without])
    if _macro_f1(component, fitted[best]) >= plain + MIN_GAIN:
        pool, given = fit_offsets(component, best), fitted[best]
    else:
        pool, given = Pool(without), bare[without]
    by_class = f1_score(component.gold, given, average=None, sample_weight=component.weights, zero_division=0.0)
    macro_f1, accuracy = pool_figures(component, given)
    return PoolFit(
        pool=pool,
        macro_f1=macro_f1,
        accuracy=accuracy,
        plain=plain,
        f1=tuple(float(value) for value in by_class),
    )


def _best(component: Component, answers: dict[float, NDArray[np.int64]]) -> float:
    measured = np.array([_macro_f1(component, answers[share]) for share in SHARES])
    smooth = np.convolve(np.pad(measured, 1, mode="edge"), np.full(3, 1 / 3), mode="valid")
    return SHARES[int(smooth.argmax())]


def fit_offsets(component: Component, share: float) -> Pool:
    """Offsets, and slopes where the rows have figures of relevance, for a given share."""
    classes = component.first.shape[1]
    gold = np.eye(classes)[component.gold]
    weights = np.ones(len(gold)) if component.weights is None else component.weights
    logs = np.log(np.maximum(share * component.first + (1 - share) * component.second, LEAST))
    near, middle, spread = _standard(component.near, len(gold))
    order = np.tile(np.arange(classes), (len(gold), 1))
    if component.turned is not None:
        order[component.turned] = TURNED

    def cost(free: Doubles) -> tuple[float, Doubles]:
        offsets, slopes = free[:classes], free[classes:]
        scores = logs + offsets[order]
        scores[:, -1] += near @ slopes
        sharp, plain = _softmax(SHARPNESS * scores), _softmax(scores)
        hits = (weights[:, None] * sharp * gold).sum(axis=0)
        sums = (weights[:, None] * (sharp + gold)).sum(axis=0)
        to_sharp = weights[:, None] * 2 * (gold * sums - hits) / np.maximum(sums, LEAST) ** 2 / classes
        to_scores = -SHARPNESS * sharp * (to_sharp - (to_sharp * sharp).sum(axis=1, keepdims=True))
        to_scores += LIKELIHOOD * weights[:, None] * (plain - gold) / weights.sum()
        likelihood = -(weights * np.log(np.maximum((plain * gold).sum(axis=1), LEAST))).sum() / weights.sum()
        slope = np.concatenate(
            [np.bincount(order.ravel(), to_scores.ravel(), classes), near.T @ to_scores[:, -1]]
        ) + 2 * RIDGE * np.asarray(free)
        value = -(2 * hits / np.maximum(sums, LEAST)).mean() + LIKELIHOOD * likelihood + RIDGE * float(free @ free)
        return float(value), slope

    found = minimize(cost, np.zeros(classes + near.shape[1]), jac=True, method="L-BFGS-B").x
    offsets, slopes = found[:classes].copy(), found[classes:] / spread
    offsets[-1] -= float(slopes @ middle)
    return Pool(share, tuple(round(float(one), 4) for one in offsets), tuple(round(float(one), 4) for one in slopes))


def written(pool: Pool) -> dict[str, object]:
    """A pool as it stands in ``heads.json``."""
    described: dict[str, object] = {"share": pool.share}
    if pool.offsets:
        described["offsets"] = list(pool.offsets)
    if pool.relevance:
        described["relevance"] = list(pool.relevance)
    return described


def _held_out(component: Component, share: float) -> NDArray[np.int64]:
    given = np.zeros(len(component.gold), dtype=np.int64)
    for train, test in GroupKFold(FOLDS).split(given, component.gold, _numbered(component.groups)):
        pool = fit_offsets(component.rows(train), share)
        given[test] = component.rows(test).scores(pool).argmax(axis=1)
    return given


def _macro_f1(component: Component, given: NDArray[np.int64]) -> float:
    return float(f1_score(component.gold, given, average="macro", sample_weight=component.weights, zero_division=0.0))


def pool_figures(component: Component, given: NDArray[np.int64]) -> list[Figure]:
    """Macro-F1 and accuracy of each row's answer, with intervals that draw whole texts.

    :param given: The answers, shape (n,).
    """
    known = np.unique(np.concatenate([component.gold, given]))
    gold, found = component.gold[:, None] == known, given[:, None] == known
    standing = np.ones(len(given)) if component.weights is None else component.weights

    def measure(draws: Doubles) -> Doubles:
        weights = draws * standing
        hits = weights @ (gold & found).astype(np.float64)
        sums = weights @ (gold.astype(np.float64) + found)
        f1 = np.where(sums > 0, 2 * hits / sums, np.nan)  # a class that wasn't drawn says nothing
        return np.column_stack([np.nanmean(f1, axis=1), hits.sum(axis=1) / weights.sum(axis=1)])

    values = measure(np.ones((1, len(given))))[0].tolist()
    return with_intervals(values, measure, len(given), Resampling(groups=component.groups))


def _numbered(groups: Sequence[object]) -> list[int]:
    numbers = {group: number for number, group in enumerate(dict.fromkeys(groups))}
    return [numbers[group] for group in groups]


def _standard(near: Doubles | None, rows: int) -> tuple[Doubles, Doubles, Doubles]:
    """Figures of relevance with mean 0 and deviation 1, and what makes them so."""
    if near is None:
        return np.zeros((rows, 0)), np.zeros(0), np.ones(0)
    middle, spread = near.mean(axis=0), np.maximum(near.std(axis=0), LEAST)
    return (near - middle) / spread, middle, spread


def _softmax(scores: Doubles) -> Doubles:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
