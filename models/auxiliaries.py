"""Auxiliaries that headlines do without: "Three people [were] killed in …", "A plaque [has been] unveiled to …"."""

from copydesk.models.lexicon import lexicon
from copydesk.models.phrases import Parse


def is_droppable(read: Parse, verb: int) -> bool:
    """Whether what a finite verb says is said without it: "has signed" as "signed", "were killed in" as "killed in"."""
    return stand_in(read, verb) > verb


def stand_in(read: Parse, verb: int) -> int:
    """The token that says what a finite verb says where that is left out; the verb itself where it can't be."""
    if is_droppable_perfect(read, verb):
        return verb + 2
    if is_droppable_be(read, verb) or is_droppable_have(read, verb):
        return _predicate(read, verb)
    return verb


def is_stand_in(read: Parse, index: int) -> bool:
    """Whether a token says what a verb before it says without that verb."""
    return any(stand_in(read, verb) == index for verb in range(max(0, index - 2), index))


def _predicate(read: Parse, verb: int) -> int:
    """What follows an auxiliary, after an adverb that may stand without it: "has [finally] approved"."""
    adverb = read.tags[verb + 1 : verb + 2] == ("RB",) and read.lower[verb + 1] not in lexicon("meaning", "negation")
    follows = read.tags[verb + 2 : verb + 3]
    return verb + 2 if adverb and read.lower[verb] != "had" and follows in {("VN",), ("VG",)} else verb + 1


def is_droppable_have(read: Parse, verb: int) -> bool:
    """Whether a headline may do without this "has": the participle after it is its verb's past as well."""
    participle = _predicate(read, verb)
    return (
        read.tags[verb] == "HV"
        and read.finite[verb]
        and read.lower[verb] != "'ve"
        and read.tags[participle : participle + 1] == ("VN",)
        and (read.lower[participle].endswith("ed") or read.lower[participle] in lexicon("verbs", "same_past"))
    )


def is_droppable_perfect(read: Parse, index: int) -> bool:
    """Whether a headline may do without this "has" and the "been" after it: as without a form of "be"."""
    follows = read.tags[index + 2 : index + 3]
    return (
        read.tags[index] == "HV"
        and read.finite[index]
        and read.lower[index + 1 : index + 2] == ("been",)
        and (follows == ("VN",) or (follows == ("VG",) and read.lower[index] != "had"))
        and _goes_after_noun(read, index, index + 2)
    )


def is_droppable_be(read: Parse, index: int) -> bool:
    """Whether a headline may do without this form of "be": before a passive, an -ing form, "in talks", "ready to" or "to pay",
    after a noun."""
    return read.tags[index] == "BE" and read.finite[index] and _goes_after_noun(read, index, _predicate(read, index))


def _goes_after_noun(read: Parse, index: int, predicate: int) -> bool:
    if read.quote_depth[index] or "'" in read.lower[index]:
        return False
    if index == 0 or read.tags[_noun_before(read, index)] not in {"NN", "NS", "NP"}:
        return False
    start = read.subject_start[index]
    if start > 0 and not (read.tags[start - 1] == "PU" and read.tags[predicate : predicate + 1] == ("VN",)):
        return False  # "before he | is scheduled": only the main verb's
    if read.tags[predicate : predicate + 1] == ("TO",):
        return _announces(read, index)
    return _predicate_stands_alone(read, predicate)


def _announces(read: Parse, index: int) -> bool:
    """ "Norvik [is] to pay": not "the plan [is] to cut", which is no act, nor "Norvik [was] to pay", which is past."""
    named = read.tags[index - 1] == "NP" and {"TH", "RL"}.isdisjoint(read.tags[read.subject_start[index] : index])
    return named and read.lower[index] in {"is", "are"} and read.tags[index + 2 : index + 3] == ("VB",)


def _noun_before(read: Parse, index: int) -> int:
    """The token before, or before a share's code in brackets or an aside between the only two commas of a subject."""
    noun = index - 1
    commas = [at for at in range(read.subject_start[index], index) if read.words[at] == ","]
    if read.words[noun] == "," and len(commas) == 2 and "CC" not in read.tags[commas[0] : index]:
        noun = commas[0] - 1
    if read.words[noun] == ")" and "(" in read.words[max(0, noun - 6) : noun]:
        return max(at for at in range(max(0, noun - 6), noun) if read.words[at] == "(") - 1
    return noun


def _predicate_stands_alone(read: Parse, index: int) -> bool:
    tag, low = read.tags[index : index + 1], read.lower[index : index + 1]
    after = read.tags[index + 1 : index + 2]
    being = low == ("being",) and after == ("VN",)  # "Norvik [is] being sold"
    return (
        being
        or (tag == ("VN",) and after in {("IN",), ("TO",), ()} and read.lower[index + 1 : index + 2] != ("that",))
        or (tag == ("VG",) and after != ("BE",))
        or (
            tag in {("JJ",), ("RB",)}
            and low[0] in lexicon("verbs", "postnominal") | lexicon("verbs", "be_dropped")
            and after in {("TO",), ("IN",)}
        )
        or (tag == ("IN",) and low[0] in {"in", "on", "at", "under"} and after != ("CD",))
    )
