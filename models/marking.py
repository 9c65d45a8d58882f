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
