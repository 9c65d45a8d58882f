"""Trains the judge of headlines beside a reader: low-rank updates of all its layers (models/headline_judge.py).

    python -m copydesk.training.headline_judge --data ../shared/data --reader models/embedded/reader
    python -m copydesk.training.headline_judge --data ../shared/data --reader models/embedded/reader --folds 3   # measures only

First from the reference compressions of ``compression_train``, each also broken at random three times: words cut off the end, a
gap, or words put back; then from verdicts of ours on headlines that copydesk made of ``news_train`` (in
``headline_verdicts.tsv``: the row, the spans of the headline in its text, and ``sound``, ``faulty`` where it is ungrammatical or
incomplete, or ``untrue`` where it says what its sentence doesn't). Without the first step the second learns far less
(docs/headlines.md).
"""

import argparse
import csv
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from copydesk.configs.errors import ConfigError
from copydesk.models.checkpoint import load_checkpoint
from copydesk.models.document import Document
from copydesk.models.guards import kept_tokens
from copydesk.models.headline_judge import FILE, MAX_TOKENS, marked, pooled_states
from copydesk.models.phrases import Parse, parse
from copydesk.models.reader import find_device
from copydesk.models.schema import Article
from copydesk.models.segmenter import read_article
from copydesk.models.side_weights import weights_hash
from copydesk.models.suite import Floats
from copydesk.models.words import is_word
from copydesk.training.disk import writing
from copydesk.training.headline_alignment import compression_keep_labels
from copydesk.training.headline_choices import read_spans
from copydesk.training.low_rank import Descent, LowRankUpdates, strongest, training_precision
from copydesk.training.reader_model import fastest_attention
from copydesk.training.side_weights import stored, write_side_weights

VERDICTS = Path(__file__).with_name("headline_verdicts.tsv")
"""Our verdicts; the texts are not ours to publish, so a headline is given by its row of ``news_train`` and its spans."""
VERDICT = {"sound": 0, "faulty": 1, "untrue": 1}
"""What a verdict counts as. Untrue ones are grammatical, but say what their sentence doesn't; in the first 6,711, judged without
their sentence, none is told apart."""
REFERENCES = 8000
"""Rows of ``compression_train`` that teach; the last 1,000 are held out, as for every model."""
BROKEN = 3
"""Broken copies of each reference."""
RANK = 16
"""Of the updates. Rank 32 and training all weights judged no better (docs/headlines.md)."""
KEPT = 0.7
"""Share of the updates' numbers that is written: with three quarters the area under the curve is .0001 lower, with 60% .0014."""
SEED = 6
SCALING = 10
"""The verdicts on every tenth row teach nothing: on them the judge is measured, and its logits are scaled."""


@dataclass(frozen=True, slots=True)
class Step:
    """One of the two steps of training.

    :param passes: Over the examples.
    :param rate: Highest learning rate of the updates; the last layer has at least :data:`LAST_RATE`.
    :param batch: Examples of a batch.
    """

    passes: int
    rate: float
    batch: int


FIRST = Step(passes=3, rate=1e-3, batch=64)
SECOND = Step(passes=4, rate=5e-4, batch=32)
LAST_RATE = 1e-3
NEIGHBOURS = 16
"""Batches that are cut from one stretch of shuffled examples sorted by length, so that little is padded."""


@dataclass(frozen=True, slots=True)
class Example:
    """A compression with its verdict.

    :param words: The sentence's tokens.
    :param kept: Whether each is kept.
    :param faulty: 1 where it is ungrammatical, incomplete or untrue.
    :param group: Examples of one group stand in the same fold: the row that they were made of.
    """

    words: tuple[str, ...]
    kept: tuple[bool, ...]
    faulty: int
    group: int


@dataclass(frozen=True, slots=True)
class Compressed:
    """A reference compression.

    :param row: Of the table.
    :param read: Its sentence.
    :param kept: Whether each token is kept.
    """

    row: int
    read: Parse
    kept: tuple[bool, ...]


class Judge(nn.Module):
    """An encoder with low-rank updates, and one layer over its pooled states."""

    def __init__(self, encoder: nn.Module, width: int) -> None:
        super().__init__()
        self.updates = LowRankUpdates(encoder, RANK)
        self.encoder = encoder
        self.dropout = nn.Dropout(0.1)
        self.last = nn.Linear(3 * width, 1)

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        """Logits of being faulty, (batch,)."""
        states = self.encoder(**inputs).last_hidden_state.float()
        logits: Tensor = self.last(self.dropout(pooled_states(states, inputs)))[:, 0]
        return logits

    def tensors(self) -> dict[str, Tensor]:
        """What :class:`~copydesk.models.headline_judge.HeadlineJudge` reads."""
        return stored(strongest(self.updates.tensors(), KEPT) | {"weight": self.last.weight, "bias": self.last.bias})

    def learnt(self) -> dict[str, Tensor]:
        """A copy of all that training changes."""
        return {name: one.detach().clone() for name, one in self.named_parameters() if one.requires_grad}

    def restore(self, state: dict[str, Tensor]) -> None:
        """Go back to what :meth:`learnt` gave."""
        own = dict(self.named_parameters())
        with torch.no_grad():
            for name, value in state.items():
                own[name].copy_(value)


def main(argv: Sequence[str] | None = None) -> None:
    """Train and write, or measure by folds.

    :param argv: Command-line arguments; those of the process by default.
    """
    parser = argparse.ArgumentParser(description="Trains the judge of headlines beside a reader.")
    parser.add_argument("--data", type=Path, required=True, help="the folder of the development tables")
    parser.add_argument("--reader", type=Path, required=True, help="the reader's folder; the judge is written into it")
    parser.add_argument("--verdicts", type=Path, default=VERDICTS, help="a table of verdicts; ours by default")
    parser.add_argument("--work", type=Path, default=Path("runs/headline-judge"), help="keeps the first step's result")
    parser.add_argument(
        "--folds", type=int, default=0, help="cross-validate over the verdicts by article, write nothing"
    )
    arguments = parser.parse_args(argv)
    headlines = arguments.data / "headlines"
    verdicts = read_verdicts(arguments.verdicts, headlines / "news_train.parquet")
    print(f"{len(verdicts):,} verdicts, {sum(one.faulty for one in verdicts):,} faulty", flush=True)
    training = Training(arguments.reader)
    training.start(headlines / "compression_train.parquet", arguments.work)
    if arguments.folds:
        report(verdicts, cross_validated(training, verdicts, arguments.folds))
        return
    taught = [one for one in verdicts if one.group % SCALING]
    training.fit(taught, SECOND)
    unseen = [one for one in verdicts if not one.group % SCALING]
    logits = training.faults(unseen)
    report(unseen, logits)
    path = arguments.reader / FILE
    training.save(path, platt(unseen, logits))
    print(f"written: {path}")


class Training:
    """A judge in training.

    :param folder: The reader that it belongs to.
    :raises ConfigError: If the reader is not a BERT with two token types.
    """

    def __init__(self, folder: Path) -> None:
        checkpoint = load_checkpoint(str(folder))
        config = checkpoint.model.config
        if config.model_type != "bert" or config.type_vocab_size < 2:
            raise ConfigError(
                f"{folder} is a {config.model_type} checkpoint; the judge marks words by BERT's two token types.",
                remedy="Give a reader that copydesk-train made.",
            )
        self.folder = folder
        self.device = find_device("auto")
        self._precision = training_precision(self.device)
        self._tokenizer = checkpoint.tokenizer
        self._max_tokens = min(MAX_TOKENS, checkpoint.max_tokens)
        checkpoint.model.set_attn_implementation(fastest_attention())
        torch.manual_seed(SEED)
        self.judge = Judge(checkpoint.model.base_model, config.hidden_size).to(self.device)

    def start(self, table: Path, work: Path) -> None:
        """The first step, or what a run before this one made of it for the same reader."""
        cached = work / f"{weights_hash(self.folder)[:16]}.pt"
        if cached.is_file():
            self.judge.restore(torch.load(cached, weights_only=True, map_location=self.device))
            print(f"the first step is read from {cached}", flush=True)
            return
        taught, held_out = divided(read_compressions(table))
        self.fit(broken(taught), FIRST)
        unseen = broken(held_out)
        print(f"held-out compressions: area under the curve {area(unseen, self.faults(unseen)):.3f}", flush=True)
        with writing("the first step's result", cached, "Free some space and run it again."):
            work.mkdir(parents=True, exist_ok=True)
            torch.save(self.judge.learnt(), cached)

    def fit(self, examples: Sequence[Example], step: Step) -> None:
        """Train on examples; the last pass ends at a rate of zero."""
        rng = random.Random(SEED)
        total = step.passes * -(-len(examples) // step.batch)
        rates = (step.rate, max(step.rate, LAST_RATE))
        descent = Descent(self.judge.updates, self.judge.last, rates, total)
        self.judge.train()
        lengths = [len(one.words) for one in examples]
        for _ in range(step.passes):
            for batch in mixed_batches(lengths, step.batch, rng):
                faulty = torch.tensor([float(examples[index].faulty) for index in batch], device=self.device)
                descent.step(nn.functional.binary_cross_entropy_with_logits(self._logits(examples, batch), faulty))

    def faults(self, examples: Sequence[Example]) -> Floats:
        """Logits of being faulty, in order."""
        self.judge.eval()
        found = np.zeros(len(examples), dtype=np.float32)
        order = sorted(range(len(examples)), key=lambda index: len(examples[index].words))
        with torch.inference_mode():
            for begin in range(0, len(order), 64):
                batch = order[begin : begin + 64]
                found[batch] = self._logits(examples, batch).cpu().numpy()
        return found

    def save(self, path: Path, scale: tuple[float, float]) -> None:
        """Write the judge beside its reader.

        :param scale: Slope and offset of its logits, from :func:`platt`.
        """
        tensors = self.judge.tensors() | {"scale": torch.tensor(scale)}
        remedy = "Free some space and run it again; the first step is kept."
        write_side_weights(path, tensors, self.folder, "the judge", remedy)

    def _logits(self, examples: Sequence[Example], batch: Sequence[int]) -> Tensor:
        words, kept = [examples[index].words for index in batch], [examples[index].kept for index in batch]
        encoded = marked(self._tokenizer, words, kept, self._max_tokens)
        longest = max(len(ids) for ids in encoded["input_ids"])
        inputs = {
            name: torch.tensor([ids + [0] * (longest - len(ids)) for ids in rows], device=self.device)
            for name, rows in encoded.items()
        }
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self._precision == "bfloat16"):
            logits: Tensor = self.judge(inputs)
        return logits.float()


def mixed_batches(lengths: Sequence[int], size: int, rng: random.Random) -> list[list[int]]:
    """Indices in batches of like length in random order, cut anew from shuffled stretches.

    :param lengths: Tokens of each example.
    :param size: Examples of a batch.
    """
    order = list(range(len(lengths)))
    rng.shuffle(order)
    stretch = size * NEIGHBOURS
    order = [
        index
        for begin in range(0, len(order), stretch)
        for index in sorted(order[begin : begin + stretch], key=lambda index: lengths[index])
    ]
    batches = [order[begin : begin + size] for begin in range(0, len(order), size)]
    rng.shuffle(batches)
    return batches


def read_verdicts(path: Path, table: Path) -> list[Example]:
    """Our verdicts with the sentences that they are about.

    :raises ConfigError: If a line is not a row, spans and a verdict, or names no sentence of the table.
    """
    from datasets import load_dataset

    leads = load_dataset("parquet", data_files=str(table), split="train")["lead"]
    found = []
    documents: dict[int, Document] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file, delimiter="\t"):
            try:
                row = int(line["row"])
                spans = read_spans(line["spans"])
                faulty = VERDICT[line["verdict"]]
                if row not in documents:
                    documents = {row: read_article(Article(leads[row]))}
                sentence = next(one for one in documents[row].sentences if one.start <= spans[0][0] < one.end)
            except (AttributeError, KeyError, TypeError, ValueError, IndexError, StopIteration) as error:
                raise ConfigError(
                    f"{dict(line)} is no verdict on a sentence of {table.name} ({type(error).__name__}).",
                    remedy="Give the columns row, spans (start-end, with blanks between) and verdict (sound, faulty or untrue).",
                    source=str(path),
                ) from error
            read = parse(sentence.text)
            found.append(Example(read.words, tuple(kept_tokens(read, sentence, spans)), faulty, row))
    return found


def read_compressions(table: Path) -> list[Compressed]:
    """The reference compressions, with the punctuation between kept words; those that are no subsequence are left out."""
    from datasets import load_dataset

    found = []
    for number, row in enumerate(load_dataset("parquet", data_files=str(table), split="train")):
        labels = compression_keep_labels(row["sentence"], row["compression"])
        if labels is None:
            continue
        read = parse(row["sentence"])
        wanted = {(start, end) for start, end, keep in labels if keep}
        kept = [span in wanted for span in read.spans]
        indices = [index for index, flag in enumerate(kept) if flag]
        if len(indices) < 3:
            continue
        for index in range(indices[0] + 1, indices[-1]):
            if not is_word(read.words[index]) and kept[index - 1]:
                kept[index] = kept[index + 1] or not is_word(read.words[index + 1])
        found.append(Compressed(number, read, tuple(kept)))
    return found


def divided(compressions: Sequence[Compressed]) -> tuple[list[Compressed], list[Compressed]]:
    """The reference compressions that teach, and those that are held out.

    :raises ConfigError: If there are none of a kind.
    """
    taught = [one for one in compressions if one.row < REFERENCES]
    held_out = [one for one in compressions if one.row >= REFERENCES]
    if not (taught and held_out):
        raise ConfigError(
            f"the table of compressions has {len(taught):,} usable rows before row {REFERENCES:,} and {len(held_out):,} after.",
            remedy="Give the whole table: the first ones teach, the others are held out.",
        )
    return taught, held_out


def broken(references: Sequence[Compressed]) -> list[Example]:
    """The references and :data:`BROKEN` broken copies of each."""
    rng = random.Random(SEED)
    found = []
    for one in references:
        found.append(Example(one.read.words, one.kept, 0, one.row))
        for _ in range(BROKEN):
            kept = rng.choices(_BREAKS, weights=(8, 7, 5))[0](one.kept, rng)
            if any(kept) and kept != one.kept:
                found.append(Example(one.read.words, kept, 1, one.row))
    return found


def _cut_short(kept: tuple[bool, ...], rng: random.Random) -> tuple[bool, ...]:
    indices = [index for index, flag in enumerate(kept) if flag]
    gone = set(indices[-min(6, rng.randrange(1, max(2, len(indices) - 2))) :])
    return tuple(flag and index not in gone for index, flag in enumerate(kept))


def _gap(kept: tuple[bool, ...], rng: random.Random) -> tuple[bool, ...]:
    indices = [index for index, flag in enumerate(kept) if flag]
    begin = rng.randrange(len(indices) - 1)
    gone = set(indices[begin : begin + rng.randrange(1, 4)])
    return tuple(flag and index not in gone for index, flag in enumerate(kept))


def _put_back(kept: tuple[bool, ...], rng: random.Random) -> tuple[bool, ...]:
    dropped = [index for index, flag in enumerate(kept) if not flag]
    if not dropped:
        return kept
    begin = rng.choice(dropped)
    back = set(range(begin, begin + rng.randrange(1, 5)))
    return tuple(flag or index in back for index, flag in enumerate(kept))


_BREAKS: tuple[Callable[[tuple[bool, ...], random.Random], tuple[bool, ...]], ...] = (_cut_short, _gap, _put_back)


def cross_validated(training: Training, verdicts: Sequence[Example], folds: int) -> Floats:
    """Logits of being faulty, each by a judge that saw no verdict on the same article."""
    start = training.judge.learnt()
    groups = sorted({one.group for one in verdicts})
    random.Random(SEED).shuffle(groups)
    fold_of = {group: number % folds for number, group in enumerate(groups)}
    found = np.zeros(len(verdicts), dtype=np.float32)
    for fold in range(folds):
        training.judge.restore(start)
        training.fit([one for one in verdicts if fold_of[one.group] != fold], SECOND)
        held = [index for index, one in enumerate(verdicts) if fold_of[one.group] == fold]
        found[held] = training.faults([verdicts[index] for index in held])
        print(f"fold {fold + 1}/{folds}: area {area([verdicts[index] for index in held], found[held]):.3f}", flush=True)
    return found


def platt(examples: Sequence[Example], logits: Floats) -> tuple[float, float]:
    """Slope and offset that make a probability of logits that the judge was not trained on (Platt, 1999)."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1e6).fit(logits[:, None], [one.faulty for one in examples])
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def area(examples: Sequence[Example], logits: Floats) -> float:
    """Area under the ROC curve: how often a faulty one has the higher logit of a pair."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score([one.faulty for one in examples], logits))


def report(verdicts: Sequence[Example], logits: Floats) -> None:
    """Print the area under the curve and what share of the faults is found among the most suspicious."""
    faulty = np.asarray([one.faulty for one in verdicts])
    order = np.argsort(-logits, kind="stable")
    print(
        f"{len(verdicts):,} unseen verdicts, {faulty.sum():,} faulty; area under the curve: {area(verdicts, logits):.3f}"
    )
    for share in (0.05, 0.1, 0.2, 0.4):
        found = faulty[order[: round(share * len(order))]].sum() / faulty.sum()
        print(f"of the faults, among the most suspicious {share:.0%}: {found:.0%}")


if __name__ == "__main__":
    main()
