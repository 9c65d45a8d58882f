"""Checks that a headline claims no more than holds: superlatives, conditions, denials and counts keep what bounds them."""

from collections.abc import Iterator

from copydesk.models.guard import Kept
from copydesk.models.lexicon import lexicon
from copydesk.models.phrases import Parse
from copydesk.models.premodifiers import is_superlative
from copydesk.models.sentence_words import INSIDE_NP, VERBAL

_NO_SUPERLATIVES = frozenset({"latest", "west", "midwest", "southwest", "northwest", "interest", "honest", "modest"})
_LONG_UNITS = frozenset({"quarter", "decade", "century", "centuries"})
_WHOLE = frozenset({"all", "every", "only", "none"})
_LONGEST_SPAN = 5
"""Tokens of "nearly two and a half years"."""
_COMPARATIVES = frozenset({"better", "worse", "less", "more", "fewer", "further", "rather", "other"})
_FARTHEST_COMPARATIVE = 10
"""Tokens between a comparative and its "than"."""
_CONDITIONS = frozenset({"if", "unless"})
_NO_CONDITIONS = frozenset({"even", "as", "what", "only"})
"""Before "if": "even if" takes nothing back, "only if" is told apart."""
_OPEN_MODALS = ("would", "could", "might", "may", "should", "'d", "must")
"""What they say is open without the condition, too, or as good as true: "must act if it is to survive"."""
_BOUNDS = frozenset({"if", "when", "after", "because", "until", "once"})
"""After "only"."""
_NARROWING = frozenset({"of", "to", "for", "with", "about", "on"})
"""Their phrase narrows what is denied; "in May" and "at a summit" say when and where."""
_COUNTS = frozenset({"number", "share", "proportion", "percentage"})


def scope(read: Parse, kept: Kept) -> Iterator[str]:
    """ "Its lowest level | in a year", "will be sold | if the bank agrees", "half | its sales"."""
    yield from _superlatives(read, kept)
    yield from _conditions(read, kept)
    yield from _comparisons(read, kept)
    yield from _denials(read, kept)
    yield from _counts(read, kept)
    for index in range(1, len(read) - 1):
        is_bound = read.lower[index] == "only" and read.lower[index + 1] in _BOUNDS
        if is_bound and not kept[index] and any(kept[at] and read.finite[at] for at in range(index)):
            yield f"scope: 'only {read.words[index + 1]}' is dropped"
        owner = read.tags[index] in {"PS", "DT"} and read.lower[index - 1] == "half"
        if owner and kept[index - 1] and not kept[index] and any(kept[index + 1 : index + 4]):
            yield f"scope: 'half' without {read.words[index]!r}"


def _superlatives(read: Parse, kept: Kept) -> Iterator[str]:
    for index in range(len(read)):
        if kept[index] and read.lower[index] in _WHOLE and (since := _since_after(read, index)) and not kept[since]:
            yield f"scope: {read.words[index]!r} without 'since'"
        if not kept[index] or not _compares(read, index):
            continue
        end = index + 1
        while end < len(read) and read.tags[end] in {"JJ", "NN", "NS"} and read.calendar_end(end) == end:
            end += 1
        if end < len(read) and kept[end - 1] and not kept[end] and _is_time_span(read, end):
            yield f"scope: {read.words[index]!r} without {read.words[end]!r}"


def _since_after(read: Parse, index: int) -> int | None:
    """ "Has won all of its matches | since May": the "since" of the same clause."""
    for at in range(index + 1, len(read)):
        if read.lower[at] == "since":
            return at
        if read.finite[at] or read.words[at] in {",", ";"}:
            break
    return None


def _comparisons(read: Parse, kept: Kept) -> Iterator[str]:
    """ "Did better in May | than most expected": a comparative without what it is compared with."""
    for index in range(2, len(read)):
        if read.lower[index] != "than" or kept[index] or not any(kept[:index]):
            continue
        for at in range(index - 1, max(-1, index - _FARTHEST_COMPARATIVE), -1):
            if read.lower[at] in _COMPARATIVES or (read.lower[at].endswith("er") and read.tags[at] in {"JJ", "RB"}):
                if kept[at]:
                    yield f"scope: {read.words[at]!r} without 'than'"
                break
            if read.finite[at] or read.words[at] in {",", ";"}:
                break


def _denials(read: Parse, kept: Kept) -> Iterator[str]:
    """ "Will not raise taxes | on bread": what is denied of a part is not denied of the whole."""
    for index in range(len(read)):
        if not kept[index] or not _denies(read, index):
            continue
        for at in range(index + 2, read.body_end - 1):
            if _opens_clause(read, at) or (read.finite[at] and at > index + 3):
                break
            infinitive = read.tags[at : at + 2] == ("TO", "VB")
            if kept[at] or not kept[at - 1] or read.lower[at] not in _NARROWING or infinitive or _dates(read, at):
                continue
            if _is_definite(read, at - 1):
                break
            yield f"scope: {read.words[index]!r} without {read.words[at]!r}"
            break


def _is_definite(read: Parse, noun: int) -> bool:
    """Whether the noun phrase that ends at a token says which one it means, or is quoted: "its offer | for the mill"."""
    if read.words[noun] in {'"', "”", "''"}:
        return True
    at = noun
    while at > 0 and read.tags[at] in {"NN", "NS", "JJ", "NP"}:
        at -= 1
    return read.tags[at] in {"DT", "PS", "PZ", "CD"} and read.lower[at] not in {"no", "any", "a", "an"}


def _denies(read: Parse, index: int) -> bool:
    low = read.lower[index]
    return (low in {"not", "never", "no", "cannot"} or low.endswith("n't")) and (
        read.lower[index + 1 : index + 2] not in {("only",), ("just",)}
    )


def _opens_clause(read: Parse, index: int) -> bool:
    return read.tags[index] in {"SB", "TH", "RL", "CC"} or read.words[index] in {",", ";", ":", "–", "—", "--"}


def _counts(read: Parse, kept: Kept) -> Iterator[str]:
    """ "The number of workers | seeking help fell": a count of some is none of all."""
    for index in range(1, len(read) - 3):
        counted = read.lower[index - 1 : index + 2] in {("the", count, "of") for count in _COUNTS}
        if not counted or not kept[index]:
            continue
        end = next((at for at in range(index + 2, len(read)) if read.tags[at] not in INSIDE_NP), len(read) - 1)
        if kept[end - 1] and not kept[end] and read.tags[end] in {"IN", "VG", "VN", "RL"} and not _dates(read, end):
            yield f"scope: {read.words[index]!r} without {read.words[end]!r}"


def _dates(read: Parse, index: int) -> bool:
    """Whether a date begins at a token, or after it: "Monday", "in May"."""
    return any(read.calendar_end(at) > at for at in (index, index + 1))


def _compares(read: Parse, index: int) -> bool:
    low = read.lower[index]
    return low in {"worst", "best"} or (
        read.tags[index] == "JJ" and is_superlative(low) and low not in _NO_SUPERLATIVES
    )


def _is_time_span(read: Parse, index: int) -> bool:
    """Whether "since June" or "in nearly two years" begins at a token: not "in January"."""
    if read.lower[index] == "since":
        return True
    if read.lower[index] not in {"in", "of"}:
        return False
    after = range(index + 1, min(len(read), index + 1 + _LONGEST_SPAN))
    unit = next((at for at in after if read.lower[at] in lexicon("calendar", "units") | _LONG_UNITS), None)
    return unit is not None and all(read.tags[at] in {"CD", "DT", "RB", "JJ", "IN"} for at in range(index + 1, unit))


def _conditions(read: Parse, kept: Kept) -> Iterator[str]:
    for index in range(len(read)):
        if read.lower[index] not in _CONDITIONS or kept[index]:
            continue
        before = index - 1
        if read.tags[index + 1 : index + 2] in {("JJ",), ("NG",), ("VN",)}:
            continue  # "if necessary"
        if index and (read.lower[before] in _NO_CONDITIONS or read.tags[before] in VERBAL):
            continue  # "asked if it would"
        verb = _conditional(read, index)
        if (
            verb is not None
            and kept[verb]
            and _needs_condition(read, verb)
            and not _hangs_lower(read, kept, index, verb)
        ):
            yield f"scope: the condition {read.words[index]!r} is dropped, {read.words[verb]!r} is kept"


def _conditional(read: Parse, index: int) -> int | None:
    """The verb of what holds under the condition that opens at a token: the one before it, or where it opens the sentence, the
    one after its comma."""
    if index > 1:
        return next((at for at in range(index - 1, -1, -1) if read.finite[at]), None)
    comma = next((at for at in range(index, len(read)) if read.words[at] == ","), len(read))
    return next((at for at in range(comma, len(read)) if read.finite[at]), None)


def _hangs_lower(read: Parse, kept: Kept, index: int, verb: int) -> bool:
    """ "The port is to ease its rule [to let ships in if a storm is near]": a condition of an infinitive that goes, too."""
    purpose = next((at for at in range(index - 1, verb, -1) if read.tags[at] == "VB"), verb)
    objects = read.tags[verb + 1 : purpose - 1]
    return (
        read.lower[verb] in {"is", "are"}
        and purpose > verb + 2
        and read.tags[purpose - 1] == "TO"
        and not {"NN", "NS"}.isdisjoint(objects)
        and not any(kept[purpose - 1 : index])
    )


def _needs_condition(read: Parse, verb: int) -> bool:
    """Whether a verb states a thing of today or the future, so that it is untrue without its condition."""
    if read.tags[verb] == "MD":
        return not read.lower[verb].startswith(_OPEN_MODALS)
    return read.tags[verb] in {"VZ", "VB"} or read.lower[verb] in {"is", "are"}
