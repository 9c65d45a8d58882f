"""Which words of a sentence are finite verbs, from word classes and closed-class lists alone.

Past forms, participles and plural nouns look alike; what stands around them decides.
"""

from dataclasses import dataclass
from functools import cached_property

from copydesk.models.lexicon import lexicon
from copydesk.models.sentence_words import CLAUSE_BOUND, INSIDE_NP, NOMINAL, SentenceWords
from copydesk.models.tagger import Tagger

SAID = frozenset({"said", "says", "say", "told", "tells"})
_NEVER_PASSIVE = frozenset({"vowed", "warned", "insisted", "threatened", "hoped", "argued", "complained", "wanted"})
"""Past forms that are no participle after a noun, whatever follows: "The firms vowed on Monday to fight"."""
_OPENING_MARKS = frozenset({"(", "[", "“", "‘", "``"})
QUOTES = frozenset({'"', "“", "”", "``", "''"})
"""Double quotation marks; a statement may go on before and after them."""
_NON_FINITE_BE = frozenset({"be", "been", "being"})


@dataclass(frozen=True)
class FiniteVerbs(SentenceWords):
    """A sentence that knows its finite verbs."""

    @cached_property
    def finite(self) -> tuple[bool, ...]:
        """Whether each token is a finite verb, the first of its group: the "has" of "has been killed"."""
        flags = [self._could_be_finite(index) for index in range(len(self))]
        if sum(flags) > 1:
            flags = [flag and not self._is_passive_phrase(index) for index, flag in enumerate(flags)]
        self._unmark_reduced_relatives(flags)
        self._mark_active_participles(flags)
        return tuple(flags)

    def _could_be_finite(self, index: int) -> bool:  # noqa: PLR0911 - one answer per class
        tag, low = self.tags[index], self.lower[index]
        before = self._before(index)
        if tag == "VB" and before > 0 and self.words[before] in QUOTES:
            before = self._before(before)  # 'wants to "play a part"'
        if low == "thanks" or (tag == "VD" and self._is_described(index)) or self._is_attributive_plural(index):
            return False
        if tag == "VD" and f"{low}:{self._low(index + 1)}" in lexicon("verbs", "passive_only"):
            return False  # "the doctor accused of fraud"
        if (tag == "VD" and self._is_apposed(index)) or (tag == "VZ" and self._is_second_noun(index)):
            return False
        if tag == "VD" and self._describes_a_source(index):
            return False
        if tag in {"VZ", "VD", "MD"}:
            return tag == "MD" or (index > 0 and self.tags[index - 1] not in {"PS", "DT", "JJ", "TO"})
        if tag == "PR":
            return "'" in low
        if tag == "BE":
            return low not in _NON_FINITE_BE
        if tag in {"HV", "DO", "VB"}:
            if low == "having" or self._is_after_dated_modal(index):
                return False
            plural = (
                tag != "VB"
                or self.tags[before] in {"NS", "PR", "NP", "RL", "CD", "RB", "PU", "PO"}
                or self._many(before)
                or self._is_dated_plural(index)
                or (self.tags[before] == "TH" and before > 0 and self.tags[before - 1] == "NS")  # "ports that need …"
            )
            if tag == "VB" and self._is_helped(index):
                return False
            return before >= 0 and self.tags[before] not in {"TO", "MD", "DO"} and plural
        return False

    def _is_apposed(self, index: int) -> bool:
        """ "The pier, built in May, has …": after the first comma, with only a noun phrase before it."""
        if index < 2 or self.words[index - 1] != "," or self.tags[0] in {"IN", "SB", "TO", "VG", "RB"}:
            return False
        opening = self.tags[: index - 1]
        return (
            self.calendar_end(0) == 0
            and all(tag in INSIDE_NP | {"IN"} for tag in opening)
            and self.lower[index] not in SAID
        )

    def _describes_a_source(self, index: int) -> bool:
        """ "…, according to a lawsuit filed in Oslo": a past form after the source, where no statement may follow."""
        if not any(tag in {"VD", "VZ", "MD", "BE", "HV", "DO"} for tag in self.tags[: index - 2]):
            return False
        at = index - 1
        while at > 0 and self.tags[at] in INSIDE_NP:
            at -= 1
        return at < index - 1 and at > 0 and self.lower[at - 1 : at + 1] == ("according", "to")

    def _is_second_noun(self, index: int) -> bool:
        """ "Appliance and electronics retailers", "the appeals court ordered": a plural in -s where no verb can stand."""
        before, follows = self.tags[index - 1 : index], self.tags[index + 1 : index + 2]
        if not Tagger.load().leans(self.lower[index], "NS", "VZ", ratio=0.1) or follows not in {("NN",), ("NS",)}:
            return False
        stated = any(tag in {"VD", "VZ", "MD", "BE", "HV", "DO"} for tag in self.tags[:index])
        ahead = any(tag in {"VD", "MD", "BE", "HV", "DO"} for tag in self.tags[index + 2 : index + 8])
        return not stated and (before == ("CC",) or (before in {("NP",), ("NN",)} and follows == ("NN",) and ahead))

    def _is_helped(self, index: int) -> bool:
        """ "helped investors place money": a base form after the object of "help", "let" or "make"."""
        for at in range(index - 1, max(-1, index - 6), -1):
            if self.tags[at] in {"VB", "VD", "VZ", "VG", "VN"}:
                return self.lower[at] in lexicon("verbs", "bare_infinitive")
            if self.tags[at] not in INSIDE_NP:
                return False
        return False

    def _is_after_dated_modal(self, index: int) -> bool:
        """ "will on Friday issue a statement"."""
        begins = (at for at in range(max(1, index - 5), index) if self.calendar_end(at) == index)
        return any(self.tags[at - 1] in {"MD", "TO", "DO"} for at in begins)

    def _is_dated_plural(self, index: int) -> bool:
        """ "Notes sent to Norvik this week | reveal": a date stands between the subject and its verb."""
        begins = (at for at in range(max(1, index - 5), index) if self.calendar_end(at) == index)
        return any(self.tags[at - 1] in {"NS", "NP"} for at in begins)

    def _is_attributive_plural(self, index: int) -> bool:
        """ "The largest office supplies retailer": a plural between two nouns that looks like a verb."""
        between = self.tags[index - 1 : index] in {("NN",), ("JJ",)} and self.tags[index + 1 : index + 2] == ("NN",)
        if self.tags[index] != "VZ" or not between or not self.words[index - 1].islower():
            return False
        return Tagger.load().leans(self.lower[index], "NS", "VZ", ratio=1)

    def _many(self, noun: int) -> bool:
        """Whether a noun that looks singular takes a plural verb: "police say", "the bank and its owner say"."""
        if self.tags[noun] != "NN":
            return False
        if self.lower[noun] in lexicon("names", "many"):
            return True
        for at in range(noun - 1, max(-1, noun - 9), -1):
            if self.lower[at] == "and" or (self.tags[at] == "NS" and self.tags[at + 1] == "IN"):
                return True  # "executives at the show forecast …"
            if self.tags[at] not in INSIDE_NP | {"IN"}:
                return False
        return False

    def _is_described(self, index: int) -> bool:
        """ "The closely watched proposal": a past form after an article and an adverb is an adjective."""
        before = self._before(index)
        return before < index - 1 and before >= 0 and self.tags[before] in {"DT", "PS", "PZ"}

    def _before(self, index: int) -> int:
        """The nearest token before ``index`` that is no adverb, no negation and no share's code in brackets, or -1."""
        index -= 1
        while index >= 0 and (self.tags[index] in {"RB", "NG"} or self.words[index] == ")"):
            if self.words[index] == ")":
                opening = self._matching(index)
                if opening is None:
                    return index
                index = opening
            index -= 1
        return index

    def _unmark_reduced_relatives(self, flags: list[bool]) -> None:
        """ "Executives accused of fraud were …": of two past forms in a clause, the one before a preposition is a participle."""
        segment: list[int] = []
        for index in range(len(self) + 1):
            if index < len(self) and not (self.tags[index] in CLAUSE_BOUND or self.words[index] in _OPENING_MARKS):
                if flags[index]:
                    segment.append(index)
                continue
            for one, verb in enumerate(segment):
                earlier = [v for v in segment[:one] if flags[v]][
                    -1:
                ]  # the verb before: "said X used …", not "said X is used …"
                spoken = any(self.lower[v] in lexicon("attribution", "verb") for v in earlier)
                alone = sum(flags[v] for v in segment) < 2
                written = self._is_published(verb)
                followed = any(flags[v] for v in segment[one + 1 :])  # "said the orders clinched in Oslo would help"
                spoken = spoken and not written and not followed
                alone = alone and not (written and any(flags[:verb]))
                if not alone and not spoken and self._may_be_something_else(verb, first=one == 0):
                    flags[verb] = False
            segment = []

    def _is_passive_phrase(self, verb: int) -> bool:
        """ "A complaint published by the firm": a past form before "by" is no finite verb."""
        return (
            self.tags[verb] == "VD"
            and (self.lower[verb].endswith(("ed", "en", "wn")) or self.lower[verb] in lexicon("verbs", "same_past"))
            and self.lower[verb + 1 : verb + 2] == ("by",)
            and self.tags[verb + 2 : verb + 3] != ("CD",)  # "won by two goals"
            and verb > 0
            and self.tags[verb - 1] in NOMINAL | {"PU"}
        )

    def _is_published(self, verb: int) -> bool:
        """ "told a daily in an interview published on Monday", "according to filings released this week"."""
        if verb == 0 or self.lower[verb] not in lexicon("attribution", "publishing"):
            return False
        return self.lower[verb - 1] in lexicon("attribution", "medium")

    def _may_be_something_else(self, verb: int, *, first: bool) -> bool:
        """A participle after a noun, or a noun in -s after another ("growth estimates")."""
        tag, low = self.tags[verb], self.lower[verb]
        before = self.tags[verb - 1] if verb else "PU"
        follows = self.tags[verb + 1] if verb + 1 < len(self) else "PU"
        if tag == "VZ":
            named = before == "NP" and Tagger.load().leans(low, "VZ", "NS", ratio=1)  # "that the U.S. considers spies"
            return not first and before in {"NN", "JJ", "NP"} and not named
        if tag == "VD" and self._low(verb + 1) in {"out", "off"} and self._low(verb + 2) != "by":
            return False  # "Delight at the plan fizzled out"
        participle = low.endswith(("ed", "en", "wn", "ld", "ught")) and low not in SAID | _NEVER_PASSIVE
        if self._is_published(verb):
            return True
        if tag == "VD" and participle and not first and before == "NN" and follows == "NS":
            return True  # "the quality of mortgage backed securities"
        dated = self.calendar_end(verb + 1) > verb + 1
        return tag == "VD" and participle and before in NOMINAL and (dated or follows in {"IN", "TO", "VG"})

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
                or self.tags[before] not in NOMINAL | {"CC", "PR", "PU", "RL", "TH"}
                or self.lower[before] == "been"
            ):
                continue
            object_follows = self._takes_object(index) or self._takes_statement(index)
            if self.tags[before] == "CC":
                flags[index] = object_follows and any(flags[:before])
            elif self.tags[before] == "PU":
                flags[index] = False
            else:
                stated = any(flag and not self._is_subordinate(at) for at, flag in enumerate(flags))
                stated = stated and not self._is_reported_after(index, flags) and not self._goes_on(index, flags)
                joined = self.tags[index + 1] == "CC" and self.tags[index + 2 : index + 3] in {("VN",), ("VD",)}
                flags[index] = object_follows or not stated or (joined and self._takes_object(index + 2))

    def _is_reported_after(self, index: int, flags: list[bool]) -> bool:
        """ "Output rebounded in May, two surveys showed": what a cue at the end reports has a verb of its own."""
        first = next((at for at, flag in enumerate(flags) if flag), 0)
        commas = [at for at in range(first) if self.words[at] == ","]
        told = self.lower[first] in lexicon("attribution", "tail_verb") and len(commas) == 1
        return told and index < commas[0] and all(tag in INSIDE_NP for tag in self.tags[commas[0] + 1 : first])

    def _goes_on(self, index: int, flags: list[bool]) -> bool:
        """ "Inflation accelerated in May but stayed low": the only verb beside this one shares its subject."""
        first = next((at for at, flag in enumerate(flags) if flag), 0)
        joint = self._before(first)
        if first < index or self.tags[joint] != "CC" or self.lower[joint] not in {"and", "but"}:
            return False
        if not {"SB", "RL", "TH", "PU"}.isdisjoint(self.tags[:joint]):
            return False
        bound = next((at for at in range(first, len(self)) if self.tags[at] in CLAUSE_BOUND), len(self))
        return not any(flags[first + 1 : bound])

    def _is_subordinate(self, verb: int) -> bool:
        """Whether the nearest boundary before a verb opens a clause that hangs on another."""
        bound = next((at for at in range(verb - 1, -1, -1) if self.tags[at] in CLAUSE_BOUND), None)
        if bound is None:
            return False
        opens_aside = self.words[bound] == "," and self.tags[bound + 1] == "VG"  # ", suggesting the cuts had …"
        return opens_aside or self.tags[bound] in {"SB", "RL", "TH"}

    def _takes_statement(self, verb: int) -> bool:
        """ "Moss denied on Monday that he …"."""
        after = self.calendar_end(verb + 1)
        return self.tags[after : after + 1] == ("TH",)

    def _takes_object(self, verb: int) -> bool:
        follows = self.tags[verb + 1 : verb + 2]
        described = follows == ("JJ",) and self.tags[verb + 2 : verb + 3] in {
            ("NN",),
            ("NS",),
        }  # "adjourned crucial talks"
        objects = {("DT",), ("PS",), ("CD",), ("NP",), ("NN",), ("NS",), ("PZ",), ("PO",), ("PR",)}
        return (follows in objects or described) and self.calendar_end(verb + 1) == verb + 1
