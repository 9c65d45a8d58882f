"""What a word is worth before its sentence is looked at: how often it stands in headlines, and where else in the article.

Reporters name the news again: a word of the lead that comes back in later sentences is in the headline more often than one that
does not, and some words ("killed", "sues") are taken up by headlines far more often than others ("Tuesday", "told"). The table of
these habits is learnt by ``training/headline_words.py`` and ships in ``embedded/headline/words.json``.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from copydesk.models.words import is_word, word_spans


def normal(word: str) -> str:
    """A word in lower case, without the apostrophe of an owner and without points or quotation marks around it."""
    lower = word.lower().replace("’", "'")
    return lower[:-2] if lower.endswith("'s") else lower.strip("'.")


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """A light stem of a :func:`normal` word: it joins "plunge", "plunges", "plunged" and "plunging", and leaves short words,
    names and numbers alone."""
    for suffix in ("ing", "ed", "es", "s", "e"):
        if word.endswith(suffix) and len(word) - len(suffix) >= 3 and not word.endswith("ss"):
            root = word[: -len(suffix)]
            return root[:-1] if len(root) > 3 and root[-1] == root[-2] and root[-1] not in "lsz" else root
    return word


def stems(text: str) -> frozenset[str]:
    """The stems of a text's words."""
    return frozenset(stem(normal(text[start:end])) for start, end in word_spans(text) if is_word(text[start:end]))


@cache
def headline_habits() -> Mapping[str, float]:
    """For each known stem, the log odds ratio of being in the headline, given that it is in the first sentence."""
    path = files("copydesk.models") / "embedded" / "headline" / "words.json"
    table: dict[str, float] = json.loads(path.read_text(encoding="utf-8"))
    return table


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sentence stands in its article.

    :param index: Its number, from 0.
    :param sentences: The stems of each of the article's sentences.
    """

    index: int
    sentences: Sequence[frozenset[str]]

    def repeats(self, stem_: str) -> int:
        """In how many of the article's other sentences the stem stands."""
        return sum(stem_ in others for number, others in enumerate(self.sentences) if number != self.index)

    def in_first(self, stem_: str) -> bool:
        """Whether the stem stands in the first sentence, seen from a later one."""
        return self.index > 0 and stem_ in self.sentences[0]
