"""Marks entities in a text, so that a cross-encoder knows which mention a question is about.

Typed entity markers follow Zhou and Chen (2022, "An Improved Baseline for Sentence-level Relation Extraction"), who found
plain punctuation around a mention to serve a small encoder better than new special tokens.
"""

from collections.abc import Sequence

from copydesk.models.schema import Span

FIRST = ("<< ", " >>")
"""Around the entity that a question is about: the target of a stance, ``p`` of a pair, the source of a dyad."""
SECOND = ("{{ ", " }}")
"""Around the other entity: the holder of a stance, ``q`` of a pair, the target of a dyad."""


def mark_spans(text: str, first: Sequence[Span] = (), second: Sequence[Span] = ()) -> str:
    """``text`` with the given mentions wrapped; a mention that overlaps an earlier one stays unmarked.

    :param text: A sentence or passage.
    :param first: ``(start, end)`` code points of the first entity's mentions.
    :param second: The same for the second entity.
    :returns: The marked text; offsets into it differ from those into ``text``.
    """
    wrapped = sorted([(*span, FIRST) for span in first] + [(*span, SECOND) for span in second])
    pieces: list[str] = []
    done = 0
    for start, end, (opening, closing) in wrapped:
        if start < done or end <= start:
            continue
        pieces += [text[done:start], opening, text[start:end], closing]
        done = end
    return "".join([*pieces, text[done:]])


def mark_pair(sentence: str, first: str, second: str) -> str:
    """The sentence with the first place of each of two actors marked; an actor that doesn't stand in it stays unmarked.

    :param sentence: One sentence.
    :param first: The first actor, as it is written there.
    :param second: The other actor.
    """
    a, b = first.strip(), second.strip()
    at_a, at_b = sentence.find(a), sentence.find(b)
    if 0 <= at_a < at_b + len(b) and 0 <= at_b < at_a + len(
        a
    ):  # one name inside the other: look for the shorter elsewhere
        longer_end = max(at_a + len(a), at_b + len(b))
        if len(a) < len(b):
            at_a = sentence.find(a, longer_end)
        else:
            at_b = sentence.find(b, longer_end)
    return mark_spans(
        sentence,
        first=[(at_a, at_a + len(a))] if a and at_a >= 0 else [],
        second=[(at_b, at_b + len(b))] if b and at_b >= 0 else [],
    )
