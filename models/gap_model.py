"""How readily a sentence goes without any stretch of its words, learnt from headlines made by deletion.

A compression is a way through its sentence: each token is kept, or a gap jumps from one token to a later one. The model gives
every kept token and every possible gap a score, and a way's probability is the exponential of its sum over that of all ways: a
semi-Markov conditional random field (Sarawagi and Cohen, 2004). What a gap joins is scored, as McDonald (2006,
"Discriminative sentence compression with soft syntactic evidence") does with features of the two words that become neighbours;
here a hidden layer reads the two tokens at each edge of a gap, and a bilinear form weighs the edges against each other. Trained
as a part of :mod:`copydesk.models.headline_word_model`, by ``training/headline_word_model.py``.
"""

from collections.abc import Mapping

import numpy as np

from copydesk.models.phrases import Parse
from copydesk.models.suite import Floats, GapScores
from copydesk.models.tagger import TAGS

LENGTHS = 40
"""Gaps of this many tokens and more are alike."""
WORD_FEATURES = len(TAGS) + 5
TENSORS = (
    "inner.weight", "inner.bias", "begin", "end", "before.weight", "first.weight", "first.bias", "last.weight", "after.weight",
    "after.bias", "join.weight", "left.weight", "right.weight", "length.weight", "keep.weight", "keep.bias",
)  # fmt: skip
"""What it is made of."""
_NEVER = -1e9


class GapModel:
    """The scores of a sentence's gaps and tokens from what is known of its tokens.

    :param weights: :data:`TENSORS`, by the names of :class:`copydesk.training.gap_network.GapNetwork`.
    """

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        self._weights = {name: weights[name] for name in TENSORS}

    def scores(self, tokens: Floats) -> GapScores:
        """The scores of one sentence.

        :param tokens: What is known of each token, shape (n_tokens, inputs).
        """
        one = self._weights
        hidden = np.maximum(tokens @ one["inner.weight"].T + one["inner.bias"], 0)
        padded = np.concatenate([one["begin"][None], hidden, one["end"][None]])
        left = np.maximum(
            padded[:-1] @ one["before.weight"].T + padded[1:] @ one["first.weight"].T + one["first.bias"], 0
        )
        right = np.maximum(
            padded[:-1] @ one["last.weight"].T + padded[1:] @ one["after.weight"].T + one["after.bias"], 0
        )
        place = np.arange(len(tokens) + 1)
        length = one["length.weight"][np.clip(place[None, :] - place[:, None], 0, LENGTHS - 1), 0]
        joined = left @ one["join.weight"].T @ right.T + left @ one["left.weight"].T + (right @ one["right.weight"].T).T
        return GapScores(joined + length, (hidden @ one["keep.weight"].T + one["keep.bias"])[:, 0])


def gap_chances(scores: GapScores) -> Floats:
    """The logarithm of each gap's probability to be in a compression, shape (n_tokens + 1, n_tokens + 1): over all ways through
    the sentence, by the forward-backward algorithm.
    """
    gaps, keeps = scores.gaps.astype(np.float64), scores.keeps.astype(np.float64)
    count = len(keeps)
    kept, left = np.full(count + 1, _NEVER), np.full(count + 1, _NEVER)
    kept[0] = 0.0  # ways to a token whose one before is kept; after a gap
    for end in range(1, count + 1):
        left[end] = np.logaddexp.reduce(kept[:end] + gaps[:end, end])
        kept[end] = np.logaddexp(kept[end - 1], left[end - 1]) + keeps[end - 1]
    free, bound = np.full(count + 1, _NEVER), np.full(count + 1, _NEVER)
    free[count] = bound[count] = 0.0  # ways on from a token; on where no gap may follow
    for start in range(count - 1, -1, -1):
        bound[start] = keeps[start] + free[start + 1]
        free[start] = np.logaddexp(bound[start], np.logaddexp.reduce(gaps[start, start + 1 :] + bound[start + 1 :]))
    chances = kept[:, None] + gaps + bound[None, :] - np.logaddexp(kept[count], left[count])
    return np.asarray(np.where(np.triu(np.ones_like(gaps, dtype=bool), 1), chances, _NEVER), dtype=np.float32)


def word_features(read: Parse) -> Floats:
    """What the shallow parse knows of each token, shape (n_tokens, WORD_FEATURES)."""
    rows = [
        (
            *(tag == other for other in TAGS),
            read.finite[index],
            read.words[index] == ",",
            read.words[index][0].isupper(),
            read.quote_depth[index] > 0,
            index >= read.body_end,
        )
        for index, tag in enumerate(read.tags)
    ]
    return np.asarray(rows, dtype=np.float32)
