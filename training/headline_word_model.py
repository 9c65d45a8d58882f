"""Trains the model of an article's headline words and gaps beside a reader (models/headline_word_model.py).

    python -m copydesk.training.headline_word_model --data ../shared/data --reader models/embedded/reader

From ``headlines/news_train``: is each word of the article, by its stem, in the published headline, and in the one that was
written for us by deleting words of a sentence (``training/headline_choices.py``)? What that one leaves out teaches the gaps. And
from the bodies of ``stance/fnc_bodies``, each with the share of the headlines that agree with it or discuss it and have the word.
At the end both answers are weighed into one, the probability of a word to be published. Rows that headlines are measured and
judged on (docs/headlines.md) teach nothing but these three weights; the mean log loss on their words, and the mean negative
log-likelihood of headlines written for some of them, are printed after each pass.
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

from copydesk.configs.errors import ConfigError
from copydesk.models.checkpoint import load_checkpoint
from copydesk.models.gap_model import WORD_FEATURES, word_features
from copydesk.models.headline_word_model import FILE, GAPS, Pieces, Room, article_windows, framed, sentence_pieces
from copydesk.models.phrases import parse
from copydesk.models.reader import find_device
from copydesk.models.schema import Article
from copydesk.models.segmenter import read_article
from copydesk.models.suite import Floats
from copydesk.models.words import is_word
from copydesk.training.gap_network import GapNetwork, unlikelihood
from copydesk.training.headline_alignment import same_word_stem
from copydesk.training.headline_choices import CHOICES, HELD_OUT, Choice, read_choices
from copydesk.training.headline_judge import mixed_batches
from copydesk.training.low_rank import Descent, LowRankUpdates, strongest, training_precision, without_dropout
from copydesk.training.reader_model import fastest_attention
from copydesk.training.side_weights import stored, write_side_weights

RANK = 12
"""Of the updates."""
KEPT = 0.8
"""Share of the updates' numbers that is written."""
PASSES = 4
GAP_SHARE = 0.05
"""What a nat of a written headline's likelihood weighs beside the mean log loss of a word."""
LONGEST = 90
"""Tokens of a sentence whose gaps teach."""
BATCH = 32
RATE, LAST_RATE = 1e-3, 2e-3
"""Highest learning rates of the updates and of the last layer."""
SHORTENED = 0.3
"""Share of the articles that lose sentences after the first in a pass: a late sentence is read with the first alone."""
BODY = 1200
"""Characters of a body that are read, as many as the other table's leads and a little more."""
HEADLINES = 12
"""Headlines of a body that are read at most."""
SEED = 0


@dataclass(frozen=True, slots=True)
class LabelledSentence:
    """A sentence of an article whose headline is known.

    :param pieces: Its word pieces.
    :param labels: For each of its tokens, how surely it is in the published headline, 0 to 1; -1 for what is no word.
    :param written: The same of the headline that was written; -1 where there is none.
    :param kept: Whether each token stands in the headline that was written from this sentence, if it was from this one.
    :param features: What the shallow parse knows of its tokens, where there is such a headline.
    """

    pieces: Pieces
    labels: Sequence[float]
    written: Sequence[float]
    kept: Sequence[bool] | None = None
    features: Floats | None = None


LabelledArticle = Sequence[LabelledSentence]


@dataclass(frozen=True, slots=True)
class Written:
    """A headline in a batch whose gaps teach.

    :param article: Its article's place in the batch.
    :param start: Its sentence's first token among those of the article.
    :param kept: Whether each token of the sentence stands in it.
    :param features: What the shallow parse knows of the tokens.
    """

    article: int
    start: int
    kept: Sequence[bool]
    features: Floats


@dataclass(frozen=True, slots=True)
class Losses:
    """What a batch costs.

    :param words: Mean log loss of the words in view of the published headlines.
    :param written: The same of the written ones; 0 where there are none.
    :param gaps: Negative log-likelihood of each written headline, in nats.
    :param answers: Logits of all words, (n_words, 2).
    :param wanted: How surely each is in the published headline, (n_words,).
    """

    words: Tensor
    written: Tensor
    gaps: Tensor
    answers: Tensor
    wanted: Tensor


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How well unseen articles are read.

    :param plain: Mean log loss of words by the answer for published headlines, in nats.
    :param weighed: The same with both answers weighed.
    :param nats: Mean negative log-likelihood of written headlines; NaN where there are none.
    :param blend: The weights of both answers and what is added to them.
    """

    plain: float
    weighed: float
    nats: float
    blend: tuple[float, float, float]


class WordNetwork(nn.Module):
    """An encoder with low-rank updates, and over the mean state of each word a layer of two outputs, for published and for
    written headlines, and the model of gaps."""

    def __init__(self, encoder: nn.Module, width: int) -> None:
        super().__init__()
        without_dropout(encoder)
        self.updates = LowRankUpdates(encoder, RANK)
        self.encoder = encoder
        self.dropout = nn.Dropout(0.1)
        self.heads = nn.ModuleDict({"words": nn.Linear(width, 2), "gaps": GapNetwork(width + WORD_FEATURES)})

    def forward(self, inputs: dict[str, Tensor], words: Tensor, count: int) -> Tensor:
        """The mean state of each word, (batch, count, width).

        :param words: The word of each piece; ``count`` for pieces of none, (batch, length).
        :param count: Words of the longest article.
        """
        states = self.encoder(**inputs).last_hidden_state.float()
        batch, _, width = states.shape
        sums = states.new_zeros(batch, count + 1, width).scatter_add_(1, words[..., None].expand_as(states), states)
        sizes = states.new_zeros(batch, count + 1).scatter_add_(1, words, torch.ones_like(words, dtype=states.dtype))
        means: Tensor = sums[:, :count] / sizes[:, :count, None].clamp(min=1)
        return means

    def in_headline(self, means: Tensor) -> Tensor:
        """Logits of each word, (batch, count, 2)."""
        logits: Tensor = self.heads["words"](self.dropout(means))
        return logits

    def gap_losses(self, means: Tensor, written: Sequence[Written]) -> Tensor:
        """Negative log-likelihood of each headline, in nats."""
        longest = max(len(one.kept) for one in written)
        tokens = means.new_zeros(len(written), longest, means.shape[2] + WORD_FEATURES)
        for number, one in enumerate(written):
            count = len(one.kept)
            states = means[one.article, one.start : one.start + count]
            tokens[number, :count] = torch.cat([states, torch.from_numpy(one.features).to(means.device)], dim=1)
        counts = torch.tensor([len(one.kept) for one in written], device=means.device)
        gaps, keeps = self.heads["gaps"](tokens, counts)
        return unlikelihood(gaps, keeps, [one.kept for one in written])

    def tensors(self, blend: tuple[float, float, float]) -> dict[str, Tensor]:
        """What :class:`~copydesk.models.headline_word_model.HeadlineWordModel` reads.

        :param blend: The weights of both answers and what is added to them.
        """
        words = self.heads["words"]
        assert isinstance(words, nn.Linear)
        shares, offset = torch.tensor(blend[:2], device=words.weight.device)[None], blend[2]
        weights = {"weight": shares @ words.weight, "bias": (shares @ words.bias) + offset}
        gaps = {GAPS + name: one for name, one in self.heads["gaps"].state_dict().items()}
        return stored(strongest(self.updates.tensors(), KEPT) | weights | gaps)


def main(argv: Sequence[str] | None = None) -> None:
    """Train and write.

    :param argv: Command-line arguments; those of the process by default.
    """
    parser = argparse.ArgumentParser(description="Trains the model of headline words beside a reader.")
    parser.add_argument("--data", type=Path, required=True, help="the folder of the development tables")
    parser.add_argument("--reader", type=Path, required=True, help="the reader's folder; the model is written into it")
    parser.add_argument("--choices", type=Path, default=CHOICES, help="a table of written headlines; ours by default")
    arguments = parser.parse_args(argv)
    training = WordTraining(arguments.reader)
    table = arguments.data / "headlines" / "news_train.parquet"
    choices = {one.row: one for one in read_choices(arguments.choices, table)}
    taught, unseen = list[LabelledArticle](), list[LabelledArticle]()
    for row, text, headline in news(table):
        held_out = row % 45 in HELD_OUT
        if article := training.labelled(text, [headline], choices.get(row)):
            (unseen if held_out else taught).append(article)
    taught.extend(filter(None, (training.labelled(*one) for one in bodies(arguments.data / "stance"))))
    print(
        f"{len(taught):,} articles and {len(choices):,} written headlines, {len(unseen):,} articles held out",
        flush=True,
    )
    training.evaluated(unseen[:BATCH])  # told before training, if it can't be told after
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
        self.blend = (1.0, 0.0, 0.0)
        checkpoint.model.set_attn_implementation(fastest_attention())
        torch.manual_seed(SEED)
        self.network = WordNetwork(checkpoint.model.base_model, checkpoint.model.config.hidden_size).to(self._device)

    def labelled(self, text: str, headlines: Sequence[str], choice: Choice | None = None) -> LabelledArticle:
        """An article's sentences with the share of its headlines that have each word; none where it has no prose.

        :param choice: The headline that was written from one of its sentences, if any.
        """
        tests = [same_word_stem(headline) for headline in headlines]
        chosen = same_word_stem(choice.text) if choice else None
        found = []
        for number, sentence in enumerate(read_article(Article(text)).sentences):
            read = parse(sentence.text)
            labels = [sum(test(word) for test in tests) / len(tests) if is_word(word) else -1.0 for word in read.words]
            pieces = sentence_pieces(self._tokenizer, sentence.text, read.spans, self._room.sentence)
            written = [float(chosen(word)) if chosen and is_word(word) else -1.0 for word in read.words]
            if choice and choice.teaches and choice.sentence == number and len(read) <= LONGEST:
                found.append(LabelledSentence(pieces, labels, written, choice.kept, word_features(read)))
            else:
                found.append(LabelledSentence(pieces, labels, written))
        return found

    def fit(self, articles: Sequence[LabelledArticle], unseen: Sequence[LabelledArticle]) -> None:
        """Train on articles; after each pass the losses of the unseen ones are printed."""
        rng = random.Random(SEED)
        total = PASSES * -(-len(articles) // BATCH)
        descent = Descent(self.network.updates, self.network.heads, (RATE, LAST_RATE), total)
        lengths = [sum(len(sentence.pieces.ids) for sentence in article) for article in articles]
        for number in range(PASSES):
            self.network.train()
            for batch in mixed_batches(lengths, BATCH, rng):
                losses = self._losses([shortened(articles[index], rng) for index in batch])
                descent.step(losses.words + losses.written + GAP_SHARE * losses.gaps.sum() / BATCH)
            told = self.evaluated(unseen)
            self.blend = told.blend
            print(
                f"pass {number + 1}: log loss of unseen words {told.plain:.4f}, weighed {told.weighed:.4f}; "
                f"{told.nats:.3f} nats each unseen headline",
                flush=True,
            )

    def evaluated(self, articles: Sequence[LabelledArticle]) -> Evaluation:
        """How well articles are read that teach nothing.

        :raises ConfigError: If their words are all of one kind, in their headlines or not.
        """
        from sklearn.linear_model import LogisticRegression
        from sklearn.metrics import log_loss

        self.network.eval()
        with torch.inference_mode():
            parts = [self._losses(articles[begin : begin + BATCH]) for begin in range(0, len(articles), BATCH)]
        answers = np.concatenate([one.answers.double().numpy() for one in parts] or [np.zeros((0, 2))])
        wanted = np.concatenate([one.wanted.numpy() for one in parts] or [np.zeros(0)]) > 0.5
        if len(np.unique(wanted)) != 2:
            raise ConfigError(
                f"of {len(articles):,} held-out articles no word, or every word, is in its headline.",
                remedy="Give the whole table: every fifteenth row is held out.",
            )
        model = LogisticRegression(C=1e6).fit(answers, wanted)
        plain = log_loss(wanted, 1 / (1 + np.exp(-answers[:, 0])))
        weighed = log_loss(wanted, model.predict_proba(answers)[:, 1])
        nats = float(torch.cat([one.gaps for one in parts]).mean())
        return Evaluation(plain, weighed, nats, (*model.coef_[0].tolist(), float(model.intercept_[0])))

    def save(self, path: Path) -> None:
        """Write the model beside its reader."""
        remedy = "Free some space and run it again."
        write_side_weights(path, self.network.tensors(self.blend), self.folder, "the model of words", remedy)

    def _losses(self, articles: Sequence[LabelledArticle]) -> Losses:
        """What a batch of articles costs."""
        ids, words, parts = zip(*(self._flat(article) for article in articles), strict=True)
        longest, count = max(map(len, ids)), max(sum(len(one.labels) for _, one in read) for read in parts)
        published = [[label for _, one in read for label in one.labels] for read in parts]
        chosen = [[label for _, one in read for label in one.written] for read in parts]
        wanted = torch.from_numpy(np.stack([_padded(rows, count, -1.0) for rows in (published, chosen)], axis=-1)).to(
            self._device
        )
        inputs = {
            "input_ids": torch.from_numpy(_padded(ids, longest, 0)).to(self._device),
            "attention_mask": torch.from_numpy(_padded([[1] * len(one) for one in ids], longest, 0)).to(self._device),
        }
        inputs["token_type_ids"] = torch.zeros_like(inputs["input_ids"])
        own = torch.from_numpy(_padded(words, longest, -1)).to(self._device)
        with torch.autocast(self._device.type, dtype=torch.bfloat16, enabled=self._precision == "bfloat16"):
            means = self.network(inputs, torch.where(own < 0, count, own), count)
        logits = self.network.in_headline(means)
        is_read = wanted >= 0
        losses = nn.functional.binary_cross_entropy_with_logits(logits, wanted.clamp(min=0), reduction="none")
        means_of = (losses * is_read).sum((0, 1)) / is_read.sum((0, 1)).clamp(min=1)
        written = [
            Written(number, start, one.kept, one.features)
            for number, read in enumerate(parts)
            for start, one in read
            if one.kept is not None and one.features is not None
        ]
        gaps = self.network.gap_losses(means, written) if written else means.new_zeros(0)
        is_published = is_read[..., 0]
        answers, labels = logits.detach()[is_published].cpu(), wanted[..., 0][is_published].cpu()
        return Losses(means_of[0], means_of[1], gaps, answers, labels)

    def _flat(self, article: LabelledArticle) -> tuple[list[int], list[int], list[tuple[int, LabelledSentence]]]:
        """The ids of an article's beginning, the word of each (-1 for none), and the sentences with the place of their first
        words."""
        pieces = {number: sentence.pieces for number, sentence in enumerate(article)}
        read = [article[number] for number in next(article_windows(pieces, [0], self._room.window))]
        words, parts, count = [-1], [], 0
        for sentence in read:
            parts.append((count, sentence))
            words.extend(word + count if word >= 0 else -1 for word in sentence.pieces.words)
            count += len(sentence.labels)
        return framed(self._tokenizer, [sentence.pieces for sentence in read]), [*words, -1], parts


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
