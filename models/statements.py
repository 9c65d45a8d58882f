"""Collects what an article has each holder say or do about a target: the passages that a stance rests on.

Two kinds of passage show a holder's view: content attributed to the holder, and a sentence of the outlet's own prose in which the
holder acts on the target. What one side says of another proves nothing about that other's view, so sentences inside somebody
else's attributed content are left out. The outlet's own view shows only in prose that it attributes to nobody.
"""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from copydesk.configs.actors import actor_lexicon
from copydesk.models.actors import ActorBook
from copydesk.models.document import Document, Sentence
from copydesk.models.mentions import Mention, media_names
from copydesk.models.schema import Span
from copydesk.models.suite import Attribution

JOINED_CHARS = 60
"""Characters between two names of one source at most: "officials from Armenia and the neighbouring Azerbaijan"."""
ACT_CHARS = 120
"""Characters between a holder and the target that it acts on; further apart they share a sentence, hardly a verb."""
_NOBODY = re.compile(r"(?:no one|nobody|none)\s+(?:in|of|at|from|among)\b", re.IGNORECASE)
"""Opens a source that is none: "No one in Chile said"."""
_TURNED = re.compile(
    r"^,?\s+(?:which|whom|who|that)\s+(?:the\s+)?$|\b(?:was|were|been|being|is|are|be)\s+(?:\w+\s+){1,3}by\s+(?:the\s+)?$"
)
"""What stands between two names of which the second acts on the first."""
_OWN_SUBJECT = re.compile(r",\s+(?:which|whom|who)\s+(?=(?:the\s+)?[A-Z][\w-]*(?:\s+[A-Z][\w-]*)*\s*$)")
"""A source that is the subject of a relative clause, with the noun before it taken in: "Peru, which Chile" (accuses)."""
_PREPOSITIONS = frozenset(
    ("of", "in", "at", "from", "near", "with", "to", "between", "against", "for", "on", "into", "over", "across")
)
_THING = frozenset({"it", "its", "itself"})
_SPEAKERS = frozenset({"they", "i", "we", "their", "our", "my"})
_POSSESSIVE = re.compile(r"[’']s?\b")
_POSSESSIVE_PRONOUNS = frozenset({"his", "her", "its", "their"})
"""Whose the source is, not who it is: "His lawyer, David Kip"."""
_OPENING = " \"'“‘"


@dataclass(frozen=True, slots=True)
class Statement:
    """A passage in which a holder says something about, or does something to, a target.

    :param span: The evidence: a whole sentence of prose.
    :param passage: What a scorer reads: the sentence, or the part of it that is attributed to the holder.
    :param targets: Where the target stands in the article, inside ``passage``.
    :param holders: Where the holder stands in the article, inside ``passage``; empty where the passage doesn't name it.
    :param attributed: Whether this is something said, not done.
    """

    span: Span
    passage: Span
    targets: tuple[Span, ...]
    holders: tuple[Span, ...] = ()
    attributed: bool = False


@dataclass(frozen=True)
class Account:
    """An article with its actors and its attributions, ready to be asked who says what of whom.

    :param book: The actors.
    :param attributions: Every attribution, by where its content starts.
    """

    book: ActorBook
    attributions: tuple[Attribution, ...]

    @property
    def document(self) -> Document:
        """The article."""
        return self.book.document

    @cached_property
    def sources(self) -> tuple[tuple[str, ...], ...]:
        """The actors that each attribution has as its source; none where it names nobody known."""
        order = sorted(range(len(self.attributions)), key=lambda n: _anchor(self.attributions[n]))
        resolved: list[tuple[str, ...]] = [()] * len(self.attributions)
        last: tuple[str, ...] = ()
        for number in order:
            resolved[number] = self._resolve(self.attributions[number], last)
            last = resolved[number] or last
        return tuple(resolved)

    @cached_property
    def sided(self) -> bool:
        """Whether this is a story between countries, where people who speak for one count as its side."""
        return sum(actor.kind == "country" for actor in self.book.actors) > 1

    def holder_name(self, actor: str) -> str:
        """The organisation that an actor speaks for, the country in a story between countries, else the actor itself."""
        side = self.book.side_of.get(actor, actor)
        return side if self.sided or self.book.kinds.get(side) != "country" else actor

    def members(self, holder: str) -> frozenset[str]:
        """The actors whose words count for a holder: itself, and those who speak for its side."""
        return frozenset({holder, *(name for name, side in self.book.side_of.items() if side == holder)})

    @cached_property
    def holders(self) -> tuple[str, ...]:
        """Everybody who says something or is named, as holders, most central first; news agencies only where they speak."""
        speaking = {self.holder_name(name) for names in self.sources for name in names}
        acting = {self.holder_name(actor.name) for actor in self.book.actors} - media_names()
        ranked = [self.holder_name(actor.name) for actor in self.book.actors]
        return tuple(dict.fromkeys(name for name in ranked if name in speaking | acting))

    def by(self, holder: str, target: str, spans: Sequence[Span]) -> list[Statement]:
        """What a holder says of a target or does to it.

        :param holder: An actor of the book.
        :param target: The target's actor name, or the user's words for it.
        :param spans: Where the target is named; references to both sides are added here.
        """
        members = self.members(holder)
        targets = sorted({*spans, *self._references(holder, target)})
        said = [
            statement
            for attribution, names in zip(self.attributions, self.sources, strict=True)
            if members & set(names)
            for statement in self._said(attribution, targets, members)
        ]
        told = {statement.span for statement in said}
        own = sorted(one.span for name in members for one in self.book.of(name) if self._can_act(one))
        done = [one for one in self._acts(own, targets, members) if one.span not in told]
        return sorted(said + done, key=lambda one: one.span)

    def voiced(self, spans: Sequence[Span]) -> list[Statement]:
        """The sentences of the outlet's own prose that name the target and attribute nothing there."""
        found = []
        for sentence, inside in self.sentences_with(spans):
            free = [span for span in inside if not self.attributed_to(span)]
            if free and not self._reports(sentence):
                found.append(Statement(sentence.span, sentence.span, tuple(free)))
        return found

    @property
    def _pair(self) -> frozenset[str]:
        return frozenset(self.book.opponents or ())

    def _references(self, holder: str, target: str) -> Iterator[Span]:
        """Where "its ally", "both sides" or "the other side" means the target, from where the holder stands."""
        for mention in self.book.of(target):
            if (
                mention.via == "ally"
                or (mention.via == "both sides" and holder not in self._pair)
                or (mention.via == "other side" and holder in self._pair and holder != target)
            ):
                yield mention.span

    def _said(self, attribution: Attribution, targets: Sequence[Span], members: frozenset[str]) -> Iterator[Statement]:
        """One statement for each sentence of an attribution's content that names the target; none of what nobody says."""
        if any(_NOBODY.match(self.document.text, *span) for span in attribution.source):
            return
        reach = (min(start for start, _ in attribution.content), max(end for _, end in attribution.content))
        for sentence, inside in self.sentences_with(_between(targets, reach)):
            parts = [part for part in attribution.content if part[0] < sentence.end and part[1] > sentence.start]
            named = tuple(span for span in inside if any(part[0] <= span[0] and span[1] <= part[1] for part in parts))
            if not named:
                continue
            speakers = self._speakers(attribution, sentence, members)
            first = min([part[0] for part in parts] + [one[0] for one in (*speakers, *attribution.cue)])
            last = max([part[1] for part in parts] + [one[1] for one in (*speakers, *attribution.cue)])
            passage = (max(first, sentence.start), min(last, sentence.end))
            yield Statement(sentence.span, passage, named, speakers, attributed=True)

    def _speakers(self, attribution: Attribution, sentence: Sentence, members: frozenset[str]) -> tuple[Span, ...]:
        """Where the holder is named as the source, without what else the tagger took in ("Peru, which Chile …")."""
        sources = tuple(one for one in attribution.source if sentence.start <= one[0] and one[1] <= sentence.end)
        names = (one for span in sources for one in self.book.within(span) if one.actor in members)
        return tuple(one.span for one in names) or sources

    def _acts(self, own: Sequence[Span], targets: Sequence[Span], members: frozenset[str]) -> Iterator[Statement]:
        """The sentences where the holder and the target both stand outside what others say."""
        for sentence, inside in self.sentences_with(targets):
            free = tuple(span for span in inside if not self._others_say(span, members))
            holders = tuple(
                span
                for span in _between(own, sentence.span)
                if any(self._acts_on(span, one) for one in free) and not self._others_say(span, members)
            )
            if holders:
                yield Statement(sentence.span, sentence.span, free, holders)

    def _acts_on(self, holder: Span, target: Span) -> bool:
        """Whether the order of two names allows the first to act on the second: "X … Y", "Y, which X …", "Y was … by X"."""
        text = self.document.text
        if 0 < target[0] - holder[1] <= ACT_CHARS:
            return not _TURNED.search(text[holder[1] : target[0]])
        return 0 < holder[0] - target[1] <= ACT_CHARS and bool(_TURNED.search(text[target[1] : holder[0]]))

    def _can_act(self, mention: Mention) -> bool:
        """Whether a mention can be a subject: no bare adjective ("Russian mediation"), no place ("in Karabakh")."""
        if mention.via in ("both sides", "other side") or (mention.via == "demonym" and not mention.head):
            return False
        if mention.via == "capital" and self.document.text[mention.start : mention.end].isupper():
            return False  # a dateline
        before = self.document.text[max(0, mention.start - 20) : mention.start].lower().removesuffix("the ").split()
        return not before or before[-1] not in _PREPOSITIONS

    def _others_say(self, span: Span, members: frozenset[str]) -> bool:
        return any(not (names and members & set(names)) for names in self.attributed_to(span))

    def attributed_to(self, span: Span) -> list[tuple[str, ...]]:
        """The sources of every attribution whose content holds a span; a source without a known name is an empty tuple."""
        return [
            self.sources[number]
            for number in self._spoken.get(self._number_at(span[0]), ())
            if any(start <= span[0] and span[1] <= end for start, end in self.attributions[number].content)
        ]

    @cached_property
    def _spoken(self) -> dict[int, list[int]]:
        """For each sentence, the attributions with content in it."""
        index: dict[int, list[int]] = defaultdict(list)
        for number, attribution in enumerate(self.attributions):
            places = (range(self._number_at(start), self._number_at(end - 1) + 1) for start, end in attribution.content)
            for sentence in {place for part in places for place in part}:
                index[sentence].append(number)
        return index

    @cached_property
    def _cued(self) -> frozenset[int]:
        """The sentences with a cue in them."""
        return frozenset(self._number_at(start) for attribution in self.attributions for start, _ in attribution.cue)

    @cached_property
    def _starts(self) -> list[int]:
        return [sentence.start for sentence in self.document.sentences]

    def _number_at(self, position: int) -> int:
        return max(bisect_right(self._starts, position) - 1, 0)

    def _reports(self, sentence: Sentence) -> bool:
        """Whether a sentence has a cue in it, so that its tone may be its source's."""
        return self._number_at(sentence.start) in self._cued

    def sentences_with(self, spans: Sequence[Span]) -> Iterator[tuple[Sentence, tuple[Span, ...]]]:
        """The sentences that hold any of the spans, with those that they hold."""
        inside: dict[int, list[Span]] = defaultdict(list)
        for span in sorted(spans):
            inside[self._number_at(span[0])].append(span)
        for number, own in inside.items():
            sentence = self.document.sentences[number]
            if held := tuple(span for span in own if span[1] <= sentence.end):
                yield sentence, held

    def _resolve(self, attribution: Attribution, last: tuple[str, ...]) -> tuple[str, ...]:
        """The actors that a source names, or that its pronoun or definite phrase refers back to."""
        mentions = [one for span in attribution.source for one in self.book.within(span)]
        for start, end in attribution.source:
            if (clause := _OWN_SUBJECT.search(self.document.text[start:end])) and any(
                one.start >= start + clause.end() for one in mentions
            ):
                mentions = [one for one in mentions if one.start >= start + clause.end()]
        text = self.document.text
        owners = {
            one.span
            for one in mentions
            if _POSSESSIVE.match(text, one.end) or text[one.start : one.end].lower() in _POSSESSIVE_PRONOUNS
        }
        if owners and len(owners) < len(mentions):
            mentions = [one for one in mentions if one.span not in owners]
        if people := [one for one in mentions if one.kind == "person"]:
            return tuple(dict.fromkeys(one.actor for one in people if one is people[0] or self._joined(people[0], one)))
        if both := [one.actor for one in mentions if one.via == "both sides"]:
            return tuple(dict.fromkeys(both))
        if named := [one for one in mentions if one.actor not in media_names()]:
            return tuple(dict.fromkeys(one.actor for one in named if one is named[0] or self._joined(named[0], one)))
        if mentions:
            return (mentions[0].actor,)
        return self._refer_back(attribution, last)

    def _refer_back(self, attribution: Attribution, last: tuple[str, ...]) -> tuple[str, ...]:
        text = " ".join(self.document.text[start:end] for start, end in attribution.source).strip(" ,").lower()
        if not text:
            return ()
        if text.split()[0] in _THING:
            return self._thing_before(attribution.source[0][0], last)
        if text in _SPEAKERS:
            return last
        if text not in actor_lexicon().terms.back_references:
            return ()
        start = attribution.source[0][0]
        sentence = self._sentence_at(start)
        before = [one for one in self.book.within((sentence.start, start)) if one.actor not in media_names()]
        speakers = [one for one in before if one.kind == "person" or one.head]
        return (self.holder_name(speakers[0].actor),) if speakers else last

    def _thing_before(self, position: int, last: tuple[str, ...]) -> tuple[str, ...]:
        """The body that "it" or "its spokesman" refers to: what opens its sentence or the one before, else the last source."""
        number = self._number_at(position)
        for sentence in self.document.sentences[max(number - 1, 0) : number + 1][::-1]:
            lead = sentence.text.lstrip(_OPENING).removeprefix("The ").removeprefix("the ")
            start = sentence.end - len(lead)
            first = next(iter(self.book.within((sentence.start, min(sentence.end, position)))), None)
            if first is not None and first.start == start and first.kind != "person":
                return (self.holder_name(first.actor),)
        return tuple(name for name in last if self.book.kinds.get(name) != "person")

    def _sentence_at(self, position: int) -> Sentence:
        return self.document.sentences[self._number_at(position)]

    def _joined(self, first: Mention, second: Mention) -> bool:
        """Whether two names are named as one source: "officials from Armenia and Azerbaijan"."""
        between = self.document.text[first.end : second.start].lower()
        return " and " in between and "," not in between and len(between) <= JOINED_CHARS


def _between(spans: Sequence[Span], whole: Span) -> tuple[Span, ...]:
    """Those of the ascending ``spans`` that lie in ``whole``."""
    first, last = bisect_left(spans, (whole[0], 0)), bisect_left(spans, (whole[1], 0))
    return tuple(span for span in spans[first:last] if span[1] <= whole[1])


def _anchor(attribution: Attribution) -> int:
    return (attribution.cue or attribution.source or attribution.content)[0][0]
