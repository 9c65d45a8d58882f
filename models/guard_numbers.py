"""Checks that every number keeps its noun or unit, its range and what makes it approximate."""

from collections.abc import Iterator

from copydesk.models.guard import Kept
from copydesk.models.lexicon import lexicon
from copydesk.models.phrases import Parse


def numbers(read: Parse, kept: Kept) -> Iterator[str]:
    """A number keeps its noun or unit, its range and what makes it approximate."""
    for index in range(len(read)):
        if read.tags[index] != "CD":
            continue
        if not kept[index]:
            yield from _number_left_behind(read, kept, index)
            continue
        for at in _completing(read, index):
            if not kept[at]:
                yield f"numbers: {read.words[index]!r} without {read.words[at]!r}"
        for at in _range_partner(read, index):
            if not kept[at]:
                yield f"numbers: the range of {read.words[index]!r} is cut"


def _completing(read: Parse, index: int) -> list[int]:
    """The tokens that a number is not whole without: what it counts, by what, what it is of, and how surely."""
    head, link = _counted(read, index), _what_an_amount_is_of(read, index)
    return [
        *(at for at in (head, link) if at is not None),
        *_compound(read, index, head),
        *_rate(read, index if head is None else head),
        *_approximation(read, index),
    ]


def _compound(read: Parse, index: int, head: int | None) -> list[int]:
    """ "40 [per] cent", "20 [percentage] points", "9 [cabin crew] members": the nouns between a number and what it counts."""
    if head is None:
        return []
    begin = head
    while begin - 1 > index and (
        read.tags[begin - 1] in {"NN", "NS"} or read.lower[begin - 1] in {"per", "percentage"}
    ):
        begin -= 1
    return list(range(begin, head))


def _rate(read: Parse, unit: int) -> list[int]:
    """ "12 million barrels per day", "$75 a barrel": what an amount is counted by."""
    link, base = read.lower[unit + 1 : unit + 2], read.lower[unit + 2 : unit + 3]
    if link == ("per",) and base and base != ("cent",):
        return [unit + 1, unit + 2]
    if link in {("a",), ("an",)} and base and base[0] in _RATE_BASES:
        return [unit + 1, unit + 2]
    return []


_RATE_BASES = frozenset(
    {"day", "week", "month", "year", "hour", "barrel", "share", "tonne", "ton", "ounce", "gallon", "head"}
)


def _what_an_amount_is_of(read: Parse, index: int) -> int | None:
    """ "cut the $85 billion | in grants", "its $9 million a month | of grants": a known amount is one of something."""
    if not index or read.words[index][0] not in "$€£¥" or read.tags[index - 1] not in {"DT", "PS"}:
        return None
    if read.lower[index - 1] in {"a", "an", "this", "that"}:
        return None
    end = index + 1
    while read.tags[end : end + 1] == ("CD",):
        end += 1
    if read.lower[end : end + 1] in {("a",), ("per",)}:
        end += 2
    return end if read.lower[end : end + 1] in {("in",), ("of",), ("worth",)} else None


def _number_left_behind(read: Parse, kept: Kept, index: int) -> Iterator[str]:
    """A dropped number whose unit or noun directly after it is kept: "2 million" is not "million"."""
    if (
        index + 1 < len(read)
        and kept[index + 1]
        and read.tags[index + 1] in {"CD", "NN", "NS", "JJ"}
        and read.calendar_end(index) == index
        and not any(report.source[0] == index < report.cue for report in read.reports)  # "[two] sources said"
        and not (
            read.words[index][0] in "$€£¥"
            and read.tags[index + 1] != "CD"
            and read.tags[index - 1] in {"DT", "PS", "PZ"}
        )
        and not (
            read.tags[index] == "CD"
            and index > 1
            and read.words[index - 1][0] in "$€£¥"
            and not kept[index - 1]
            and read.tags[index - 2] in {"DT", "PS", "PZ"}
        )
    ):
        yield f"numbers: {read.words[index + 1]!r} without {read.words[index]!r}"


def _counted(read: Parse, index: int) -> int | None:
    """The noun that a number counts, or the rest of the amount: "5 billion dollars", "15 of its soldiers"."""
    if (
        read.lower[index].endswith("%")
        or read.calendar_end(index) > index
        or (index and read.calendar_end(index - 1) > index)
    ):
        return index + 1 if read.tags[index + 1 : index + 2] == ("CD",) else None
    if read.lower[index + 1 : index + 3] == ("per", "cent"):
        return index + 2
    at, last = index + 1, None
    while at < len(read) and read.calendar_end(at) == at:
        if read.words[at] == "(" and ")" in read.words[at : at + 6]:  # "20 Norvik (NRV.N) jets"
            at = read.words.index(")", at) + 1
            continue
        if read.tags[at] in {"NN", "NS", "CD"}:
            last = at
        elif read.tags[at] in {"JJ", "NP", "VN", "VG"}:
            last = at if read.tags[at] == "NP" else last
        elif not (read.lower[at] == "of" and at == index + 1) and not (
            read.tags[at] in {"DT", "PS", "PZ"} and (read.lower[at - 1] == "of" or read.tags[at] == "PZ")
        ):
            break
        follows = read.tags[at + 1] if at + 1 < len(read) else "PU"
        if (read.tags[at] == "NN" and follows not in {"NN", "NS"}) or (read.tags[at] == "NS" and follows != "NS"):
            break
        at += 1
    return last


def _approximation(read: Parse, index: int) -> list[int]:
    """The tokens of "at least", "up to", "more than" and the like right before a number."""
    known = lexicon("meaning", "number_hedge")
    start = index
    while start > 0 and read.lower[start - 1] in {"a", "an", "the"}:
        start -= 1
    for length in (4, 3, 2, 1):
        begin = start - length
        if begin >= 0 and " ".join(read.lower[begin:start]) in known:
            return list(range(begin, start))
    return []


def _range_partner(read: Parse, index: int) -> list[int]:
    """The other end of "5 to 10" and "between 5 and 10"."""
    if (
        read.lower[index + 1 : index + 2]
        and read.lower[index + 1] in {"to", "or", "-", "–"}
        and read.tags[index + 2 : index + 3] == ("CD",)
    ):
        return [index + 1, index + 2]
    opener = next(
        (at for at in range(index - 1, max(-1, index - 3), -1) if read.lower[at] in {"between", "from"}), None
    )
    if opener is None:
        return []
    link = "and" if read.lower[opener] == "between" else "to"
    partner = next(
        (
            at
            for at in range(index + 1, min(len(read) - 1, index + 7))
            if read.lower[at] == link and read.tags[at + 1] == "CD"
        ),
        None,
    )
    return [] if partner is None else [opener, partner, partner + 1]
