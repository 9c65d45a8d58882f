"""Short trainings of a tiny reader: what their recipes share, how they are killed, and what came of them."""

from pathlib import Path
from typing import Any

import pytest
from tiny_checkpoints import save_bert

from copydesk.configs.recipe_reader import ReaderRecipe


def tiny_recipe(folder: Path, **rest: Any) -> dict[str, Any]:
    """The values of a recipe that trains a random two-layer BERT; its schedule and tasks stand in ``rest``."""
    return {
        "kind": "reader",
        "base": str(save_bert(folder / "base", labels=None)),
        "output": str(folder / "model"),
        "work": str(folder / "work"),
        "precision": "fp32",
        **rest,
    }


def run_until_killed(recipe: ReaderRecipe, before: int) -> None:
    """Train, and kill the run before a step."""
    from copydesk.training import reader_run  # loads torch, which most tests don't need

    step = reader_run._one_step

    def killed(number: int, *rest: Any) -> None:
        if number == before:
            raise KeyboardInterrupt
        step(number, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader_run, "_one_step", killed)
        with pytest.raises(KeyboardInterrupt):
            reader_run.run(recipe)


def weights(folder: Path) -> dict[str, Any]:
    """The tensors of a trained model."""
    from safetensors.torch import load_file

    return {key: value.float() for key, value in load_file(folder / "model.safetensors").items()}


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether all tensors are equal to the bit."""
    return one.keys() == other.keys() and all(bool((one[key] == other[key]).all()) for key in one)
