"""Checks that verbs keep their subjects and what completes them."""

from collections.abc import Iterator

from copydesk.models.auxiliaries import is_droppable, is_droppable_perfect, is_stand_in, stand_in
from copydesk.models.guard import Kept
from copydesk.models.lexicon import lexicon
from copydesk.models.noun_deletions import acronym_start
from copydesk.models.phrases import Parse, runs
from copydesk.models.sentence_words import INSIDE_NP, VERBAL


def verbs(read: Parse, kept: Kept) -> Iterator[str]:
    """No subject is joined to another verb's object: a verb and its subject stay, or go, together."""
    opening = _opening_clause(read)
    cues = {report.cue for report in read.reports if report.content[0] == 0}
    stated = [at for at in range(len(read)) if read.finite[at] and at not in cues and at not in opening]
    main = [at for at in stated if not _in_relative(read, at)]
    stated = main or (stated if read.tags[0] == "VG" else [])  # "Banning ads after dark has been a success"
    if not any(kept[at] or kept[stand_in(read, at)] for at in stated):
        yield "verbs: the verb of the main statement is dropped"
    for verb, start in read.subject_start.items():
        subject = [at for at in range(start, verb) if read.tags[at] in INSIDE_NP]
        heads = head_tokens(read, start, verb) or subject
        said = kept[verb] or kept[stand_in(read, verb)]
        if said and subject and not any(kept[at] for at in heads):
            yield f"verbs: {read.words[verb]!r} without its subject"
        last = [at for at in heads if at == heads[-1] or read.words[at - 1] == "("]
        goes = is_droppable(read, verb) or _hands_on(read, kept, verb)
        torn = not kept[verb] and any(kept[at] for at in last) and not goes
        if torn and (read.is_certain_subject(verb) or _stops_before(read, kept, verb)):
            yield f"verbs: {read.words[heads[-1]]!r} without its verb {read.words[verb]!r}"
        if is_droppable_perfect(read, verb) and kept[verb] != kept[verb + 1]:
            yield f"verbs: {read.words[verb]!r} and {read.words[verb + 1]!r} are torn apart"
        if (
            kept[verb]
            and not subject
            and verb
            and read.tags[verb] != "PR"
            and not kept[verb - 1]
            and read.tags[verb - 1] in {"RL", "TH", "CC", "SB"}
            and not _shares_subject(read, kept, verb)
        ):
            yield f"verbs: {read.words[verb]!r} is torn from its clause"


def _shares_subject(read: Parse, kept: Kept, verb: int) -> bool:
    """Whether a verb after a conjunction that is left out takes over the subject of a verb that is left out with it."""
    start = verb
    while start and not kept[start - 1]:
        start -= 1
    return any(_hands_on(read, kept, at) for at in range(start, verb) if read.finite[at])


def _hands_on(read: Parse, kept: Kept, verb: int) -> bool:
    """ "Norvik [moved a manager onto its board and] announced …": all that is left out is one predicate of two."""
    begin, end = verb, verb + 1
    while begin and read.tags[begin - 1] == "RB":
        begin -= 1
    while end < len(read) and not kept[end]:
        end += 1
    subject = read.subject_start.get(verb, verb)
    heads = head_tokens(read, subject, verb) if subject < verb else []
    gone = range(verb + 1, end)
    return (
        bool(heads)
        and begin == heads[-1] + 1
        and kept[heads[-1]]
        and not any(kept[begin:verb])
        and end < len(read)
        and read.finite[end]
        and read.tags[end] == read.tags[verb]
        and read.tags[end - 1] == "CC"
        and not any(read.finite[at] or read.tags[at] in {"RL", "TH", "SB"} for at in gone)
    )


def _stops_before(read: Parse, kept: Kept, verb: int) -> bool:
    """ "comment on reports Norvik (NRV.N) | was in talks": a verb that can't be anything else, with the noun before it kept."""
    at = verb - 1
    while at > 0 and (read.tags[at] in {"RB", "NG"} or read.words[at] == ")"):
        if read.words[at] == ")":
            at = next((begin for begin in range(at, max(0, at - 8), -1) if read.words[begin] == "("), at)
        at -= 1
    return read.tags[verb] in {"BE", "MD", "HV", "DO"} and read.tags[at] in {"NN", "NS", "NP"} and kept[at]


_STATING = (
    lexicon("verbs", "clausal")
    | lexicon("attribution", "verb")
    | lexicon("verbs", "content_noun")
    | lexicon("verbs", "stating_noun")
)
"""What a statement with "that" follows."""
_ALWAYS_CLAUSAL = frozenset({"because", "although", "though", "while", "unless", "whether", "if"})
"""Subordinators that are no prepositions."""


def clauses(read: Parse, kept: Kept) -> Iterator[str]:
    """A kept subordinator or "that" keeps the verb of its clause: "sold off as talks [to avert a crisis turned sour]"."""
    for start, end in runs(kept):
        opened = next((at for at in range(start, end) if read.tags[at] == "TH"), end)
        stated = any(read.finite[opened:end]) or (opened < end and start > 0 and _waits_for_that(read, start, opened))
        hangs = end < read.body_end and read.tags[end] in {"IN", "TO"} and stated
        if start and hangs:  # "made clear [that he is] behind the judge"
            yield f"clauses: {read.words[end]!r} without the verb that it hangs on"
    for index in range(len(read)):
        if not kept[index] or read.tags[index] not in {"SB", "TH"}:
            continue
        verb = next((at for at in range(index + 1, read.body_end) if _bounds_clause(read, at)), None)
        if verb is not None and read.finite[verb] and not kept[verb] and not is_droppable(read, verb):
            yield f"clauses: {read.words[index]!r} without its verb {read.words[verb]!r}"
        if read.lower[index] in _ALWAYS_CLAUSAL and not any(
            kept[at] and (read.finite[at] or is_stand_in(read, at)) for at in range(index, read.body_end)
        ):
            yield f"clauses: {read.words[index]!r} without a verb"
        if _waits_for_statement(read, kept, index):
            yield f"clauses: {read.words[index]!r} without the statement after its clause"
        if read.lower[index] == "as" and _is_cut_subject(read, kept, index):
            yield "clauses: 'as' without a verb"
        told = read.words[index + 1 : index + 2] == (",",) or read.lower[index - 1] in _STATING
        if (
            read.tags[index] == "TH"
            and told
            and not any(kept[at] and read.finite[at] and not _is_timed(read, at) for at in range(index, read.body_end))
        ):
            yield f"clauses: {read.words[index]!r} without a verb"


def _waits_for_that(read: Parse, start: int, that: int) -> bool:
    """ "has shown [clearly that tin correlates] with gold": only adverbs stand between a verb and what it says."""
    verb = start - 1
    while verb > 0 and read.tags[verb] == "RB":
        verb -= 1
    said = read.lower[verb] in _STATING | lexicon("verbs", "showing") or read.lower[verb] == "shown"
    return said and read.tags[verb] in VERBAL and all(read.tags[at] == "RB" for at in range(start, that))


def _waits_for_statement(read: Parse, kept: Kept, index: int) -> bool:
    """ "…, but when he left | , he never looked back", "Now that he has won, | will he …": a clause that opens a statement."""
    opens = read.tags[index] == "SB" and index > 0 and read.tags[index - 1] == "CC" and kept[index - 1]
    now = read.tags[index] == "TH" and read.lower[:index] == ("now",)
    if not (opens or now):
        return False
    stated = [at for at in range(index, read.body_end) if read.finite[at]]
    return bool(stated) and not any(kept[at] for at in stated[1:])


def _is_cut_subject(read: Parse, kept: Kept, index: int) -> bool:
    """ "fell as uncertainty | about the vote grew": a noun phrase after "as" that is cut before its verb, and is no role."""
    if any(kept[at] and read.finite[at] for at in range(index, read.body_end)):
        return False
    end = index + 1
    while end < read.body_end and kept[end] and read.tags[end] in INSIDE_NP:
        end += 1
    if "CD" in read.tags[index + 1 : end] or read.tags[index - 1] in {"RB", "DT"}:
        return False  # "as much as 12 percent", "as early as May"
    cut = end > index + 1 and end < read.body_end and not kept[end] and read.tags[end] != "PU"
    return cut and read.calendar_end(end) == end and read.lower[end - 1] not in lexicon("names", "title")


def _is_timed(read: Parse, verb: int) -> bool:
    """ "that, two weeks after it opened": the verb of a clause that says when."""
    start = read.subject_start.get(verb, verb)
    return start > 0 and read.tags[start - 1] == "SB"


def _bounds_clause(read: Parse, index: int) -> bool:
    """A finite verb, or where a clause without one ends."""
    if read.lower[index] == "but":
        return True
    if read.tags[index] == "CC":
        return read.tags[index + 1 : index + 2] not in {("NP",), ("NN",), ("NS",), ("DT",), ("JJ",), ("PS",), ("CD",)}
    return read.finite[index] or read.tags[index] in {"PU", "SB", "RL", "TH"}


def _in_relative(read: Parse, verb: int) -> bool:
    """ "the bank that managed funds": a verb that makes no statement."""
    at = verb - 1
    while at > 0 and read.tags[at] in {"RB", "NG"}:
        at -= 1
    start = read.subject_start.get(verb, verb)
    if 0 < start < verb and read.tags[start - 1] == "RL":
        return True  # "what officials have called …"
    if 1 < start <= verb and read.tags[start - 1] == "TH" and read.tags[start - 2] in {"NN", "NS", "NP"}:
        return True  # "reports that the regime had …"
    if start > 0 and read.tags[start - 1] == "SB":
        return True
    if 0 < start <= verb and read.finite[start - 1] and read.lower[start - 1] in _STATING:
        return _in_relative(read, start - 1)  # "Norvik, which said it is closing a mill, …"
    return at > 0 and (read.tags[at] == "RL" or (read.tags[at] == "TH" and read.tags[at - 1] in {"NN", "NS", "NP"}))


def _opening_clause(read: Parse) -> range:
    """The tokens of a subordinate clause that opens the sentence: "Although it rained, …"."""
    begin = read.words.index(")") + 1 if read.words[:1] == ("(",) and ")" in read.words[:8] else 0
    begin += read.tags[begin : begin + 1] == ("CC",)
    if read.tags[begin : begin + 1] not in {("SB",), ("IN",)} or read.tags[begin : begin + 2] == ("IN", "CD"):
        return range(0)  # "About 100 workers …" opens no clause
    if read.tags[begin] == "SB":
        return range(_first_comma(read, begin))
    commas = [at for at in range(1, len(read)) if read.words[at] == "," and not read.quote_depth[at]]
    starts = {start for verb, start in read.subject_start.items() if start < verb}
    return range(next((at for at in commas if at + 1 in starts), 0))


def _first_comma(read: Parse, begin: int) -> int:
    """Where an opening clause ends; not yet before "and": "While Moss got a warning, and her letter was hidden, …"."""
    commas = [at for at in range(begin, len(read)) if read.words[at] == "," and not read.quote_depth[at]]
    ends = [at for at in commas if read.tags[at + 1 : at + 2] != ("CC",)]
    return ends[0] if ends else commas[0] if commas else len(read)


def head_tokens(read: Parse, start: int, verb: int) -> list[int]:
    """The first noun phrase of a subject without what hangs on it; a bracket in it, as after a company's name, is skipped, and
    an acronym in it may stand for the name."""
    tokens: list[int] = []
    begin = start + (read.tags[start] == "DT")
    acronyms = [at + 1 for at in range(start, verb) if read.words[at] == "(" and acronym_start(read, at) == begin]
    at = start
    while at < verb:
        if read.words[at] == "(":
            at = next((close for close in range(at, verb) if read.words[close] == ")"), at)
        elif read.tags[at] in {"IN", "PU", "VG", "VN", "VD"} and tokens:
            break
        elif read.tags[at] in {"NN", "NS", "NP", "CD", "PR", "JJ", "PZ"}:
            tokens.append(at)
        at += 1
    return [*acronyms, *tokens]
