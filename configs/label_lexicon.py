"""What people mean by a bare label: known names with statements, from ``lexicons/labels.toml`` and the shipped codebooks.

A codebook that gives "flood" or "Sci/Tech" and nothing else says less than its author knows. Statements that someone wrote for
the same name say the rest, as WordNet glosses do for the labels of text classifiers (Yin et al., 2019, use them so).
"""

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from copydesk.configs.codebook import Codebook

KNOWN_CODEBOOKS = ("acled", "iptc", "desk", "plover", "plover15", "plover_modes")
"""Shipped codebooks whose labels are known by name."""
ABBREVIATED_FROM = 0.5
"""An abbreviation stands for at least this share of the words of a name: "chem weap" for "chemical weapon"."""
SHORTEST_STEM = 3
"""Letters of a word that stand for it: "gov" for "government", but not "go"."""

_WORD = re.compile(r"non(?=[a-z]{5})|[^\W_]+")
"""A word; "nonviolent" and "non-violent" are the same two."""
_SMALL_WORDS = frozenset({"a", "an", "and", "for", "in", "news", "of", "on", "or", "other", "the", "to"})


class KnownLabel(NamedTuple):
    """A label that copydesk has statements for.

    :param source: ``lexicon``, or the codebook that it stands in.
    :param names: Its names, the first is its own.
    :param definition: May be empty.
    :param statements: Hold of an article that the label applies to.
    """

    source: str
    names: tuple[str, ...]
    definition: str
    statements: tuple[str, ...]


@cache
def known_labels() -> tuple[KnownLabel, ...]:
    """The lexicon's labels, then those of the shipped codebooks."""
    table = tomllib.loads((files("copydesk.configs") / "lexicons" / "labels.toml").read_text(encoding="utf-8"))
    known = [KnownLabel("lexicon", tuple(one["names"]), "", tuple(one["statements"])) for one in table["labels"]]
    for name in KNOWN_CODEBOOKS:
        for label in Codebook.load(name).labels:
            spoken = label.name.rpartition("/")[2]  # the modes of plover are called ASSAULT/AERIAL
            known.append(KnownLabel(name, (spoken,), label.definition, label.hypotheses))
    return tuple(known)


def spelt_out(name: str) -> str:
    """A label's name as one would say it: "sci/tech" is "sci or tech"."""
    return re.sub(r"[_\s]+", " ", re.sub(r"(?:(?<!\s)\s++)?[/|]\s*", " or ", name)).strip()


def content_words(name: str) -> tuple[str, ...]:
    """The words of a name that carry its meaning, in lower case and the singular; empty for "other"."""
    words = _WORD.findall(name.lower())
    return tuple(_singular(word) for word in words if word not in _SMALL_WORDS)


def named(name: str) -> tuple[int, ...]:
    """Numbers of the known labels that have a name of the same words."""
    return _by_words().get(frozenset(content_words(name)), ()) if content_words(name) else ()


def abbreviated(name: str) -> tuple[int, ...]:
    """Numbers of the known labels that a name abbreviates best, by stems of their words in order: "CHEM_WEAP"."""
    stems = content_words(name)
    if not stems:
        return ()
    shares = {
        (number, words): _covered(stems, words) for number, words in _words() if not frozenset(stems) <= set(words)
    }
    best = max(shares.values(), default=0.0)
    if best < ABBREVIATED_FROM:
        return ()
    return tuple(dict.fromkeys(number for (number, _), share in shares.items() if share == best))


@cache
def _words() -> tuple[tuple[int, tuple[str, ...]], ...]:
    """Every name of every known label as its content words."""
    return tuple((number, content_words(name)) for number, known in enumerate(known_labels()) for name in known.names)


@cache
def _by_words() -> dict[frozenset[str], tuple[int, ...]]:
    found: dict[frozenset[str], tuple[int, ...]] = {}
    for number, words in _words():
        key = frozenset(words)
        if number not in found.get(key, ()):
            found[key] = (*found.get(key, ()), number)
    return found


def _covered(stems: tuple[str, ...], words: tuple[str, ...]) -> float:
    """The share of ``words`` that ``stems`` abbreviate one by one; 0 where a stem begins none of those that are left."""
    at = 0
    for stem in stems:
        while at < len(words) and not (
            words[at] == stem or (len(stem) >= SHORTEST_STEM and words[at].startswith(stem))
        ):
            at += 1
        if at == len(words):
            return 0.0
        at += 1
    return len(stems) / len(words)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word[-1] == "s" and word[-2] not in "su" else word
