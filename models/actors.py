"""Joins the names of an article to actors, ranks them, and finds what a phrase refers to.

A country's demonyms, capital and institutions are the country; a surname is the person last introduced with it; a person whose
office is a country's speaks for that country's side. References ("he", "the ministry", "both sides") are resolved only where one
actor fits and the text before it says which.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from copydesk.configs.actors import ActorKind, actor_lexicon
from copydesk.models.document import Document
from copydesk.models.mentions import Mention, Via, find_names, lexicon_actor, media_names
from copydesk.models.schema import Actor, Span

REFERENCES: frozenset[Via] = frozenset({"pronoun", "ally", "both sides", "other side"})
"""How a mention refers to an actor without naming it."""
_PAIR_LINK = re.compile(r"\s*(?:,|and|and the|and ethnic|or|against|versus|with|from|between|[-–—/])\s*", re.IGNORECASE)
"""What stands between the two names where a text pairs them: "Armenia and Azerbaijan", "the Armenia-Azerbaijan border"."""
_APPOSITION = re.compile(
    r",\s++(?:the|a|an|who is|who was)?\s*+(?:[\w-]++\s++){0,4}?(?:of|for|at|in)\s++(?:the\s++)?$", re.IGNORECASE
)
_OFFICE_BEFORE = re.compile(r",\s+", re.IGNORECASE)
_OFFICE_OF = re.compile(
    r"\b(?:president|minister|premier|king|queen|ambassador|spokes\w+|leader|head|chief|secretary|chair\w*|governor|mayor)"
    r"(?:\s+\w+)?\s+(?:of|for)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
"""What makes a name after a comma the one who holds the office: "The President of Tolvas, Anton Brevik"."""
_ITS_OFFICE = re.compile(
    r"\bits\s+(?:[\w-]+\s+){0,3}(?:president|minister|premier|ambassador|spokes\w+|leader|head|chief|secretary|chair\w*|director|"
    r"commissioner|commander|general|envoy|lawyer),?\s+$",
    re.IGNORECASE,
)
_ALLY = re.compile(
    r"\b(?:its|their)\s+(?:\w+\s+)?(?:ally|partner|neighbou?r|rival|foe|protector|patron)\b", re.IGNORECASE
)
_PERSON_PRONOUNS = re.compile(r"\b(?:he|she|him|her|his|himself|herself)\b", re.IGNORECASE)
_ACRONYM = re.compile(r"\s*\(([A-Z]{2,8})\)")
APPOSITION_CHARS = 60
"""Characters between a name and the country of its apposition ("Grigoryan, the secretary of Armenia's …")."""
OFFICE_CHARS = 200
"""Characters before a name that are searched for its office ("Its deputy interior minister, Tor Vale")."""
LEAD_SENTENCES = 2
"""Sentences that count as the lead; a mention there weighs twice. News puts its main actors there."""
LONE_NAME_MENTIONS = 2
"""Mentions from which a single capitalised word without an office is taken for an actor; one alone is too often noise."""
CUT_NAME_CHARS = 4
"""Letters from which a name may lack its end: "Ira" would be Iran and Iraq."""
SIDE_SALIENCE = 0.5
"""Salience of the lesser of two sides that no phrase names together; below it the story has one main actor."""
SIDE_LEAD = 1.8
"""How many times more salient than the third it must be, so that "both sides" is not said of two among several."""
GROUP_MENTIONS = 2
"""Mentions from which a lower-case group ("the rebels") is taken for an actor."""


@dataclass(frozen=True)
class ActorBook:
    """The actors of one article and every place that names or refers to them.

    :param document: The article.
    :param mentions: All mentions under the joined names, by where they start.
    """

    document: Document
    mentions: tuple[Mention, ...]

    @cached_property
    def actors(self) -> tuple[Actor, ...]:
        """The actors, most central first. News agencies rank as they are named, but never among the first unless they act."""
        weight: Counter[str] = Counter()
        kinds: dict[str, ActorKind] = {}
        lead_end = (
            self.document.sentences[min(LEAD_SENTENCES, len(self.document.sentences)) - 1].end if self.named else 0
        )
        title = (self.document.title or "").casefold()
        for mention in self.named:
            kinds.setdefault(mention.actor, mention.kind)
            weight[mention.actor] += 2 if mention.start < lead_end else 1
        for name in weight:
            if any(form.casefold() in title for form in self.forms(name)):
                weight[name] += 2
        for name in media_names() & weight.keys():
            weight[name] = min(weight[name], 1)
        top = max(weight.values(), default=1)
        ranked = sorted(weight, key=lambda name: (-weight[name], self._first[name]))
        return tuple(
            Actor(
                name=name,
                kind=kinds[name],
                mentions=tuple(mention.span for mention in self.of(name)),
                salience=weight[name] / top,
                aliases=tuple(form for form in self.forms(name) if form != name),
            )
            for name in ranked
        )

    @cached_property
    def named(self) -> tuple[Mention, ...]:
        """The mentions by name, without references."""
        return tuple(one for one in self.mentions if one.via not in REFERENCES)

    @cached_property
    def side_of(self) -> dict[str, str]:
        """The country that a person or body speaks for."""
        return {one.actor: one.side for one in self.named if one.side is not None}

    @cached_property
    def kinds(self) -> dict[str, ActorKind]:
        """The kind of each actor."""
        return {one.actor: one.kind for one in self.named}

    def forms(self, name: str) -> tuple[str, ...]:
        """The surface forms under which an actor is named, in order of appearance."""
        text = self.document.text
        return tuple(dict.fromkeys(text[one.start : one.end] for one in self.of(name) if one.via not in REFERENCES))

    def within(self, span: Span) -> list[Mention]:
        """The mentions that lie in a span, ascending."""
        found = []
        for one in self.mentions[bisect_left(self._starts, span[0]) :]:
            if one.start >= span[1]:
                break
            if one.end <= span[1]:
                found.append(one)
        return found

    def overlaps(self, span: Span) -> bool:
        """Whether a span shares a character with a mention; mentions by name never overlap each other."""
        at = bisect_left(self._starts, span[1]) - 1
        return at >= 0 and self.mentions[at].end > span[0]

    def of(self, name: str) -> list[Mention]:
        """The mentions of an actor, references included."""
        return self._by_actor.get(name, [])

    def find(self, name: str) -> str | None:
        """The actor of this article that a user's name means: by any alias, whatever the case and the spaces."""
        known = lexicon_actor(name)
        if known and known[0] in self._first:
            return known[0]
        wanted = _plain(name)
        for actor in self._first:
            if wanted in {_plain(actor), *(_plain(form) for form in self.forms(actor))}:
                return actor
        parts = wanted.split()
        people = [
            actor for actor in self._first if self.kinds[actor] == "person" and _plain(actor).split()[-1:] == parts[-1:]
        ]
        if len(people) == 1 and (
            len(parts) == 1 or parts[0][:1] == _plain(people[0])[:1] or len(people[0].split()) == 1
        ):
            return people[0]
        return None

    @cached_property
    def opponents(self) -> tuple[str, str] | None:
        """The two sides of the story: the pair of countries or groups that the article most often names together."""
        pairs: Counter[tuple[str, str]] = Counter()
        for first, second in _neighbours(self.named):
            if first.actor != second.actor and {first.kind, second.kind} <= {"country", "group", "organisation"}:
                between = self.document.text[first.end : second.start]
                if _PAIR_LINK.fullmatch(between):
                    low, high = sorted((first.actor, second.actor))
                    pairs[low, high] += 1
        if not pairs:
            return self._named_sides
        rank = {actor.name: -actor.salience for actor in self.actors}
        return min(pairs, key=lambda pair: (-pairs[pair], rank[pair[0]] + rank[pair[1]], pair))

    @property
    def _named_sides(self) -> tuple[str, str] | None:
        """The two most central countries, groups or organisations, where they stand out from the third."""
        first, second, third = ([one for one in self.actors if one.kind != "person"] + [None] * 3)[:3]
        if first is None or second is None or second.name in media_names():
            return None
        rest = third.salience if third is not None else 0.0
        low, high = sorted((first.name, second.name))
        return (low, high) if second.salience >= max(SIDE_SALIENCE, SIDE_LEAD * rest) else None

    @cached_property
    def _starts(self) -> list[int]:
        return [one.start for one in self.mentions]

    @cached_property
    def _by_actor(self) -> dict[str, list[Mention]]:
        index: dict[str, list[Mention]] = {}
        for one in self.mentions:
            index.setdefault(one.actor, []).append(one)
        return index

    @cached_property
    def _first(self) -> dict[str, int]:
        first: dict[str, int] = {}
        for one in self.named:
            first.setdefault(one.actor, one.start)
        return first


def read_actors(document: Document) -> ActorBook:
    """Find, join and rank the actors of an article."""
    named = _with_groups(document, _join(document, find_names(document)))
    book = ActorBook(document, tuple(sorted(named, key=lambda one: one.span)))
    references = [*_pronouns(book), *_allies(book), *_sides(book)]
    return replace(book, mentions=tuple(sorted([*book.mentions, *references], key=lambda one: one.span)))


def text_spans(document: Document, name: str, *, everywhere: bool = False) -> tuple[Span, ...]:
    """Where a name or topic stands in the prose, as whole words, whatever the case and the white space.

    A name that stands nowhere may lack its last letter or a final "ss", as names stripped by program sometimes do.

    :param everywhere: Also in captions and other lines that are no prose, and as part of a word ("Swi", cut from "Swiss").
    """
    parts = [re.escape(part) for part in name.split()]
    if not parts:
        return ()
    if everywhere:
        joined = r"\s+".join(parts)
        edged = (r"(?<!\w)" if name.strip()[0].isalnum() else "") + joined
        whole = edged + (r"(?!\w)" if name.strip()[-1].isalnum() else "")
        for pattern in (whole, edged, joined):
            if found := tuple(match.span() for match in re.finditer(pattern, document.text, re.IGNORECASE)):
                return found
        return ()
    words = r"(?<!\w)" + r"\s+".join(parts)
    found = _matches(document, re.compile(words + r"(?!\w)", re.IGNORECASE))
    if not found and len(name.strip()) >= CUT_NAME_CHARS:
        found = _matches(document, re.compile(words + r"(?:\w|ss)(?!\w)", re.IGNORECASE))
    return found


def _matches(document: Document, pattern: re.Pattern[str]) -> tuple[Span, ...]:
    return tuple(
        (sentence.start + match.start(), sentence.start + match.end())
        for sentence in document.sentences
        for match in pattern.finditer(sentence.text)
    )


def _join(document: Document, found: Sequence[Mention]) -> list[Mention]:
    """People under their full names, organisations with their acronyms, and the side that each speaks for."""
    full_names = _full_names(found)
    acronyms = _acronyms(document, found)
    joined = [_joined_person(one, full_names) if one.kind == "person" else one for one in found]
    joined = [replace(one, actor=acronyms.get(one.actor, one.actor)) for one in joined]
    counts = Counter(one.actor for one in joined)
    introduced = {one.actor for one in joined if one.office or " " in one.actor}
    kept = [
        one
        for one in joined
        if one.kind in ("country", "group")
        or one.via == "name"
        or lexicon_actor(one.actor)
        or one.actor in introduced
        or counts[one.actor] >= LONE_NAME_MENTIONS
    ]
    sides = _sides_of_people(document, kept)
    return [replace(one, side=sides.get(one.actor)) if one.kind != "country" else one for one in kept]


def _full_names(found: Sequence[Mention]) -> dict[str, list[tuple[int, str]]]:
    """For each surname and first name, folded: where the full names that it may mean are introduced."""
    seen: dict[str, list[tuple[int, str]]] = defaultdict(list)
    surnames: dict[str, str] = {}
    for one in found:
        parts = one.actor.split()
        if one.kind != "person" or len(parts) < 2:
            continue
        key = f"{parts[0]} {parts[-1]}".casefold()
        canonical = surnames.setdefault(key, one.actor)
        last = parts[-1].casefold()
        for part in {last, last.removeprefix("al-").removeprefix("el-"), parts[0].casefold(), key}:
            seen[part].append((one.start, canonical))
    return seen


def _joined_person(mention: Mention, full_names: dict[str, list[tuple[int, str]]]) -> Mention:
    parts = mention.actor.split()
    key = mention.actor.casefold() if len(parts) == 1 else f"{parts[0]} {parts[-1]}".casefold()
    rows = full_names.get(key, [])
    if not rows:
        return mention
    before = bisect_right(rows, mention.start, key=lambda row: row[0])
    return replace(mention, actor=rows[max(0, before - 1)][1])


def _acronyms(document: Document, found: Sequence[Mention]) -> dict[str, str]:
    """Acronyms that the article explains: "the Free Harbour Movement (FHM)"."""
    return {
        match.group(1): one.actor
        for one in found
        if one.kind == "organisation" and (match := _ACRONYM.match(document.text, one.end))
    }


def _sides_of_people(document: Document, mentions: Sequence[Mention]) -> dict[str, str]:
    """The country that each person speaks for: by an office with the country's name, an apposition, or a shared one."""
    sides = {one.actor: one.side for one in mentions if one.side is not None}
    for first, second in _neighbours(mentions):
        between = document.text[first.end : second.start]
        sidelike = ("country", "organisation")
        if first.kind == "person" and second.kind in sidelike and len(between) <= APPOSITION_CHARS:
            if _APPOSITION.fullmatch(between):
                sides.setdefault(first.actor, second.actor)
        elif second.kind == "person" and (owner := _its_office(document, mentions, second)):
            sides.setdefault(second.actor, owner)
        elif first.kind in sidelike and second.kind == "person" and _OFFICE_BEFORE.fullmatch(between):
            ahead = document.text[max(0, first.start - APPOSITION_CHARS) : first.start]
            if _ends_in_office(first.head) or _OFFICE_OF.search(ahead):
                sides.setdefault(second.actor, first.actor)
        elif (
            first.kind == second.kind == "person"
            and second.office
            and first.side
            and between.lower().startswith(" and ")
        ):
            sides.setdefault(second.actor, first.side)
    return sides


def _its_office(document: Document, mentions: Sequence[Mention], person: Mention) -> str | None:
    """Whose office "Its interior minister, Tor Vale" is: of the country or body that opens the sentence or the one before."""
    number = max(bisect_left(document.sentences, person.start + 1, key=lambda sentence: sentence.start) - 1, 0)
    start = max(document.sentences[number].start, person.start - OFFICE_CHARS)
    if not _ITS_OFFICE.search(document.text[start : person.start]):
        return None
    for sentence in document.sentences[max(number - 1, 0) : number + 1][::-1]:
        lead = sentence.text.lstrip("\"'“‘").removeprefix("The ")
        opening = sentence.end - len(lead)
        at = bisect_left(mentions, opening, key=lambda one: one.start)
        if at < len(mentions) and mentions[at].start == opening and mentions[at].kind != "person":
            return mentions[at].actor
    return None


def _with_groups(document: Document, mentions: Sequence[Mention]) -> list[Mention]:
    """``mentions`` and the lower-case groups of the story that lie in none of them."""
    groups = actor_lexicon().terms.groups
    book = ActorBook(document, tuple(sorted(mentions, key=lambda one: one.span)))
    found = [
        Mention(start, end, word, "group", "group")
        for sentence in document.sentences
        for match in re.finditer(r"\w+", sentence.text)
        if (word := match.group().lower()) in groups
        for start, end in [(sentence.start + match.start(), sentence.start + match.end())]
        if not book.overlaps((start, end))
    ]
    counts = Counter(one.actor for one in found)
    return [*mentions, *(one for one in found if counts[one.actor] >= GROUP_MENTIONS)]


def _pronouns(book: ActorBook) -> Iterator[Mention]:
    """References like "he" and "her": the one person named in the same sentence before it, or else in the sentence before."""
    previous: set[str] = set()
    for sentence in book.document.sentences:
        people = [one for one in book.within(sentence.span) if one.kind == "person"]
        here: set[str] = set()
        passed = 0
        for match in _PERSON_PRONOUNS.finditer(sentence.text):
            start, end = sentence.start + match.start(), sentence.start + match.end()
            while passed < len(people) and people[passed].end <= start:
                here.add(people[passed].actor)
                passed += 1
            names = here or previous
            inside = passed < len(people) and people[passed].start <= start
            if len(names) == 1 and not inside:
                (name,) = names
                yield Mention(start, end, name, "person", "pronoun", book.side_of.get(name))
        previous = {one.actor for one in people} or (previous if len(previous) == 1 else set())


def _ends_in_office(head: str) -> bool:
    terms = actor_lexicon().terms
    words = head.split()
    return any(" ".join(words[-width:]) in terms.offices for width in (1, 2, 3) if len(words) >= width)


def _allies(book: ActorBook) -> Iterator[Mention]:
    """References like "its ally": the one other country, group or organisation named before it in the sentence.

    The first that is named is the owner; with three, or none but the owner, nothing says who is meant.
    """
    for sentence in book.document.sentences:
        for match in _ALLY.finditer(sentence.text):
            start, end = sentence.start + match.start(), sentence.start + match.end()
            names = list(
                dict.fromkeys(one.actor for one in book.within((sentence.start, start)) if one.kind != "person")
            )
            if len(names) == 2 and not book.overlaps((start, end)):
                yield Mention(start, end, names[1], book.kinds[names[1]], "ally")


def _sides(book: ActorBook) -> Iterator[Mention]:
    """References like "both sides" and "the other side", where the article has two sides."""
    if book.opponents is None:
        return
    terms = actor_lexicon().terms
    readings: tuple[tuple[Via, frozenset[str]], ...] = (
        ("both sides", terms.both_sides),
        ("other side", terms.other_side),
    )
    for via, phrases in readings:
        pattern = re.compile(
            r"\b(?:" + "|".join(sorted(map(re.escape, phrases), key=len, reverse=True)) + r")\b", re.IGNORECASE
        )
        for sentence in book.document.sentences:
            for match in pattern.finditer(sentence.text):
                span = (sentence.start + match.start(), sentence.start + match.end())
                if not book.overlaps(span):
                    for name in book.opponents:
                        yield Mention(*span, name, book.kinds[name], via)


def _neighbours(mentions: Sequence[Mention]) -> Iterator[tuple[Mention, Mention]]:
    return pairwise(mentions)


def _plain(name: str) -> str:
    """For comparison: single spaces, no case, no possessive, no article."""
    plain = " ".join(name.split()).casefold().replace("’", "'").removesuffix("'s")
    return plain.removeprefix("the ")
