"""Checkpoints of a running training, from which it goes on exactly: safetensors and JSON, never pickle."""

import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from copydesk.configs.errors import ConfigError
from copydesk.training.disk import FREE_AND_GO_ON, beside, recover, swap

_WEIGHTS, _OPTIMISER, _STATE = "weights.safetensors", "optimiser.safetensors", "state.json"


def save_checkpoint(
    folder: Path, model: nn.Module, optimiser: torch.optim.Optimizer | None, state: dict[str, Any]
) -> None:
    """Write a checkpoint beside the old one, then put it in its place, so that a kill or a full disk leaves one of the two whole.

    :param folder: Where the checkpoint stands afterwards.
    :param optimiser: ``None`` keeps the weights alone, which training can't go on from.
    :param state: JSON values: the step, where each task's stream stands, the recipe.
    :raises ModelError: If it can't be written (a full disk, no permission).
    """
    from safetensors.torch import save_file

    with beside(folder, "the checkpoint", FREE_AND_GO_ON) as fresh:
        save_file({key: value.contiguous() for key, value in model.state_dict().items()}, fresh / _WEIGHTS)
        if optimiser:
            save_file(_moments(optimiser), fresh / _OPTIMISER)
        (fresh / _STATE).write_text(json.dumps(state), encoding="utf-8")
        swap(fresh, folder)


def load_checkpoint(
    folder: Path, model: nn.Module, optimiser: torch.optim.Optimizer | None, recipe: dict[str, Any]
) -> dict[str, Any] | None:
    """Restore a checkpoint into the model and the optimiser.

    :param optimiser: ``None`` restores the weights alone.
    :param recipe: The recipe of this run; it must be the checkpoint's.
    :returns: Its state, or ``None`` where there is no checkpoint.
    :raises ConfigError: If the checkpoint is of another recipe.
    """
    from safetensors.torch import load_file

    recover(folder)
    if not (folder / _STATE).is_file():
        return None
    state: dict[str, Any] = json.loads((folder / _STATE).read_text(encoding="utf-8"))
    if state["recipe"] != recipe:
        changed = sorted(key for key in recipe if recipe[key] != state["recipe"].get(key))
        raise ConfigError(
            f"the checkpoint was made with another recipe ({', '.join(changed)} differ).",
            remedy="Go on with the old recipe, give another work folder, or delete this one to start anew.",
            source=str(folder),
        )
    model.load_state_dict(load_file(folder / _WEIGHTS))
    if not optimiser:
        return state
    moments: dict[int, dict[str, Tensor]] = {}
    for key, value in load_file(folder / _OPTIMISER).items():
        number, name = key.split(".", 1)
        moments.setdefault(int(number), {})[name] = value
    optimiser.load_state_dict({"state": moments, "param_groups": optimiser.state_dict()["param_groups"]})
    return state


def _moments(optimiser: torch.optim.Optimizer) -> dict[str, Tensor]:
    return {
        f"{number}.{key}": value
        for number, values in optimiser.state_dict()["state"].items()
        for key, value in values.items()
        if isinstance(value, Tensor)
    }
