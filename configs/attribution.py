"""The attribution lexicon: verbs and phrases that attribute a statement, from ``lexicons/attribution.toml``."""

import tomllib
from collections.abc import Iterator
from functools import cache, cached_property
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, ValidationError

from copydesk.configs.actors import Phrases
from copydesk.configs.errors import ConfigError

_VOWELS = "aeiou"


class AttributionLexicon(BaseModel):
    """Cue verbs by what follows them, and the words around them; see the file for each list.

    The verb lists are kept as written: a base form, then its irregular forms; ``_`` joins the words of a phrase.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    report: Phrases
    address: Phrases
    judge: Phrases
    attitude: Phrases
    relay: Phrases
    phrases: Phrases
    auxiliaries: Phrases
    adjuncts: Phrases
    clause_starts: Phrases
    noun_signs: Phrases
    subject_pronouns: Phrases
    irregular_pasts: Phrases

    @cached_property
    def verbs(self) -> dict[tuple[str, ...], frozenset[str]]:
        """Every inflected form, as a tuple of words, with the lists that it stands in."""
        found: dict[tuple[str, ...], set[str]] = {}
        for frame in ("report", "address", "judge", "attitude", "relay"):
            for entry in getattr(self, frame):
                for form in inflected(entry.split()):
                    found.setdefault(tuple(form.split("_")), set()).add(frame)
        return {form: frozenset(frames) for form, frames in found.items()}


@cache
def attribution_lexicon() -> AttributionLexicon:
    """The shipped lexicon, read once.

    :raises ConfigError: If the file is malformed.
    """
    source = "configs/lexicons/attribution.toml"
    try:
        text = (files("copydesk.configs") / "lexicons" / "attribution.toml").read_text(encoding="utf-8")
        return AttributionLexicon.model_validate(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise ConfigError(f"the attribution lexicon is malformed: {error}.", source=source) from error


def inflected(entry: list[str]) -> Iterator[str]:
    """All forms of a verb: those given, and the regular third person, past and participle where none is given."""
    base, *given = entry
    yield base
    yield from given
    verb, _, rest = base.partition("_")
    tail = f"_{rest}" if rest else ""
    forms = {form.partition("_")[0] for form in given}
    consonant_y = verb.endswith("y") and verb[-2:-1] not in _VOWELS
    if not any(form.endswith("s") for form in forms):
        yield (
            f"{verb[:-1]}ies" if consonant_y else f"{verb}es" if verb.endswith(("s", "sh", "ch", "x")) else f"{verb}s"
        ) + tail
    if not any(form.endswith("ing") for form in forms):
        yield (f"{verb[:-1]}ing" if verb.endswith("e") and not verb.endswith("ee") else f"{verb}ing") + tail
    if not any(not form.endswith(("s", "ing")) for form in forms):
        yield (f"{verb[:-1]}ied" if consonant_y else f"{verb}d" if verb.endswith("e") else f"{verb}ed") + tail
