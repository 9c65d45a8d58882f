"""From raw scores to probabilities: the few numbers that are fitted on dev data and travel with the checkpoint.

A label's log-odds are a weighted sum of how near its statements are (retrieval), how it stands among its rivals, and how well its
best proof entails it (verification) or tells it, which is Platt scaling (Platt, 1999) with several features; the answer among
exclusive labels is a softmax over the same sums with weights of its own, which is temperature scaling (Guo et al., 2017).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from copydesk.configs.codebook import Codebook, shipped_names
from copydesk.configs.errors import ModelError
from copydesk.models.second_opinion import OpinionWeights

Doubles = NDArray[np.float64]

ODDS_LIMIT = 12.0
"""Log-odds of entailment are cut to ±12: float32 probabilities say no more."""
STEPS = 50
"""Newton steps of a fit; it converges in about ten."""
RIDGE = 1e-3
"""L2 penalty of a fit, so that separable data don't send the weights to infinity."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Log-odds of a label as a weighted sum.

    :param bias: Constant; without effect among exclusive labels.
    :param similarity: Of the similarity to the label, a cosine.
    :param share: Of how the label stands among its rivals (:func:`log_shares`): 0 where it is alone, below where they are near.
    :param odds: Of the log-odds of entailment of the best proof.
    :param told: Of the similarity to the label of what the sentence tells (:mod:`copydesk.models.teller`), a cosine.
    :param whole: How much of an article's similarity is the mean over its sentences and not its best sentence's, 0 to 1; among
        exclusive labels only, since each label by itself is proved by one sentence.
    """

    bias: float = 0.0
    similarity: float = 0.0
    share: float = 0.0
    odds: float = 0.0
    told: float = 0.0
    whole: float = 0.0

    def article(self, pieces: Doubles) -> Doubles:
        """Similarity of an article to each label, shape (labels,).

        :param pieces: Of its sentences, shape (sentences, labels).
        """
        if not len(pieces):
            return np.zeros(pieces.shape[1])
        return np.asarray((1 - self.whole) * pieces.max(axis=0) + self.whole * pieces.mean(axis=0))

    def apply(self, similarity: Doubles, share: Doubles, odds: Doubles, told: Doubles | None = None) -> Doubles:
        """Log-odds, of the arguments' common shape.

        :param told: May be left out where it has no weight.
        :raises ValueError: If it is left out where it has.
        """
        if told is None and self.told:
            raise ValueError("what is told has a weight, and the teller wasn't asked")
        logits = self.bias + self.similarity * similarity + self.share * share + self.odds * odds
        return logits if told is None else logits + self.told * told


@dataclass(frozen=True, slots=True)
class Platt:
    """Scaled log-odds: ``bias + slope · log-odds`` (Platt, 1999)."""

    bias: float = 0.0
    slope: float = 1.0


@dataclass(frozen=True, slots=True)
class EventCalibration:
    """How a checkpoint's scores are pooled and weighed for event types.

    :param temperature: Of the soft maximum over a label's statements; the one that the embedding was trained with.
    :param unverified: Log-odds of entailment that stand in for a label of which no proof was verified.
    :param many: Weights where each label is judged by itself.
    :param one: Weights among exclusive labels.
    :param opinions: Weights of a linear model's word among exclusive labels of codebooks that it was trained on, by name.
    :param own: Weights in place of ``many`` for codebooks that thousands of sentences of ordinary news were labelled by, by name.
    :param codebooks: A second Platt scaling of ``many``'s log-odds for codebooks that there are labelled articles of, by name:
        how often a label is meant when its statements hold differs between codebooks.
    """

    temperature: float
    unverified: float
    many: Weights
    one: Weights
    own: Mapping[str, Weights] = field(default_factory=dict)
    codebooks: Mapping[str, Platt] = field(default_factory=dict)
    opinions: Mapping[str, OpinionWeights] = field(default_factory=dict)

    def several(self, codebook: Codebook) -> Weights:
        """The weights where each label of a codebook is judged by itself; its own only if its labels are those of its name."""
        own = self.own.get(codebook.name)
        return own if own is not None and set(codebook.ids) <= _shipped_labels(codebook.name) else self.many

    def chances(self, codebook: str, log_odds: Doubles) -> Doubles:
        """Probabilities from the log-odds by :meth:`several`, of their shape."""
        scaling = self.codebooks.get(codebook, Platt())
        return sigmoid(scaling.bias + scaling.slope * log_odds)

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Self:
        """From ``heads.json``.

        :raises ModelError: If a number is missing or unknown.
        """
        try:
            read: dict[str, Any] = {name: Weights(**stored[name]) for name in ("many", "one")}
            for name, kind in (("own", Weights), ("codebooks", Platt), ("opinions", OpinionWeights)):
                read[name] = {codebook: kind(**given) for codebook, given in stored.get(name, {}).items()}
            return cls(**{**stored, **read})
        except (KeyError, TypeError) as error:
            raise ModelError(
                f"the calibration of events in heads.json can't be read ({error}).",
                remedy=f"It has the keys {', '.join(one.name for one in fields(cls))}; get the model's folder again.",
            ) from error


@cache
def _shipped_labels(name: str) -> frozenset[str]:
    return frozenset(Codebook.load(name).ids) if name in shipped_names() else frozenset()


def log_shares(scores: Doubles, temperature: float) -> Doubles:
    """T · ln(softmax(score / T)) over each row, shape as given, in the unit of the scores.

    0 for a score that leaves the others behind; two that are level at the top have T · ln 2 less each, so that a sentence may
    prove two labels, where the margin over the next best would leave neither.
    """
    scaled = scores / temperature
    highest = scaled.max(axis=-1, keepdims=True)
    return np.asarray(temperature * (scaled - highest - np.log(np.exp(scaled - highest).sum(axis=-1, keepdims=True))))


def sigmoid(logits: Doubles) -> Doubles:
    """1 / (1 + e^-x), without overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * logits)))


def softmax(logits: Doubles) -> Doubles:
    """Softmax of one vector."""
    powers = np.exp(logits - logits.max())
    return np.asarray(powers / powers.sum())


def log_odds(probability: Doubles) -> Doubles:
    """ln(p / (1 - p)), cut to ±:data:`ODDS_LIMIT`."""
    p = np.clip(probability, 1e-9, 1 - 1e-9)
    return np.asarray(np.clip(np.log(p / (1 - p)), -ODDS_LIMIT, ODDS_LIMIT))


def soft_maximum(scores: NDArray[np.floating[Any]], starts: NDArray[np.int64], temperature: float) -> Doubles:
    """Soft maximum over groups of columns: T · ln(mean(exp(score / T))), between their mean and their maximum.

    :param scores: Shape (rows, columns), cosines.
    :param starts: First column of each group, ascending from 0.
    :returns: Shape (rows, groups).
    """
    sizes = np.diff(np.append(starts, scores.shape[1]))
    sums = np.add.reduceat(np.exp(scores.astype(np.float64) / temperature), starts, axis=1)
    return np.asarray(temperature * np.log(sums / sizes))


def fit_logistic(features: Doubles, gold: NDArray[np.bool_]) -> tuple[float, Doubles]:
    """Platt scaling: logistic regression by Newton's method.

    :param features: Shape (n, k).
    :param gold: Shape (n,).
    :returns: The bias and the weights, shape (k,).
    :raises ValueError: If all of ``gold`` is the same.
    """
    if gold.all() or not gold.any():
        raise ValueError("a fit needs right and wrong examples")
    mean, scale = features.mean(axis=0), features.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    design = np.column_stack([np.ones(len(features)), (features - mean) / scale])
    penalty = RIDGE * np.eye(design.shape[1])
    penalty[0, 0] = 0.0
    weights = np.zeros(design.shape[1])
    for _ in range(STEPS):
        chance = sigmoid(design @ weights)
        slope = design.T @ (chance - gold) / len(gold) + penalty @ weights
        curve = (
            (design * (chance * (1 - chance))[:, None]).T @ design / len(gold) + penalty + 1e-9 * np.eye(len(weights))
        )
        step = np.linalg.solve(curve, slope)
        weights -= step
        if float(np.abs(step).max()) < 1e-8:
            break
    slopes = weights[1:] / scale
    return float(weights[0] - slopes @ mean), np.asarray(slopes)


def fit_choice(features: Sequence[Doubles], gold: Sequence[int]) -> Doubles:
    """Conditional logit (McFadden, 1974): weights under which a softmax over the options best tells the right one.

    :param features: Of each choice, shape (its options, k).
    :param gold: Index of each choice's right option.
    :returns: The weights, shape (k,).
    """
    scale = np.concatenate(features).std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    designs = [rows / scale for rows in features]
    weights = np.zeros(len(scale))
    for _ in range(STEPS):
        slope = RIDGE * weights
        curve = RIDGE * np.eye(len(weights))
        for design, right in zip(designs, gold, strict=True):
            chance = softmax(design @ weights)
            mean = chance @ design
            slope = slope + (mean - design[right]) / len(designs)
            curve = curve + ((design * chance[:, None]).T @ design - np.outer(mean, mean)) / len(designs)
        step = np.linalg.solve(curve, slope)
        weights -= step
        if float(np.abs(step).max()) < 1e-8:
            break
    return np.asarray(weights / scale)
