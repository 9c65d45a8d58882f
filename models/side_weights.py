"""Small weights that lie beside a checkpoint and work with no other: the headline's judge, its model of words and
gaps, and the teller of events."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from copydesk.configs.errors import ModelError
from copydesk.models.checkpoint import file_hash
from copydesk.models.suite import Floats

if TYPE_CHECKING:
    from copydesk.models.reader import Reader

Model = TypeVar("Model")


def loaded_beside(
    reader: "Reader", file: str, trainer: str, build: "Callable[[Reader, Mapping[str, Floats]], Model]"
) -> Model | None:
    """What a file beside a reader's checkpoint holds; ``None`` where there is no such file.

    :param file: Its name.
    :param trainer: As of :func:`read_side_weights`.
    :param build: Makes the model; a KeyError, RuntimeError or ValueError of its says that tensors are missing or don't fit.
    :raises ModelError: If it can't be read, was trained with other weights, or doesn't fit them.
    """
    path = reader.folder / file
    if not path.is_file():
        return None
    tensors = read_side_weights(path, trainer)
    try:
        return build(reader, tensors)
    except (KeyError, RuntimeError, ValueError) as error:
        raise ModelError(
            f"it doesn't fit the checkpoint beside it ({type(error).__name__}: {error}).",
            remedy="Get the model's folder again.",
            source=str(path),
        ) from error


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
