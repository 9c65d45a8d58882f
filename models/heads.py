"""The linear heads beside a checkpoint and the figures fitted with it: ``heads.json`` and ``heads.safetensors``."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from copydesk.configs.errors import ModelError

HeadKind = Literal["sequence", "token"]


@dataclass(frozen=True)
class Head:
    """One linear layer.

    :param name: As training named it.
    :param kind: ``sequence`` reads the pooler's output, ``token`` every last hidden state.
    :param labels: Its classes, in order.
    :param temperature: What its logits are divided by before the softmax; fitted on dev data, 1 where it was not.
    :param weight: Shape (len(labels), width).
    :param bias: Shape (len(labels),).
    """

    name: str
    kind: HeadKind
    labels: tuple[str, ...]
    weight: Any
    bias: Any
    temperature: float = 1.0


@dataclass(frozen=True)
class Heads:
    """All heads of a checkpoint.

    :param by_name: The heads.
    :param calibration: What was fitted for reading with this checkpoint, by the module that reads it.
    :param dyad_codebooks: Names of the codebooks whose dyads it was trained on.
    """

    by_name: Mapping[str, Head] = field(default_factory=dict)
    calibration: Mapping[str, Any] = field(default_factory=dict)
    dyad_codebooks: frozenset[str] = frozenset()

    def get(self, name: str) -> Head:
        """The head of that name.

        :raises ModelError: If the checkpoint has none.
        """
        try:
            return self.by_name[name]
        except KeyError:
            raise ModelError(
                f"the model has no {name!r} head; it has {', '.join(sorted(self.by_name)) or 'none'}.",
                remedy="Use the embedded model, or train the head with copydesk-train.",
            ) from None


def load_heads(folder: Path, width: int) -> Heads:
    """Read the heads of a checkpoint's folder; none where it has no ``heads.json``.

    :param width: The encoder's hidden size.
    :raises ModelError: If the two files don't belong together.
    """
    described = folder / "heads.json"
    if not described.is_file():
        return Heads()
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        data = json.loads(described.read_text(encoding="utf-8"))
        tensors = load_file(folder / "heads.safetensors")
        heads = {
            name: Head(
                name=name,
                kind=entry["kind"],
                labels=tuple(entry["labels"]),
                weight=tensors[f"{name}.weight"].float(),
                bias=tensors[f"{name}.bias"].float(),
                temperature=float(entry.get("temperature", 1.0)),
            )
            for name, entry in data["heads"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise ModelError(
            f"heads.json and heads.safetensors can't be read ({type(error).__name__}: {error}).",
            remedy="Get the model's folder again.",
            source=str(folder),
        ) from error
    for head in heads.values():
        if tuple(head.weight.shape) != (len(head.labels), width):
            raise ModelError(
                f"the head {head.name!r} has the shape {tuple(head.weight.shape)}, not {(len(head.labels), width)}.",
                remedy="Get the model's folder again: heads.safetensors belongs to another checkpoint.",
                source=str(folder),
            )
    return Heads(heads, data.get("calibration", {}), frozenset(data.get("dyad_codebooks", ())))
