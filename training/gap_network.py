"""The model of gaps in training: the network that :mod:`copydesk.models.gap_model` computes, and its likelihood.

Maximum likelihood over whole compressions: the partition function is a sum over all ways through a sentence, by dynamic
programming.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from copydesk.models.gap_model import LENGTHS
from copydesk.models.phrases import runs

INNER, EDGE = 128, 64
"""Hidden units of a token, and of a gap's edge."""
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
        self.after = nn.Linear(INNER, EDGE)
        self.join = nn.Linear(EDGE, EDGE, bias=False)
        self.left = nn.Linear(EDGE, 1, bias=False)
        self.right = nn.Linear(EDGE, 1, bias=False)
        self.length = nn.Embedding(LENGTHS, 1)
        nn.init.zeros_(self.length.weight)
        self.keep = nn.Linear(INNER, 1)

    def forward(self, tokens: Tensor, counts: Tensor) -> tuple[Tensor, Tensor]:
        """Scores of gaps, (batch, n + 1, n + 1), and of kept tokens, (batch, n).

        :param tokens: (batch, n, inputs), padded.
        :param counts: Tokens of each sentence, (batch,).
        """
        batch, count, _ = tokens.shape
        hidden = torch.relu(self.inner(self.dropout(tokens)))
        padded = torch.cat([self.begin.expand(batch, 1, -1), hidden, self.end.expand(batch, 1, -1)], dim=1)
        is_end = torch.arange(count + 2, device=tokens.device)[None] == (counts + 1)[:, None]
        padded = torch.where(is_end[..., None], self.end, padded)
        left = self.dropout(torch.relu(self.before(padded[:, :-1]) + self.first(padded[:, 1:])))
        right = self.dropout(torch.relu(self.last(padded[:, :-1]) + self.after(padded[:, 1:])))
        place = torch.arange(count + 1, device=tokens.device)
        length = self.length((place[None, :] - place[:, None]).clamp(0, LENGTHS - 1))[..., 0]
        gaps = (
            self.join(left) @ right.transpose(1, 2) + self.left(left) + self.right(right).transpose(1, 2) + length[None]
        )
        return gaps, self.keep(hidden)[..., 0]


def unlikelihood(gaps: Tensor, keeps: Tensor, compressions: Sequence[Sequence[bool]]) -> Tensor:
    """Negative log-likelihood of each compression, in nats, (batch,).

    :param gaps: Scores of gaps, (batch, n + 1, n + 1).
    :param keeps: Scores of kept tokens, (batch, n).
    :param compressions: Whether each token of each sentence is kept.
    """
    gone, stays = torch.zeros_like(gaps), torch.zeros_like(keeps)
    for number, kept in enumerate(compressions):
        stays[number, : len(kept)] = torch.tensor(kept, dtype=keeps.dtype)
        for start, end in runs(kept):
            gone[number, start, end] = 1
    counts = torch.tensor([len(kept) for kept in compressions], device=gaps.device)
    scores: Tensor = (gaps * gone).sum((1, 2)) + (keeps * stays).sum(1)
    return log_partition(gaps, keeps, counts) - scores


def log_partition(gaps: Tensor, keeps: Tensor, counts: Tensor) -> Tensor:
    """Logarithm of the sum over all ways through each sentence, (batch,); no gap follows a gap.

    :param gaps: (batch, n + 1, n + 1).
    :param keeps: (batch, n).
    :param counts: Tokens of each sentence, (batch,).
    """
    batch, longest = keeps.shape
    kept, left = [gaps.new_zeros(batch)], [gaps.new_full((batch,), _NEVER)]
    for end in range(1, longest + 1):
        after_gap = torch.logsumexp(torch.stack(kept, dim=1) + gaps[:, :end, end], dim=1)
        kept.append(torch.logaddexp(kept[-1], left[-1]) + keeps[:, end - 1])
        left.append(after_gap)
    total = torch.logaddexp(torch.stack(kept, dim=1), torch.stack(left, dim=1))
    return total.gather(1, counts[:, None])[:, 0]
