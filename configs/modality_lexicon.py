"""The modality lexicon: cues of what is planned, threatened, demanded or denied, from ``lexicons/modality.toml``."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

Words = tuple[str, ...]
Phrases = Mapping[str, tuple[Words, ...]]
"""Phrases by their first word, the longest first; :data:`GAP` stands for a few words."""

GAP = "*"
"""In a phrase: one to three words of any kind."""
_GAP_WORDS = 3
_VOWELS = frozenset("aeiou")


class Cue(NamedTuple):
    """Words that set what follows or precedes them apart from what happened.

    :param words: The words, in lower case.
    :param kind: demanded, planned, vowed, warned, threatened, denied or none.
    :param backward: Whether it bears on what stands before it.
    """

    words: Words
    kind: str
    backward: bool


class ModalityLexicon(NamedTuple):
    """The lexicon, ready for look-up; the comments of the file say what each list is for."""

    cues: Mapping[str, tuple[Cue, ...]]
    boundaries: Phrases
    presuppose: frozenset[str]
    hostile: frozenset[str]
    short: frozenset[Words]
    conditions: frozenset[Words]
    past: frozenset[str]
    reporting: frozenset[str]
    imperative: frozenset[str]
    after_imperative: frozenset[str]
    before_to: frozenset[str]
    general: frozenset[str]
    irregular: Mapping[str, str]


@cache
def modality_lexicon() -> ModalityLexicon:
    """The shipped lexicon."""
    path = files("copydesk.configs") / "lexicons" / "modality.toml"
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    words = tables["words"]
    cues = [Cue(form, kind, False) for kind, phrases in tables["cues"].items() for form in _forms(phrases)]
    for kind, phrases in tables["backward"].items():
        be_forms = [
            phrase.replace("be ", f"{be} ", 1) for phrase in phrases if phrase[:3] == "be " for be in words["be"]
        ]
        cues += [Cue((*form, "to"), kind, False) for form in _forms(be_forms)]  # "is expected to" bears on what follows
        others = [phrase for phrase in phrases if phrase[:3] != "be "]
        cues += [Cue(form, kind, True) for form in _forms([*be_forms, *others])]
    return ModalityLexicon(
        cues=_by_first_word(cues),
        boundaries={
            first: tuple(cue.words for cue in group)
            for first, group in _by_first_word([Cue(form, "", False) for form in _forms(words["boundaries"])]).items()
        },
        presuppose=frozenset(form[0] for form in _forms(words["presuppose"])),
        hostile=frozenset(form[0] for form in _forms(words["hostile"])),
        short=frozenset(_forms(words["short"])),
        conditions=frozenset(_forms(words["conditions"])),
        past=frozenset(words["past"]),
        reporting=frozenset(words["reporting"]),
        imperative=frozenset(words["imperative"]),
        after_imperative=frozenset(words["after_imperative"]),
        before_to=frozenset(words["before_to"]),
        general=frozenset(words["general"]),
        irregular={form: base for base, forms in tables["irregular"].items() for form in forms},
    )


def match_length(phrase: Words, words: list[str], at: int) -> int:
    """How many words the phrase takes from ``words[at]`` on, 0 if it doesn't stand there."""
    position = at
    for index, word in enumerate(phrase):
        if word == GAP:
            following = phrase[index + 1]
            window = words[position + 1 : position + 1 + _GAP_WORDS]
            if following not in window:
                return 0
            position += 1 + window.index(following)
        elif position < len(words) and words[position] == word:
            position += 1
        else:
            return 0
    return position - at


def _forms(phrases: Iterable[str]) -> Iterator[Words]:
    """Each phrase in all the forms that its tildes stand for."""
    for phrase in phrases:
        forms: list[Words] = [()]
        for word in phrase.split():
            alternatives = _inflections(word[:-1]) if word.endswith("~") else (word,)
            forms = [(*form, alternative) for form in forms for alternative in alternatives]
        yield from forms


def _inflections(verb: str) -> tuple[str, ...]:
    """The regular forms of an English verb; a few that don't exist come along and do no harm."""
    if verb.endswith("e"):
        return (verb, f"{verb}s", f"{verb}d", f"{verb[:-1]}ing")
    if verb.endswith("y") and verb[-2:-1] not in _VOWELS:
        return (verb, f"{verb[:-1]}ies", f"{verb[:-1]}ied", f"{verb}ing")
    plural = f"{verb}es" if verb.endswith(("s", "x", "z", "ch", "sh")) else f"{verb}s"
    doubled = (f"{verb}{verb[-1]}ed", f"{verb}{verb[-1]}ing") if verb[-1] not in _VOWELS else ()
    return (verb, plural, f"{verb}ed", f"{verb}ing", *doubled)


def _by_first_word(cues: Iterable[Cue]) -> dict[str, tuple[Cue, ...]]:
    groups: dict[str, list[Cue]] = {}
    for cue in dict.fromkeys(cues):
        groups.setdefault(cue.words[0], []).append(cue)
    return {first: tuple(sorted(group, key=lambda cue: -len(cue.words))) for first, group in groups.items()}
