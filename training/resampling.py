"""Bootstrap intervals for figures on labelled rows, drawing whole articles where rows share one."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RESAMPLES = 1000
"""The usual number for 95% percentile intervals (Efron and Tibshirani, 1993, "An Introduction to the Bootstrap", ch. 13)."""
_WEIGHTS_AT_ONCE = 5_000_000
"""Resample weights held in memory at a time: 40 MB."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One metric with its 95% bootstrap interval.

    :param value: On the rows themselves; ``None`` where it is not defined (the precision of a label never given).
    :param low: 2.5th percentile over the resamples.
    :param high: 97.5th percentile.
    """

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Resampling:
    """How intervals are made.

    :param groups: One value per row; rows of one group (an article) are drawn together. ``None``: each row for itself.
    :param resamples: How many times the groups are drawn, with replacement; 0 gives no intervals.
    :param seed: Of the draws.
    """

    groups: Sequence[object] | None = None
    resamples: int = RESAMPLES
    seed: int = 0


def with_intervals(
    values: Sequence[float], statistic: Callable[[Floats], Floats], rows: int, resampling: Resampling
) -> list[Figure]:
    """Put a bootstrap interval around each of several metrics.

    :param values: The m metrics on the rows themselves, NaN where undefined.
    :param statistic: Takes row weights, shape (b, rows), each the times that a row was drawn, and gives the metrics of these b
        resamples, shape (b, m), NaN where undefined.
    :param rows: The number of rows.
    :returns: m figures.
    :raises ValueError: If there are not as many groups as rows.
    """
    with warnings.catch_warnings(), np.errstate(invalid="ignore", divide="ignore"):
        # A rare label is missing from some resamples; what is undefined there is NaN and no part of the percentiles.
        warnings.simplefilter("ignore", RuntimeWarning)
        draws = [statistic(weights) for weights in _row_weights(rows, resampling)]
        undefined = np.full((2, len(values)), np.nan)
        low, high = np.nanpercentile(np.concatenate(draws), [2.5, 97.5], axis=0) if draws else undefined
    return [Figure(*map(_defined, row)) for row in zip(values, low, high, strict=True)]


def mean_figures(values: Floats, resampling: Resampling) -> list[Figure]:
    """The mean of each column with its interval.

    :param values: One row per article, shape (n, m).
    :returns: m figures.
    """

    def means(weights: Floats) -> Floats:
        return np.asarray(weights @ values / weights.sum(axis=1, keepdims=True))

    return with_intervals(list(values.mean(axis=0)), means, len(values), resampling)


def _row_weights(rows: int, resampling: Resampling) -> Iterator[Floats]:
    """How often each row is drawn in each resample, shape (b, rows), a few resamples at a time."""
    groups = range(rows) if resampling.groups is None else resampling.groups
    if len(groups) != rows:
        raise ValueError(f"{len(groups)} groups for {rows} rows")
    number = {group: index for index, group in enumerate(dict.fromkeys(groups))}
    group_of_row = np.array([number[group] for group in groups])
    generator = np.random.default_rng(resampling.seed)
    size = len(number)
    at_once = max(1, _WEIGHTS_AT_ONCE // rows)
    for done in range(0, resampling.resamples, at_once):
        drawn = [
            np.bincount(generator.integers(size, size=size), minlength=size)
            for _ in range(min(at_once, resampling.resamples - done))
        ]
        yield np.array(drawn, dtype=np.float64)[:, group_of_row]


def _defined(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
