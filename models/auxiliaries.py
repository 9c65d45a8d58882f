"""Forms of "be" that headlines do without: "Three people [were] killed in …", "Boeing [is] set to announce …"."""

from copydesk.models.lexicon import lexicon
from copydesk.models.phrases import Parse


def is_droppable_be(read: Parse, index: int) -> bool:
    """Whether a headline may do without this form of "be": before a passive, an -ing form, "in talks" or "ready to", after a
    noun."""
    if read.tags[index] != "BE" or not read.finite[index] or read.quote_depth[index] or "'" in read.lower[index]:
        return False
    noun = index - 1
    while noun > 0 and read.words[noun] == ")" and "(" in read.words[max(0, noun - 6) : noun]:
        noun = max(at for at in range(max(0, noun - 6), noun) if read.words[at] == "(") - 1  # a share's code
    if index == 0 or read.tags[noun] not in {"NN", "NS", "NP"}:
        return False
    start = read.subject_start[index]
    if start > 0 and not (read.tags[start - 1] == "PU" and read.tags[index + 1] == "VN"):
        return False  # "before he | is scheduled": only the main verb's
    follows = read.tags[index + 1 : index + 2]
    after = read.tags[index + 2 : index + 3]
    if follows == ("VN",):
        return after in {("IN",), ("TO",), ()} and read.lower[index + 2] != "that"
    if follows == ("JJ",):
        return read.lower[index + 1] in lexicon("verbs", "postnominal") and after in {("TO",), ("IN",)}
    if follows == ("IN",):
        return start == 0 and read.lower[index + 1] in {"in", "on", "at", "under"} and after != ("CD",)
    return follows == ("VG",) and after not in {("BE",)}
