"""The word lists of ``configs/lexicons/headline.toml``, as frozen sets."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

_FUNCTION_CLASSES = (
    "article",
    "determiner",
    "possessive",
    "preposition",
    "conjunction",
    "subordinator",
    "relative",
    "subject",
    "object",
    "modal",
    "be",
    "have",
    "do",
    "negation",
)


@cache
def lexicon(section: str, name: str) -> frozenset[str]:
    """The words of one list; an underscore in the file is a space, as in ``at_least``.

    :param section: Table of the file, e.g. ``classes``.
    :param name: Key in the table, e.g. ``preposition``.
    """
    return frozenset(word.replace("_", " ") for word in _tables()[section][name].split())


@cache
def function_words() -> frozenset[str]:
    """Articles, pronouns, prepositions, conjunctions and auxiliaries: words that say nothing alone."""
    return frozenset({"to", "that", "what", "s"}).union(*(lexicon("classes", name) for name in _FUNCTION_CLASSES))


@cache
def _tables() -> dict[str, dict[str, Any]]:
    path = files("copydesk.configs") / "lexicons" / "headline.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))
