"""A sentence's shallow structure: word classes, finite verbs with their subjects, attributions, calendar expressions.

It answers what deletion must know (which verb has which subject, where a statement is attributed, which words form a number)
from word classes and closed-class lists alone, in time linear in the words but for short look-backs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from copydesk.models.lexicon import lexicon
from copydesk.models.schema import Span
from copydesk.models.tagger import Tagger
from copydesk.models.words import is_word, word_spans

NOMINAL = frozenset({"NN", "NS", "NP", "CD", "PO"})
"""Classes that can end a noun phrase."""
INSIDE_NP = NOMINAL | {"DT", "PS", "PZ", "JJ", "PR"}
VERBAL = frozenset({"VB", "VZ", "VD", "VN", "VG", "BE", "HV", "DO", "MD"})
CLAUSE_BOUND = frozenset({"SB", "RL", "TH", "CC", "PU"})
MAX_SOURCE = 24
"""Longest source of an attribution at the end of a sentence, in tokens ("…, said the minister in charge of …")."""

_OPENING = {"(": ")", "[": "]", "“": "”", "‘": "’", "``": "''"}
_NON_FINITE_BE = frozenset({"be", "been", "being"})


@dataclass(frozen=True, slots=True)
class Report:
    """One attribution of a sentence.

    :param source: Token range of who says it.
    :param cue: Token index of the verb, or of the first word of "according to".
    :param content: Token range of what is said.
    :param core: Token range that must stay for the statement to stay attributed.
    """

    source: tuple[int, int]
    cue: int
    content: tuple[int, int]
    core: tuple[int, int]


@dataclass(frozen=True)
class Parse:
    """The shallow structure of one sentence. Indices are token indices; ranges are half open.

    :param text: The sentence.
    :param spans: The tokens' offsets in it.
    :param words: The tokens as written.
    :param lower: The tokens in lower case, with straight apostrophes.
    :param tags: One of :data:`copydesk.models.tagger.TAGS` each.
    """

    text: str
    spans: tuple[Span, ...]
    words: tuple[str, ...]
    lower: tuple[str, ...]
    tags: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.words)

    @cached_property
    def body_end(self) -> int:
        """One past the last word: final punctuation, but for a closing quotation mark or bracket, is no part of a headline."""
        end = len(self)
        while end and not is_word(self.words[end - 1]) and self.words[end - 1] not in {")", "”", "''", "]", '"', "%"}:
            end -= 1
        return end

    @cached_property
    def finite(self) -> tuple[bool, ...]:
        """Whether each token is a finite verb, the first of its group: the "has" of "has been killed"."""
        flags = [self._could_be_finite(index) for index in range(len(self))]
        if sum(flags) > 1:
            flags = [flag and not self._is_passive_phrase(index) for index, flag in enumerate(flags)]
        self._unmark_reduced_relatives(flags)
        self._mark_active_participles(flags)
        return tuple(flags)

    @cached_property
    def subject_start(self) -> dict[int, int]:
        """For each finite verb, where the noun phrases (with their prepositional phrases) that lead up to it begin.

        The verb's own index where there is nothing between it and the boundary of its clause: it shares another verb's subject,
        or is the verb of a relative clause.
        """
        starts = {index: self._chain_start(index) for index in range(len(self)) if self.finite[index]}
        for relative, verb in self.relatives:
            starts[verb] = self._chain_start(relative)
        return starts

    @cached_property
    def relatives(self) -> tuple[tuple[int, int], ...]:
        """Relative clauses without commas inside a subject: ``(start, end)``, where ``end`` is the subject's own finite verb."""
        found = []
        for index in range(1, len(self) - 1):
            if self.tags[index] not in {"TH", "RL"} or self.tags[index - 1] not in NOMINAL:
                continue
            verbs = [at for at in range(index + 1, min(len(self), index + MAX_SOURCE)) if self.finite[at]]
            if len(verbs) < 2 or self._before(verbs[0]) != index:
                continue
            between = range(verbs[0] + 1, verbs[1])
            if not any(self.tags[at] in CLAUSE_BOUND for at in between) and self.lower[verbs[0]] not in _SAID:
                found.append((index, verbs[1]))
        return tuple(found)

    @cached_property
    def quote_depth(self) -> tuple[int, ...]:
        """For each token, how many quotation marks or brackets are open before it."""
        depths: list[int] = []
        stack: list[str] = []
        for word in self.words:
            closes = bool(stack) and word == stack[-1]
            if closes:
                stack.pop()
            depths.append(len(stack) + closes)
            if word in _OPENING:
                stack.append(_OPENING[word])
            elif word == '"' and not closes:
                stack.append('"')
        return tuple(depths)

    @cached_property
    def reports(self) -> tuple[Report, ...]:
        """The attributions: "X said (that) …", "…, X said", "…, said X", "according to X"."""
        found = [report for index in range(len(self)) if (report := self._report_at(index)) is not None]
        return tuple(found)

    def calendar_end(self, index: int) -> int:
        """Where the calendar expression that begins at ``index`` ends; ``index`` itself if none does."""
        return self._calendar_ends[index] if index < len(self) else index

    @cached_property
    def _calendar_ends(self) -> tuple[int, ...]:
        return tuple(self._find_calendar_end(index) for index in range(len(self)))

    def _find_calendar_end(self, index: int) -> int:  # noqa: PLR0912 - one branch per form of date
        """Where the day, date or time expression that begins at ``index`` ends; ``index`` itself if none does.

        It takes its preposition along: "on Tuesday (Nov 16)", "late Monday", "last week", "in 2012", "yesterday".
        """
        at = index
        if self._low(at) in {"late", "early", "later"} and (self._low(at + 1) == "on" or self._is_day(at + 1)):
            at += 1
        if self._low(at) in {"on", "in", "at", "during", "over", "by", "since", "earlier"} and at + 1 < len(self):
            at += 1
        if self._low(at) in {"late", "early", "mid"}:
            at += 1
        begin = at
        if self._is_day(at) or self._low(at) in lexicon("calendar", "adverb"):
            at += 1
            while self._low(at) in lexicon("calendar", "unit") or self._low(at) in {
                "local",
                "time",
                "evening",
                "night",
            }:
                at += 1
            if self._low(at) == "," and self._is_month(at + 1):
                at += 1
        elif self._low(at) in {"the", "this", "last", "next", "past", "that", "earlier"}:
            ahead = at + 1 + (self._low(at + 1) in lexicon("calendar", "shift"))
            if self._low(ahead) in lexicon("calendar", "unit") and (self._low(at) != "the" or index < begin):
                at = ahead + 1
            elif self._low(at) in {"last", "next", "this"} and self._is_day(at + 1):
                at += 2
        if self._is_month(at) and (at > begin or index < begin or self._is_number(at + 1)):
            at += 1
        if at > begin and self._is_month(at - 1) and self._is_number(at):
            at += 1 + (self._low(at + 1) == "," and self._is_year(at + 2)) * 2
        elif (
            at == begin and index < begin and self._low(index) in {"in", "since", "by", "during"} and self._is_year(at)
        ):
            at += 1
        if at == begin:
            return index
        if self._low(at) == "(" and self._is_month(at + 1):
            close = next((j for j in range(at + 2, min(at + 6, len(self))) if self.words[j] == ")"), at - 1)
            at = close + 1
        return at

    def _could_be_finite(self, index: int) -> bool:
        tag, low = self.tags[index], self.lower[index]
        before = self._before(index)
        if tag in {"VZ", "VD", "MD"}:
            return tag == "MD" or index == 0 or self.tags[index - 1] not in {"PS", "DT", "JJ", "TO"}
        if tag == "PR":
            return "'" in low
        if tag == "BE":
            return low not in _NON_FINITE_BE
        if tag in {"HV", "DO", "VB"}:
            if low == "having":
                return False
            plural = tag != "VB" or self.tags[before] in {"NS", "PR", "NP", "RL", "CD", "RB", "PU", "NN", "PO"}
            return before >= 0 and self.tags[before] not in {"TO", "MD", "DO"} and plural
        return False

    def _before(self, index: int) -> int:
        """The nearest token before ``index`` that is no adverb or negation, or -1."""
        index -= 1
        while index >= 0 and self.tags[index] in {"RB", "NG"}:
            index -= 1
        return index

    def _unmark_reduced_relatives(self, flags: list[bool]) -> None:
        """ "Executives accused of fraud were …": of two past forms in a clause, the one before a preposition is a participle."""
        segment: list[int] = []
        for index in range(len(self) + 1):
            if index < len(self) and not (self.tags[index] in CLAUSE_BOUND or self.words[index] in _OPENING):
                if flags[index]:
                    segment.append(index)
                continue
            for one, verb in enumerate(segment):
                spoken = any(self.lower[v] in lexicon("attribution", "verb") for v in segment[:one])
                alone = sum(flags[v] for v in segment) < 2
                if not alone and not spoken and self._may_be_something_else(verb, first=one == 0):
                    flags[verb] = False
            segment = []

    def _is_passive_phrase(self, verb: int) -> bool:
        """ "A complaint published by the firm": a past form before "by" is no finite verb."""
        return (
            self.tags[verb] == "VD"
            and self.lower[verb].endswith(("ed", "en", "wn"))
            and self.lower[verb + 1 : verb + 2] == ("by",)
            and verb > 0
            and self.tags[verb - 1] in NOMINAL | {"PU"}
        )

    def _may_be_something_else(self, verb: int, *, first: bool) -> bool:
        """A participle after a noun, or a noun in -s after another ("growth estimates")."""
        tag, low = self.tags[verb], self.lower[verb]
        before = self.tags[verb - 1] if verb else "PU"
        if tag == "VZ":
            return not first and before in {"NN", "JJ", "NP"}
        follows = self.tags[verb + 1] if verb + 1 < len(self) else "PU"
        participle = low.endswith(("ed", "en", "wn", "ld", "ught")) and low not in _SAID
        return tag == "VD" and participle and before in NOMINAL and follows in {"IN", "TO", "VG"}

    def _mark_active_participles(self, flags: list[bool]) -> None:
        """ "Banks extended loans": past forms taken for participles, where an object follows or the sentence has no other verb.

        A participle after a noun is passive and takes no object.
        """
        for index in range(1, len(self) - 1):
            if (
                self.tags[index] != "VN"
                or flags[index]
                or not self.lower[index].endswith(("ed", "t", "n", "ew", "ose", "ght", "d"))
            ):
                continue
            before = self._before(index)
            if (
                before < 0
                or self.tags[before] not in NOMINAL | {"CC", "PR", "PU", "RL"}
                or self.lower[before] == "been"
            ):
                continue
            object_follows = (
                self.tags[index + 1] in {"DT", "PS", "CD", "NP", "NS", "PZ", "PO", "PR"}
                and self.calendar_end(index + 1) == index + 1
            )
            if self.tags[before] == "CC":
                flags[index] = object_follows and any(flags[:before])
            elif self.tags[before] == "PU":
                flags[index] = False
            else:
                flags[index] = object_follows or not any(flags)

    def _chain_start(self, verb: int) -> int:
        if self.tags[verb] == "PR":
            return verb
        at = verb
        while at > 0:
            tag, low = self.tags[at - 1], self.lower[at - 1]
            if at < verb and self.tags[at] in {"DT", "PS", "PR"} and tag in {"NN", "NS", "NP"}:
                break  # "amid optimism | the government will act"
            if (
                tag in INSIDE_NP
                or tag in {"IN", "RB", "NG", "VG", "VN"}
                or (tag == "VD" and not self.finite[at - 1])
                or (
                    at < verb
                    and ((tag == "TO" and self.tags[at] in INSIDE_NP) or (tag == "CC" and self._joins_subjects(at - 1)))
                )
            ):
                at -= 1
            elif (low in {")", "”", "''"} and (opening := self._matching(at - 1)) is not None) or (
                low == "," and self._only_dates(at, verb) and (opening := self._comma_before(at - 1)) is not None
            ):
                at = opening
            else:
                break
        while at < verb and self.tags[at] in {"RB", "NG"}:
            at += 1
        return at

    def _only_dates(self, start: int, end: int) -> bool:
        """Whether nothing but a date or adverbs stands in a range: "…, a lender, on Monday | said"."""
        return self.calendar_end(start) == end or all(self.tags[at] in {"RB", "NG"} for at in range(start, end))

    def _joins_subjects(self, conjunction: int) -> bool:
        """ "X and Y said", not "… sold X, and Y said" or "… sold X on Tuesday and Y said": before X begins its clause."""
        at = conjunction
        while at > 0 and (self.tags[at - 1] in INSIDE_NP or self.tags[at - 1] in {"IN", "CC"}):
            if self.calendar_end(at - 1) > at - 1:
                return False
            at -= 1
        if self.tags[conjunction - 1] not in NOMINAL:
            return False
        return at == 0 or self.tags[at - 1] in CLAUSE_BOUND or self.lower[at - 1] in lexicon("attribution", "verb")

    def _matching(self, closing: int) -> int | None:
        opening = {close: open_ for open_, close in _OPENING.items()}.get(self.words[closing], "")
        return next((j for j in range(closing - 1, max(-1, closing - 25), -1) if self.words[j] == opening), None)

    def _comma_before(self, comma: int) -> int | None:
        """The comma that opens what this one closes (an appositive or a relative clause before a verb): the first one of the
        clause, with a noun before it and no verb between but in a relative clause."""
        found, verbs = None, 0
        for at in range(comma - 1, max(0, comma - 30), -1):
            verbs += self.finite[at]
            if self.words[at] == "," and self.tags[at - 1] in NOMINAL | {"PU"}:
                relative = self.tags[at + 1] == "RL" or self.tags[at + 1 : at + 3] == ("IN", "RL")
                if verbs == 0 or (relative and verbs == 1):
                    found = at
            elif self.tags[at] in {"TH", "SB"}:
                break
        return found

    def _report_at(self, index: int) -> Report | None:
        low = self.lower[index]
        if low == "according" and self._low(index + 1) == "to":
            end = self._np_end(index + 2)
            if end == index + 2:  # no noun where one must be: a word taken for a verb
                end = next((at for at in range(end + 1, self.body_end) if self.tags[at] in {"PU", "IN"}), self.body_end)
            content = (0, index) if index > 0 and index + 2 < self.body_end and index > 2 else (end, self.body_end)
            start = index - (index > 0 and self.words[index - 1] == ",")
            return Report((index + 2, end), index, content, (start, end))
        if not self.finite[index] and not (low in _SAID and self.tags[index] in {"VD", "VZ", "VB", "VN"}):
            return None
        if low in lexicon("attribution", "tail_verb") and (tail := self._tail_report(index)) is not None:
            return tail
        if low in lexicon("attribution", "verb"):
            return self._front_report(index)
        return None

    def _tail_report(self, cue: int) -> Report | None:  # noqa: PLR0911 - one answer per form
        """ "…, police said" and "…, said the mayor": between the comma and the cue stands nothing but the source."""
        start = self.subject_start.get(cue, cue)
        before = start - 1
        if before < 1 or self.words[before] not in {",", "”", "''", '"', "’"}:
            return None
        comma = before
        while comma > 0 and self.words[comma - 1] in {",", "”", "''", '"'}:
            comma -= 1
        if not any(self.finite[j] for j in range(comma)):
            return None
        after = self.tags[cue + 1] if cue + 1 < len(self) else "PU"
        if start == cue:  # ", said the mayor"
            end = self._np_end(cue + 1)
            if end == cue + 1:
                return None
            return Report((cue + 1, end), cue, (0, comma), (comma, end))
        if self.lower[cue] in {"told", "tells", "tell"} and after == "NP":  # "…, two people told the agency"
            return Report((start, cue), cue, (0, comma), (comma, self._np_end(cue + 1)))
        if after in {"TH", "TO"} or (after in INSIDE_NP and self.calendar_end(cue + 1) == cue + 1 and after != "PO"):
            return None  # ", the ministry said it …": a new statement
        return Report((start, cue), cue, (0, comma), (comma, cue + 1))

    def _front_report(self, cue: int) -> Report | None:
        """ "Armenia says (that) Azerbaijan attacked": a finite verb with a subject of its own follows."""
        start = self.subject_start.get(cue, cue)
        content = cue + 1
        verb = next((at for at in range(content, self.body_end) if self.finite[at]), None)
        if verb is None:
            return None
        between = range(content, self.subject_start[verb])
        if any(self.tags[at] in {"SB", "RL", "CC"} or self.words[at] in {",", ";", ":", "--"} for at in between):
            return None
        that = next((at for at in between if self.tags[at] == "TH"), None)
        if that is not None and self.calendar_end(content) != that:
            told = all(self.tags[at] in INSIDE_NP for at in range(content, that))
            if not told:
                return None  # a relative clause: "claimed victory for a bill that may …"
        return Report((start, cue), cue, (content, self.body_end), (start, cue + 1))

    def _np_end(self, index: int) -> int:
        at = index
        while at < self.body_end and (self.tags[at] in INSIDE_NP | {"VN"} or self.lower[at] in {"of", "for", "and"}):
            if self.tags[at] == "VN" and self.tags[at - 1] not in {"DT", "PS", "JJ"}:
                break
            if self.lower[at] in {"of", "for", "and"} and (
                at + 1 >= self.body_end or self.tags[at + 1] not in INSIDE_NP
            ):
                break
            if self.calendar_end(at) > at or (at > index and self.lower[at] in lexicon("attribution", "describing")):
                break
            at += 1
        return at

    def _low(self, index: int) -> str:
        return self.lower[index] if 0 <= index < len(self) else ""

    def _is_day(self, index: int) -> bool:
        return self._low(index).rstrip(".") in lexicon("calendar", "day") and self.words[index][0].isupper()

    def _is_month(self, index: int) -> bool:
        return self._low(index).rstrip(".") in lexicon("calendar", "month") and self.words[index][0].isupper()

    def _is_number(self, index: int) -> bool:
        return self._low(index)[:1].isdigit()

    def _is_year(self, index: int) -> bool:
        low = self._low(index)
        return len(low) == 4 and low.isdigit() and low[:2] in {"17", "18", "19", "20", "21"}


_SAID = frozenset({"said", "says", "say", "told", "tells"})


def parse(sentence: str, tagger: Tagger | None = None) -> Parse:
    """Tag a sentence and wrap it.

    :param sentence: One sentence.
    :param tagger: The shipped one by default.
    """
    spans = word_spans(sentence)
    words = tuple(sentence[start:end] for start, end in spans)
    tags = (tagger or Tagger.load()).tag(words)
    return Parse(sentence, tuple(spans), words, tuple(word.lower().replace("’", "'") for word in words), tuple(tags))


def runs(kept: Sequence[bool]) -> list[tuple[int, int]]:
    """The ranges of consecutive dropped tokens."""
    found, start = [], None
    for index, flag in enumerate([*kept, True]):
        if not flag and start is None:
            start = index
        elif flag and start is not None:
            found.append((start, index))
            start = None
    return found
