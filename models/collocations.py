"""Pairs of words that are one term: "real estate", "interest rates"."""

from functools import cache
from importlib.resources import files


@cache
def collocations() -> frozenset[tuple[str, str]]:
    """Pairs of words that are one term, learnt by ``training/headline_names.py``."""
    path = files("copydesk.models") / "embedded" / "headline" / "collocations.txt"
    pairs = (line.split() for line in path.read_text(encoding="utf-8").splitlines())
    return frozenset((left, right) for left, right in pairs)
