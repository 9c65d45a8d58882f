"""A fork of an encoder: its upper blocks once more, with low-rank updates, over the states of the lower ones.

Both readings of a text cost as much as one and the fork's blocks: with the upper half forked, three quarters of two encoders.
"""

import copy
import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import torch

from copydesk.models.low_rank import BLOCKS, block_of, merge
from copydesk.models.suite import Floats

Result = TypeVar("Result")


class Fork:
    """The blocks of an encoder from the first that is updated.

    :param encoder: A BERT of the transformers library.
    :param updates: Of its blocks, as :func:`copydesk.models.low_rank.updated` reads them.
    :raises KeyError: If a layer that is updated is not there.
    :raises RuntimeError: If shapes don't fit.
    :raises ValueError: If anything but a block is updated, or nothing.
    """

    def __init__(self, encoder: Any, updates: Mapping[str, Floats]) -> None:
        if not updates:
            raise ValueError("no block is updated")
        if others := [name for name in updates if not name.startswith(BLOCKS)]:
            raise ValueError(f"{others[0]} belongs to no block")
        first = min(map(block_of, updates))
        blocks = encoder.get_submodule(BLOCKS.removesuffix("."))
        if first >= len(blocks):
            raise KeyError(f"{BLOCKS}{first}")
        self._begin = blocks[first]
        self._blocks = copy.deepcopy(blocks[first:])
        own = {_renumbered(name, -first): tensor for name, tensor in updates.items()}
        merge(dict(self._blocks.named_parameters(prefix=BLOCKS.removesuffix("."))), own)

    def beside(self, read: Callable[[], Result]) -> tuple[Result, torch.Tensor]:
        """What a reading by the encoder gives, and the last hidden states of the same batch by the fork.

        :param read: Runs the encoder once.
        """
        thread = threading.get_ident()
        heard: list[tuple[tuple[Any, ...], dict[str, Any]]] = []

        def listen(_: torch.nn.Module, inputs: tuple[Any, ...], options: dict[str, Any] | None = None) -> None:
            # Another thread may be reading with the same encoder, and torch tells it no options while the hook is being set.
            if threading.get_ident() == thread:
                heard.append((inputs, options or {}))

        hook = self._begin.register_forward_pre_hook(listen, with_kwargs=True)
        try:
            result = read()
        finally:
            hook.remove()
        ((states, *rest), options) = heard[-1]
        for block in self._blocks:
            found = block(states, *rest, **options)
            states = found[0] if isinstance(found, tuple) else found  # a tuple in transformers 4
        return result, states


def _renumbered(name: str, by: int) -> str:
    """The name of a parameter whose block has another number."""
    number = block_of(name)
    return f"{BLOCKS}{number + by}{name[len(BLOCKS) + len(str(number)) :]}"
