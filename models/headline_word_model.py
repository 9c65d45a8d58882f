"""Which words of an article does its headline have, and what does each sentence go without? A reader of whole articles.

The keep head and :mod:`copydesk.models.headline_odds` look at one sentence and at counts. This model reads an article's beginning
at once, through low-rank updates of the reader's layers (:mod:`copydesk.models.low_rank`): each word is weighed against all the
others. From the same states a model of gaps (:mod:`copydesk.models.gap_model`) says which stretches may go. Taught by published
headlines and by headlines that were written by deleting words (``training/headline_word_model.py``); where a reader has none, the
odds are used, and the rules alone say what may go.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from copydesk.models.document import Document
from copydesk.models.gap_model import GapModel, word_features
from copydesk.models.phrases import Parse
from copydesk.models.schema import Span
from copydesk.models.side_weights import loaded_beside
from copydesk.models.suite import Floats, GapScores, HeadlineReading

if TYPE_CHECKING:
    import torch

    from copydesk.models.reader import Reader

FILE = "headline_words.safetensors"
"""Its updates and its last layers, beside the checkpoint that they belong to."""
GAPS = "gaps."
"""What the names of the model of gaps begin with in the file."""
MAX_TOKENS = 256
"""Word pieces that are read at once: some 1,000 characters. What follows is read with the first sentence before it."""
MAX_SENTENCE = 192
"""Word pieces of one sentence; the headliner tries none of more than 120 words."""
SPECIAL_TOKENS = 2


@dataclass(frozen=True, slots=True)
class Room:
    """How many word pieces are read, special ones not counted.

    :param window: At once, where more than two sentences are.
    :param sentence: Of one sentence.
    """

    window: int
    sentence: int

    @classmethod
    def of(cls, max_tokens: int) -> "Room":
        """That of a checkpoint, by the longest input that it reads."""
        most = max_tokens - SPECIAL_TOKENS
        return cls(min(MAX_TOKENS, most), min(MAX_SENTENCE, most // 2))


@dataclass(frozen=True, slots=True)
class Pieces:
    """A tokenized sentence.

    :param ids: Of its word pieces, without special ones.
    :param words: The word that each piece belongs to, -1 for none.
    """

    ids: Sequence[int]
    words: Sequence[int]


class HeadlineWordModel:
    """A :class:`~copydesk.models.suite.HeadlineReader` over a reader.

    :param reader: The reader that the updates were trained with.
    :param tensors: The updates; ``weight``, shape (1, width), and ``bias``, shape (1,), of the layer that finds words; and those
        of the model of gaps, :data:`GAPS` before their names.
    """

    def __init__(self, reader: "Reader", tensors: Mapping[str, Floats]) -> None:
        from copydesk.models.low_rank import updated

        self._reader = reader
        self._room = Room.of(reader.max_tokens)
        self._encoder = updated(reader.encoder, tensors)
        self._weight = tensors["weight"][0]
        self._bias = float(tensors["bias"][0])
        self._gaps = GapModel({name.removeprefix(GAPS): one for name, one in tensors.items() if name.startswith(GAPS)})

    @classmethod
    def load(cls, reader: "Reader") -> "HeadlineWordModel | None":
        """The model that lies beside a reader, if any.

        :raises ModelError: If it can't be read, or was trained with other weights.
        """
        return loaded_beside(reader, FILE, "copydesk.training.headline_word_model", cls)

    def read(self, document: Document, numbers: Sequence[int], reads: Sequence[Parse]) -> list[HeadlineReading]:
        """What is known of some sentences: see :class:`~copydesk.models.suite.HeadlineReader`."""
        if not reads:
            return []
        parsed = dict(zip(numbers, reads, strict=True))
        spans = {number: read.spans for number, read in parsed.items()}
        pieces = self._pieces(document, numbers, spans)
        windows = list(article_windows(pieces, numbers, self._room.window))
        ids = [framed(self._reader.tokenizer, [pieces[number] for number in window]) for window in windows]
        masks = {"attention_mask": [[1] * len(one) for one in ids], "token_type_ids": [[0] * len(one) for one in ids]}
        answers = self._reader.run({"input_ids": ids} | masks, self._compute)
        found: dict[int, HeadlineReading] = {}
        for window, states in zip(windows, answers, strict=True):
            begin = 1
            for number in window:
                end = begin + len(pieces[number].ids)
                if number in parsed and number not in found:
                    found[number] = self._reading(
                        parsed[number], _by_word(pieces[number], states[begin:end], len(spans[number]))
                    )
                begin = end
        return [found[number] for number in numbers]

    def _reading(self, read: Parse, states: Floats) -> HeadlineReading:
        """What is known of a sentence.

        :param states: Of each token, shape (n_tokens, width); zeros for one that has none, as what stands beyond the limit.
        """
        chances = np.where(states.any(axis=1), 1 / (1 + np.exp(-(states @ self._weight + self._bias))), 0.0)
        gaps = self._gaps.scores(np.concatenate([states, word_features(read)], axis=1))
        # Rounded, so that the last bits, which may differ with the batch, never choose between two headlines.
        return HeadlineReading(
            np.asarray(np.round(chances, 4), dtype=np.float32),
            GapScores(np.round(gaps.gaps, 2), np.round(gaps.keeps, 2)),
        )

    def _pieces(
        self, document: Document, wanted: Sequence[int], spans: Mapping[int, Sequence[Span]]
    ) -> dict[int, Pieces]:
        """The sentences at the article's beginning that are read at once, and the wanted ones."""
        found: dict[int, Pieces] = {}
        room = self._room.window
        for number, sentence in enumerate(document.sentences):
            if room <= 0 and number not in wanted:
                continue
            found[number] = sentence_pieces(
                self._reader.tokenizer, sentence.text, spans.get(number, ()), self._room.sentence
            )
            room -= len(found[number].ids)
        return found

    def _compute(self, inputs: dict[str, Any]) -> "torch.Tensor":
        states: torch.Tensor = self._encoder(**inputs).last_hidden_state
        return states


def sentence_pieces(tokenizer: Any, text: str, spans: Sequence[Span], limit: int) -> Pieces:
    """The word pieces of a sentence.

    :param tokenizer: A fast one.
    :param spans: The sentence's words, in order; may be empty.
    :param limit: Most word pieces.
    """
    encoded = tokenizer(
        text,
        add_special_tokens=False,
        return_offsets_mapping=True,
        truncation=True,
        max_length=limit,
        verbose=False,
    )
    starts = [start for start, _ in spans]
    offsets = np.asarray(encoded["offset_mapping"], dtype=np.int64).reshape(-1, 2)
    words = np.searchsorted(starts, offsets[:, 0], side="right") - 1
    inside = [word >= 0 and spans[word][1] > start for word, start in zip(words.tolist(), offsets[:, 0], strict=True)]
    return Pieces(encoded["input_ids"], np.where(inside, words, -1).tolist())


def article_windows(pieces: Mapping[int, Pieces], wanted: Sequence[int], room: int) -> Iterator[list[int]]:
    """Which sentences are read together: the article's beginning, then each later one that is wanted, after the first.

    :param pieces: Of the sentences, by their place in the article.
    :param wanted: The places that must be read.
    :param room: Word pieces of a window.
    """
    window: list[int] = []
    for number in sorted(pieces):
        if number > len(window) or (window and len(pieces[number].ids) > room):
            break
        window.append(number)
        room -= len(pieces[number].ids)
    if any(number in window for number in wanted):
        yield window
    for number in wanted:
        if number not in window:
            yield [0, number] if 0 in pieces else [number]


def framed(tokenizer: Any, sentences: Sequence[Pieces]) -> list[int]:
    """Sentences one after another, between the special tokens."""
    return [tokenizer.cls_token_id, *(one for sentence in sentences for one in sentence.ids), tokenizer.sep_token_id]


def _by_word(pieces: Pieces, states: Floats, count: int) -> Floats:
    """The mean state of each word's pieces, shape (count, width); zeros for a word that has none.

    :param states: Of the pieces, shape (n_pieces, width).
    :param count: Words of the sentence.
    """
    words = np.asarray(pieces.words, dtype=np.int64)
    inside = words >= 0
    sums = np.zeros((count, states.shape[1]), dtype=np.float32)
    np.add.at(sums, words[inside], states[inside])
    sizes = np.bincount(words[inside], minlength=count)
    return np.asarray(sums / np.maximum(sizes, 1)[:, None], dtype=np.float32)
