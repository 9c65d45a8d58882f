"""The boilerplate lexicon: words that tell an article's prose from what stands around it, from ``lexicons/boilerplate.toml``."""

import tomllib
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict


class BoilerplateLexicon(BaseModel):
    """Word lists, each casefolded.

    :param agencies: News and photo agencies.
    :param not_places: Words in capitals that open a sentence before a dash but name no place.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    agencies: frozenset[str]
    not_places: frozenset[str]


@cache
def boilerplate_lexicon() -> BoilerplateLexicon:
    """The shipped lexicon."""
    path = files("copydesk.configs") / "lexicons" / "boilerplate.toml"
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    return BoilerplateLexicon(**{name: frozenset(map(str.casefold, words)) for name, words in tables.items()})
