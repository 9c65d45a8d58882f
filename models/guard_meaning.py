"""Checks that a headline says no more than its sentence: negations, attributions, hedges."""

from collections.abc import Iterator

from copydesk.models.auxiliaries import stand_in
from copydesk.models.guard import Kept
from copydesk.models.lexicon import lexicon
from copydesk.models.phrases import Parse, Report, runs
from copydesk.models.sentence_words import INSIDE_NP, NOMINAL, VERBAL

_NEGATIONS = lexicon("meaning", "negation")
_HEDGES = lexicon("meaning", "hedge")


_EMPTY_WITHOUT = frozenset(
    {
        "elaborating",
        "elaboration",
        "citing",
        "naming",
        "identifying",
        "giving",
        "providing",
        "specifying",
        "saying",
        "comment",
    }
)
"""After a verb of saying, "without elaborating" takes nothing back: it says what the source left open."""


_SAYING = frozenset({"said", "says", "say"})
_TELLING = frozenset({"told", "tells", "tell"})
_FARTHEST_COLON = 9
"""Tokens between a verb of saying and its colon."""


def negation(read: Parse, kept: Kept) -> Iterator[str]:
    """A negation goes only together with the verb or noun that it turns round."""
    for start, end in runs(kept):
        for index in range(start, end):
            if not _is_negation(read, index):
                continue
            target = _negated(read, index)
            if target is not None and kept[target]:
                yield f"negation: {read.words[index]!r} is dropped, {read.words[target]!r} is kept"
    for index in range(len(read) - 1):
        if kept[index] and read.lower[index] == "not" and read.lower[index + 1] in {"only", "just"}:
            other = next((at for at in range(index, len(read)) if read.lower[at] == "but"), None)
            if other is None:  # "has not only quit, she has left the country"
                starts = {start for verb, start in read.subject_start.items() if start < verb}
                other = next((at for at in range(index, len(read)) if read.words[at] == "," and at + 1 in starts), None)
            if other is not None and not kept[other]:
                yield "negation: 'not only' without its other half"


def _is_negation(read: Parse, index: int) -> bool:
    low = read.lower[index]
    if low == "not" and not {"only", "just"}.isdisjoint(read.lower[index + 1 : index + 2]):
        return read.tags[index - 1 : index] in {("BE",), ("MD",), ("HV",), ("DO",)}  # "solutions [not just for Greece]"
    return low in _NEGATIONS or low.endswith("n't") or low in lexicon("meaning", "negative_stem")


def _negated(read: Parse, index: int) -> int | None:  # noqa: PLR0911 - one rule per kind of negation
    """The word that stands or falls with the negation at ``index``."""
    low, count = read.lower[index], len(read)
    if low in {"not", "never", "n't", "hardly", "barely", "scarcely", "rarely", "seldom"} or low.endswith("n't"):
        ahead = next(
            (
                at
                for at in range(index + 1, min(count, index + 6))
                if read.tags[at] in VERBAL - {"HV", "BE", "DO", "MD"}
            ),
            None,
        )
        behind = next(
            (at for at in range(index - 1, max(-1, index - 4), -1) if read.tags[at] in {"BE", "MD", "HV", "DO"}), None
        )
        if (
            ahead is not None
            and behind is not None
            and read.tags[behind] == "BE"
            and read.tags[ahead] in {"VB", "VZ", "VD"}
        ):
            return index + 1
        return ahead if ahead is not None else behind if behind is not None else min(index + 1, count - 1)
    if low in {"without", "unless", "except", "against", "nor"}:
        if low == "without" and read.lower[index + 1 : index + 2] and read.lower[index + 1] in _EMPTY_WITHOUT:
            return None
        if low in {"without", "against"} and (_after_saying(read, index) or _after_closing_cue(read, index)):
            return None
        return _governing_verb(read, index)
    if low in lexicon("meaning", "negative_stem"):
        return _complement(read, index)
    if low in {"no", "neither", "zero", "non", "few", "little", "none", "nobody", "nothing"}:
        inside = next(
            (at for at in range(index + 1, min(count, index + 5)) if read.tags[at] in {"NN", "NS", "NP"}), None
        )
        if inside is not None and low not in {"none", "nobody", "nothing"}:
            return inside
        return _verb_after(read, index)
    return index + 1 if index + 1 < count else None


def _after_saying(read: Parse, index: int) -> bool:
    """ ", said the spokesman, without giving a date": it is the telling that lacks something."""
    at = index - 1
    while at >= 0 and read.words[at] != ",":
        at -= 1
    return at > 0 and read.lower[at - 1] in lexicon("attribution", "tail_verb")


def _after_closing_cue(read: Parse, index: int) -> bool:
    """ "…, reports said on Sunday against a backdrop of tension": what follows the cue at the end says when it was told."""
    return any(
        report.content[0] == 0
        and report.content[1] <= report.source[0] < report.cue < index
        and not any(read.finite[at] for at in range(report.cue + 1, index))
        for report in read.reports
    )


def _governing_verb(read: Parse, index: int) -> int | None:
    if read.lower[index] == "against" and read.tags[index - 1] in NOMINAL - {"CD"} and not _ends_date(read, index):
        return None if _is_hostile(read, index) else index - 1
    for at in range(index - 1, -1, -1):
        if read.tags[at] in VERBAL - {"MD", "HV", "DO"}:
            return at
        if read.tags[at] in {"SB", "RL"}:
            return at
    return None


def _is_hostile(read: Parse, index: int) -> bool:
    """ "filed a complaint in Oslo | against the bank": the noun says by itself that it is against somebody."""
    at = index - 1
    while at >= 0 and read.tags[at] in INSIDE_NP | {"IN"}:
        if read.lower[at] in lexicon("meaning", "hostile"):
            return True
        at -= 1
    return False


def _ends_date(read: Parse, index: int) -> bool:
    return any(at < index == read.calendar_end(at) for at in range(max(0, index - 5), index))


def _complement(read: Parse, index: int) -> int | None:
    """What a verb like "fail" or "deny" turns round: its infinitive, its participle or the noun after it."""
    if read.tags[index] not in VERBAL and read.tags[index + 1 : index + 2] != ("TO",):
        return index + 1 if index + 1 < len(read) and read.tags[index + 1] in NOMINAL | {"JJ"} else None
    for at in range(index + 1, min(len(read), index + 7)):
        if read.tags[at] in {"VB", "VG", "NN", "NS", "NP"}:
            return at
        if read.tags[at] in {"SB", "RL", "PU"}:
            return None
    return None


def _verb_after(read: Parse, index: int) -> int | None:
    return next((at for at in range(index + 1, min(len(read), index + 6)) if read.finite[at]), None)


def attribution(read: Parse, kept: Kept) -> Iterator[str]:
    """A statement that somebody makes stays theirs: source and cue are kept while any verb of the statement is."""
    for report in read.reports:
        content = [at for at in range(*report.content) if read.finite[at] and _states(read, kept, at)]
        if report.content[0] > report.cue:
            content = [at for at in content if not _starts_new_statement(read, report.cue, at)]
        if not content:
            begun = report.content[0] > report.cue and kept[report.cue]
            if begun and (_keeps_part(read, kept, report) or _says_nothing(read, kept, report)):
                yield f"attribution: {read.words[report.cue]!r} without what is said"
            continue
        told = report.content[0] > report.cue and kept[report.cue]
        if told and _is_torn(read, kept, report):
            yield f"attribution: {read.words[report.cue]!r} without the beginning of what is said"
        if told and all(_is_subordinate(read, at) for at in content):
            yield f"attribution: {read.words[report.cue]!r} without what is said"
        source = [at for at in range(*report.source) if read.tags[at] in NOMINAL | {"PR", "JJ"}]
        if not kept[report.cue]:
            yield f"attribution: {read.words[report.cue]!r} is dropped from a statement"
        elif source and not any(kept[at] for at in source):
            yield f"attribution: the source of {read.words[report.cue]!r} is dropped"
        elif (head := _cut_source(read, kept, report)) is not None:
            yield f"attribution: the source of {read.words[report.cue]!r} without {read.words[head]!r}"
    yield from _quotes_nothing(read, kept)


def _cut_source(read: Parse, kept: Kept, report: Report) -> int | None:
    """ "aid | workers said", "| people familiar with the talks said": the noun that says who a source is, left out though an
    adjective or noun of its own is kept."""
    for at in range(*report.source):
        if read.tags[at] not in {"NN", "NS"} or kept[at]:
            continue
        ends = read.tags[at + 1] not in {"NN", "NS", "NP"} if at + 1 < len(read) else True
        led = at > report.core[0] and read.tags[at - 1] in {"NN", "JJ"} and kept[at - 1] and at < report.core[1]
        followed = (
            read.tags[at + 1 : at + 2] == ("JJ",) and kept[at + 1] and read.tags[at + 2 : at + 3] in {("IN",), ("TO",)}
        )
        if (led and ends) or followed:
            return at
    return None


def _states(read: Parse, kept: Kept, verb: int) -> bool:
    """Whether a verb is kept, or what it says without it: "Norvik [is] in talks", "Norvik [has] bought Aldane"."""
    return kept[verb] or kept[stand_in(read, verb)]


def _keeps_part(read: Parse, kept: Kept, report: Report) -> bool:
    """ "He said that after the war", "She said the dollar's role", "The firm said in a statement": a cue without a verb of what
    is said, though its subject or "that" is kept, or nothing that could be an object."""
    opened = next((at for at in range(*report.content) if read.tags[at] == "TH" or read.finite[at]), None)
    if opened is None:
        return False
    begin = opened if read.tags[opened] == "TH" else read.subject_start.get(opened, opened)
    end = report.content[1] if read.tags[opened] == "TH" else opened
    if begin > report.cue and any(kept[at] for at in range(begin, end)):
        return True
    after = next((at for at in range(report.cue + 1, read.body_end) if kept[at]), None)
    return after is not None and read.tags[after] == "IN" and read.tags[report.cue] in {"VZ", "VD", "VN"}


def _says_nothing(read: Parse, kept: Kept, report: Report) -> bool:
    """ "The firm told Reuters", "The mayor said clashes": neither a verb of what is said, nor whom or what it is about."""
    if not (read.finite[report.cue] and any(read.finite[at] for at in range(*report.content))):
        return False
    if read.lower[report.cue] in _TELLING:
        return not any(kept[at] and read.lower[at] in {"about", "of", "to"} for at in range(report.cue, len(read)))
    return read.lower[report.cue] in _SAYING


def _quotes_nothing(read: Parse, kept: Kept) -> Iterator[str]:
    """ "Deloitte said in a statement[: 'We …']": a colon opens what is said, and it is left out."""
    for colon in range(2, len(read)):
        if read.words[colon] != ":" or kept[colon]:
            continue
        verb = next((at for at in range(colon - 1, max(-1, colon - _FARTHEST_COLON), -1) if read.finite[at]), None)
        if verb is not None and kept[verb] and read.lower[verb] in _SAYING | _TELLING and not any(kept[colon:]):
            yield f"attribution: {read.words[verb]!r} without what is said"


def _is_torn(read: Parse, kept: Kept, report: Report) -> bool:
    """ "The firm said [it was] optimistic": a verb is gone right after the cue, though something of the statement is kept."""
    end = next((at for at in range(report.cue + 1, report.content[1]) if kept[at]), report.content[1])
    return end < report.content[1] and any(read.finite[report.cue + 1 : end])


def _is_subordinate(read: Parse, verb: int) -> bool:
    """ "while Romney isn't planning a bid": the verb of a clause that hangs on another."""
    start = read.subject_start.get(verb, verb)
    return start > 0 and read.tags[start - 1] == "SB"


def _starts_new_statement(read: Parse, cue: int, verb: int) -> bool:
    """Whether a conjunction with a subject of its own, after a comma, ends what the cue governs."""
    return any(
        read.tags[at] == "CC"
        and read.words[at - 1] in {",", ";"}
        and read.subject_start.get(verb, verb) == at + 1 < verb
        for at in range(cue + 1, verb)
    )


def hedges(read: Parse, kept: Kept) -> Iterator[str]:
    """ "Alleged", "likely", "may" go only together with what they weaken."""
    for start, end in runs(kept):
        for index in range(start, end):
            if read.lower[index] not in _HEDGES:
                continue
            if read.tags[index] in {"IN", "SB"} or read.tags[index] == "NP":
                continue
            weakened = next(
                (at for at in range(index + 1, min(len(read), index + 4)) if read.tags[at] not in {"RB", "DT"}), None
            )
            if weakened is not None and read.tags[weakened] == "PU":
                weakened = None
            if weakened is not None and kept[weakened] and weakened >= end:
                yield f"hedges: {read.words[index]!r} is dropped, {read.words[weakened]!r} is kept"
            elif end - start == 1 and read.tags[index] in {"RB", "JJ", "MD"}:
                yield f"hedges: {read.words[index]!r} is dropped"
    for index in range(len(read) - 1):
        if read.lower[index] in {"if", "unless", "whether"} and not kept[index] and kept[index + 1]:
            yield f"hedges: the condition {read.words[index]!r} is dropped"
