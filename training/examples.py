"""What the reader learns from: six kinds of examples, whatever table they come from."""

from collections.abc import Sequence
from dataclasses import dataclass

ENTAILMENT_HEAD = "entailment"
"""The checkpoint's own classifier. The other heads are linear layers beside it."""

HEAD_LABELS: dict[str, tuple[str, ...]] = {
    ENTAILMENT_HEAD: ("entailment", "neutral", "contradiction"),
    "polarity": ("favour", "against", "neutral"),
    "directed": ("neutral", "p_positive_to_q", "q_positive_to_p", "p_negative_to_q", "q_negative_to_p"),
    "claim": ("agree", "disagree", "discuss", "unrelated"),
    "attribution": ("O", "B-source", "I-source", "B-cue", "I-cue", "B-content", "I-content"),
    "keep": ("drop", "keep"),
}
TOKEN_HEADS = frozenset({"attribution", "keep"})
NONE_HOLDS = -1
"""Gold index of a ``Choice`` none of whose hypotheses holds."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A (premise, hypothesis) with a class of one of the sequence heads."""

    head: str
    a: str
    b: str
    label: int


@dataclass(frozen=True, slots=True)
class Choice:
    """A premise and several hypotheses of which one holds; learnt listwise by the entailment head.

    :param gold: Index of the one that holds, or ``NONE_HOLDS``.
    """

    a: str
    hypotheses: tuple[str, ...]
    gold: int


@dataclass(frozen=True, slots=True)
class Match:
    """A text whose embedding must lie nearer to its own statements than to those of the other labels.

    :param statements: For each label, one or more statements; a label scores as its soft maximum.
    :param gold: Index of the text's label. ``statements`` is shared by all the examples of a task.
    """

    text: str
    statements: tuple[tuple[str, ...], ...]
    gold: int


@dataclass(frozen=True, slots=True)
class Twin:
    """Two texts of the same story; the other stories of the batch are the negatives."""

    text: str
    twin: str


@dataclass(frozen=True, slots=True)
class Tags:
    """A text with labelled spans for one of the token heads.

    :param spans: ``(start, end, label)`` in code points of ``text``; ascending, not overlapping. ``label`` indexes the head's
        labels; a label that begins with ``B-`` gives its first word piece to ``B-`` and the rest to ``I-``.
    :param default: Label of the word pieces outside all spans; ``None`` leaves them out of the loss.
    """

    head: str
    text: str
    spans: tuple[tuple[int, int, int], ...]
    default: int | None = 0


@dataclass(frozen=True, slots=True)
class Anchor:
    """A text whose likeness to the others of its batch must stay what the base's embedding says it is."""

    text: str


Example = Anchor | Pair | Choice | Match | Twin | Tags


def label_index(head: str, label: str) -> int:
    """Column of a label in its head.

    :raises ValueError: If the head has no such label.
    """
    return HEAD_LABELS[head].index(label)


def size_in_tokens(lengths: Sequence[int], budget: int) -> int:
    """How many of the ascending ``lengths`` fit into one padded batch of ``budget`` tokens; at least one."""
    count = 0
    for length in lengths:
        if count and (count + 1) * length > budget:
            break
        count += 1
    return count
