"""The polarity lexicon: verbs that show a view between two actors, and loaded words, from ``lexicons/polarity.toml``."""

import tomllib
from functools import cache, cached_property
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, ValidationError

from copydesk.configs.actors import Phrases
from copydesk.configs.attribution import inflected
from copydesk.configs.errors import ConfigError


class PolarityLexicon(BaseModel):
    """Words that show a view; see the file for each list. All in lower case."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    against: Phrases
    favour: Phrases
    appeal: Phrases
    peace: Phrases
    pleas: Phrases
    stated: Phrases
    hostile_nouns: Phrases
    negations: Phrases
    loaded_against: Phrases
    loaded_favour: Phrases
    loaded_both: Phrases
    noun_signs: Phrases
    verb_signs: Phrases
    irregular_pasts: Phrases

    @cached_property
    def verbs(self) -> dict[tuple[str, ...], str]:
        """Every inflected verb form, as a tuple of words, with ``against``, ``favour`` or ``appeal``."""
        return {
            tuple(form.split("_")): view
            for view in ("against", "favour", "appeal")
            for entry in getattr(self, view)
            for form in inflected(entry.split())
        }

    @cached_property
    def stated_forms(self) -> frozenset[str]:
        """Every inflected form of the verbs that state a side outright, as they stand in a text."""
        return frozenset(form.replace("_", " ") for entry in self.stated for form in inflected(entry.split()))


@cache
def polarity_lexicon() -> PolarityLexicon:
    """The shipped lexicon, read once.

    :raises ConfigError: If the file is malformed.
    """
    source = "configs/lexicons/polarity.toml"
    try:
        text = (files("copydesk.configs") / "lexicons" / "polarity.toml").read_text(encoding="utf-8")
        return PolarityLexicon.model_validate(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise ConfigError(f"the polarity lexicon is malformed: {error}.", source=source) from error
