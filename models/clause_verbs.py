"""The finite verbs of a sentence with their subjects, from word classes and closed-class lists alone.

Linear in the words but for short look-backs.
"""

from dataclasses import dataclass
from functools import cached_property

from copydesk.models.finite_verbs import QUOTES, SAID, FiniteVerbs
from copydesk.models.lexicon import lexicon
from copydesk.models.sentence_words import CLAUSE_BOUND, INSIDE_NP, NOMINAL

MAX_SOURCE = 24
"""Longest source of an attribution at the end of a sentence, in tokens ("…, said the minister in charge of …"), and longest
relative clause within a subject."""


@dataclass(frozen=True)
class ClauseVerbs(FiniteVerbs):
    """A sentence with its verbs and their subjects."""

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
            begin = index - (self.tags[index] == "RL" and self.tags[index - 1] == "IN")  # "an email in which …"
            if self.tags[index] not in {"TH", "RL"} or begin == 0 or self.tags[begin - 1] not in NOMINAL:
                continue
            verbs = [at for at in range(index + 1, min(len(self), index + MAX_SOURCE)) if self.finite[at]]
            if len(verbs) < 2:
                continue
            inside = range(verbs[0] + 1, verbs[1])
            as_role = {at for at in inside if self.lower[at] == "as" and self.tags[at + 1] == "NN"}  # "exit as chief"
            own = self.tags[index] == "RL" and all(self.tags[at] in INSIDE_NP for at in range(index + 1, verbs[0]))
            if self._before(verbs[0]) != index and not own:
                continue
            between = range(verbs[0] + 1, verbs[1])
            telling = lexicon("attribution", "verb") | lexicon("verbs", "convincing")
            shown = self.lower[verbs[0]] in lexicon("verbs", "showing")  # "data that showed confidence weakened"
            if shown and any(self.tags[at] in NOMINAL for at in between):
                continue
            if any(self.lower[at] in telling and self.tags[at] in {"VG", "VB"} for at in between):
                continue  # "a video in which she is seen alleging the firm spiked …"
            if (
                not any(
                    self.tags[at] in CLAUSE_BOUND and at not in as_role and self.words[at] not in QUOTES
                    for at in between
                )
                and self.lower[verbs[0]] not in SAID
            ):
                found.append((begin, verbs[1]))
        return tuple(found)

    def is_own_subject(self, verb: int) -> bool:
        """Whether what leads up to the verb is its subject, not another's object ("want justice for the boy | shot there")."""
        start = self.subject_start.get(verb, verb)
        if start == 0 or self.tags[start - 1] in CLAUSE_BOUND:
            return True
        return self.lower[start - 1] in lexicon("attribution", "verb") or self.calendar_end(start - 1) > start - 1

    def is_certain_subject(self, verb: int) -> bool:
        """Whether what leads up to the verb begins where a clause can begin.

        Where another verb, that takes no statement, stands right before it ("halted talks on the gas block"), the two can't both
        be finite, or the verb's own subject begins somewhere in between: nothing follows from where its words begin.
        """
        start = self.subject_start.get(verb, verb)
        if start > 0 and self.tags[start] in {"VN", "VG"} and self.tags[start - 1] in {"HV", "BE"}:
            start += 1  # "has halted talks on the gas block"
        elif start == 0 or self.is_own_subject(verb):
            return True
        if self.tags[start - 1] not in {"VB", "VZ", "VD", "VN", "VG"}:
            return True
        takes_statement = lexicon("verbs", "convincing") | lexicon("verbs", "clausal") | lexicon("attribution", "verb")
        return self.lower[start - 1] in takes_statement

    def _chain_start(self, verb: int) -> int:
        if self.tags[verb] == "PR":
            return verb
        at = verb
        while at > 0:
            tag = self.tags[at - 1]
            dated = next((begin for begin in range(at - 1, max(0, at - 5), -1) if self.calendar_end(begin) == at), None)
            if dated is not None and self.tags[dated - 1] in NOMINAL:
                at = dated  # "the economy [this month] has fallen"
                continue
            opens = (
                at < verb
                and self.lower[at] != "such"
                and self.tags[at] in {"DT", "PS", "PR"}
                and self.calendar_end(at) == at
            )
            if opens and tag in {"NN", "NS", "NP"}:
                break  # "amid optimism | the government will act"
            participle = tag in {"VD", "VN"} and not self.finite[at - 1]
            within = at < verb and (
                self._is_infinitive_of_noun(at - 1)
                or (tag == "TO" and self.tags[at] in INSIDE_NP | {"VB"})
                or (tag == "CC" and self._joins_subjects(at - 1))
                or self._names_role(at - 1)
            )
            if tag in INSIDE_NP | {"IN", "RB", "NG", "VG"} or participle or within:
                at -= 1
            elif (opening := self._opening_before(at, verb)) is not None:
                at = opening
            else:
                break
        while at < verb and self.tags[at] in {"RB", "NG"}:
            at += 1
        return at

    def _opening_before(self, at: int, verb: int) -> int | None:
        """Where a bracket, a list of examples, an appositive or a relative clause begins that ends right before a token of what
        leads up to a verb."""
        closing = at - 1
        if self.words[closing] in {")", "”", "''"}:
            return self._matching(closing)
        if self.words[closing] != ",":
            return None
        if (example := self._example_before(closing)) is not None:
            return example
        reporting = self.lower[verb] in lexicon("attribution", "tail_verb")
        return self._comma_before(closing, nearest=reporting) if self._only_dates(at, verb) else None

    def _is_infinitive_of_noun(self, index: int) -> bool:
        """ "The decision to cut the target was …", "A levy designed to keep banks away is …": an infinitive that hangs on the
        noun before it, or on that noun's participle."""
        if self.tags[index] != "VB" or index < 2 or self.tags[index - 1] != "TO":
            return False
        noun = self._last_noun_before(index)
        if any(self.finite[:index]) and not self._opens_what_is_said(noun):
            return False
        return self.tags[noun] in NOMINAL and self.lower[index] not in lexicon("attribution", "verb")

    def _names_role(self, index: int) -> bool:
        """The "as" of "a man known as the Gull"."""
        return self.lower[index] == "as" and self.tags[index - 1] == "VN" and not self.finite[index - 1]

    def _example_before(self, comma: int) -> int | None:
        """ "Owners of papers | including the Post, the Pier and the Gull are": where the examples around a comma begin."""
        for at in range(comma - 1, max(0, comma - MAX_SOURCE), -1):
            if self.lower[at] == "including" or self.lower[at : at + 2] == ("such", "as"):
                return at if self.tags[at - 1] in NOMINAL else None
            if self.tags[at] not in INSIDE_NP | {"CC"} and self.words[at] != "," and self.lower[at] not in {"of", "in"}:
                return None
        return None

    def _last_noun_before(self, infinitive: int) -> int:
        """The token before "to", or the one before that where a participle of it stands between."""
        before = infinitive - 2
        return before - (before > 0 and self.tags[before] in {"VN", "VD"} and not self.finite[before])

    def _opens_what_is_said(self, noun: int) -> bool:
        """ "said on Friday talks [to set up …] could": between a verb of saying and the noun stand only its phrase and a date."""
        at = noun
        while at > 0 and self.tags[at] in INSIDE_NP and self.calendar_end(at) == at:
            dated = any(self.calendar_end(begin) == at for begin in range(max(0, at - 4), at))
            at -= 1
            if dated:
                break
        while at > 0 and (
            self.tags[at] == "TH" or any(self.calendar_end(begin) > at for begin in range(max(0, at - 4), at + 1))
        ):
            at -= 1
        return self.finite[at] and self.lower[at] in lexicon("verbs", "clausal")

    def _only_dates(self, start: int, end: int) -> bool:
        """Whether nothing but a date or adverbs stands in a range: "…, a lender, on Monday | said"."""
        return self.calendar_end(start) == end or all(self.tags[at] in {"RB", "NG"} for at in range(start, end))

    def _joins_subjects(self, conjunction: int) -> bool:
        """ "X and Y said", not "… sold X, and Y said" or "… sold X on Tuesday and Y said": before X begins its clause."""
        at = conjunction
        while at > 0 and (self.tags[at - 1] in INSIDE_NP | {"IN", "CC"} or self._is_infinitive_of_noun(at - 1)):
            if self.calendar_end(at - 1) > at - 1:
                return False
            at = self._last_noun_before(at - 1) if self.tags[at - 1] == "VB" else at - 1
        if self.tags[conjunction - 1] not in NOMINAL | {"JJ"}:
            return False
        return at == 0 or self.tags[at - 1] in CLAUSE_BOUND or self.lower[at - 1] in lexicon("attribution", "verb")

    def _comma_before(self, comma: int, *, nearest: bool) -> int | None:
        """The comma that opens what this one closes (an appositive or a relative clause before a verb): the first one of the
        clause, with a noun before it and no verb between but in a relative clause."""
        found, verbs = None, 0
        for at in range(comma - 1, max(0, comma - 30), -1):
            verbs += self.finite[at]
            if self.words[at] == "," and self.tags[at - 1] in NOMINAL | {"PU"}:
                relatives = sum(self.tags[word] in {"RL", "TH"} for word in range(at + 1, comma))
                if verbs <= relatives <= 1:
                    found = at
                    if nearest and any(self.finite[:at]):
                        break  # "…, the head of the bank, a large lender, said": what comes before is what is said
            elif self.tags[at] == "SB" and (self.lower[at] != "as" or verbs):
                break  # not at "known as the star of a film"
        return found
