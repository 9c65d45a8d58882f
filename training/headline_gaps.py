"""Trains the model of gaps beside a reader (models/gap_model.py), from reference compressions.

    python -m copydesk.training.headline_gaps --data ../shared/data --reader models/embedded/reader

A minute or two on one core. Maximum likelihood over whole compressions: the partition function is a sum over all ways through a
sentence, by dynamic programming. The rows of the table from 8,000 on are held out; their mean negative log-likelihood is printed.
"""

import argparse
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from copydesk.models.gap_model import FILE, LENGTHS, token_states, word_features
from copydesk.models.phrases import runs
from copydesk.models.reader import Reader
from copydesk.models.suite import Floats
from copydesk.training.headline_judge import Compressed, divided, mixed_batches, read_compressions
from copydesk.training.side_weights import stored, write_side_weights

PASSES = 4
"""Over the references; from the fifth on the held-out likelihood falls (3.70, 3.75, 3.77)."""
RATE = 2e-3
BATCH = 32
LONGEST = 90
"""Tokens of a sentence that teaches."""
INNER, EDGE = 128, 64
"""Hidden units of a token, and of a gap's edges."""
SEED = 1
_NEVER = -1e4


class GapNetwork(nn.Module):
    """The scores of all gaps and tokens of a batch of sentences, as :class:`copydesk.models.gap_model.GapModel` computes them.

    :param inputs: Features of a token.
    """

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.dropout = nn.Dropout(0.2)
        self.inner = nn.Linear(inputs, INNER)
        self.begin = nn.Parameter(torch.zeros(INNER))
        self.end = nn.Parameter(torch.zeros(INNER))
        self.before = nn.Linear(INNER, EDGE, bias=False)
        self.first = nn.Linear(INNER, EDGE)
        self.last = nn.Linear(INNER, EDGE, bias=False)
        self.after = nn.Linear(INNER, EDGE, bias=False)
        self.length = nn.Embedding(LENGTHS, EDGE)
        self.gap = nn.Linear(EDGE, 1)
        self.keep = nn.Linear(INNER, 1)

    def forward(self, tokens: Tensor, counts: Tensor) -> tuple[Tensor, Tensor]:
        """Scores of gaps, (batch, n + 1, n + 1), and of kept tokens, (batch, n).

        :param tokens: (batch, n, inputs), padded.
        :param counts: Tokens of each sentence, (batch,).
        """
        batch, count, _ = tokens.shape
        hidden = torch.relu(self.inner(self.dropout(tokens)))
        padded = torch.cat([self.begin.expand(batch, 1, -1), hidden, self.end.expand(batch, 1, -1)], dim=1)
        is_end = torch.arange(count + 2)[None] == (counts + 1)[:, None]
        padded = torch.where(is_end[..., None], self.end, padded)
        left = self.before(padded[:, :-1]) + self.first(padded[:, 1:])
        right = self.last(padded[:, :-1]) + self.after(padded[:, 1:])
        place = torch.arange(count + 1)
        length = self.length((place[None, :] - place[:, None]).clamp(0, LENGTHS - 1))
        edges = torch.relu(left[:, :, None] + right[:, None] + length[None])
        return self.gap(self.dropout(edges))[..., 0], self.keep(hidden)[..., 0]


def main(argv: Sequence[str] | None = None) -> None:
    """Train and write.

    :param argv: Command-line arguments; those of the process by default.
    """
    parser = argparse.ArgumentParser(description="Trains the model of gaps beside a reader.")
    parser.add_argument("--data", type=Path, required=True, help="the folder of the development tables")
    parser.add_argument("--reader", type=Path, required=True, help="the reader's folder; the model is written into it")
    arguments = parser.parse_args(argv)
    compressions = read_compressions(arguments.data / "headlines" / "compression_train.parquet")
    usable = [one for one in compressions if len(one.read) <= LONGEST]
    tokens = token_inputs(arguments.reader, usable)
    taught = len(divided(usable)[0])
    network = trained(usable[:taught], tokens[:taught])
    print(f"held-out compressions: {unlikelihood(network, usable[taught:], tokens[taught:]):.3f} nats each", flush=True)
    path = arguments.reader / FILE
    save(network, path)
    print(f"written: {path}")


def token_inputs(folder: Path, compressions: Sequence[Compressed]) -> list[Floats]:
    """What the network reads of each sentence, shape (n_tokens, inputs)."""
    reader = Reader.load(str(folder))
    states = token_states(reader, [one.read.words for one in compressions])
    return [
        np.concatenate([state, word_features(one.read)], axis=1)
        for state, one in zip(states, compressions, strict=True)
    ]


def trained(compressions: Sequence[Compressed], tokens: Sequence[Floats]) -> GapNetwork:
    """A network that finds the references likely."""
    torch.manual_seed(SEED)
    rng = random.Random(SEED)
    network = GapNetwork(tokens[0].shape[1])
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=0.01)
    total = PASSES * -(-len(compressions) // BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda done: min(1.0, (done + 1) / 100) * max(0.02, 1 - done / total)
    )
    network.train()
    lengths = [len(one.read) for one in compressions]
    for number in range(PASSES):
        losses = []
        for batch in mixed_batches(lengths, BATCH, rng):
            loss = _loss(network, [compressions[at] for at in batch], [tokens[at] for at in batch]).mean()
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        print(f"pass {number + 1}/{PASSES}: {np.mean(losses):.3f} nats each", flush=True)
    return network.eval()


def unlikelihood(network: GapNetwork, compressions: Sequence[Compressed], tokens: Sequence[Floats]) -> float:
    """Mean negative log-likelihood of compressions, in nats."""
    with torch.inference_mode():
        losses = [
            _loss(network, compressions[begin : begin + BATCH], tokens[begin : begin + BATCH])
            for begin in range(0, len(compressions), BATCH)
        ]
    return float(torch.cat(losses).mean())


def save(network: GapNetwork, path: Path) -> None:
    """Write the model beside its reader."""
    remedy = "Free some space and run it again."
    write_side_weights(path, stored(network.state_dict()), path.parent, "the model of gaps", remedy)


def _loss(network: GapNetwork, compressions: Sequence[Compressed], tokens: Sequence[Floats]) -> Tensor:
    """Negative log-likelihood of each compression."""
    counts = torch.tensor([len(one.read) for one in compressions])
    longest = int(counts.max())
    inputs = torch.zeros(len(compressions), longest, tokens[0].shape[1])
    gone = torch.zeros(len(compressions), longest + 1, longest + 1)
    stays = torch.zeros(len(compressions), longest)
    for number, (one, features) in enumerate(zip(compressions, tokens, strict=True)):
        inputs[number, : len(one.read)] = torch.from_numpy(features)
        stays[number, : len(one.read)] = torch.tensor(one.kept, dtype=torch.float32)
        for start, end in runs(one.kept):
            gone[number, start, end] = 1
    gaps, keeps = network(inputs, counts)
    loss: Tensor = log_partition(gaps, keeps, counts) - (gaps * gone).sum((1, 2)) - (keeps * stays).sum(1)
    return loss


def log_partition(gaps: Tensor, keeps: Tensor, counts: Tensor) -> Tensor:
    """Logarithm of the sum over all ways through each sentence, (batch,); no gap follows a gap.

    :param gaps: (batch, n + 1, n + 1).
    :param keeps: (batch, n).
    :param counts: Tokens of each sentence, (batch,).
    """
    batch, longest = keeps.shape
    kept, left = [torch.zeros(batch)], [torch.full((batch,), _NEVER)]
    for end in range(1, longest + 1):
        after_gap = torch.logsumexp(torch.stack(kept, dim=1) + gaps[:, :end, end], dim=1)
        kept.append(torch.logaddexp(kept[-1], left[-1]) + keeps[:, end - 1])
        left.append(after_gap)
    total = torch.logaddexp(torch.stack(kept, dim=1), torch.stack(left, dim=1))
    return total.gather(1, counts[:, None])[:, 0]


if __name__ == "__main__":
    main()
