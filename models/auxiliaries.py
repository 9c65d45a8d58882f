"""Forms of "be" that headlines do without: "Three people [were] killed in …", "Boeing [is] set to announce …"."""

from copydesk.models.phrases import Parse


def is_droppable_be(read: Parse, index: int) -> bool:
    """Whether a headline may do without this form of "be": before a passive or an -ing form, after a noun."""
    if read.tags[index] != "BE" or not read.finite[index] or read.quote_depth[index]:
        return False
    if index == 0 or read.tags[index - 1] not in {"NN", "NS", "NP"} or "'" in read.lower[index]:
        return False
    start = read.subject_start[index]
    if start > 0 and not (read.tags[start - 1] == "PU" and read.tags[index + 1] == "VN"):
        return False  # "before he | is scheduled": only the main verb's
    follows = read.tags[index + 1 : index + 2]
    after = read.tags[index + 2 : index + 3]
    if follows == ("VN",):
        return after in {("IN",), ("TO",), ()} and read.lower[index + 2] != "that"
    return follows == ("VG",) and after not in {("BE",)}
