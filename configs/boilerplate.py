"""The boilerplate lexicon: words that tell an article's prose from what stands around it, from ``lexicons/boilerplate.toml``."""

import re
import tomllib
from collections.abc import Iterable
from functools import cache, cached_property
from importlib.resources import files
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from copydesk.configs.errors import ConfigError

_WORDS = r"[^.,;:!?\"“”]{0,70}"
"""What ``<words>`` stands for: words of one clause, bounded so that matching stays linear."""


def _casefolded(words: Any) -> Any:
    return frozenset(word.casefold() for word in words)


Names = Annotated[frozenset[str], BeforeValidator(_casefolded)]


class BoilerplateLexicon(BaseModel):
    """Word lists in lower case, and patterns for how sentences of boilerplate begin.

    :param agencies: News and photo agencies.
    :param not_places: Words in capitals that open a sentence before a dash but name no place.
    :param cities: Large cities that are no capitals.
    :param roles: Trades that tell a byline from other names.
    :param name_words: Other words in small letters in bylines, sign-offs and credits.
    :param name_particles: Small words within a person's name.
    :param name_links: Small words beside names.
    :param title_small_words: Words that a headline in title case leaves small.
    :param time_words: All words of a time stamp.
    :param furniture: Whole lines of site chrome.
    :param links: What opens a link to another story.
    :param networks: Services that plugs name; ``<network>`` in the patterns.
    :param promotion: Patterns of plugs.
    :param notices: Patterns of notices about the page.
    :param captions: Patterns of captions.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    agencies: Names
    not_places: Names
    cities: Names
    roles: Names
    name_words: Names
    name_particles: Names
    name_links: Names
    title_small_words: Names
    time_words: Names
    furniture: Names
    links: Names
    networks: tuple[str, ...]
    promotion: tuple[str, ...]
    notices: tuple[str, ...]
    captions: tuple[str, ...]

    @cached_property
    def promotion_pattern(self) -> re.Pattern[str]:
        """Matches at the start of a plug."""
        return self._pattern(self.promotion)

    @cached_property
    def notice_pattern(self) -> re.Pattern[str]:
        """Matches at the start of a notice."""
        return self._pattern(self.notices)

    @cached_property
    def caption_pattern(self) -> re.Pattern[str]:
        """Matches at the start of a caption."""
        return self._pattern(self.captions)

    def _pattern(self, starts: Iterable[str]) -> re.Pattern[str]:
        joined = "|".join(starts).replace("<words>", _WORDS).replace("<network>", f"(?:{'|'.join(self.networks)})")
        return re.compile(joined, re.IGNORECASE)


@cache
def boilerplate_lexicon() -> BoilerplateLexicon:
    """The shipped lexicon, read once.

    :raises ConfigError: If the file is malformed.
    """
    path = files("copydesk.configs") / "lexicons" / "boilerplate.toml"
    try:
        return BoilerplateLexicon.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise ConfigError(f"the boilerplate lexicon is malformed: {error}.", source=str(path)) from error
