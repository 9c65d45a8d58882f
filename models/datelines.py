"""Datelines: the place, date and agency before a story's first words, ``KYIV, Ukraine, Nov. 16 (AP) — ``."""

import re
from functools import cache

from copydesk.configs.actors import actor_lexicon
from copydesk.configs.boilerplate import boilerplate_lexicon
from copydesk.models.name_lines import is_agency, is_names, words_of

MAX_DATELINE = 120
"""Characters in which a dateline must end; the longest seen, with two places, country, date and agency, has 70."""

MAX_LOST_HEAD = 1500
"""Characters in which an inline dateline is looked for: a title, a caption and some site chrome before it."""

_DASH = r"(?:-{1,3}|–|—|―)"
# With an agency: "MOSCOW, Nov 16 (Reuters) - ", "(CNN) -- ", "Washington (CNN) ", "MOSCOW, November 16. /TASS/. "
_AGENCY = re.compile(
    rf"([^()\n\"“”:;!?]{{0,70}}?)(?:\(([^()\n]{{2,40}})\)|/ ?([^/\n]{{2,20}}) ?/\.?)\s*({_DASH}|:|\.(?=\s))?\s*"
)
# Without one: "LONDON — ", "BAKU, Azerbaijan – ", "UNITED NATIONS, March 3 -- ", "NEW DELHI: "
_PLAIN = re.compile(r"([^()\n\"“”‘:;!?–—―]{2,60}?)(?: -{1,3} ?|-- |\s?[–—―]\s?|: )\s*")
_AGENCY_DASH = re.compile(rf"\) ?{_DASH} ")
_INLINE = re.compile(
    rf"(?<=[\s.!?\"”])[A-Z][A-Z.'’/-]{{1,60}}+(?:[ ,]{{1,3}}[A-Z][\w.'’-]{{1,60}}+){{0,3}} ?\([\w /]{{2,30}}\) ?{_DASH} "
)
_MEDIA_WORDS = frozenset({"agency", "daily", "herald", "journal", "news", "post", "press", "service", "times", "wire"})
_MIN_CAPITALS = 4
"""A place in capitals without an agency has this many letters: "OSLO", but not "NATO", which stands in a list."""


def dateline_length(line: str) -> int:
    """How many characters of the line are its dateline, with the white space after it; 0 without one."""
    head = line[:MAX_DATELINE]
    found = _AGENCY.match(head)
    if found and _is_place(found[1]) and (is_agency(found[2] or found[3]) or _is_unlisted_agency(found)):
        following = line[found.end() : found.end() + 1]
        if found[4] or (found[1].strip() and (following.isupper() or following in set("\"“‘'"))):
            return found.end()
    found = _PLAIN.match(head)
    if found and _opens_sentence(line[found.end() :]) and _is_plain_place(found[1], colon=":" in found[0]):
        return found.end()
    return 0


def inline_dateline(paragraph: str) -> int | None:
    """Where a dateline with an agency stands inside a paragraph whose line ends were lost; ``None`` without one."""
    head = paragraph[:MAX_LOST_HEAD]
    for found in _INLINE.finditer(head) if _AGENCY_DASH.search(head) else ():
        start = found.start()
        if is_agency(found[0].split(maxsplit=1)[0]):
            start = head.index(found[0].split(maxsplit=2)[1], start + 1)
        if dateline_length(paragraph[start:]):
            return start
    return None


def _is_unlisted_agency(found: re.Match[str]) -> bool:
    """An agency that the lexicon lacks, after a place in capitals and before a dash: "PORT ALDANE (HARBOUR NEWS) - "."""
    place = found[1].partition(",")[0]
    words = {word.casefold() for word in words_of(found[2] or found[3])}
    return bool(
        found[4]
        and sum(map(str.isalpha, place)) >= _MIN_CAPITALS
        and place.isupper()
        and not words.isdisjoint(_MEDIA_WORDS)
    )


def _is_place(place: str) -> bool:
    """Names and dates only, as before an agency; the empty place of "(Reuters) -" counts."""
    return not place.strip() or (len(place.split()) <= 8 and is_names(place))


def _is_plain_place(place: str, *, colon: bool) -> bool:
    """A place without an agency: in capitals, or followed by the country that it is in."""
    name, _, region = place.partition(",")
    name = name.strip()
    if len(name.split()) > 4 or name.casefold() in boilerplate_lexicon().not_places or not _is_region(region):
        return False
    if sum(map(str.isalpha, name)) >= _MIN_CAPITALS and name.isupper():
        return not colon or name.casefold() in _cities()
    return not colon and is_names(name) and region.strip().casefold() in _countries()


def _is_region(region: str) -> bool:
    """A country, state or date after the place's comma, or nothing."""
    words = re.findall(r"[^\W\d_]+", region)
    return len(words) <= 5 and all(word[0].isupper() or word == "of" for word in words)


def _opens_sentence(rest: str) -> bool:
    first = rest[:1]
    return first.isupper() or first.isdigit() or first in set("\"“‘'$€£")


@cache
def _countries() -> frozenset[str]:
    countries = actor_lexicon().countries
    return frozenset(name.casefold() for country in countries for name in (country.name, *country.aliases))


@cache
def _cities() -> frozenset[str]:
    return boilerplate_lexicon().cities | {
        country.capital.casefold() for country in actor_lexicon().countries if country.capital
    }
