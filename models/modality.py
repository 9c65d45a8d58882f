"""Whether an event happened, or is planned, threatened, demanded or denied: "Russia urged a ceasefire" is no ceasefire.

Cue words ("urged", "will", "denied that") reach over the words that follow them, or precede them, up to the end of the clause.
The words of the sentence that its label speaks of are looked up by the label's own hypotheses, and the reach in which they stand
decides. A label that is itself an act of speech happens in being said: that Russia urged something is a request made. Which
labels are such is read from their hypotheses, so that it holds for any codebook.

The rules follow the cue-and-scope tradition of NegEx (Chapman et al., 2001, "A Simple Algorithm for Identifying Negated Findings
and Diseases in Discharge Summaries").
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from copydesk.configs.codebook import Label
from copydesk.configs.modality_lexicon import Cue, match_length, modality_lexicon
from copydesk.models.schema import MODALITIES, Modality, Span
from copydesk.models.words import word_spans

OWN_KIND_SHARE = 0.6
"""From this share of hypotheses with a cue of one kind, a label is itself of that kind. In plover and plover15 REQUEST, REJECT,
AGREE and THREATEN have at least 0.62 of theirs, every other label at most 0.25."""

SHORT_REACH = 4
"""Words that a cue like "no" reaches: "no sign of a ceasefire", but not "no one was hurt when a bomb exploded"."""

CLAUSE_WINDOW = 6
"""After ", and", a past form within so many words tells a new clause with a subject of its own."""

FREE_SHARE = 0.5
"""The event happened if at least this share of the words that speak of it stands outside all cues."""

SUBJECT_WINDOW = 3
"""A word that names whom a cue is about stands at most so many words before it …"""
OPENING_WINDOW = 8
"""… or so many, if it opens the sentence: "Vaccination of children under five is due to begin"."""

HEADLINE_SUBJECT = 4
"""Words of the name before a headline's "to": "Russia to withdraw troops"."""

CLAUSE_SHARE = 0.6
"""A clause with at most this share of a sentence's words is read by itself as well."""

ASIDE_WORDS = 6
"""Words of a bracket that is passed over: a date, an abbreviation, a party."""

MAX_CHARACTERS = 3000
"""What is longer is no sentence; its beginning decides, so that hostile text takes no time."""

_STOPS = frozenset(";:—–()")
_CLOSERS = frozenset('.!?"“”')
_NAMES = frozenset({"Will", "May", "No"})
_CONDITIONAL = frozenset({"will", "would", "'ll"})
_UNDER_CONDITION = _CONDITIONAL | {
    "could",
    "can",
    "may",
    "might",
    "intend",
    "intends",
    "intended",
    "plans",
    "planned",
    "ready",
}
"""Words that begin a cue of a plan, which a condition makes a threat if it is harm: "intends to expel the envoy if …"."""
_SUFFIXES = (
    "ations", "ation", "ments", "ment", "ings", "ing", "ions", "ion", "ers", "ors", "als", "al", "er", "or",
    "ies", "ied", "es", "ed", "e", "y", "s",
)  # fmt: skip


def modality(sentence: str, label: Label | None = None) -> Modality:
    """Whether the event that a sentence is evidence of happened.

    :param sentence: The evidence.
    :param label: The label that it proves; without one, the sentence's main clause decides.
    :returns: happened, planned, threatened, demanded or denied.
    """
    return _Reading(sentence).modality(_profile(label) if label is not None else _Profile(frozenset(), frozenset()))


def own_kinds(label: Label) -> frozenset[Modality]:
    """The modalities that are the deed itself: that Russia demanded something is what a label of requests tells of.

    :returns: Subset of planned, threatened, demanded and denied; empty for most labels.
    """
    return _profile(label).own


@dataclass(frozen=True, slots=True)
class Fit:
    """How a sentence's modality speaks for some labels.

    :param signs: 1 for a label whose own modality is that of the main clause; -1 for one that has none of its own and whose deed
        has one that another label owns; 0 otherwise.
    :param clause: Span of the clause that says so, in code points of the sentence; ``None`` if it is most of the sentence.
    """

    signs: tuple[int, ...]
    clause: Span | None = None


def fit(sentence: str, labels: Sequence[Label], owned: frozenset[Modality]) -> Fit:
    """What a sentence's modality says for and against labels.

    What is demanded, denied, planned or threatened is the deed of the label that tells of demands, denials, plans or threats, and
    not of the label of what is demanded: "Russia called for a ceasefire" is a request, and no ceasefire.

    :param labels: Some labels of a codebook.
    :param owned: The modalities that are the deed itself of any label of the codebook (:func:`own_kinds`).
    """
    reading = _Reading(sentence)
    if owned.isdisjoint(reach.kind for reach in reading.reaches):
        return Fit((0,) * len(labels))
    main = reading.main_cue(reading.reaches)
    kind = main.kind if main else "happened"
    signs = tuple(
        int(kind in profile.own) if profile.own else -int(reading.modality(profile) in owned)
        for profile in map(_profile, labels)
    )
    return Fit(signs, reading.clause_of(main) if main and 1 in signs else None)


@dataclass(frozen=True, slots=True)
class _Profile:
    """What a label's hypotheses say about it: its content stems, and the kinds of cue that are the deed itself."""

    stems: frozenset[str]
    own: frozenset[Modality]


@lru_cache(maxsize=4096)
def _profile(label: Label) -> _Profile:
    general = modality_lexicon().general
    found: Counter[Modality] = Counter()
    stems: set[str] = set()
    for statement in label.statements:
        found.update({reach.kind for reach in _Reading(statement).reaches})
    for statement in (*label.statements, *label.dyad, label.name):
        stems |= {
            _stem(word)
            for word in _Reading(statement).words
            if word.isalpha() and len(word) > 1 and word not in general
        }
    own = {kind for kind, count in found.items() if count >= OWN_KIND_SHARE * len(label.statements)}
    return _Profile(frozenset(stems), frozenset(own))


@dataclass(frozen=True, slots=True)
class _Reach:
    """A cue in a sentence, with the words ``start`` to ``end``, end exclusive, that it bears on."""

    kind: Modality
    cue_start: int
    cue_end: int
    start: int
    end: int
    stem: str

    @property
    def is_forward(self) -> bool:
        return self.start == self.cue_end

    def covers(self, at: int) -> bool:
        return self.start <= at < self.end


class _Reading:
    """A sentence with its words, the breaks between its clauses and the reaches of its cues."""

    def __init__(self, sentence: str) -> None:
        self.lexicon = modality_lexicon()
        text = sentence[:MAX_CHARACTERS].replace("’", "'")
        self._spans = _without_asides(text, word_spans(text))
        tokens = [text[start:end] for start, end in self._spans]
        # "Will Smith" and "May" inside a sentence are names.
        self.words = [token if at and token in _NAMES else token.lower() for at, token in enumerate(tokens)]
        self._capitals = [token[0].isupper() for token in tokens[:HEADLINE_SUBJECT]]
        self.breaks = self._find_breaks()
        self.reaches = self._find_reaches()

    def modality(self, profile: _Profile) -> Modality:
        """Whether what a label tells of happened."""
        bearing = [one for one in self.reaches if one.kind not in profile.own and one.stem not in profile.stems]
        own = self.own_cues(profile)
        triggers = own or self.places(profile)
        if telling := own or [at for at in triggers if not self.is_subject(at, bearing)]:
            kinds = Counter(self.kind_at(at, bearing, triggers) for at in telling)
            if kinds["happened"] >= FREE_SHARE * len(telling):
                return "happened"
            return max(MODALITIES[1:], key=lambda kind: kinds[kind])
        main = self.main_cue(bearing)
        return main.kind if main else "happened"

    @cached_property
    def _stems(self) -> list[tuple[int, str]]:
        return [(at, _stem(word)) for at, word in enumerate(self.words) if word.isalpha()]

    def own_cues(self, profile: _Profile) -> list[int]:
        """The words of cues that are the label's deed itself."""
        own = (range(reach.cue_start, reach.cue_end) for reach in self.reaches if reach.kind in profile.own)
        return [at for cue in own for at in cue]

    def places(self, profile: _Profile) -> list[int]:
        """The words that the label's statements share."""
        return [at for at, stem in self._stems if stem in profile.stems]

    def is_subject(self, at: int, bearing: list[_Reach]) -> bool:
        """Whether a word only names who a cue is about: "The hostages" in "The hostages were not harmed"."""
        cue = next((reach for reach in bearing if reach.is_forward and reach.cue_start > at), None)
        window = OPENING_WINDOW if at <= 1 else SUBJECT_WINDOW
        if cue is None or cue.cue_start - at > window or any(reach.covers(at) for reach in bearing):
            return False
        a_verb_or_break = (self._is_past(place) or place in self.breaks for place in range(at, cue.cue_start))
        return not any(a_verb_or_break)

    def kind_at(self, at: int, bearing: list[_Reach], triggers: list[int]) -> Modality:
        """The kind of the outermost cue that bears on a word; ``happened`` where none does, or where it is taken for granted."""
        over = [reach for reach in bearing if reach.covers(at)]
        if not over:
            return "happened"
        outermost = min(over, key=lambda reach: (reach.is_forward, reach.cue_start))
        granted = (
            self.words[place] in self.lexicon.presuppose and place not in triggers
            for place in range(outermost.cue_end, at)
        )
        return "happened" if any(granted) else outermost.kind

    def main_cue(self, bearing: list[_Reach]) -> _Reach | None:
        """The first cue of the main clause; ``None`` where it has none, so that it tells of what happened."""
        start = 0
        if self.words and self._boundary_at(0) and "," in self.words:  # "After the strike, Russia urged …"
            start = self.words.index(",") + 1
        end = next((at for at in self.breaks if at > start and self.words[at] != "and"), len(self.words))
        inside = [reach for reach in bearing if start <= reach.cue_start < end and reach.start < reach.end]
        if not inside:
            return None
        first = min(inside, key=lambda reach: reach.cue_start)
        verbs = (place for place in range(start, first.cue_start) if self._is_past(place))
        # "The probe landed and will return", "They marched to demand …"
        may_follow = first.kind == "planned" or self.words[first.cue_start - 1] == "to"
        done_before = may_follow and any(self.words[verb] not in self.lexicon.reporting for verb in verbs)
        # "Handlers walked out and flights were cancelled": what is called off is not what was done.
        joined = not first.is_forward and any(self._is_past(place) for place in range(start, first.start))
        return None if done_before or joined else first

    def clause_of(self, cue: _Reach) -> Span | None:
        """The code points of the clause that a cue stands in; ``None`` if it is most of the sentence."""
        start = max((at + 1 for at in self.breaks if at < cue.cue_start), default=0)
        end = min((at for at in self.breaks if at >= cue.cue_end), default=len(self.words))
        if end - start > CLAUSE_SHARE * len(self.words):
            return None
        return self._spans[start][0], self._spans[end - 1][1]

    def _find_reaches(self) -> list[_Reach]:
        """Every cue with its reach, in order; where cues overlap, the one that begins first and is longest."""
        reaches: list[_Reach] = []
        if stop := self._imperative():
            reaches.append(_Reach("demanded", 0, 0, 0, stop, ""))
        if at := self._headline_to():
            stop = next((place for place in self.breaks if place > at), len(self.words))
            reaches.append(_Reach("planned", at, at + 1, at + 1, stop, ""))
        at = 0
        while at < len(self.words):
            cue, length = self._cue_at(at)
            if cue is not None and cue.kind != "none":
                reach = self._reach(cue, at, at + length)
                if (
                    reach.is_forward or cue.kind != "warned" or reach.kind == "threatened"
                ):  # "…, experts warned" asks nothing
                    reaches.append(reach)
            at += max(length, 1)
        return reaches

    def _imperative(self) -> int:
        """Where a demand ends that is quoted in full: "Release the journalists now, the guild told the junta"; 0 for none."""
        opening = next((at for at, word in enumerate(self.words) if word.isalpha()), 0)
        after = self.words[opening + 1 : opening + 2]
        if (
            not after
            or after[0] not in self.lexicon.after_imperative
            or self.words[opening] not in self.lexicon.imperative
        ):
            return 0
        told = next((at for at, word in enumerate(self.words) if word in self.lexicon.reporting), len(self.words))
        said = "," in self.words[opening:told] and told < len(self.words)
        return next((at for at in range(told, 0, -1) if self.words[at - 1] == ","), 0) if said else 0

    def _headline_to(self) -> int:
        """Where a headline's "to" stands for "will"; 0 if it doesn't."""
        at = next((at for at, word in enumerate(self.words[: HEADLINE_SUBJECT + 1]) if word == "to"), 0)
        names = self._capitals[:at]
        return at if at and all(names) and self.words[at - 1] not in self.lexicon.before_to else 0

    def _cue_at(self, at: int) -> tuple[Cue | None, int]:
        for cue in self.lexicon.cues.get(self.words[at], ()):
            if length := match_length(cue.words, self.words, at):
                return cue, length
        return None, 0

    def _reach(self, cue: Cue, at: int, end: int) -> _Reach:
        head = cue.words[-1] if cue.backward else cue.words[0]
        stem = "" if head in self.lexicon.general else _stem(head)
        closes = end == len(self.words) or self.words[end] in _CLOSERS
        if cue.backward or closes:  # "The talks were called off"; "We will be back," she promised.
            opened = [place for place in self.breaks if place < at] + [place for place in self._joins if place < at - 1]
            start = 0 if closes else max(opened, default=-1) + 1
            return _Reach(self._kind(cue, start, at), at, end, start, at, stem)
        stop = next((place for place in self.breaks if place >= end), len(self.words))
        if cue.words in self.lexicon.short:
            stop = min(stop, end + SHORT_REACH)
        return _Reach(self._kind(cue, end, stop), at, end, end, stop, stem)

    def _kind(self, cue: Cue, start: int, end: int) -> Modality:
        """What a vow or a warning is depends on what it is of; a plan of harm under a condition is a threat."""
        harm = not self.lexicon.hostile.isdisjoint(self.words[start:end])
        if cue.kind == "vowed":
            return "threatened" if harm else "planned"
        if cue.kind == "warned":
            return "threatened" if harm and not _CONDITIONAL.isdisjoint(self.words[start:end]) else "demanded"
        if (
            cue.kind == "planned"
            and cue.words[0] in _UNDER_CONDITION
            and harm
            and any((word,) in self.lexicon.conditions for word in self.words)
        ):
            return "threatened"
        return next(kind for kind in MODALITIES if kind == cue.kind)

    @cached_property
    def _joins(self) -> list[int]:
        """Where "and" joins a second subject to what did happen: "walked out, and hundreds of flights | were cancelled"."""
        done = next((at for at in range(len(self.words)) if self._is_past(at)), len(self.words))
        joins = (at for at in range(done + 1, len(self.words) - 1) if self.words[at] == "and")
        return [at for at in joins if not self._is_past(at + 1)]

    def _find_breaks(self) -> list[int]:
        """Where clauses end, ascending: at words and signs that open another one."""
        breaks: list[int] = []
        ends_at_comma = bool(self.words) and self._boundary_at(0)  # "Despite calls for calm, fighting raged"
        for at, word in enumerate(self.words):
            ends_at_comma = ends_at_comma or (word,) in self.lexicon.conditions
            following = self.words[at + 1] if at + 1 < len(self.words) else ""
            comma_breaks = word == "," and (ends_at_comma or following.endswith("ing"))
            opens_clause = at > 0 and (self._boundary_at(at) or (word == "and" and self._is_new_clause(at)))
            if comma_breaks or opens_clause or word in _STOPS:
                breaks.append(at)
            ends_at_comma = ends_at_comma and word != ","
        return breaks

    def _boundary_at(self, at: int) -> bool:
        phrases = self.lexicon.boundaries.get(self.words[at], ())
        return any(match_length(phrase, self.words, at) for phrase in phrases)

    def _is_new_clause(self, at: int) -> bool:
        """Whether what did happen begins after an "and": a past form next to it, or soon after ", and"."""
        window = CLAUSE_WINDOW if self.words[at - 1] == "," else 1
        return any(self._is_past(place) for place in range(at + 1, min(at + 1 + window, len(self.words))))

    def _is_past(self, at: int) -> bool:
        return self.words[at] in self.lexicon.past or self.words[at].endswith("ed")


def _without_asides(text: str, spans: list[Span]) -> list[Span]:
    """The words without those of short brackets: "Russia on Tuesday (Nov 16) urged …" is one clause."""
    kept: list[Span] = []
    at = 0
    while at < len(spans):
        ahead = [text[start:end] for start, end in spans[at : at + ASIDE_WORDS + 2]]
        if ahead[0] == "(" and ")" in ahead:
            at += ahead.index(")") + 1
        else:
            kept.append(spans[at])
            at += 1
    return kept


def _stem(word: str) -> str:
    """A word without its ending, so that "shelling", "shelled" and "shells" meet; crude, but the same on both sides."""
    word = modality_lexicon().irregular.get(word.lower(), word.lower())
    for _ in range(2):  # "sheltered", "shelter"
        suffix = next((one for one in _SUFFIXES if word.endswith(one) and len(word) - len(one) >= 3), "")
        word = word.removesuffix(suffix)
    return word[:-1] if len(word) > 4 and word[-1] == word[-2] else word
