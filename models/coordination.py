"""What a conjunction or a list's comma joins: nouns, predicates, statements."""

from copydesk.models.lexicon import lexicon
from copydesk.models.phrases import Parse
from copydesk.models.sentence_words import INSIDE_NP, NOMINAL


def is_list_comma(read: Parse, comma: int) -> bool:
    """ "A, B and C": after the comma come noun phrases up to a conjunction, and no verb of their own."""
    if read.words[comma] != ",":
        return False
    at = comma + 1
    if read.tags[at : at + 2] == ("CC", "TH"):
        return False  # "said sales fell, and that …"
    if read.tags[at : at + 1] == ("CC",):
        return not begins_clause(read, at + 1)
    while at < read.body_end and (read.tags[at] in INSIDE_NP or read.lower[at] == "of"):
        at += 1
    if at >= read.body_end or at == comma + 1:
        return False
    if read.tags[at] == "CC":
        return not begins_clause(read, at + 1) and at - comma <= 6
    last = (
        read.words[at] == ","
        and read.tags[at + 1 : at + 2] == ("CC",)
        and read.tags[at + 2 : at + 3] not in {("TO",), ("IN",)}
    )
    return last and not begins_clause(read, at + 2)


def begins_clause(read: Parse, index: int) -> bool:
    """Whether a finite verb, with or without its subject, follows a conjunction: not just another noun phrase."""
    # "and as it fell"; further on, a subordinator ends the noun phrase.
    at = index + (read.tags[index : index + 1] == ("SB",))
    while at < read.body_end and read.tags[at] in INSIDE_NP | {"RB", "NG", "IN"} and not read.finite[at]:
        at += 1
    if at >= read.body_end or not read.finite[at]:
        return False
    if all(read.tags[between] in {"RB", "NG"} for between in range(index, at)):
        return True
    # "X and Y said": the noun phrase belongs to the one before the conjunction, unless that one has its verb already.
    return read.subject_start[at] >= index


def second_object(read: Parse, index: int) -> bool:
    """ "raised prices | and its forecast": a whole noun phrase of its own, that shares no noun with the one before."""
    begins = read.tags[index + 1 : index + 2] in {("DT",), ("PS",)} and read.tags[index - 1] in {"NN", "NS", "NP"}
    begins = begins or _follows_single(read, index)
    if any(start <= index < verb for verb, start in read.subject_start.items()):
        return False
    paired = any(
        read.lower[at] in {"between", "both", "either", "neither", "from"} for at in range(max(0, index - 12), index)
    )
    listed = any(is_list_comma(read, at) for at in range(max(0, index - 8), index))
    return read.lower[index] == "and" and begins and not paired and not listed


def _follows_single(read: Parse, index: int) -> bool:
    """ "reported a loss | and lower sales": the article before the one noun can't be that of the plural."""
    if read.tags[index - 1] != "NN":
        return False
    start = index - 1
    while start > 0 and read.tags[start - 1] in {"JJ", "NN"}:
        start -= 1
    end = index + 1
    while end < read.body_end and read.tags[end] in {"JJ", "NN"}:
        end += 1
    verbal = start > 1 and read.tags[start - 2] in {"VD", "VB", "VZ"}
    return verbal and read.lower[start - 1] in {"a", "an"} and end < read.body_end and read.tags[end] == "NS"


def second_predicate(read: Parse, index: int) -> bool:
    """ "must cut the deficit | or risk a default", "plans to sell the unit | and pay its debts": another base form, as one
    before the conjunction has it after the same modal or "to"."""
    if read.tags[index - 1] not in NOMINAL:
        return False  # "to shoot down | and destroy the boats": both have one object
    verb = index + 1
    while verb < read.body_end and read.tags[verb] in {"RB", "NG"}:
        verb += 1
    if verb >= read.body_end or read.tags[verb] != "VB" or read.finite[verb]:
        return False
    for at in range(index - 1, 0, -1):
        joins_nouns = read.tags[at] == "CC" and read.tags[at - 1] in NOMINAL and read.tags[at + 1] in INSIDE_NP
        if (read.tags[at] in {"SB", "RL", "TH", "CC"} and not joins_nouns) or (
            read.finite[at] and read.tags[at] != "MD"
        ):
            return False
        if read.tags[at] == "VB":
            return read.tags[at - 1] in {"TO", "MD", "RB", "NG"}
    return False


def second_statement(read: Parse, index: int) -> bool:
    """ "said that the port is safe | and that it will reopen"."""
    return read.tags[index + 1 : index + 2] == ("TH",) and any(
        read.lower[report.cue] in lexicon("attribution", "verb") and report.content[0] <= index < report.content[1]
        for report in read.reports
        if report.content[0] > report.cue
    )
