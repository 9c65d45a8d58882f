"""Brackets, and what stands between two commas or two dashes: appositives, relative and other clauses, each with its marks."""

from collections.abc import Iterator
from typing import Literal

from copydesk.models.coordination import is_list_comma
from copydesk.models.endings import legal_end
from copydesk.models.lexicon import lexicon
from copydesk.models.noun_deletions import is_ticker
from copydesk.models.phrases import Parse
from copydesk.models.prepositions import ALWAYS_BOUND, CONDITIONS
from copydesk.models.sentence_words import INSIDE_NP, NOMINAL

Aside = tuple[int, int, Literal["aside", "bracket", "ticker"]]
MAX_ASIDE = 30
"""Longest deletable stretch between commas or brackets, in tokens; a longer one is rarely an aside."""


def asides(read: Parse) -> Iterator[Aside]:
    """Brackets; what stands between two commas or two dashes; each with its marks."""
    for index in range(read.body_end):
        word = read.words[index]
        if word == "(" and (close := _closing(read, index, ")")) is not None:
            coded = close == index + 2 and is_ticker(read.words[index + 1])
            yield index, close + 1, "ticker" if coded else "bracket"
        hyphen = word == "-" and index > 0 and read.spans[index - 1][1] == read.spans[index][0]
        if word not in {",", "--", "—", "–", "-"} or index == 0 or hyphen:
            continue
        second = _closing(read, index, word)
        while second is not None and second - index <= MAX_ASIDE:
            if _is_aside(read, index, second):
                yield index, second + (not _closes_two(read, index, second)), "aside"
            second = _closing(read, second, word)


def _closing(read: Parse, index: int, mark: str) -> int | None:
    """The next ``mark`` outside any quotation or bracket that opens after ``index``."""
    depth = read.quote_depth[index] + (mark == ")")
    reach = range(index + 1, min(read.body_end, index + MAX_ASIDE + 1))
    return next((at for at in reach if read.words[at] == mark and read.quote_depth[at] <= depth), None)


def _is_aside(read: Parse, first: int, second: int) -> bool:  # noqa: PLR0911 - one answer per kind of aside
    if second - first < 2 or second + 1 >= len(read):
        return False
    if read.tags[first - 1] not in NOMINAL | {"PU", "RB", "VN", "VD", "VZ", "CC"}:
        return False
    begin, after = first + 1, second + 1
    opener, follows, low = read.tags[begin], read.tags[after], read.lower[begin]
    verbs = [at for at in range(begin, second) if read.finite[at]]
    if any(read.subject_start[verb] < first or read.words[verb - 1] == "," for verb in verbs):
        return False
    if opener in INSIDE_NP and all(_in_relative(read, verb, begin) for verb in verbs):
        verbs = []  # "…, the director of a division that oversees charities, …"
    if read.words[first] != ",":
        return not verbs or opener in {"RL", "SB", "CC"}
    if opener == "RL" or low in {"whose", "where"} or (opener == "IN" and read.tags[begin + 1] == "RL"):
        return bool(verbs) and (read.finite[after] or follows in {"IN", "SB", "VG", "CC", "RB"})
    if (
        opener in {"SB", "VG", "VN"}
        or (opener == "VD" and not read.finite[begin])
        or (opener == "IN" and low not in ALWAYS_BOUND)
    ):
        # The clause must end before the second comma: "…, while the state had a weak, | circumstantial case" has not.
        continued = (
            follows in INSIDE_NP and after not in read.subject_start.values()
        )  # "…, including the first bill, | HR 1"
        whole = legal_end(read, second - 1, second) and not continued and not _closes_introduction(read, begin, after)
        return whole and low not in CONDITIONS | {"citing", "according"} and follows not in {"CC", "JJ", "VG", "VN"}
    if opener not in INSIDE_NP or low in {"our", "my"} or read.lower[first - 1] in lexicon("calendar", "unit"):
        return False  # "Each weekday morning, our team, …"
    # An appositive ("…, a member of the group, …") or an age; not the middle of a list.
    listed = any(read.tags[at] == "CC" and read.tags[at - 1] == "PU" for at in range(begin, second))
    while after + 1 < len(read) and read.tags[after] == "RB":
        after += 1  # "Moss, fresh from a win, now faces"
    resumes = read.finite[after] or follows in {"IN", "SB"}
    # "Moss, the founder and chairman of Norvik, said": a list would have no comma before its verb.
    named = read.tags[first - 1] in {"NP", "PU"} or read.words[first - 1][0].isupper()
    apposed = opener == "DT" and named and resumes
    return not verbs and not listed and resumes and (apposed or not is_list_comma(read, first))


def _closes_two(read: Parse, first: int, second: int) -> bool:
    """ "The meeting, held in Norvik[, a port], has …": the second comma closes what opened before, and stays."""
    verb = second + 1
    start = read.subject_start.get(verb, verb)
    return any(read.words[at] == "," and read.tags[at + 1] in {"VN", "VD", "VG", "RL"} for at in range(start, first))


def _closes_introduction(read: Parse, begin: int, after: int) -> bool:
    """ "Before Moss was mayor, before he had a seat, | she made a film": both clauses open the sentence, and need a comma."""
    opened = read.tags[0] in {"SB", "IN"} and read.tags[after] in INSIDE_NP
    return opened and not any(
        start < verb and start > 1 and read.words[start - 1] == ","
        for verb, start in read.subject_start.items()
        if verb < begin
    )


def _in_relative(read: Parse, verb: int, begin: int) -> bool:
    """Whether "who", "which" or "that" stands right before the verb."""
    at = verb - 1
    while at > begin and read.tags[at] in {"RB", "NG"}:
        at -= 1
    return at > begin and read.tags[at] in {"RL", "TH"} and (read.tags[at - 1] in NOMINAL or read.words[at - 1] == ")")
