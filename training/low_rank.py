"""Low-rank updates in training: what :mod:`copydesk.models.low_rank` adds to an encoder's weights when it reads."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from copydesk.models.low_rank import BLOCKS, TOKEN_TYPES, block_of
from copydesk.models.reader import Precision, find_precision

WARM_UP = 0.1
"""Share of a run's updates in which the learning rate rises; it falls to zero over the rest."""


class LowRankUpdates(nn.Module):
    """Updates of the linear layers of an encoder, whose own weights stay as they are but for the token types.

    :param encoder: A BERT; it computes with the updates from now on.
    :param rank: Of each update.
    :param first: The first of its blocks that is updated. If it isn't the very first, the token types stay as they are, too, so
        that the blocks before it compute what they did.
    """

    def __init__(self, encoder: nn.Module, rank: int, first: int = 0) -> None:
        super().__init__()
        encoder.requires_grad_(False)
        self.layers = nn.ModuleDict()
        for name, layer in list(encoder.named_modules()):
            if isinstance(layer, nn.Linear) and name.startswith(BLOCKS) and block_of(name) >= first:
                update = _Update(layer, rank)
                self.layers[name.replace(".", "/")] = update
                layer.register_forward_hook(update.added)
        self.types = dict(encoder.named_parameters())[TOKEN_TYPES].requires_grad_(True) if first == 0 else None

    def tensors(self) -> dict[str, Tensor]:
        """What :func:`copydesk.models.low_rank.updated` reads."""
        found: dict[str, Tensor] = {} if self.types is None else {TOKEN_TYPES: self.types}
        for name, update in self.layers.items():
            found |= {f"{name.replace('/', '.')}.{part}": getattr(update, part) for part in ("down", "up")}
        return found


class _Update(nn.Module):
    def __init__(self, layer: nn.Linear, rank: int) -> None:
        super().__init__()
        self.down = nn.Parameter(torch.randn(rank, layer.in_features) / layer.in_features**0.5)
        self.up = nn.Parameter(torch.zeros(layer.out_features, rank))

    def added(self, layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:  # noqa: ARG002 - a hook's signature
        change: Tensor = nn.functional.linear(nn.functional.linear(inputs[0], self.down), self.up)
        return output + change


def without_dropout(encoder: nn.Module) -> None:
    """Train an encoder without its dropout: updates of low rank need little, and on a CPU it takes two thirds of the time."""
    for layer in encoder.modules():
        if isinstance(layer, nn.Dropout):
            layer.p = 0.0


def strongest(tensors: Mapping[str, Tensor], share: float) -> dict[str, Tensor]:
    """Updates of lower ranks that do nearly the same, in a smaller file.

    Each product is split into its singular directions, and over all layers together those stay that change an encoder most for
    their size: some layers keep every one, others a quarter.

    :param tensors: As of :meth:`LowRankUpdates.tensors`, with any others, which stay as they are.
    :param share: Of the updates' numbers that may stay, 0 to 1.
    """
    names = [key.removesuffix(".down") for key in tensors if key.endswith(".down")]
    split = {
        name: _directions(*(tensors[f"{name}.{part}"].detach().float() for part in ("up", "down"))) for name in names
    }
    sizes = {name: len(up) + down.shape[1] for name, (up, down, _) in split.items()}
    ranked = sorted(
        ((float(value) ** 2 / sizes[name], name) for name, (*_, strength) in split.items() for value in strength),
        reverse=True,
    )
    room = share * sum(sizes[name] for _, name in ranked)
    ranks = dict.fromkeys(names, 0)
    for _, name in ranked:
        room -= sizes[name]
        if room < 0:
            break
        ranks[name] += 1
    found = {key: value for key, value in tensors.items() if key.removesuffix(".down").removesuffix(".up") not in split}
    for name, rank in ranks.items():
        up, down, strength = split[name]
        half = strength[:rank].sqrt()
        if rank:
            found |= {f"{name}.up": up[:, :rank] * half, f"{name}.down": down[:rank] * half[:, None]}
    return found


def _directions(up: Tensor, down: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The singular value decomposition of ``up · down``, by those of its small factors."""
    left, small_left = torch.linalg.qr(up)
    right, small_right = torch.linalg.qr(down.T)
    turned, strength, other = torch.linalg.svd(small_left @ small_right.T)
    return left @ turned, other @ right.T, strength


class Descent:
    """AdamW for updates and the last layer over them; the rates rise over the first tenth of a run and fall to zero.

    :param updates: The module that learns at the first rate.
    :param last: The module that learns at the second.
    :param rates: The highest learning rates of both.
    :param total: Steps of the whole run.
    """

    def __init__(self, updates: nn.Module, last: nn.Module, rates: tuple[float, float], total: int) -> None:
        groups = [list(updates.parameters()), list(last.parameters())]
        self._learning = [one for group in groups for one in group]
        self._optimizer = torch.optim.AdamW([{"params": group} for group in groups], weight_decay=0.01)
        self._rates = rates
        self._total = total
        self._done = 0

    def step(self, loss: Tensor) -> None:
        """One step down a loss; every hundredth is told."""
        share = min((self._done + 1) / (WARM_UP * self._total), (1 - self._done / self._total) / (1 - WARM_UP))
        for group, rate in zip(self._optimizer.param_groups, self._rates, strict=True):
            group["lr"] = rate * share
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._learning, 1.0)
        self._optimizer.step()
        self._done += 1
        if self._done % 100 == 0:
            print(f"update {self._done}/{self._total}  loss {loss.item():.4f}", flush=True)


def training_precision(device: torch.device) -> Precision:
    """bfloat16 on a GPU and where the processor has it; the updates themselves stay in float32."""
    return "bfloat16" if device.type == "cuda" else find_precision("auto", device)
