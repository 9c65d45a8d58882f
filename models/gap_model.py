"""How readily a sentence goes without any stretch of its words, learnt from reference compressions.

A compression is a way through its sentence: each token is kept, or a gap jumps from one token to a later one. The model gives
every kept token and every possible gap a score, and a way's probability is the exponential of its sum over that of all ways: a
semi-Markov conditional random field (Sarawagi and Cohen, 2004). What a gap joins is scored, as McDonald (2006,
"Discriminative sentence compression with soft syntactic evidence") does with features of the two words that become neighbours;
here one hidden layer reads the four tokens at the gap's edges, each as the reader's states of it and its word class. Trained by
``training/headline_gaps.py``.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from copydesk.models.phrases import Parse
from copydesk.models.side_weights import loaded_beside
from copydesk.models.suite import Floats, GapScores
from copydesk.models.tagger import TAGS

if TYPE_CHECKING:
    import torch

    from copydesk.models.reader import Reader

FILE = "headline_gaps.safetensors"
"""Its weights, beside the checkpoint that they belong to."""
MAX_TOKENS = 192
"""Word pieces of a sentence; the headliner tries none of more than 120 words."""
LENGTHS = 40
"""Gaps of this many tokens and more are alike."""
WORD_FEATURES = len(TAGS) + 5
TENSORS = (
    "inner.weight", "inner.bias", "begin", "end", "before.weight", "first.weight", "first.bias", "last.weight", "after.weight",
    "length.weight", "gap.weight", "gap.bias", "keep.weight", "keep.bias",
)  # fmt: skip
"""What the file holds."""


class GapModel:
    """A :class:`~copydesk.models.suite.GapScorer` over a reader's token states.

    :param reader: The reader that it was trained with.
    :param weights: Its tensors, by the names of :class:`copydesk.training.headline_gaps.GapNetwork`.
    """

    def __init__(self, reader: "Reader", weights: Mapping[str, Floats]) -> None:
        self._reader = reader
        self._weights = weights

    @classmethod
    def load(cls, reader: "Reader") -> "GapModel | None":
        """The model that lies beside a reader, if any.

        :raises ModelError: If it can't be read, or was trained with other weights.
        """
        return loaded_beside(reader, FILE, "copydesk.training.headline_gaps", cls._whole)

    @classmethod
    def _whole(cls, reader: "Reader", weights: Mapping[str, Floats]) -> "GapModel":
        return cls(reader, {name: weights[name] for name in TENSORS})

    def scores(self, reads: Sequence[Parse]) -> list[GapScores]:
        """The scores of each sentence.

        :param reads: Parsed sentences, each of at least one token.
        """
        if not reads:
            return []
        states = token_states(self._reader, [read.words for read in reads])
        return [
            self._scored(np.concatenate([state, word_features(read)], axis=1))
            for state, read in zip(states, reads, strict=True)
        ]

    def _scored(self, tokens: Floats) -> GapScores:
        one = self._weights
        hidden = np.maximum(tokens @ one["inner.weight"].T + one["inner.bias"], 0)
        padded = np.concatenate([one["begin"][None], hidden, one["end"][None]])
        left = padded[:-1] @ one["before.weight"].T + padded[1:] @ one["first.weight"].T + one["first.bias"]
        right = padded[:-1] @ one["last.weight"].T + padded[1:] @ one["after.weight"].T
        place = np.arange(len(tokens) + 1)
        length = one["length.weight"][np.clip(place[None, :] - place[:, None], 0, LENGTHS - 1)]
        edges = np.maximum(left[:, None] + right[None, :] + length, 0)
        return GapScores(
            (edges @ one["gap.weight"].T + one["gap.bias"])[..., 0],
            (hidden @ one["keep.weight"].T + one["keep.bias"])[:, 0],
        )


def token_states(reader: "Reader", sentences: Sequence[Sequence[str]]) -> list[Floats]:
    """The states of each token, shape (n_tokens, 2 · width): means over its word pieces in the middle and the last layer.

    A token that has no pieces, or stands beyond :data:`MAX_TOKENS`, has zeros.
    """
    encoded = reader.tokenizer(
        [list(one) for one in sentences],
        is_split_into_words=True,
        truncation=True,
        max_length=min(MAX_TOKENS, reader.max_tokens),
        verbose=False,
    )

    def compute(inputs: dict[str, Any]) -> "torch.Tensor":
        import torch

        layers = reader.encoder(**inputs, output_hidden_states=True).hidden_states
        return torch.cat([layers[len(layers) // 2], layers[-1]], dim=-1)

    names = [name for name in ("input_ids", "attention_mask", "token_type_ids") if name in encoded]
    answers = reader.run({name: encoded[name] for name in names}, compute)
    found = []
    for number, (words, answer) in enumerate(zip(sentences, answers, strict=True)):
        states = np.zeros((len(words), answer.shape[1]), dtype=np.float32)
        pieces = [(piece, word) for piece, word in enumerate(encoded.word_ids(number)) if word is not None]
        counts = np.bincount([word for _, word in pieces], minlength=len(words))
        np.add.at(states, [word for _, word in pieces], answer[[piece for piece, _ in pieces]])
        found.append(np.asarray(states / np.maximum(counts, 1)[:, None], dtype=np.float32))
    return found


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
