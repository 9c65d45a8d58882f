"""Small weights that lie beside a checkpoint and work with no other: the judge of headlines, the model of gaps."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from copydesk.configs.errors import ModelError
from copydesk.models.checkpoint import file_hash
from copydesk.models.suite import Floats


def read_side_weights(path: Path, trainer: str) -> Mapping[str, Floats]:
    """The tensors of a file that belongs to the ``model.safetensors`` beside it.

    :param path: Of a safetensors file whose metadata has the checkpoint's hash as ``model``.
    :param trainer: The module that trains it, for the error's remedy.
    :raises ModelError: If it can't be read, or was trained with other weights.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="np") as file:
            made_for = (file.metadata() or {}).get("model", "")
            tensors = {name: file.get_tensor(name).astype(np.float32) for name in file.keys()}  # noqa: SIM118 - no mapping
    except (OSError, KeyError, RuntimeError, SafetensorError) as error:
        raise ModelError(
            f"it can't be read ({type(error).__name__}: {error}).",
            remedy="Get the model's folder again.",
            source=str(path),
        ) from error
    if made_for == weights_hash(path.parent):
        return tensors
    raise ModelError(
        "it was trained with other weights than those of the model.safetensors beside it.",
        remedy=f"Train it anew (python -m {trainer}), or delete it and do without.",
        source=str(path),
    )


def weights_hash(folder: Path) -> str:
    """SHA-256 of a checkpoint's ``model.safetensors``, by which side weights know the checkpoint that they belong to."""
    return file_hash(folder / "model.safetensors")
