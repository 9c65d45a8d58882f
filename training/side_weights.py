"""Writes the small weights that lie beside a checkpoint, for :mod:`copydesk.models.side_weights` to read."""

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from copydesk.models.side_weights import weights_hash
from copydesk.training.disk import writing


def stored(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Tensors as they are written: fp16, on the CPU."""
    return {name: value.detach().half().cpu().contiguous() for name, value in tensors.items()}


def write_side_weights(path: Path, tensors: Mapping[str, Tensor], folder: Path, what: str, remedy: str) -> None:
    """Write tensors with the hash of the checkpoint that they belong to.

    :param folder: Of that checkpoint.
    :param what: The tensors are, for the error of a full disk.
    :param remedy: What to do then.
    """
    from safetensors.torch import save_file

    with writing(what, path, remedy):
        save_file(dict(tensors), path, metadata={"format": "pt", "model": weights_hash(folder)})
        path.chmod(0o644)
