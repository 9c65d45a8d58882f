"""The actor lexicon: countries, well-known organisations and the words that tell what a name is, from ``lexicons/*.toml``."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from copydesk.configs.errors import ConfigError

ActorKind = Literal["country", "organisation", "person", "group"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Country(_Frozen):
    """A country, or a territory with a side of its own in the news.

    :param name: The name shown.
    :param code: ISO 3166-1 alpha-2 code, where it has one.
    :param demonyms: Adjectives and names of its people.
    :param capital: Stands for its government, except after a preposition of place.
    :param seats: Other names for its government or an arm of it ("Kremlin").
    :param aliases: Other names of the country.
    """

    name: str = Field(min_length=1)
    code: str = ""
    demonyms: tuple[str, ...] = ()
    capital: str = ""
    seats: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


class Organisation(_Frozen):
    """A well-known organisation or group.

    :param name: The name shown.
    :param kind: ``organisation`` or ``group``.
    :param aliases: Other names, abbreviations, and names for its members.
    :param media: Whether it carries what others say: a news agency or an outlet.
    """

    name: str = Field(min_length=1)
    kind: Literal["organisation", "group"] = "organisation"
    aliases: tuple[str, ...] = ()
    media: bool = False


def _phrases(value: object) -> object:
    """A text with a phrase to each ``;`` or line, as a set in lower case."""
    if not isinstance(value, str):
        return value
    return frozenset(
        " ".join(phrase.split()).lower() for phrase in value.replace("\n", ";").split(";") if phrase.strip()
    )


Phrases = Annotated[frozenset[str], BeforeValidator(_phrases)]


class ActorTerms(_Frozen):
    """Words that tell what a name is, and phrases that refer back to an actor; all in lower case."""

    offices: Phrases
    local_offices: Phrases
    first_names: Phrases
    other_sides: Phrases
    honorifics: Phrases
    institutions: Phrases
    modifiers: Phrases
    organisation_heads: Phrases
    groups: Phrases
    both_sides: Phrases
    other_side: Phrases
    back_references: Phrases
    not_names: Phrases
    places: Phrases
    place_heads: Phrases


class ActorLexicon(_Frozen):
    """Everything that is known about actors before an article is read."""

    countries: tuple[Country, ...]
    organisations: tuple[Organisation, ...]
    terms: ActorTerms


@cache
def actor_lexicon() -> ActorLexicon:
    """The shipped lexicon, read once.

    :raises ConfigError: If a file of it is malformed.
    """
    try:
        return ActorLexicon.model_validate(
            {
                "countries": _read("countries.toml")["country"],
                "organisations": _read("organisations.toml")["organisation"],
                "terms": _read("actor_terms.toml"),
            }
        )
    except (tomllib.TOMLDecodeError, ValidationError, KeyError) as error:
        raise ConfigError(f"the actor lexicon is malformed: {error}.", source="configs/lexicons") from error


def _read(name: str) -> dict[str, object]:
    return tomllib.loads((files("copydesk.configs") / "lexicons" / name).read_text(encoding="utf-8"))
