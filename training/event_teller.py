"""Trains the teller beside a reader: low-rank updates by which a sentence lies near what it tells (models/teller.py).

    python -m copydesk.training.event_teller --data ../shared/data --reader models/embedded/reader

From verdicts of ours on sentences of the training tables (``event_verdicts.tsv``; :mod:`copydesk.training.event_verdicts`):
which of the labels asked the sentence tells. Labels are embedded by the reader as it is; a sentence's cosine with a label's
texts, pooled as in :mod:`copydesk.models.event_tagger`, is the log-odds of a logistic regression, up to a slope and two constants
that are learnt along. Labels lose some of their texts at random at each step, so that one that says little is read as well.
Verdicts on sentences of the development tables teach nothing; average precision on them is printed after each pass. What the
teller says is heard once its weight is fitted: ``python benchmarks/events.py … --fit --write`` the reader's folder.
"""

import argparse
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from copydesk.configs.errors import ConfigError
from copydesk.models.checkpoint import load_checkpoint
from copydesk.models.reader import find_device
from copydesk.models.suite import Floats
from copydesk.models.teller import FILE
from copydesk.models.transformer import PIECE_TOKENS, TEMPERATURE
from copydesk.training.event_verdicts import VERDICTS, Verdict, labels_asked, read_verdicts
from copydesk.training.headline_judge import mixed_batches
from copydesk.training.low_rank import Descent, LowRankUpdates, strongest, training_precision
from copydesk.training.reader_model import fastest_attention
from copydesk.training.side_weights import stored, write_side_weights

RANK = 16
"""Of the updates."""
KEPT = 0.4
"""Share of the updates' numbers that is written."""
PASSES = 4
BATCH = 32
RATE, SLOPE_RATE = 1e-3, 2e-2
"""Highest learning rates of the updates, and of the slope and the constants."""
SLOPE, CONSTANT = 12.0, -8.0
"""Where slope and constants start: near where they end. Labels that were asked for being near hold more often than a codebook's
labels do, so each kind of verdict has a constant of its own."""
LEFT_OUT = 0.5
"""Share of a label's texts that is left out of a step, on average; one stays."""
LEAST_BLOCKS = 2
UNKNOWN = -1
"""In place of a verdict where a label was not asked, or there was doubt."""
SEED = 1

Verdicts = NDArray[np.int64]


class TellerNetwork(nn.Module):
    """An encoder with low-rank updates of its upper half, and the slope and constants of its cosines.

    :param first: The first block that is updated; those before it are computed once for both embeddings.
    """

    def __init__(self, encoder: nn.Module, first: int) -> None:
        super().__init__()
        self.updates = LowRankUpdates(encoder, RANK, first)
        self.encoder = encoder
        self.line = nn.ParameterDict({"slope": torch.tensor(SLOPE), "constants": torch.full((2,), CONSTANT)})

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        """Embeddings as unit rows, shape (batch, width)."""
        states = self.encoder(**inputs).last_hidden_state.float()
        mask = inputs["attention_mask"].unsqueeze(-1)
        unit: Tensor = nn.functional.normalize((states * mask).sum(1) / mask.sum(1), dim=-1)
        return unit


def main(argv: Sequence[str] | None = None) -> None:
    """Train and write.

    :param argv: Command-line arguments; those of the process by default.
    """
    parser = argparse.ArgumentParser(description="Trains the teller beside a reader.")
    parser.add_argument("--data", type=Path, required=True, help="the folder of the training and development tables")
    parser.add_argument("--reader", type=Path, required=True, help="the reader's folder; the teller is written into it")
    parser.add_argument("--verdicts", type=Path, default=VERDICTS, help="a table of verdicts; ours by default")
    arguments = parser.parse_args(argv)
    verdicts = read_verdicts(arguments.verdicts, arguments.data)
    training = TellerTraining(arguments.reader, labels_asked(verdicts))
    taught = [one for one in verdicts if not one.is_dev]
    print(f"{len(taught):,} sentences, {len(verdicts) - len(taught):,} held out", flush=True)
    training.fit(taught, [one for one in verdicts if one.is_dev])
    path = arguments.reader / FILE
    training.save(path)
    print(f"written: {path}")


class TellerTraining:
    """A teller in training.

    :param folder: The reader that it belongs to.
    :param labels: The texts of each label by its reference.
    :raises ConfigError: If the reader is no BERT of two blocks at least.
    """

    def __init__(self, folder: Path, labels: dict[str, Sequence[str]]) -> None:
        checkpoint = load_checkpoint(str(folder))
        self.folder = folder
        self._tokenizer = checkpoint.tokenizer
        self._most = min(PIECE_TOKENS, checkpoint.max_tokens)
        self._device = find_device("auto")
        self._precision = training_precision(self._device)
        checkpoint.model.set_attn_implementation(fastest_attention())
        torch.manual_seed(SEED)
        kind, blocks = checkpoint.model.config.model_type, checkpoint.model.config.num_hidden_layers
        if kind != "bert" or blocks < LEAST_BLOCKS:
            raise ConfigError(
                f"{folder} is a {kind} checkpoint of {blocks} blocks; the teller is the upper half of a BERT.",
                remedy="Give a reader that copydesk-train made.",
            )
        self.network = TellerNetwork(checkpoint.model.base_model, blocks // 2).to(self._device)
        self._taught = frozenset(labels)
        self._column = {label: number for number, label in enumerate(labels)}
        texts = [text for own in labels.values() for text in own]
        owners = [number for number, own in enumerate(labels.values()) for _ in own]
        self._owner = torch.tensor(owners, device=self._device)
        with torch.no_grad():  # the updates begin at nothing, so this is the reader as it is
            self._labels = torch.cat([self._embedded(texts[at : at + 256]) for at in range(0, len(texts), 256)])

    def fit(self, taught: Sequence[Verdict], unseen: Sequence[Verdict]) -> None:
        """Train on verdicts; after each pass the average precision on the unseen ones is printed."""
        rng = random.Random(SEED)
        total = PASSES * -(-len(taught) // BATCH)
        descent = Descent(self.network.updates, self.network.line, (RATE, SLOPE_RATE), total)
        self._taught = frozenset(label for one in taught for label in one.asked)
        lengths = [len(one.text) for one in taught]
        for number in range(PASSES):
            for batch in mixed_batches(lengths, BATCH, rng):
                descent.step(self._loss([taught[index] for index in batch], LEFT_OUT))
            for name, figure in self.precision(unseen).items():
                print(f"pass {number + 1}: average precision on {name} {figure:.3f}", flush=True)

    def precision(self, verdicts: Sequence[Verdict]) -> dict[str, float]:
        """Average precision over verdicts on a codebook's labels, on the nearest of many, and on those that nothing taught."""
        from sklearn.metrics import average_precision_score

        wanted = self.wanted(verdicts)
        order = sorted(range(len(verdicts)), key=lambda index: len(verdicts[index].text))
        scores = np.zeros(wanted.shape)
        with torch.inference_mode():
            for begin in range(0, len(order), 64):
                batch = order[begin : begin + 64]
                scores[batch] = self._logits([verdicts[index] for index in batch]).cpu().numpy()
        whole = np.array([one.is_whole for one in verdicts], dtype=bool)[:, None]
        untaught = np.array([label not in self._taught for label in self._column])[None]
        kinds = {
            "a codebook": whole,
            "the nearest labels": ~whole & ~untaught,
            "labels that nothing taught": ~whole & untaught,
        }
        chosen = {name: (wanted != UNKNOWN) & rows for name, rows in kinds.items()}
        return {
            name: float(average_precision_score(wanted[cells], scores[cells]))
            for name, cells in chosen.items()
            if (wanted[cells] == 1).any()
        }

    def loss(self, verdicts: Sequence[Verdict]) -> float:
        """Mean log loss over all labels asked, in nats."""
        with torch.inference_mode():
            return float(self._loss(verdicts))

    def embeddings(self, texts: Sequence[str]) -> Floats:
        """What the teller will give of texts."""
        with torch.inference_mode():
            return np.asarray(self._embedded(texts).float().cpu().numpy(), dtype=np.float32)

    def save(self, path: Path) -> None:
        """Write the teller beside its reader."""
        tensors = stored(strongest(self.network.updates.tensors(), KEPT))
        write_side_weights(path, tensors, self.folder, "the teller", "Free some space and run it again.")

    def wanted(self, verdicts: Sequence[Verdict]) -> Verdicts:
        """1 where a label is held, 0 where it was asked and is not, else :data:`UNKNOWN`; shape (len(verdicts), labels)."""
        wanted = np.full((len(verdicts), len(self._column)), UNKNOWN, dtype=np.int64)
        for row, one in enumerate(verdicts):
            for label in one.asked:
                wanted[row, self._column[label]] = int(label in one.held)
            for label in one.doubtful:
                wanted[row, self._column[label]] = UNKNOWN
        return wanted

    def _loss(self, verdicts: Sequence[Verdict], left_out: float = 0.0) -> Tensor:
        logits = self._logits(verdicts, left_out)
        right = torch.from_numpy(self.wanted(verdicts)).to(self._device)
        known = (right != UNKNOWN).float()
        each = nn.functional.binary_cross_entropy_with_logits(logits, right.clamp(min=0).float(), reduction="none")
        return (each * known).sum() / known.sum().clamp(min=1)

    def _logits(self, asked: Sequence[Verdict], left_out: float = 0.0) -> Tensor:
        """Log-odds of each label, shape (len(asked), labels).

        :param left_out: Share of a label's texts that is left out, on average.
        """
        cosines = self._embedded([one.text for one in asked]) @ self._labels.T
        kept = self._some_of_each(left_out)
        powers = torch.exp((cosines - 1) / TEMPERATURE) * kept
        shape = (len(asked), len(self._column))
        sums = cosines.new_zeros(shape).index_add_(1, self._owner, powers)
        counts = cosines.new_zeros(shape[1]).index_add_(0, self._owner, kept)
        line = self.network.line
        constants = line["constants"][[int(one.is_whole) for one in asked]]
        logits: Tensor = line["slope"] * (1 + TEMPERATURE * torch.log(sums / counts)) + constants[:, None]
        return logits

    def _some_of_each(self, left_out: float) -> Tensor:
        """1 for the label texts that stay in a step, 0 for the others; how many a label loses differs from label to label."""
        if not left_out:
            return torch.ones(len(self._owner), device=self._device)
        drawn = torch.rand(len(self._owner), device=self._device)
        highest = torch.zeros(len(self._column), device=self._device).scatter_reduce(0, self._owner, drawn, "amax")
        least = 2 * left_out * torch.rand(len(self._column), device=self._device)
        return ((drawn >= least[self._owner]) | (drawn >= highest[self._owner])).float()

    def _embedded(self, texts: Sequence[str]) -> Tensor:
        inputs = self._tokenizer(
            list(texts), truncation=True, max_length=self._most, padding=True, return_tensors="pt", verbose=False
        ).to(self._device)
        with torch.autocast(self._device.type, dtype=torch.bfloat16, enabled=self._precision == "bfloat16"):
            found: Tensor = self.network(dict(inputs))
        return found


if __name__ == "__main__":
    main()
