"""What may be deleted from a sentence, and where it may be cut off, without joining what does not belong together.

A deletion is a token range that makes a whole: an adverb, a date, a prepositional phrase, what stands between two commas or in
brackets, a relative clause, an introduction, or everything from a legal end of the statement on. Whatever can't be shown to
be one of these stays. The guarantees in :mod:`copydesk.models.guards` are checked on top, by other means.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from copydesk.models.lexicon import lexicon
from copydesk.models.phrases import INSIDE_NP, NOMINAL, VERBAL, Parse

Kind = Literal[
    "article", "adverb", "calendar", "aside", "phrase", "introduction", "auxiliary", "that", "suffix", "name", "tail"
]

MAX_ASIDE = 30
"""Longest deletable stretch between commas or brackets, in tokens; a longer one is rarely an aside."""
_BOUND_ALWAYS = frozenset(
    {"against", "without", "unless", "except", "if", "of", "than", "like", "unlike", "versus", "vs"}
)
"""A phrase with one of these turns or completes what it hangs on; it is never deleted by itself."""
_ADJECTIVE_COMPLEMENT = frozenset({"TO", "TH", "IN", "SB"})


@dataclass(frozen=True, slots=True)
class Deletion:
    """A deletable token range.

    :param start: First token.
    :param end: One past the last.
    :param kind: What it is.
    """

    start: int
    end: int
    kind: Kind


def deletions(parse: Parse) -> tuple[Deletion, ...]:
    """Every deletion that the sentence allows, the tails included; overlapping ones are alternatives."""
    found: set[Deletion] = set()
    for rule in (
        _articles,
        _adverbs,
        _calendar,
        _asides,
        _phrases,
        _introductions,
        _auxiliaries,
        _suffixes,
        _names,
        _tails,
    ):
        found.update(rule(parse))
    fixed = _protected(parse)
    return tuple(
        sorted(
            (one for one in found if not any(one.start < end and start < one.end for start, end in fixed)),
            key=lambda one: (one.start, one.end, one.kind),
        )
    )


def legal_end(parse: Parse, last: int, cut: int) -> bool:
    """Whether a headline may stop after the token ``last`` when what is deleted begins at ``cut``."""
    at = last
    while at > 0 and parse.tags[at] == "RB" and parse.lower[at] not in lexicon("meaning", "hedge"):
        at -= 1
    tag, low = parse.tags[at], parse.lower[at]
    if tag == "PU":
        return parse.words[at] in {")", "”", "''", '"', "’", "]", "%"} and at > 0
    if parse.calendar_end(at) > at or tag in NOMINAL:
        return not _noun_wants_more(parse, at)
    if tag == "PR":
        return at > 0 and parse.tags[at - 1] in VERBAL | {"IN"}
    if tag == "IN":  # a particle: "shut down", "called off"
        return (
            low in {"up", "down", "out", "off", "over", "in", "on", "through"}
            and parse.tags[at - 1] in {"VN", "VD", "VZ", "VB"}
            and (cut >= len(parse) or parse.tags[cut] in {"IN", "SB", "PU", "CC"})
        )
    if tag == "VN":
        return _is_passive(parse, at)
    if tag in {"VD", "VZ", "VB", "VG"}:
        return low in lexicon("verbs", "intransitive") or cut >= parse.body_end
    if tag == "JJ":
        before = at - 1
        while before > 0 and parse.tags[before] in {"RB", "NG"}:
            before -= 1
        predicative = before >= 0 and parse.tags[before] in {"BE", "VN", "VZ", "VD", "VB"}
        return predicative and (cut >= len(parse) or parse.tags[cut] not in _ADJECTIVE_COMPLEMENT)
    return cut >= parse.body_end and tag in {"RB", "DT", "JJ"}


def _protected(parse: Parse) -> tuple[tuple[int, int], ...]:
    """Ranges that no deletion may touch: the cores of the attributions that govern the main statement."""
    return tuple(
        (start, end)
        for report in parse.reports
        for start, end in [_core_without_loose_parts(parse, report.core)]
        if report.content[0] == 0
    )


def _core_without_loose_parts(parse: Parse, core: tuple[int, int]) -> tuple[int, int]:
    return core


def _tails(parse: Parse) -> Iterator[Deletion]:
    """From a legal end of the statement to the end of the sentence, or to the attribution that must stay there."""
    closing = [report.core[0] for report in parse.reports if report.content[0] == 0 and report.core[0] > 0]
    first_verb = next((index for index in range(len(parse)) if parse.finite[index]), len(parse))
    for cut in range(first_verb + 1, parse.body_end):
        if not _may_begin_deletion(parse, cut) or not legal_end(parse, cut - 1, cut):
            continue
        target = next((start for start in closing if start > cut), parse.body_end)
        if any(begin < cut <= verb < parse.body_end for verb, begin in parse.subject_start.items()):
            continue
        if _leaves_saying_without_content(parse, cut):
            continue
        yield Deletion(cut, target, "tail")
    for report in parse.reports:  # what follows an attribution at the end: "…, police said [on Monday, adding that …]"
        if report.content[0] == 0 and report.core[1] < parse.body_end:
            yield Deletion(report.core[1], parse.body_end, "tail")


def _may_begin_deletion(parse: Parse, index: int) -> bool:  # noqa: PLR0911 - one rule per word class
    tag, low = parse.tags[index], parse.lower[index]
    before = parse.tags[index - 1]
    if parse.calendar_end(index) > index:
        return True
    if tag == "PU":
        return parse.words[index] in {",", ";", "--", "—", "–", "(", ":"} and not _is_list_comma(parse, index)
    if tag == "IN":
        return low not in _BOUND_ALWAYS and not _is_bound(parse, index) and not _opens_number(parse, index)
    if tag == "SB":
        return low not in {"if", "unless", "whether", "how", "why", "lest"} and not (
            low == "as" and _is_bound(parse, index)
        )
    if tag == "RL":
        return before in NOMINAL
    if tag == "CC":
        return low in {"and", "but", "or"} and _begins_clause(parse, index + 1)
    if tag == "TO":
        return before in NOMINAL and not _governed_infinitive(parse, index) and not _continues_range(parse, index)
    if tag == "TH":
        return before in {"NN", "NS"} and index + 1 < len(parse) and _finite_next(parse, index + 1)
    if tag in {"VG", "VN", "VD"}:
        return before in {"NN", "NS", "NP"} and not parse.finite[index] and not _perceives(parse, index)
    return False


def _is_list_comma(parse: Parse, comma: int) -> bool:
    """ "A, B and C": the comma is followed by a noun phrase and a conjunction or another such comma, with no verb between."""
    if parse.words[comma] != ",":
        return False
    at = comma + 1
    if at < len(parse) and parse.tags[at] == "CC":
        return not _begins_clause(parse, at + 1)
    while at < parse.body_end and (parse.tags[at] in INSIDE_NP or parse.lower[at] == "of"):
        at += 1
    if at >= parse.body_end or at == comma + 1:
        return False
    if parse.tags[at] == "CC":
        return not _begins_clause(parse, at + 1) and at - comma <= 6
    return (
        parse.words[at] == ","
        and at + 1 < len(parse)
        and parse.tags[at + 1] == "CC"
        and not _begins_clause(parse, at + 2)
    )


def _begins_clause(parse: Parse, index: int) -> bool:
    """Whether a finite verb, with or without its subject, follows: not just another noun phrase."""
    at = index
    while at < parse.body_end and (parse.tags[at] in INSIDE_NP | {"RB", "NG", "IN", "SB"} and not parse.finite[at]):
        at += 1
    if at >= parse.body_end or not parse.finite[at]:
        return False
    if at == index or all(parse.tags[j] in {"RB", "NG"} for j in range(index, at)):
        return True
    # "X and Y said": the noun phrase belongs to the one before the conjunction, unless that one has its verb already.
    return parse.subject_start[at] >= index


def _is_bound(parse: Parse, index: int) -> bool:
    """Whether the preposition completes the verb or noun before it: "accused of", "relies on", "part of"."""
    low = parse.lower[index]
    pairs = lexicon("verbs", "bound")
    if f"{parse.lower[index - 1]}:{low}" in pairs:
        return True
    if parse.tags[index - 1] in {"BE", "MD", "HV", "DO", "TO", "IN", "DT", "CC", "JJ", "PZ", "PS"}:
        return True
    for at in range(index - 1, max(-1, index - 8), -1):
        if parse.tags[at] in VERBAL:
            return f"{parse.lower[at]}:{low}" in pairs
        if parse.tags[at] in CLAUSE_STOPS:
            return False
    return False


CLAUSE_STOPS = frozenset({"SB", "RL", "TH"})


def _opens_number(parse: Parse, index: int) -> bool:
    """ "over 5,000", "under 10", "about 30", "up to 5": the preposition is part of an amount."""
    following = parse.lower[index + 1 : index + 3]
    number = index + 1 < len(parse) and parse.tags[index + 1] == "CD"
    if parse.lower[index] in {"over", "under", "about", "around", "near"} and number:
        return True
    if parse.lower[index] == "up" and following[:1] == ("to",):
        return True
    return parse.tags[index - 1] == "CD" and parse.lower[index] in {"per"}


def _continues_range(parse: Parse, index: int) -> bool:
    """ "from 5 to 10", "rose to 5": an amount follows that the one before needs."""
    number = index + 1 < len(parse) and parse.tags[index + 1] == "CD"
    ranged = any(parse.lower[at] in {"from", "between"} for at in range(max(0, index - 7), index))
    return (number and (parse.tags[index - 1] == "CD" or ranged)) or parse.lower[index - 1] in {"up", "close", "next"}


def _governed_infinitive(parse: Parse, index: int) -> bool:
    """ "urged Armenia to step back": the infinitive is what the verb is about."""
    for at in range(index - 1, -1, -1):
        if parse.tags[at] in VERBAL and parse.tags[at] not in {"BE", "HV", "MD", "DO"}:
            return parse.lower[at] in lexicon("verbs", "control")
        if parse.tags[at] == "BE":
            return True
        if parse.tags[at] in CLAUSE_STOPS or parse.words[at] == ",":
            return False
    return True


def _finite_next(parse: Parse, index: int) -> bool:
    return parse.finite[index] or (
        parse.tags[index] in {"RB", "NG"} and index + 1 < len(parse) and parse.finite[index + 1]
    )


def _perceives(parse: Parse, index: int) -> bool:
    """ "saw men carrying", "accused him of", "kept prices rising": the participle is what the verb is about."""
    for at in range(index - 1, max(-1, index - 6), -1):
        if parse.tags[at] in {"VB", "VZ", "VD"}:
            return parse.lower[at] in {
                "saw",
                "sees",
                "see",
                "heard",
                "keep",
                "keeps",
                "kept",
                "caught",
                "had",
                "left",
                "sent",
                "get",
                "got",
            }
        if parse.tags[at] in {"BE", "HV"}:
            return parse.tags[index] == "VN"
    return False


def _noun_wants_more(parse: Parse, index: int) -> bool:
    """A number that a noun follows, or "a number", "a series" and the like without what they count."""
    return parse.lower[index] in {
        "number",
        "lot",
        "series",
        "variety",
        "couple",
        "range",
        "series",
        "majority",
        "pair",
    } or (
        parse.tags[index] == "CD" and index + 1 < len(parse) and parse.tags[index + 1] in {"NN", "NS", "CD", "JJ", "NP"}
    )


def _is_passive(parse: Parse, index: int) -> bool:
    for at in range(index - 1, max(-1, index - 5), -1):
        if parse.tags[at] == "BE":
            return True
        if parse.tags[at] == "VN" and parse.lower[at] == "been":
            return True
        if parse.tags[at] not in {"RB", "NG", "VN", "CC"}:
            return False
    return False


def _leaves_saying_without_content(parse: Parse, cut: int) -> bool:
    """ "Economies said | on Sunday that they will": a verb of saying that ends up with nothing said."""
    if any(report.core[0] < cut and report.content[0] == 0 for report in parse.reports):
        return False
    for verb in range(cut - 1, -1, -1):
        if parse.finite[verb]:
            if parse.lower[verb] not in lexicon("verbs", "clausal"):
                return False
            infinitive = any(parse.tags[at] == "TO" for at in range(verb + 1, cut))
            return not infinitive
    return False


def _articles(parse: Parse) -> Iterator[Deletion]:
    """Headlines do without "the" and "a", but for names ("The Hague"), amounts ("a dozen") and nouns that need one."""
    for index in range(parse.body_end - 1):
        if parse.lower[index] not in lexicon("classes", "article") or parse.quote_depth[index]:
            continue
        if index and parse.words[index][0].isupper():
            continue
        follows, low = parse.tags[index + 1], parse.lower[index + 1]
        amount = follows == "CD" or low in {
            "few",
            "lot",
            "number",
            "couple",
            "third",
            "quarter",
            "half",
            "further",
            "record",
            "total",
        }
        headless = follows in {"VN", "VG", "DT", "IN", "PU", "RB"} or (
            follows == "JJ"
            and parse.tags[index + 2 : index + 3] not in {("NN",), ("NS",), ("NP",), ("JJ",), ("CC",), ("VG",), ("VN",)}
        )
        if (
            not amount
            and not headless
            and low not in {"same", "other", "only", "first", "last", "most", "least", "more"}
        ):
            yield Deletion(index, index + 1, "article")


def _adverbs(parse: Parse) -> Iterator[Deletion]:
    for index in range(parse.body_end):
        low = parse.lower[index]
        loose = (low.endswith("ly") and len(low) > 4) or low in {
            "also",
            "meanwhile",
            "however",
            "further",
            "instead",
            "moreover",
        }
        if (
            parse.tags[index] != "RB"
            or not loose
            or low in lexicon("meaning", "hedge") | lexicon("meaning", "negation")
        ):
            continue
        follows = parse.tags[index + 1] if index + 1 < parse.body_end else "PU"
        if follows in {"JJ", "RB", "CD", "DT", "NN", "NS", "NP"} or (
            index and parse.tags[index - 1] in {"RB", "NG", "IN", "DT", "CC"}
        ):
            continue
        if not parse.quote_depth[index]:
            yield Deletion(index, index + 1, "adverb")


def _calendar(parse: Parse) -> Iterator[Deletion]:
    for index in range(parse.body_end):
        end = parse.calendar_end(index)
        if end <= index or parse.quote_depth[index]:
            continue
        before = parse.tags[index - 1] if index else "PU"
        follows = parse.lower[end] if end < len(parse) else ""
        possessive = parse.tags[end - 1] == "PZ" or (end < len(parse) and follows in {"of", "and", "or", "to", "'s"})
        attributive = (
            end < len(parse)
            and parse.tags[end] in {"NN", "NS", "JJ", "VG"}
            and before in {"DT", "PS", "PZ", "JJ", "IN"}
        )
        if (
            possessive
            or attributive
            or before in {"IN", "DT", "TO", "PZ", "CC", "JJ", "PS"}
            or (before == "BE" and end >= parse.body_end)
        ):
            continue
        yield Deletion(index, end, "calendar")


def _asides(parse: Parse) -> Iterator[Deletion]:
    """Brackets; what stands between two commas or two dashes; each with its marks."""
    for index in range(1, parse.body_end):
        word = parse.words[index]
        if word == "(":
            close = _closing(parse, index, ")")
            if close is not None:
                yield Deletion(index, close + 1, "aside")
        elif word in {",", "--", "—", "–"}:
            close = _closing(parse, index, word)
            while close is not None and close - index <= MAX_ASIDE:
                if _is_aside(parse, index, close):
                    yield Deletion(index, close + 1, "aside")
                close = _closing(parse, close, word)


def _closing(parse: Parse, index: int, mark: str) -> int | None:
    return next(
        (
            at
            for at in range(index + 1, min(parse.body_end, index + MAX_ASIDE + 1))
            if parse.words[at] == mark and parse.quote_depth[at] <= parse.quote_depth[index] + (mark == ")")
        ),
        None,
    )


def _is_aside(parse: Parse, first: int, second: int) -> bool:
    if (
        second - first < 2
        or second + 1 >= len(parse)
        or parse.tags[first - 1] not in NOMINAL | {"PU", "RB", "VN", "VD", "VZ", "CC"}
    ):
        return False
    begin, after = first + 1, second + 1
    opener, follows = parse.tags[begin], parse.tags[after]
    verbs = [at for at in range(begin, second) if parse.finite[at]]
    if any(parse.subject_start[verb] < first for verb in verbs):
        return False
    if parse.words[first] != ",":
        return not verbs or opener in {"RL", "SB", "CC"}
    if opener == "RL" or parse.lower[begin] in {"whose", "where"} or (opener == "IN" and parse.tags[begin + 1] == "RL"):
        return bool(verbs) and (follows in {"IN", "SB"} or parse.finite[after] or follows in {"VG", "CC", "RB"})
    if opener in {"SB", "VG", "VN"} or (opener == "IN" and parse.lower[begin] not in _BOUND_ALWAYS):
        return parse.lower[begin] not in {"if", "unless", "citing", "according"} and follows != "CC"
    if opener in INSIDE_NP or opener == "CD":  # an appositive: "…, a member of the group, …", or an age
        return (
            not verbs
            and follows != "CC"
            and (parse.finite[after] or follows in {"IN", "SB"})
            and not any(parse.tags[at] == "CC" and parse.tags[at - 1] == "PU" for at in range(begin, second))
            and not _is_list_comma(parse, first)
        )
    return False


def _phrases(parse: Parse) -> Iterator[Deletion]:
    """Prepositional phrases inside the sentence, with what hangs on them by "of"."""
    for index in range(1, parse.body_end):
        if parse.tags[index] != "IN" or parse.lower[index] in _BOUND_ALWAYS or parse.quote_depth[index]:
            continue
        before = parse.tags[index - 1]
        if (
            before not in NOMINAL
            or _is_bound(parse, index)
            or _opens_number(parse, index)
            or parse.tags[index - 1] == "CD"
        ):
            continue
        end = _phrase_end(parse, index)
        if end is None or end >= parse.body_end:
            continue
        follows = parse.tags[end]
        if parse.lower[end] in {"to", "and", "or", "that", "than", "of"} or follows in {
            "CC",
            "TO",
            "TH",
            "RL",
            "VG",
            "VN",
            "JJ",
            "PO",
        }:
            continue
        if follows in {"IN", "SB"} or parse.finite[end] or parse.words[end] in {",", ";", "--"}:
            yield Deletion(index, end, "phrase")


def _phrase_end(parse: Parse, index: int) -> int | None:
    """End of the noun phrase (and its "of" phrases) after a preposition; ``None`` where it is not simple."""
    at = index + 1
    begin = at
    while at < parse.body_end and not parse.finite[at]:
        if parse.calendar_end(at) > at and at > begin:
            break
        if parse.tags[at] in INSIDE_NP - {"PR"} or parse.tags[at] in {"VN"} and parse.tags[at - 1] in {"DT", "IN"}:
            at += 1
        elif parse.lower[at] == "of" and at > begin:
            at += 1
        else:
            break
    if at == begin or parse.tags[at - 1] not in NOMINAL:
        return None
    return at


def _introductions(parse: Parse) -> Iterator[Deletion]:
    """An opening "But", and what stands before the first comma when a whole statement follows."""
    if len(parse) < 3:
        return
    if parse.tags[0] == "CC" and parse.lower[0] in {"but", "and", "yet"}:
        yield Deletion(0, 1, "introduction")
    opener = parse.tags[0]
    if opener not in {"IN", "SB", "VG", "VN", "RB", "CC", "VD"} and parse.calendar_end(0) == 0:
        return
    if parse.lower[0] in {"if", "unless", "without", "according", "unlike", "except", "whether", "against", "like"}:
        return
    for comma in range(1, min(parse.body_end, MAX_ASIDE)):
        if parse.words[comma] != "," or parse.quote_depth[comma] or comma + 1 >= len(parse):
            continue
        follows = parse.tags[comma + 1]
        starts_statement = (
            any(start == comma + 1 and verb > start for verb, start in parse.subject_start.items())
            and follows in INSIDE_NP
        )
        if starts_statement and not _is_list_comma(parse, comma):
            yield Deletion(0, comma + 1, "introduction")
    end = parse.calendar_end(0)
    if end and parse.tags[end] in INSIDE_NP:
        yield Deletion(0, end, "introduction")


def _auxiliaries(parse: Parse) -> Iterator[Deletion]:
    """ "has signed" is "signed" in a headline; "said that" is "said"."""
    for index in range(1, parse.body_end - 1):
        if parse.quote_depth[index]:
            continue
        follows, low = parse.tags[index + 1], parse.lower[index + 1]
        if (
            parse.tags[index] == "HV"
            and parse.finite[index]
            and follows == "VN"
            and low.endswith("ed")
            and parse.lower[index] != "'ve"
        ):
            yield Deletion(index, index + 1, "auxiliary")
        if (
            parse.tags[index] == "TH"
            and parse.lower[index - 1] in lexicon("attribution", "verb")
            and follows in INSIDE_NP
        ):
            yield Deletion(index, index + 1, "that")


def _suffixes(parse: Parse) -> Iterator[Deletion]:
    """ "Wal-Mart Stores Inc" is "Wal-Mart Stores"."""
    for index in range(1, parse.body_end):
        if (
            parse.lower[index] in lexicon("style", "company_suffix")
            and parse.tags[index - 1] == "NP"
            and parse.words[index][0].isupper()
        ):
            yield Deletion(index, index + 1, "suffix")


def _names(parse: Parse) -> Iterator[Deletion]:
    """ "Canadian Finance Minister Jim Flaherty" is "Flaherty": title and first names, before a last name."""
    titles = lexicon("names", "title")
    for index in range(parse.body_end):
        if parse.lower[index] not in titles or parse.tags[index] not in {"NP", "NN"}:
            continue
        last = index + 1
        while (
            last < parse.body_end
            and parse.tags[last] == "NP"
            and parse.lower[last] not in titles
            and parse.words[last][0].isupper()
        ):
            last += 1
        if not 2 <= last - index - 1 <= 3 or parse.quote_depth[index]:
            continue
        if (
            last < len(parse)
            and parse.tags[last] in {"PZ", "NN", "NS"}
            or parse.lower[last - 1] in {"jr.", "jr", "ii", "iii"}
        ):
            continue
        yield Deletion(index + 1, last - 1, "name")
        start = index
        while start > 0 and parse.tags[start - 1] in {"NP", "JJ"} and parse.words[start - 1][0].isupper():
            start -= 1
        if start == 0 or parse.tags[start - 1] in {"PU", "TH", "IN", "CC", "SB"} | VERBAL:
            yield Deletion(start, last - 1, "name")
