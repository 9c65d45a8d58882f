"""A sentence's shallow structure: word classes, finite verbs with their subjects, attributions, calendar expressions.

It answers what deletion must know (which verb has which subject, where a statement is attributed, which words form a number)
from word classes and closed-class lists alone, in time linear in the words but for short look-backs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from copydesk.models.clause_verbs import MAX_SOURCE, ClauseVerbs
from copydesk.models.finite_verbs import SAID
from copydesk.models.lexicon import lexicon
from copydesk.models.link_chrome import linked
from copydesk.models.sentence_words import INSIDE_NP
from copydesk.models.tag_mending import mended
from copydesk.models.tagger import Tagger
from copydesk.models.words import word_spans


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
class Parse(ClauseVerbs):
    """The shallow structure of one sentence. Indices are token indices; ranges are half open."""

    @cached_property
    def reports(self) -> tuple[Report, ...]:
        """The attributions: "X said (that) …", "…, X said", "…, said X", "according to X"."""
        found = [report for index in range(len(self)) if (report := self._report_at(index)) is not None]
        return tuple(found)

    def _report_at(self, index: int) -> Report | None:
        low = self.lower[index]
        if low == "according" and self._low(index + 1) == "to":
            end = self._np_end(index + 2)
            if end == index + 2:  # no noun where one must be: a word taken for a verb
                end = next((at for at in range(end + 1, self.body_end) if self.tags[at] in {"PU", "IN"}), self.body_end)
            content = (0, index) if index > 0 and index + 2 < self.body_end and index > 2 else (end, self.body_end)
            start = index - (index > 0 and self.words[index - 1] == ",")
            return Report((index + 2, end), index, content, (start, end))
        if low in {"quoted", "cited"} and self._low(index + 1) == "as":
            return self._quoted_report(index)
        if not self.finite[index] and not (low in SAID and self.tags[index] in {"VD", "VZ", "VB", "VN"}):
            return None
        if low in lexicon("attribution", "tail_verb") and (tail := self._tail_report(index)) is not None:
            return tail
        if low in lexicon("attribution", "verb"):
            return self._front_report(index)
        return None

    def _tail_report(self, cue: int) -> Report | None:  # noqa: PLR0911 - one answer per form
        """ "…, police said" and "…, said the mayor": between the comma and the cue stands nothing but the source."""
        start = self._source_start(cue)
        if self.tags[start] == "CC":
            return None  # "…, but the ministry said on Monday that …": a new statement
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
        heard = after == "NP" or (after in {"DT", "PS", "PZ", "NS"} and not any(self.finite[cue + 1 :]))
        if self.lower[cue] in {"told", "tells", "tell"} and heard:  # "…, two people told the agency"
            return Report((start, cue), cue, (0, comma), (comma, self._np_end(cue + 1)))
        if after in {"TH", "TO"} or (after in INSIDE_NP and self.calendar_end(cue + 1) == cue + 1 and after != "PO"):
            return None  # ", the ministry said it …": a new statement
        return Report((start, cue), cue, (0, comma), (comma, cue + 1))

    def _quoted_report(self, cue: int) -> Report | None:
        """ "…, the minister was quoted as saying": kept up to "saying"."""
        verb = next((at for at in range(cue, max(0, cue - 4), -1) if self.finite[at]), None)
        if verb is None:
            return None
        start = self.subject_start.get(verb, verb)
        if (
            start == verb
            or start < 2
            or self.words[start - 1] != ","
            or not any(self.finite[at] for at in range(start - 1))
        ):
            return None
        return Report((start, verb), cue, (0, start - 1), (start - 1, min(cue + 3, self.body_end)))

    def _source_start(self, cue: int) -> int:
        """Where the source before a cue begins: its subject, or all since the last comma where only nouns stand between."""
        start = self.subject_start.get(cue, cue)
        if start == cue or (start > 0 and self.words[start - 1] in {",", "”", "''", '"', "’"}):
            return start
        after = self.tags[cue + 1] if cue + 1 < len(self) else "PU"
        final = after in {"PU", "IN"} or self.calendar_end(cue + 1) > cue + 1
        comma = next((at for at in range(start - 1, max(0, start - MAX_SOURCE), -1) if self.words[at] == ","), None)
        if (
            comma is None
            or not final
            or any(self.finite[at] or self.tags[at] in {"SB", "TH"} for at in range(comma + 1, cue))
        ):
            return start
        return comma + 1

    def _front_report(self, cue: int) -> Report | None:
        """ "Armenia says (that) Azerbaijan attacked": a finite verb with a subject of its own follows."""
        start = self.subject_start.get(cue, cue)
        content = cue + 1
        dated = self.calendar_end(content)
        if self.tags[dated : dated + 1] == ("TO",):
            return None  # "claimed to have no money", "vowed on Monday to fight"
        verb = next((at for at in range(content, self.body_end) if self.finite[at]), None)
        if verb is None:
            return None
        between = range(content, self.subject_start[verb])
        whiles = [at for at in between if self.tags[at] == "SB" and self.tags[at - 1] != "TH"]  # not "that while …"
        opened = self.tags[dated : dated + 1] == ("TH",)  # "found that in two polls, his lead shrank"
        if whiles or (
            not opened
            and any(self.tags[at] in {"RL", "CC"} or self.words[at] in {",", ";", ":", "--"} for at in between)
        ):
            return None
        that = next((at for at in between if self.tags[at] == "TH"), None)
        if that is not None and not opened:
            told = all(self.tags[at] in INSIDE_NP for at in range(content, that))
            if not told:
                return None  # a relative clause: "claimed victory for a bill that may …"
        return Report((start, cue), cue, (content, self._front_end(cue)), (start, cue + 1))

    def _front_end(self, cue: int) -> int:
        """Where what is said ends, of a statement within a relative clause or an opening clause: before the main verb."""
        for start, verb in self.relatives:
            if start < cue < verb:
                return verb
        if self.tags[0] == "SB":
            starts = set(self.subject_start.values())
            commas = (at for at in range(cue, self.body_end) if self.words[at] == "," and at + 1 in starts)
            return next(commas, self.body_end)
        return self.body_end

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


def parse(sentence: str, tagger: Tagger | None = None) -> Parse:
    """Tag a sentence, without any list of links glued into it, and wrap it.

    :param sentence: One sentence.
    :param tagger: The shipped one by default.
    """
    spans = word_spans(sentence)
    glued = {at for start, end in linked([sentence[start:end] for start, end in spans]) for at in range(start, end)}
    spans = [span for at, span in enumerate(spans) if at not in glued]
    words = tuple(sentence[start:end] for start, end in spans)
    tags = (tagger or Tagger.load()).tag(words)
    lower = tuple(word.lower().replace("’", "'") for word in words)
    return Parse(sentence, tuple(spans), words, lower, mended(lower, tags))


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
