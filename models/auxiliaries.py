"""Forms of "be" that headlines do without: "Three people [were] killed in …", "Boeing [is] set to announce …"."""

from copydesk.models.lexicon import lexicon
from copydesk.models.phrases import Parse


def is_droppable(read: Parse, verb: int) -> bool:
    """Whether what a finite verb says is said without it: "has signed" as "signed", "were killed in" as "killed in"."""
    return is_droppable_be(read, verb) or (
        read.tags[verb] == "HV"
        and read.tags[verb + 1 : verb + 2] == ("VN",)
        and (read.lower[verb + 1].endswith("ed") or read.lower[verb + 1] in lexicon("verbs", "same_past"))
    )


def is_droppable_be(read: Parse, index: int) -> bool:
    """Whether a headline may do without this form of "be": before a passive, an -ing form, "in talks" or "ready to", after a
    noun."""
    if read.tags[index] != "BE" or not read.finite[index] or read.quote_depth[index] or "'" in read.lower[index]:
        return False
    if index == 0 or read.tags[_noun_before(read, index)] not in {"NN", "NS", "NP"}:
        return False
    start = read.subject_start[index]
    if start > 0 and not (read.tags[start - 1] == "PU" and read.tags[index + 1 : index + 2] == ("VN",)):
        return False  # "before he | is scheduled": only the main verb's
    return _predicate_stands_alone(read, index + 1)


def _noun_before(read: Parse, index: int) -> int:
    """The token before, or before a share's code in brackets."""
    noun = index - 1
    if read.words[noun] == ")" and "(" in read.words[max(0, noun - 6) : noun]:
        return max(at for at in range(max(0, noun - 6), noun) if read.words[at] == "(") - 1
    return noun


def _predicate_stands_alone(read: Parse, index: int) -> bool:
    tag, low = read.tags[index : index + 1], read.lower[index : index + 1]
    after = read.tags[index + 1 : index + 2]
    return (
        (tag == ("VN",) and after in {("IN",), ("TO",), ()} and read.lower[index + 1 : index + 2] != ("that",))
        or (tag == ("VG",) and after != ("BE",))
        or (tag == ("JJ",) and low[0] in lexicon("verbs", "postnominal") and after in {("TO",), ("IN",)})
        or (tag == ("IN",) and low[0] in {"in", "on", "at", "under"} and after != ("CD",))
    )
