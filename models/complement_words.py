"""Words that are rarely whole without a certain preposition, particle, "to" or "that": "reliance on", "in line with"."""

from functools import cache
from importlib.resources import files

from copydesk.models.lexicon import lexicon
from copydesk.models.sentence_words import SentenceWords


@cache
def complement_words() -> frozenset[tuple[str, ...]]:
    """Pairs such as ("reliance", "on") and triples such as ("in", "line", "with"), learnt by
    ``training/headline_complements.py``, and the lexicon's adjectives, too rare in the news for that."""
    path = files("copydesk.models") / "embedded" / "headline" / "complements.txt"
    learnt = (tuple(line.split()) for line in path.read_text(encoding="utf-8").splitlines())
    return frozenset(learnt) | {tuple(pair.split(":")) for pair in lexicon("style", "bound_adjective")}


def completes(read: SentenceWords, index: int, before: int) -> bool:
    """Whether the token at ``index`` opens what completes the word at ``before``.

    :param index: A preposition, a particle, "to" or "that".
    :param before: The word before it, or before a date between the two.
    """
    pair = (read.lower[before], read.lower[index])
    known = complement_words()
    return pair in known or (before > 0 and (read.lower[before - 1], *pair) in known)
