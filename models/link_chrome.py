"""Link lists that a page glues into a sentence: "Speaker Nancy Pelosi [Nancy PelosiOn The Money … MORE] said …".

The name is written again, in full, with the first linked headline stuck to its end; the list closes with MORE.
"""

from collections.abc import Sequence

CLOSING = "MORE"
MAX_NAME = 8
"""Tokens between the name in the sentence and the glued word at most: "Trump [Donald John Trump]GOP"."""


def linked(words: Sequence[str]) -> list[tuple[int, int]]:
    """The token ranges of glued link lists, ascending.

    :param words: A sentence's tokens.
    """
    if CLOSING not in words:
        return []
    found, at = [], 0
    while at < len(words):
        name = _name_glued(words, at)
        end = next((close for close in range(at + 1, len(words)) if words[close] == CLOSING), None)
        if name is None or end is None:
            at += 1
            continue
        found.append((name + 1, end + 1))
        at = end + 1
    return found


def _name_glued(words: Sequence[str], index: int) -> int | None:
    """The token that the glued word at ``index`` begins with, a little before it: "Trump" for "TrumpGOP"."""
    word = words[index]
    for at in range(index - 1, max(-1, index - MAX_NAME), -1):
        name = words[at]
        glued = len(word) > len(name) > 2 and word.startswith(name) and name[0].isupper()
        if glued and (word[len(name)].isupper() or word[len(name)].isdigit()):
            return at
    return None
