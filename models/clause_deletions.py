"""Deletions that need the clause: what hangs on a subject, a second object, an auxiliary that headlines do without."""

from collections.abc import Iterator
from typing import Literal

from copydesk.models.auxiliaries import is_droppable_be, is_droppable_perfect
from copydesk.models.complement_words import completes
from copydesk.models.lexicon import lexicon
from copydesk.models.phrases import Parse
from copydesk.models.prepositions import ALWAYS_BOUND, may_drop_of, opens_number
from copydesk.models.sentence_words import INSIDE_NP, NOMINAL

ClauseDeletion = tuple[int, int, Literal["phrase", "auxiliary", "conjunct"]]


def clause_deletions(read: Parse) -> Iterator[ClauseDeletion]:
    """What hangs on a subject, second objects, second subjects, auxiliaries of a passive and examples, as half-open token ranges
    with their kind; in no order, and some overlap."""
    yield from _postmodifiers(read)
    yield from _second_objects(read)
    yield from _other_subjects(read)
    yield from _passives(read)
    yield from _examples(read)


def _examples(read: Parse) -> Iterator[ClauseDeletion]:
    """ "Several lenders [including two from abroad] have begun talks": examples, with or without commas around them."""
    for index in range(1, read.body_end - 1):
        opens = read.lower[index] == "including" or read.lower[index : index + 2] == ("such", "as")
        if not opens or read.quote_depth[index]:
            continue
        start = index - (read.words[index - 1] == ",")
        if read.tags[start - 1] not in {"NN", "NS", "NP"}:
            continue
        end = index + 1 + (read.lower[index] == "such")
        while end < read.body_end and not read.finite[end]:
            if read.tags[end] not in INSIDE_NP and read.lower[end] not in {"of", "and", "&", ",", "in", "from"}:
                break
            end += 1
        if end < read.body_end and read.tags[end - 1] in NOMINAL | {"PU"} and read.finite[end]:
            yield start, end, "phrase"


def _postmodifiers(read: Parse) -> Iterator[ClauseDeletion]:
    """ "A deal [between two capitals to regulate trade] will limit …": from the subject's head to its verb."""
    for verb, start in read.subject_start.items():
        if read.quote_depth[verb] or not read.is_own_subject(verb) or read.tags[start] == "TH":
            continue
        end = verb
        while end > start and read.tags[end - 1] in {"RB", "NG"}:
            end -= 1
        # "Shares [of Norvik, a lender,] fell"
        apposed = read.words[end - 1] == "," and read.words[start : end - 1].count(",") == 1
        if read.tags[end - 1] not in NOMINAL and read.words[end - 1] not in {")", "”"} and not apposed:
            continue
        if not {"number", "share", "percentage", "proportion"}.isdisjoint(read.lower[start:end]):
            continue  # "the number of people [filing claims] fell"
        for index in range(start + 1, end):
            if (
                read.tags[index - 1] == "CC"
                or any(read.finite[index:end])
                or (apposed and "," in read.words[start:index])
            ):
                continue
            if "CC" not in read.tags[start:index] and _opens_postmodifier(read, index):
                yield index, end, "phrase"


def _opens_postmodifier(read: Parse, index: int) -> bool:
    """Whether something begins here that hangs on the noun before it, and that the noun can do without."""
    low, noun = read.lower[index], read.lower[index - 1]
    if read.quote_depth[index] or read.tags[index - 1] not in NOMINAL - {"CD"} or noun in lexicon("calendar", "units"):
        return False
    if completes(read, index, index - 1):
        return False
    if read.tags[index] != "IN":
        return read.tags[index] in {"TO", "VG", "VN", "VD"}
    if low == "of":
        return may_drop_of(read, index)
    return (
        low not in ALWAYS_BOUND and not opens_number(read, index) and f"{noun}:{low}" not in lexicon("verbs", "bound")
    )


def _other_subjects(read: Parse) -> Iterator[ClauseDeletion]:
    """ "Bank of America [and other U.S. banks] may introduce fees": before a verb that has the same form for one and many."""
    for verb, start in read.subject_start.items():
        if read.tags[verb] not in {"MD", "VD"} or read.lower[verb] in {"was", "were"}:
            continue
        for index in range(start + 1, verb - 1):
            other = read.lower[index] == "and" and read.lower[index + 1] in {"other", "others", "some", "several"}
            if (
                other
                and read.tags[index - 1] in NOMINAL
                and all(read.tags[at] in INSIDE_NP for at in range(index + 1, verb))
            ):
                yield index, verb, "conjunct"


def _second_objects(read: Parse) -> Iterator[ClauseDeletion]:
    """ "plans for schools [and businesses] in their states"."""
    for index in range(2, read.body_end - 1):
        if read.lower[index] != "and" or read.quote_depth[index] or read.tags[index - 1] != "NS":
            continue
        if any(start <= index < verb for verb, start in read.subject_start.items()):
            continue
        if any(
            read.lower[at] in {"between", "both", "from", "among"} or read.words[at] == ","
            for at in range(max(0, index - 10), index)
        ):
            continue
        end = index + 1
        while end < read.body_end and read.tags[end] in {"JJ", "NN", "DT", "PS"}:
            end += 1
        if end >= read.body_end or read.tags[end] != "NS":
            continue
        end += 1
        if end < read.body_end and read.tags[end] in {"IN", "SB", "PU", "RL"}:
            yield index, end, "conjunct"


def _passives(read: Parse) -> Iterator[ClauseDeletion]:
    """ "Three people [were] killed in …", "Boeing [is] set to announce …"."""
    for index in range(1, read.body_end - 2):
        if is_droppable_be(read, index):
            yield index, index + 1, "auxiliary"
        elif is_droppable_perfect(read, index):
            yield index, index + 2, "auxiliary"
