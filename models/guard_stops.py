"""The check of where a headline stops, and where a statement in it stops before its source."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from copydesk.models.auxiliaries import is_stand_in
from copydesk.models.endings import legal_end
from copydesk.models.lexicon import lexicon
from copydesk.models.phrases import Parse
from copydesk.models.sentence_words import NOMINAL, VERBAL
from copydesk.models.words import is_word

_AIMED = frozenset({"aimed", "expected", "designed", "intended", "meant"})
"""Participles that may as well say something of what the phrase hangs on: "a package [of laws] aimed at"."""
_ORDINALS = frozenset({"first", "second", "third", "fourth", "last", "latter", "former", "latest"})
_TOLD_BY_A_CLAUSE = frozenset(
    {"year", "day", "time", "moment", "place", "reason", "way", "kind", "one", "ones", "sort"}
)
_CLAUSE_OPENERS = frozenset({"where", "when", "why", "that", "which", "who", "in", "of"})
_BEGUN = frozenset({"VB", "VD", "HV", "BE", "MD", "DO"})
"""Classes of a verb whose subject is no end; some of third persons are taken for plurals ("sales rises")."""


def stops_short(read: Parse, indices: Sequence[int]) -> Iterator[str]:
    """Where the headline, or a statement in it, stops without what its last word is the last word before.

    :param read: The parsed sentence.
    :param indices: The tokens that are kept, at least one.
    """
    for verb in _statement_ends(read, indices):
        if not legal_end(read, verb, verb + 1):
            yield f"ends: {read.words[verb]!r} before who says it"
    for report in read.reports:
        told = (
            report.content[0] == 0
            and report.core[0] > 0
            and any(report.core[0] <= at < report.core[1] for at in indices)
        )
        before = [at for at in indices if at < min(report.core[0], report.source[0])]
        if told and before and not any(read.finite[at] or is_stand_in(read, at) for at in before):
            yield f"ends: no statement before {read.words[report.cue]!r}"
    for left, right in pairwise(indices):
        if _joins_participle(read, left, right):
            yield f"ends: {read.words[left]!r} before {read.words[right]!r}"
        torn = right > left + 1 and read.tags[left] == "VN" and not read.finite[left]
        if torn and any(report.cue == right and report.source[0] <= left for report in read.reports):
            yield f"ends: {read.words[left]!r} before {read.words[right]!r}"  # "data released [on Monday] showed"
    last = indices[-1]
    follows = read.lower[last + 1] if last + 1 < read.body_end else ""
    if follows and _wants(read, last, follows):
        yield f"ends: {read.words[last]!r} without {follows!r}"
    if not follows and read.words[last].endswith(".") and read.lower[last].rstrip(".") in lexicon("names", "title"):
        yield f"ends: {read.words[last]!r} without a name"  # a text that was cut off after "Gov."
    for at in indices[:-1]:
        if read.lower[at] == "as" and at + 1 in indices:
            twin = next((then for then in range(at + 2, min(at + 4, len(read))) if read.lower[then] == "as"), at)
            if twin not in indices:
                yield f"ends: 'as {read.words[at + 1]}' without 'as'"


def _joins_participle(read: Parse, left: int, right: int) -> bool:
    """ "at the funeral [of a guard] killed in May": the participle says something of the noun that is left out."""
    if right <= left + 2 or read.lower[left + 1] != "of" or read.finite[right] or read.lower[right] in _AIMED:
        return False
    gone = read.tags[left + 1 : right]
    participle = read.tags[right] in {"VN", "VD"} and gone[-1] in NOMINAL
    return participle and read.tags[left] in {"NN", "NS", "NP"} and {"PU", "CC"}.isdisjoint(gone)


def _wants(read: Parse, last: int, follows: str) -> bool:
    """Whether the last word is nothing without the one that follows it."""
    low, before = read.lower[last], read.lower[last - 1] if last else ""
    begun = read.finite[last + 1] and read.subject_start[last + 1] <= last and read.tags[last + 1] in _BEGUN
    return (
        begun  # "is cutting programs scientists | say are sound"
        or (
            low in _ORDINALS and follows in {"of", "to", "in"} and read.tags[last - 1] == "DT"
        )  # "on top in the first | of two trials"
        or (
            low in lexicon("calendar", "units") and follows in {"after", "before", "ago"}
        )  # "gave out the figures hours | after she was asked"
        or (low in {"least", "most"} and before == "at")
        or (
            low in _TOLD_BY_A_CLAUSE and before == "the" and follows in _CLAUSE_OPENERS
        )  # "looks like the year | where it ends"
        or (
            follows == "of" and read.tags[last] == "NN" and read.tags[last + 2 : last + 3] == ("NN",)
        )  # "a sigh | of relief"
    )


def _statement_ends(read: Parse, indices: Sequence[int]) -> Iterator[int]:
    """The verb that each statement stops after whose source comes after it: "is recalling | 750 cars, the firm said"."""
    for report in read.reports:
        if report.content[0] != 0 or report.core[0] >= len(read):
            continue
        inside = [at for at in indices if at < report.core[0] and at < report.source[0] and is_word(read.words[at])]
        told = any(report.core[0] <= at < report.core[1] for at in indices)
        cut = inside and told and read.words[inside[-1] + 1] != "," and inside[-1] + 1 < report.core[0]
        if cut and read.tags[inside[-1]] in VERBAL:
            yield inside[-1]
