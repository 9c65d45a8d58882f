"""Is a compression whole, grammatical and true to its sentence? A judge beside the rules of :mod:`copydesk.models.guards`.

The rules find what can be said in a rule. What is left are many rare faults ("Norvik posted a sharp", "was a moment"), which a
reader of ours was taught to see: it reads the whole sentence once, with every word marked as kept or left out (BERT's two token
types serve as the marks), through low-rank updates of its layers (:mod:`copydesk.models.low_rank`). It learnt from 8,000
reference compressions, each also broken at random, and then from thousands of our own verdicts on headlines
(``training/headline_judge.py``).
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from copydesk.models.low_rank import updated
from copydesk.models.side_weights import loaded_beside
from copydesk.models.suite import Floats

if TYPE_CHECKING:
    import torch

    from copydesk.models.reader import Reader

FILE = "headline_judge.safetensors"
"""Its updates and its last layer, beside the checkpoint that they belong to."""
MAX_TOKENS = 192
"""Longer sentences are cut; the headliner tries none of more than 120 words."""


class HeadlineJudge:
    """A :class:`~copydesk.models.suite.CompressionJudge` over a reader.

    :param reader: The reader that the updates were trained with.
    :param tensors: The updates, ``weight``, shape (1, 3 · width), and ``bias``, shape (1,), of the last layer, and ``scale``: the
        slope and offset that make probabilities of its logits (Platt scaling), fitted on verdicts that it had not seen.
    """

    def __init__(self, reader: "Reader", tensors: Mapping[str, Floats]) -> None:
        import torch

        self._reader = reader
        self._encoder = updated(reader.encoder, tensors)
        self._weight = torch.from_numpy(tensors["weight"]).to(reader.device)
        self._bias = torch.from_numpy(tensors["bias"]).to(reader.device)
        self._slope, self._offset = tensors["scale"].tolist()

    @classmethod
    def load(cls, reader: "Reader") -> "HeadlineJudge | None":
        """The judge that lies beside a reader, if any.

        :raises ModelError: If it can't be read, or was trained with other weights.
        """
        return loaded_beside(reader, FILE, "copydesk.training.headline_judge", cls)

    def soundness(self, words: Sequence[Sequence[str]], kept: Sequence[Sequence[bool]]) -> Floats:
        """The probability of each compression to be whole, grammatical and true to its sentence, shape (len(words),).

        :param words: The tokens of each sentence.
        :param kept: Whether each token is kept.
        """
        if not words:
            return np.zeros(0, dtype=np.float32)
        encoded = marked(self._reader.tokenizer, words, kept, min(MAX_TOKENS, self._reader.max_tokens))
        logits = np.stack(self._reader.run(encoded, self._compute))[:, 0]
        # Rounded, so that the last bits, which may differ with the batch, never choose between two headlines.
        return np.asarray(np.round(1 / (1 + np.exp(self._slope * logits + self._offset)), 4), dtype=np.float32)

    def _compute(self, inputs: dict[str, Any]) -> "torch.Tensor":
        import torch

        pooled = pooled_states(self._encoder(**inputs).last_hidden_state.float(), inputs)
        logits: torch.Tensor = torch.nn.functional.linear(pooled, self._weight) + self._bias
        return logits


def marked(
    tokenizer: Any, words: Sequence[Sequence[str]], kept: Sequence[Sequence[bool]], max_tokens: int
) -> dict[str, list[list[int]]]:
    """Sentences as a BERT reads them, with token type 1 for every word that is left out.

    :param tokenizer: Of a checkpoint with two token types.
    :param words: The tokens of each sentence.
    :param kept: Whether each token is kept.
    """
    encoded = tokenizer(
        [list(one) for one in words], is_split_into_words=True, truncation=True, max_length=max_tokens, verbose=False
    )
    types = [
        [int(word is not None and not flags[word]) for word in encoded.word_ids(number)]
        for number, flags in enumerate(kept)
    ]
    return {
        "input_ids": encoded["input_ids"],
        "attention_mask": encoded["attention_mask"],
        "token_type_ids": types,
    }


def pooled_states(states: "torch.Tensor", inputs: Mapping[str, "torch.Tensor"]) -> "torch.Tensor":
    """What the last layer reads: the first state, and the mean and the maximum over what is kept, (batch, 3 · width).

    :param states: Last hidden states, (batch, length, width).
    """
    import torch

    keeps = (inputs["attention_mask"] * (1 - inputs["token_type_ids"])).bool().unsqueeze(-1)
    mean = (states * keeps).sum(1) / keeps.sum(1)
    largest = states.masked_fill(~keeps, -1e4).amax(1)
    return torch.cat([states[:, 0], mean, largest], dim=1)
