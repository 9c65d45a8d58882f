"""Trains the model of an article's headline words beside a reader (models/headline_word_model.py).

    python -m copydesk.training.headline_word_model --data ../shared/data --reader models/embedded/reader

From ``headlines/news_train``: is each word of the article, by its stem, in the published headline? And from the bodies of
``stance/fnc_bodies``, each with the share of the headlines that agree with it or discuss it and have the word. Rows that
headlines are measured and judged on (docs/headlines.md) are held out; the mean log loss on them is printed after each pass.
"""

import argparse
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from copydesk.models.checkpoint import load_checkpoint
from copydesk.models.headline_word_model import FILE, Pieces, Room, article_windows, framed, sentence_pieces
from copydesk.models.phrases import parse
from copydesk.models.reader import find_device
from copydesk.models.schema import Article
from copydesk.models.segmenter import read_article
from copydesk.models.words import is_word
from copydesk.training.headline_alignment import same_word_stem
from copydesk.training.headline_judge import mixed_batches
from copydesk.training.low_rank import Descent, LowRankUpdates, strongest, training_precision
from copydesk.training.reader_model import fastest_attention
from copydesk.training.side_weights import stored, write_side_weights

RANK = 10
"""Of the updates."""
KEPT = 0.8
"""Share of the updates' numbers that is written: log loss of unseen words .2156 with all, .2155 with 85%, .2163 with 75%."""
PASSES = 5
BATCH = 32
RATE, LAST_RATE = 1e-3, 2e-3
"""Highest learning rates of the updates and of the last layer."""
SHORTENED = 0.3
"""Share of the articles that lose sentences after the first in a pass: a late sentence is read with the first alone."""
BODY = 1200
"""Characters of a body that are read, as many as the other table's leads and a little more."""
HEADLINES = 12
"""Headlines of a body that are read at most."""
HELD_OUT = frozenset({6, 8, 10})
"""Rows of ``news_train`` whose number leaves one of these over 45 teach nothing."""
SEED = 0


@dataclass(frozen=True, slots=True)
class LabelledSentence:
    """A sentence of an article whose headline is known.

    :param pieces: Its word pieces.
    :param labels: For each of its tokens, how surely it is in the headline, 0 to 1; -1 for what is no word.
    """

    pieces: Pieces
    labels: Sequence[float]


LabelledArticle = Sequence[LabelledSentence]


class WordNetwork(nn.Module):
    """An encoder with low-rank updates, and one layer over the mean state of each word."""

    def __init__(self, encoder: nn.Module, width: int) -> None:
        super().__init__()
        self.updates = LowRankUpdates(encoder, RANK)
        self.encoder = encoder
        self.dropout = nn.Dropout(0.1)
        self.last = nn.Linear(width, 1)

    def forward(self, inputs: dict[str, Tensor], words: Tensor, count: int) -> Tensor:
        """Logits of each word, (batch, count).

        :param words: The word of each piece; ``count`` for pieces of none, (batch, length).
        :param count: Words of the longest article.
        """
        states = self.encoder(**inputs).last_hidden_state.float()
        batch, _, width = states.shape
        sums = states.new_zeros(batch, count + 1, width).scatter_add_(1, words[..., None].expand_as(states), states)
        sizes = states.new_zeros(batch, count + 1).scatter_add_(1, words, torch.ones_like(words, dtype=states.dtype))
        means = sums[:, :count] / sizes[:, :count, None].clamp(min=1)
        logits: Tensor = self.last(self.dropout(means))[..., 0]
        return logits

    def tensors(self) -> dict[str, Tensor]:
        """What :class:`~copydesk.models.headline_word_model.HeadlineWordModel` reads."""
        return stored(strongest(self.updates.tensors(), KEPT) | {"weight": self.last.weight, "bias": self.last.bias})


def main(argv: Sequence[str] | None = None) -> None:
    """Train and write.

    :param argv: Command-line arguments; those of the process by default.
    """
    parser = argparse.ArgumentParser(description="Trains the model of headline words beside a reader.")
    parser.add_argument("--data", type=Path, required=True, help="the folder of the development tables")
    parser.add_argument("--reader", type=Path, required=True, help="the reader's folder; the model is written into it")
    arguments = parser.parse_args(argv)
    training = WordTraining(arguments.reader)
    taught, unseen = list[LabelledArticle](), list[LabelledArticle]()
    for row, text, headline in news(arguments.data / "headlines" / "news_train.parquet"):
        if article := training.labelled(text, [headline]):
            (unseen if row % 45 in HELD_OUT else taught).append(article)
    taught.extend(filter(None, (training.labelled(*one) for one in bodies(arguments.data / "stance"))))
    print(f"{len(taught):,} articles, {len(unseen):,} held out", flush=True)
    training.fit(taught, unseen)
    path = arguments.reader / FILE
    training.save(path)
    print(f"written: {path}")


def news(table: Path) -> Iterator[tuple[int, str, str]]:
    """The row, the text and the headline of each of ``news_train``."""
    from datasets import load_dataset

    for row, one in enumerate(load_dataset("parquet", data_files=str(table), split="train")):
        yield row, one["lead"], one["headline"]


def bodies(folder: Path) -> Iterator[tuple[str, Sequence[str]]]:
    """The beginning of each of ``fnc_bodies``, and the headlines that are paired with it in ``fnc_pairs_train``."""
    from datasets import load_dataset

    headlines = defaultdict[int, set[str]](set)
    for pair in load_dataset("parquet", data_files=str(folder / "fnc_pairs_train.parquet"), split="train"):
        if pair["label"] in {"agree", "discuss"}:
            headlines[pair["body_id"]].add(pair["headline"])
    for one in load_dataset("parquet", data_files=str(folder / "fnc_bodies.parquet"), split="train"):
        if given := sorted(headlines[one["body_id"]])[:HEADLINES]:
            yield one["body"][:BODY], given


class WordTraining:
    """A word model in training.

    :param folder: The reader that it belongs to.
    """

    def __init__(self, folder: Path) -> None:
        checkpoint = load_checkpoint(str(folder))
        self.folder = folder
        self._tokenizer = checkpoint.tokenizer
        self._room = Room.of(checkpoint.max_tokens)
        self._device = find_device("auto")
        self._precision = training_precision(self._device)
        checkpoint.model.set_attn_implementation(fastest_attention())
        torch.manual_seed(SEED)
        self.network = WordNetwork(checkpoint.model.base_model, checkpoint.model.config.hidden_size).to(self._device)

    def labelled(self, text: str, headlines: Sequence[str]) -> LabelledArticle:
        """An article's sentences with the share of its headlines that have each word; none where it has no prose."""
        tests = [same_word_stem(headline) for headline in headlines]
        found = []
        for sentence in read_article(Article(text)).sentences:
            read = parse(sentence.text)
            labels = [sum(test(word) for test in tests) / len(tests) if is_word(word) else -1.0 for word in read.words]
            pieces = sentence_pieces(self._tokenizer, sentence.text, read.spans, self._room.sentence)
            found.append(LabelledSentence(pieces, labels))
        return found

    def fit(self, articles: Sequence[LabelledArticle], unseen: Sequence[LabelledArticle]) -> None:
        """Train on articles; after each pass the mean log loss of the unseen ones is printed."""
        rng = random.Random(SEED)
        total = PASSES * -(-len(articles) // BATCH)
        descent = Descent(self.network.updates, self.network.last, (RATE, LAST_RATE), total)
        lengths = [sum(len(sentence.pieces.ids) for sentence in article) for article in articles]
        for number in range(PASSES):
            self.network.train()
            for batch in mixed_batches(lengths, BATCH, rng):
                loss, words = self._loss([shortened(articles[index], rng) for index in batch])
                descent.step(loss / words)
            print(f"pass {number + 1}: log loss of the unseen {self.unlikelihood(unseen):.4f}", flush=True)

    def unlikelihood(self, articles: Sequence[LabelledArticle]) -> float:
        """Mean log loss over the words of articles, in nats."""
        self.network.eval()
        with torch.inference_mode():
            parts = [self._loss(articles[begin : begin + BATCH]) for begin in range(0, len(articles), BATCH)]
        return sum(loss.item() for loss, _ in parts) / sum(words for _, words in parts)

    def save(self, path: Path) -> None:
        """Write the model beside its reader."""
        remedy = "Free some space and run it again."
        write_side_weights(path, self.network.tensors(), self.folder, "the model of words", remedy)

    def _loss(self, articles: Sequence[LabelledArticle]) -> tuple[Tensor, int]:
        """The sum of the words' losses, and how many they are."""
        ids, words, labels = zip(*(self._flat(article) for article in articles), strict=True)
        longest, count = max(map(len, ids)), max(map(len, labels))
        wanted = torch.from_numpy(_padded(labels, count, -1.0)).to(self._device)
        inputs = {
            "input_ids": torch.from_numpy(_padded(ids, longest, 0)).to(self._device),
            "attention_mask": torch.from_numpy(_padded([[1] * len(one) for one in ids], longest, 0)).to(self._device),
        }
        inputs["token_type_ids"] = torch.zeros_like(inputs["input_ids"])
        own = torch.from_numpy(_padded(words, longest, -1)).to(self._device)
        with torch.autocast(self._device.type, dtype=torch.bfloat16, enabled=self._precision == "bfloat16"):
            logits = self.network(inputs, torch.where(own < 0, count, own), count)
        is_read = wanted >= 0
        losses = nn.functional.binary_cross_entropy_with_logits(logits.float(), wanted.clamp(min=0), reduction="none")
        return (losses * is_read).sum(), int(is_read.sum())

    def _flat(self, article: LabelledArticle) -> tuple[list[int], list[int], list[float]]:
        """The ids of an article's beginning, the word of each (-1 for none), and the label of each word."""
        pieces = {number: sentence.pieces for number, sentence in enumerate(article)}
        read = [article[number] for number in next(article_windows(pieces, [0], self._room.window))]
        words, labels = [-1], list[float]()
        for sentence in read:
            words.extend(word + len(labels) if word >= 0 else -1 for word in sentence.pieces.words)
            labels.extend(sentence.labels)
        return framed(self._tokenizer, [sentence.pieces for sentence in read]), [*words, -1], labels


def shortened(article: LabelledArticle, rng: random.Random) -> LabelledArticle:
    """The article, or its first sentence and some of the others."""
    if len(article) < 3 or rng.random() >= SHORTENED:
        return article
    kept = rng.sample(range(1, len(article)), rng.randint(1, len(article) - 1))
    return [article[0], *(article[number] for number in sorted(kept))]


def _padded(rows: Sequence[Sequence[float]], length: int, fill: float) -> np.ndarray[Any, Any]:
    kind = np.float32 if isinstance(fill, float) else np.int64
    found = np.full((len(rows), length), fill, dtype=kind)
    for number, row in enumerate(rows):
        found[number, : len(row)] = row
    return found


if __name__ == "__main__":
    main()
