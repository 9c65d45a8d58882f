"""Which model a command loads, as its options name it: one value that can be handed on to worker processes."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model and how to load it; what is ``None`` is left to the loader.

    :param name: As for ``ArticlePredictor.from_pretrained``.
    :param device: ``cpu``, ``cuda``, ``cuda:1``, ``mps``; the best that there is by default.
    :param retriever: The encoder that finds the sentences that may prove a label, or ``none`` to verify every pair.
    :param label_order: The classes of an entailment model in order, where its configuration doesn't tell.
    """

    name: str | None = None
    device: str | None = None
    retriever: str | None = None
    label_order: tuple[str, ...] | None = None

    @classmethod
    def of(cls, args: argparse.Namespace) -> Self:
        """What a parser read that :func:`add_model_arguments` set up."""
        return cls(args.model, args.device, args.retriever, args.label_order)

    def load(self, load: Callable[..., T]) -> T:
        """The model.

        :param load: ``ArticlePredictor.from_pretrained``, or what stands for it.
        """
        given = {"device": self.device, "retriever": self.retriever, "label_order": self.label_order}
        return load(self.name, **{name: value for name, value in given.items() if value is not None})


def add_model_arguments(parser: argparse.ArgumentParser | argparse._ArgumentGroup) -> None:
    """Add the options that say which model is loaded, and how."""
    parser.add_argument(
        "--model", metavar="NAME", help="embedded (default), baseline, a folder or a Hugging Face Hub id"
    )
    parser.add_argument("--device", metavar="NAME", help="cpu, cuda, mps (default: the best that there is)")
    parser.add_argument(
        "--retriever", metavar="NAME", help="another encoder to find proofs with, or none: verify every pair"
    )
    parser.add_argument(
        "--label-order",
        type=comma_separated,
        metavar="A,B,C",
        help="classes of a Hub model in order, if it doesn't name them, e.g. entailment,neutral,contradiction",
    )


def comma_separated(value: str) -> tuple[str, ...]:
    """The names in "A, B"; none in an empty text."""
    return tuple(name.strip() for name in value.split(",") if name.strip())
