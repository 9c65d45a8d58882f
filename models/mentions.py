"""Finds the names in an article: countries by lexicon, people and organisations by how news writes them.

News spells names by rule: a capital letter, an office before the name at first mention, the surname alone later. The scanner uses
those rules and a lexicon instead of a trained tagger, so that it costs nothing, says why, and is the same for both models.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise
from typing import Literal

from copydesk.configs.actors import ActorKind, actor_lexicon
from copydesk.models.document import Document, Sentence
from copydesk.models.schema import Span

Via = Literal[
    "name", "demonym", "capital", "person", "organisation", "group", "pronoun", "ally", "both sides", "other side"
]

_TOKEN = re.compile(r"(?:[^\W\d_]\.){2,}|\w+(?:['’](?![sS]\b)\w+)*|['’][sS]\b|[^\w\s]")
_PLACE_PREPOSITIONS = frozenset(
    {"in", "at", "near", "outside", "around", "across", "inside", "throughout", "into", "through"}
)
_PARTICLES = frozenset(
    ("al", "bin", "ibn", "ben", "de", "del", "der", "di", "da", "dos", "du", "la", "le", "van", "von", "el", "ul", "y")
)
MAX_WORD = 100
"""Characters of the longest word that is looked at whole."""
MAX_NAME_TOKENS = 6
"""Tokens of a person's or organisation's name; a longer run of capitals is a headline."""

STATE_TERMS = frozenset(
    (
        "president",
        "prime minister",
        "foreign min",
        "defence min",
        "defense min",
        "army",
        "troops",
        "forces",
        "ambassador",
        "embassy",
    )
)
"""An institution or office with one of these makes its owner a state; any other makes it an organisation."""
MAX_TITLE_TOKENS = 10
"""Tokens of the offices before a name or of the institution after a country's."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word or mark with its offsets in the article's text."""

    start: int
    end: int
    text: str
    lower: str


@dataclass(frozen=True, slots=True)
class Mention:
    """One place where an actor is named or referred to.

    :param start: First code point, of the whole phrase ("Armenian defence ministry").
    :param end: One past the last code point.
    :param actor: The name under which the actor is joined.
    :param kind: country, organisation, person or group.
    :param via: How it is named; ``pronoun``, ``ally``, ``both sides`` and ``other side`` are references.
    :param side: For a person or body that speaks for a country: that country.
    :param office: Whether an office or title stands before the name.
    :param head: The institution that the phrase names ("defence ministry"), in lower case; empty for the bare name.
    """

    start: int
    end: int
    actor: str
    kind: ActorKind
    via: Via
    side: str | None = None
    office: bool = False
    head: str = ""

    @property
    def span(self) -> Span:
        """``(start, end)``."""
        return (self.start, self.end)


@dataclass(frozen=True, slots=True)
class _Entry:
    actor: str
    kind: ActorKind
    via: Via


@dataclass(frozen=True)
class _Known:
    """What the article itself tells about its words.

    :param lower_elsewhere: Words that it also writes without a capital: at a sentence's start they are no names.
    :param bodies: Single names that it gives an office or an institution: countries and organisations that no lexicon has.
    """

    lower_elsewhere: frozenset[str]
    bodies: Mapping[str, _Entry] = field(default_factory=dict)


def tokens(text: str, offset: int = 0) -> list[Token]:
    """Words and marks of ``text``; ``offset`` is added to every position. Hyphens and ``'s`` are tokens of their own."""
    return [
        Token(match.start() + offset, match.end() + offset, match.group(), match.group().lower())
        for match in _TOKEN.finditer(text)
    ]


def find_names(document: Document) -> tuple[Mention, ...]:
    """Every name in the article's prose, ascending; people and organisations under the form found, not yet joined.

    Names that the article gives a government or a spokesman ("Marenia's defence ministry") are read like those of the lexicon.
    """
    known = _Known(_lower_words(document))
    found = _scan_all(document, known)
    if bodies := _bodies(document, found):
        found = _scan_all(document, replace(known, bodies=bodies))
    return tuple(found)


def lexicon_actor(name: str) -> tuple[str, ActorKind] | None:
    """The (name, kind) of a country or organisation of the lexicon by any of its names, whatever the case."""
    entry = _by_folded_name().get(_fold(name))
    return (entry.actor, entry.kind) if entry else None


@cache
def media_names() -> frozenset[str]:
    """The joined names of news agencies and outlets."""
    return frozenset(one.name for one in actor_lexicon().organisations if one.media)


def _scan_all(document: Document, known: _Known) -> list[Mention]:
    return [mention for sentence in document.sentences for mention in _scan(sentence, known)]


def _bodies(document: Document, found: Sequence[Mention]) -> dict[str, _Entry]:
    """Single names outside the lexicon that own an office or an institution, and are no person's."""
    people = {part for one in found if one.kind == "person" for part in one.actor.split() if " " in one.actor}
    people |= {one.actor for one in found if one.kind == "person" and one.office}
    owned: dict[str, set[str]] = {}
    for sentence in document.sentences:
        for match in _owning().finditer(sentence.text):
            role = next(role for role in ("owner", "of", "holder", "thing") if match[role])
            start = match.start(role)
            before = sentence.text[max(0, start - MAX_WORD) : start].split()[-1:]
            if not (before and before[0][0].isupper() and len(before[0]) > 1 and start > len(before[0]) + 1):
                owned.setdefault(match[role], set()).add(
                    (match["owned"] or match["office"] or match["its"] or "").lower()
                )
    return {
        name: _Entry(name, "country" if _is_state(name, own) else "organisation", "name")
        for name, own in owned.items()
        if name not in people and lexicon_actor(name) is None and name.lower() not in actor_lexicon().terms.not_names
    }


def _is_state(name: str, owned: set[str]) -> bool:
    return not name.isupper() and any(term in phrase for phrase in owned for term in STATE_TERMS)


@cache
def _owning() -> re.Pattern[str]:
    """ "Marenia's defence ministry", "the president of Tolvas", "Kestria, which …", "Osmere said that its troops …"."""
    terms = actor_lexicon().terms
    heads = "|".join(sorted(map(re.escape, terms.institutions | terms.offices), key=len, reverse=True))
    modifiers = "|".join(sorted(map(re.escape, terms.modifiers), key=len, reverse=True))
    # Names and rows of modifiers have an end, and a name is read whole: else a long row of capitals takes quadratic time.
    phrase = rf"(?:(?:{modifiers})[ -]){{0,6}}(?:{heads})"
    name = r"[A-Z][\w-]{1,60}+"
    return re.compile(
        rf"\b(?P<owner>{name})[’']s?\s+(?P<owned>(?i:{phrase}))\b"
        rf"|\b(?P<office>(?i:{phrase}))\s+of\s+(?P<of>{name})(?!\s+[A-Z])"
        rf"|^(?P<holder>{name})\s+[a-z].{{0,60}}?\bits\s+(?:own\s+)?(?P<its>(?i:{phrase}))\b"
        rf"|\b(?P<thing>{name}),\s+which\b"
    )


def _scan(sentence: Sentence, known: _Known) -> Iterator[Mention]:
    words = tokens(sentence.text, sentence.start)
    at = 0
    while at < len(words):
        mention, after = _named_at(words, at, known)
        if mention is not None:
            yield mention
        at = after


def _named_at(words: Sequence[Token], at: int, known: _Known) -> tuple[Mention | None, int]:
    """The mention that starts at a token, and the token after what was read."""
    entry, after = _lexicon_at(words, at, known)
    if entry is None:
        return _capitalised_at(words, at, known)
    if entry.kind not in ("country", "organisation"):
        return Mention(words[at].start, words[after - 1].end, entry.actor, entry.kind, entry.via), after
    if (other := _other_side_end(words, after)) is not None:
        name = f"{entry.actor} {words[other - 1].lower}"
        return Mention(words[at].start, words[other - 1].end, name, "organisation", "organisation"), other
    end, office = _institution_after(words, after)
    bare = end == after
    person, beyond = _person_of(words, at, end, entry, known, office=office, bare=bare)
    if person is not None:
        return person, beyond
    if entry.via == "capital" and bare and at and words[at - 1].lower in _PLACE_PREPOSITIONS:
        return None, after
    head = " ".join(word.lower for word in words[after:end] if word.lower not in {"'s", "’s", "'", "’"})
    return Mention(words[at].start, words[end - 1].end, entry.actor, entry.kind, entry.via, head=head), end


def _person_of(
    words: Sequence[Token], at: int, end: int, entry: _Entry, known: _Known, *, office: bool, bare: bool
) -> tuple[Mention | None, int]:
    """A person after a country word: with an office of it ("Ukrainian President"), or with it for a first name ("Jordan Vale").

    :param at: Where the country word begins.
    :param end: Where it ends, with the institution or the office after it.
    :param office: Whether an office stands there.
    :param bare: Whether nothing stands there.
    """
    terms = actor_lexicon().terms
    is_first_name = bare and entry.via == "name" and words[at].lower in terms.first_names
    if not (office or entry.via == "demonym" or is_first_name):
        return None, end
    person, beyond = _person_at(words, end, known)
    if person is None:
        return None, end
    if is_first_name:
        return _mention_of(words[at:beyond], "person"), beyond
    if not office and person.end <= words[end].end:
        return None, end
    local = entry.via == "capital" and words[end - 1].lower in terms.local_offices
    side = None if local else entry.actor
    return Mention(words[at].start, person.end, person.actor, "person", "person", side, office=True), beyond


def _lexicon_at(words: Sequence[Token], at: int, known: _Known) -> tuple[_Entry | None, int]:
    """The longest lexicon name at a token, or a body that the article makes known."""
    for form, entry in _forms_by_first().get(words[at].text, ()):
        if tuple(word.text for word in words[at : at + len(form)]) == form:
            return entry, at + len(form)
    if words[at].text in known.bodies:
        return known.bodies[words[at].text], at + 1
    if words[at].text.isupper() and len(words[at].text) > 3:
        shout = words[at].text.capitalize()
        for form, entry in _forms_by_first().get(shout, ()):
            if len(form) == 1:
                return entry, at + 1
    return None, at


def _other_side_end(words: Sequence[Token], at: int) -> int | None:
    """Where "opposition" ends after a country word ("Brazil's opposition"); ``None`` where nothing of the kind stands there."""
    at += at < len(words) and words[at].lower in {"'s", "’s", "'", "’"}
    return at + 1 if at < len(words) and words[at].lower in actor_lexicon().terms.other_sides else None


def _institution_after(words: Sequence[Token], at: int) -> tuple[int, bool]:
    """Where the institution after a country word ends ("'s defence ministry"), and whether it is an office."""
    terms = actor_lexicon().terms
    end, position, office = at, at, False
    if position < len(words) and words[position].lower in {"'s", "’s", "'", "’", "-"}:
        if words[position].lower == "-":
            return at, False
        position += 1
    while position < min(len(words), at + MAX_TITLE_TOKENS):
        pair = " ".join(word.lower for word in words[position : position + 2]) if position + 2 <= len(words) else ""
        if pair in terms.institutions or pair in terms.offices:
            end, office, position = position + 2, pair in terms.offices, position + 2
        elif words[position].lower in terms.institutions or words[position].lower in terms.offices:
            end, office, position = position + 1, words[position].lower in terms.offices, position + 1
        elif words[position].lower in terms.modifiers or words[position].text == "-":
            position += 1
        else:
            break
    return end, office


def _capitalised_at(words: Sequence[Token], at: int, known: _Known) -> tuple[Mention | None, int]:
    """A person or organisation by its capitals, maybe with an office before it."""
    terms = actor_lexicon().terms
    name_at, office = _office_end(words, at)
    if office and name_at < len(words):
        person, after = _person_at(words, name_at, known)
        if person is not None:
            return replace(person, office=True), after
    end = _run_end(words, at, known)
    opens = at == 0 or words[at - 1].text in {'"', "“", "‘", "'", ":"}
    if end == at or _is_plain(words[at]) or (opens and words[at].lower in known.lower_elsewhere):
        return None, at + 1
    titles = terms.offices | terms.honorifics
    name_at = next((n + 1 for n in range(end - 1, at - 1, -1) if words[n].lower in titles), at)
    if name_at == end:
        return None, end
    kind = _kind_of(words[name_at:end])
    in_place = kind == "person" and at > 0 and words[at - 1].lower in _PLACE_PREPOSITIONS
    if in_place or _is_place(words[name_at:end]):
        return None, end
    person = _mention_of(words[name_at:end], kind)
    return replace(person, office=name_at > at or _after_office(words, at)), end


def _is_place(name: Sequence[Token]) -> bool:
    """Whether a name is that of a region or of a feature of the map, which does not act: "Kerch Strait"."""
    terms = actor_lexicon().terms
    return _joined(name).lower().replace(".", "") in terms.places or (
        len(name) > 1 and name[-1].lower in terms.place_heads
    )


def _kind_of(name: Sequence[Token]) -> Literal["person", "organisation"]:
    """An organisation ends in a word for one ("Party") or is an acronym; any other run of capitals is taken for a person."""
    acronym = len(name) == 1 and name[0].text.isupper() and len(name[0].text) > 1
    ends_in_head = name[-1].lower in actor_lexicon().terms.organisation_heads
    return "organisation" if acronym or ends_in_head else "person"


def _mention_of(name: Sequence[Token], kind: Literal["person", "organisation"]) -> Mention:
    return Mention(name[0].start, name[-1].end, _joined(name), kind, kind)


def _office_end(words: Sequence[Token], at: int) -> tuple[int, bool]:
    """Past the offices and honorifics at a token ("Defence Minister", "Mr.")."""
    terms = actor_lexicon().terms
    position, office = at, False
    while position < min(len(words), at + MAX_TITLE_TOKENS):
        for width in (3, 2, 1):
            phrase = " ".join(word.lower for word in words[position : position + width])
            if position + width <= len(words) and (phrase in terms.offices or phrase in terms.honorifics):
                position, office = position + width, True
                break
        else:
            if office and words[position].text == "." and words[position].start == words[position - 1].end:
                position += 1
                continue
            break
    return position, office


def _person_at(words: Sequence[Token], at: int, known: _Known) -> tuple[Mention | None, int]:
    """A run of capitals read as a person's name, without asking what it is."""
    terms = actor_lexicon().terms
    end = _run_end(words, at, known)
    if end == at or _is_plain(words[at]) or words[end - 1].lower in terms.organisation_heads | terms.honorifics:
        return None, at
    if _lexicon_at(words, at, known)[0] is not None:
        return None, at
    return _mention_of(words[at:end], "person"), end


def _run_end(words: Sequence[Token], at: int, known: _Known) -> int:
    """Past the run of capitalised words at a token; particles, initials and inner hyphens belong to it."""
    end = position = at
    while position < len(words) and position - at < MAX_NAME_TOKENS:
        word = words[position]
        if position > at and _lexicon_at(words, position, known)[0] is not None:
            break
        if word.text[0].isupper() and (position == at or not _is_plain(word)):
            position += 1
            end = position
            if position < len(words) and words[position].text == "." and len(word.text) == 1:
                position += 1
        elif position > at and (
            word.lower in _PARTICLES or (word.text == "-" and word.start == words[position - 1].end)
        ):
            position += 1
        else:
            break
    return end


def _is_plain(word: Token) -> bool:
    """Whether a capitalised word is no name: "Tuesday", "However", "We've"."""
    lower = word.lower.replace("’", "'")
    return bool({lower, lower.split("'")[0]} & actor_lexicon().terms.not_names)


def _after_office(words: Sequence[Token], at: int) -> bool:
    """Whether an office or title ends right before a token, with its point ("Gov.")."""
    terms = actor_lexicon().terms
    before = at - 2 if at > 1 and words[at - 1].text == "." else at - 1
    return before >= 0 and words[before].lower in terms.offices | terms.honorifics


def _joined(words: Sequence[Token]) -> str:
    """The words as one name: single spaces, none around hyphens and points."""
    name = words[0].text
    for before, word in pairwise(words):
        name += word.text if before.end == word.start else f" {word.text}"
    return name


def _lower_words(document: Document) -> frozenset[str]:
    """Words that the article also writes without a capital: at a sentence's start they are no names."""
    return frozenset(
        match.group()
        for sentence in document.sentences
        for match in re.finditer(r"\w+", sentence.text)
        if match.group()[0].islower()
    )


def _fold(name: str) -> str:
    folded = " ".join(name.split()).casefold().replace("’", "'").removesuffix("'s")
    return folded.removeprefix("the ")


@cache
def _forms() -> tuple[tuple[tuple[str, ...], _Entry], ...]:
    """Every surface form of the lexicon as tokens, longest first."""
    forms: list[tuple[tuple[str, ...], _Entry]] = []

    def add(form: str, entry: _Entry) -> None:
        if form:
            forms.append((tuple(token.text for token in tokens(form)), entry))

    lexicon = actor_lexicon()
    for country in lexicon.countries:
        for form in (country.name, *country.aliases):
            add(form, _Entry(country.name, "country", "name"))
        for form in country.demonyms:
            add(form, _Entry(country.name, "country", "demonym"))
        for form in (country.capital, *country.seats):
            add(form, _Entry(country.name, "country", "capital"))
    for organisation in lexicon.organisations:
        via: Via = "group" if organisation.kind == "group" else "organisation"
        for form in (organisation.name, *organisation.aliases):
            add(form, _Entry(organisation.name, organisation.kind, via))
    return tuple(sorted(forms, key=lambda pair: -len(pair[0])))


@cache
def _forms_by_first() -> dict[str, tuple[tuple[tuple[str, ...], _Entry], ...]]:
    index: dict[str, list[tuple[tuple[str, ...], _Entry]]] = {}
    for form, entry in _forms():
        index.setdefault(form[0], []).append((form, entry))
    return {first: tuple(rows) for first, rows in index.items()}


@cache
def _by_folded_name() -> dict[str, _Entry]:
    lexicon = actor_lexicon()
    names = [
        (form, _Entry(country.name, "country", "name"))
        for country in lexicon.countries
        for form in (*country.demonyms, country.capital, *country.seats, *country.aliases, country.name)
        if form
    ]
    names += [
        (form, _Entry(one.name, one.kind, "organisation"))
        for one in lexicon.organisations
        for form in (*one.aliases, one.name)
    ]
    return {_fold(form): entry for form, entry in names}
