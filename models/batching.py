"""Batches of like length under a budget of tokens, so that little is padded and memory is bounded."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def token_batches(lengths: Sequence[int], budget: int) -> list[list[int]]:
    """Cut items into batches of like length.

    :param lengths: Tokens of each item.
    :param budget: Most tokens of a batch, padding included; an item longer than that is a batch of its own.
    :returns: Indices into ``lengths``, the longest first, so that memory runs out at once or never; each index stands once.
    """
    batches: list[list[int]] = []
    longest = 0
    for index in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        if not batches or longest * (len(batches[-1]) + 1) > budget:
            batches.append([])
            longest = lengths[index]
        batches[-1].append(index)
    return batches


def padding_share(lengths: Sequence[int], batches: Sequence[Sequence[int]]) -> float:
    """Share of the padded tokens that are padding, 0 to 1."""
    padded = sum(len(batch) * max(lengths[index] for index in batch) for batch in batches if batch)
    return 1.0 - sum(lengths) / padded if padded else 0.0


def pools(items: Sequence[Item], sizes: Sequence[int], limit: int) -> Iterator[Sequence[Item]]:
    """Consecutive runs of items whose sizes add up to at most ``limit``; an item larger than that is a run of its own.

    :param sizes: The size of each item, e.g. an article's sentences.
    """
    start = total = 0
    for index, size in enumerate(sizes):
        if index > start and total + size > limit:
            yield items[start:index]
            start, total = index, 0
        total += size
    if start < len(items):
        yield items[start:]
