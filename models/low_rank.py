"""Low-rank updates of an encoder (Hu et al., 2021, "LoRA"): another skill for a fortieth of its weights or less.

Each updated layer computes ``W + up · down`` in place of ``W``. For reading, the product is added to a copy of the weights once,
so that the updated encoder costs what the plain one does; the word embeddings, half of a small model, are shared.
"""

import copy
from collections.abc import Mapping
from typing import Any

import torch

from copydesk.models.suite import Floats

TOKEN_TYPES = "embeddings.token_type_embeddings.weight"
"""The one table that is replaced whole: two rows."""
BLOCKS = "encoder.layer."
"""What the names of a BERT's blocks begin with; their number follows."""


def block_of(name: str) -> int:
    """The number of the block that a parameter or layer belongs to."""
    return int(name.removeprefix(BLOCKS).partition(".")[0])


def updated(encoder: Any, updates: Mapping[str, Floats]) -> Any:
    """A copy of an encoder with updates added; what no update touches at all (the embeddings) is shared with it.

    :param encoder: A transformers encoder.
    :param updates: ``NAME.down``, shape (rank, inputs), and ``NAME.up``, shape (outputs, rank), for each updated layer by its
        module's name, and :data:`TOKEN_TYPES`; other keys are not read.
    :raises KeyError: If a layer that is updated is not there.
    :raises RuntimeError: If shapes don't fit.
    """
    shared = {
        id(one): one for name, one in encoder.embeddings.named_parameters(prefix="embeddings") if name != TOKEN_TYPES
    }
    copied = copy.deepcopy(encoder, dict(shared))
    weights = dict(copied.named_parameters())
    merge(weights, updates)
    if TOKEN_TYPES in updates:
        with torch.no_grad():
            weights[TOKEN_TYPES].copy_(torch.from_numpy(updates[TOKEN_TYPES]))
    return copied


def merge(weights: Mapping[str, torch.nn.Parameter], updates: Mapping[str, Floats]) -> None:
    """Add the products of updates to the weights that they are of.

    :param weights: By name, changed in place.
    :param updates: As of :func:`updated`.
    :raises KeyError: If a layer that is updated is not there.
    :raises RuntimeError: If shapes don't fit.
    """
    with torch.no_grad():
        for name in {
            key.removesuffix(".down").removesuffix(".up") for key in updates if key.endswith((".down", ".up"))
        }:
            weight = weights[f"{name}.weight"]
            weight.add_(torch.from_numpy(updates[f"{name}.up"] @ updates[f"{name}.down"]).to(weight.device))
