"""A sentence as words and their classes: quotations, calendar expressions, where the body ends."""

from dataclasses import dataclass
from functools import cached_property

from copydesk.models.lexicon import lexicon
from copydesk.models.schema import Span
from copydesk.models.words import is_word

NOMINAL = frozenset({"NN", "NS", "NP", "CD", "PO"})
"""Classes that can end a noun phrase."""
INSIDE_NP = NOMINAL | {"DT", "PS", "PZ", "JJ", "PR"}
VERBAL = frozenset({"VB", "VZ", "VD", "VN", "VG", "BE", "HV", "DO", "MD"})
CLAUSE_BOUND = frozenset({"SB", "RL", "TH", "CC", "PU"})
PARTICLES = frozenset({"up", "down", "out", "off", "over", "through"})
"""Adverbs that look like prepositions: "shut down", "called off"."""

_OPENING = {"(": ")", "[": "]", "“": "”", "‘": "’", "``": "''"}


@dataclass(frozen=True)
class SentenceWords:
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
        """One past the last word: final punctuation, but for a closing quotation mark or bracket or a question mark, is no part
        of a headline."""
        end = len(self)
        while (
            end and not is_word(self.words[end - 1]) and self.words[end - 1] not in {")", "”", "''", "]", '"', "%", "?"}
        ):
            end -= 1
        return end

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
        parted = self._low(at) == "over" and (
            self._low(at + 1) in {"late", "early"} or (at + 1 < len(self) and self._is_day(at + 1))
        )  # "sent over"
        prefixed = self._low(at) in {"on", "in", "at", "during", "over", "by", "since", "earlier"}
        if prefixed and not parted and at + 1 < len(self):
            at += 1
        if self._low(at) in {"late", "early", "mid"}:
            at += 1
        begin = at
        if self._is_day(at) and self._low(at + 1) in lexicon("style", "company_suffix"):
            return index  # "Ruby Tuesday Inc"
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

    def _matching(self, closing: int) -> int | None:
        opening = {close: open_ for open_, close in _OPENING.items()}.get(self.words[closing], "")
        return next((j for j in range(closing - 1, max(-1, closing - 25), -1) if self.words[j] == opening), None)

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
