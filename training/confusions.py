"""Hard negatives: which wrong labels the retriever takes for the right one, and candidates drawn in proportion to that.

A verifier only ever reads what the retriever found, so what it must learn is to tell the right label from those that lie near it.
Passages that a retriever ranks high and that are wrong teach a dense retriever more than random ones (Karpukhin et al., 2020,
"Dense Passage Retrieval"; Xiong et al., 2021, "Approximate Nearest Neighbor Negative Contrastive Learning"). Those are mined by
passage, anew as the model learns; a codebook has few labels, so here it is done once, by pair of labels, with the checkpoint
that training starts from. With MiniLM on one core that takes 15 to 36 seconds a task, and a killed run mines the same again.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from copydesk.configs.codebook import Codebook

MINING_ROWS = 1000
"""Training rows that are measured: about ten a label for a hundred labels, some seconds on one core."""
RANDOM_SHARE = 0.1
"""Share of the candidates that is still drawn at random, so that what looks unlike is not unlearnt."""
BATCH = 32
"""Texts that are embedded at a time."""

Embed = Callable[[list[str]], Tensor]
"""Texts to unit vectors (n, width)."""


@dataclass(frozen=True)
class Confusions:
    """How likely each label of a codebook is mistaken for each other one.

    :param weights: (labels, labels): for each right label, the share of each wrong one among its candidates, never 0; a row
        sums to 1 without its own label, whose share is 0.
    """

    weights: Sequence[Sequence[float]]

    def draw(self, gold: int, others: Sequence[int], count: int, rng: random.Random) -> list[int]:
        """Draw ``count`` of the ``others``, or all of them, without replacement and in proportion to their weights.

        It is a race: each label's time is drawn from the exponential distribution of its weight, and the first ones in win
        (Efraimidis and Spirakis, 2006, "Weighted random sampling with a reservoir").
        """
        return sorted(others, key=lambda number: rng.expovariate(self.weights[gold][number]))[:count]


def measure_confusions(
    texts: Sequence[str], gold: Sequence[int], codebook: Codebook, embed: Embed, temperature: float
) -> Confusions:
    """Measure what a retriever confuses.

    A text's likeness to a label is its highest cosine to one of the label's statements, and what it is taken for is the softmax
    over these. A label's confusions are the mean over its texts. Without a text, they are what its own statements look like.

    :param texts: Training texts.
    :param gold: For each of them the number of its label in the codebook.
    :param codebook: At least two labels.
    :param embed: The retriever.
    :param temperature: Of the softmax, as in training.
    """
    size = len(codebook.labels)
    statements = [text for label in codebook.labels for text in label.statements]
    owner = np.repeat(np.arange(size), [len(label.statements) for label in codebook.labels])
    of_statements = _embed_all(statements, embed)
    taken_for = np.zeros((size, size))
    if texts:
        np.add.at(taken_for, np.array(gold), _softmax(_embed_all(texts, embed) @ of_statements.T, owner, temperature))
    unseen = ~np.isin(np.arange(size), gold)
    by_statement = _softmax(of_statements @ of_statements.T, owner, temperature)
    for number in np.flatnonzero(unseen):
        taken_for[number] = by_statement[owner == number].mean(axis=0)
    np.fill_diagonal(taken_for, 0.0)
    shares = taken_for / np.maximum(
        taken_for.sum(axis=1, keepdims=True), np.finfo(float).tiny
    )  # never sure beyond doubt
    at_random = (1 - np.eye(size)) / (size - 1)
    return Confusions(((1 - RANDOM_SHARE) * shares + RANDOM_SHARE * at_random).tolist())


def _softmax(cosines: np.ndarray, owner: np.ndarray, temperature: float) -> np.ndarray:
    """(n, statements) → (n, labels): the softmax over each label's best statement."""
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    logits = np.maximum.reduceat(cosines, starts, axis=1) / temperature
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: np.ndarray = odds / odds.sum(axis=1, keepdims=True)
    return shares


def _embed_all(texts: Sequence[str], embed: Embed) -> np.ndarray:
    """Unit vectors (n, width) in the order of the texts; texts of like length are embedded together, so that little is padded."""
    order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
    parts: list[np.ndarray] = []
    with torch.inference_mode():
        for start in range(0, len(order), BATCH):
            vectors = embed([texts[number] for number in order[start : start + BATCH]])
            parts.append(vectors.cpu().double().numpy())
    found: np.ndarray = np.concatenate(parts)
    return found[np.argsort(order)]
