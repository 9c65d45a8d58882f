"""Checks that words keep what completes them: infinitives, predicates, the preposition that a noun or verb needs."""

from collections.abc import Callable, Container, Iterator

from copydesk.models.beginnings import begins_contact_clause
from copydesk.models.complement_words import completes
from copydesk.models.guard import Kept
from copydesk.models.lexicon import lexicon
from copydesk.models.phrases import Parse
from copydesk.models.sentence_words import NOMINAL, VERBAL


def complements(read: Parse, kept: Kept) -> Iterator[str]:
    """A verb keeps the infinitive that it is about: "asked the court to hear it", "did not expect the strike to matter"."""
    for index in range(len(read)):
        if read.tags[index] != "TO" or kept[index] or not _opens_infinitive(read, index):
            continue
        verb = _controller(read, index)
        if verb is not None and kept[verb] and any(kept[at] for at in range(verb + 1)):
            yield f"complements: {read.words[verb]!r} without its infinitive"
    yield from _severed(read, kept)
    yield from _unframed(read, kept)
    yield from _unasked(read, kept)
    yield from _unfelt(read, kept)
    yield from _halved(read, kept)


def _halved(read: Parse, kept: Kept) -> Iterator[str]:
    """ "clashes between Norwegian | and Danish crews": "between" keeps both of its sides."""
    for index in range(len(read)):
        if read.lower[index] != "between" or not kept[index]:
            continue
        link = _follows(read, index, {"PU", "SB", "RL", "TO"}, lambda at: read.lower[at] == "and")
        if link is not None and not (kept[link] and any(kept[link + 1 : link + 6])):
            yield "complements: 'between' without both of its sides"


def _unasked(read: Parse, kept: Kept) -> Iterator[str]:
    """ "asked the minister, a former judge, | if he would resign", "convinced the judge this week | that she paid"."""
    for verb in range(len(read)):
        if not kept[verb]:
            continue
        if read.lower[verb] in lexicon("verbs", "asking"):
            question = _follows(read, verb, {"CC", "TO", "IN"}, lambda at: read.lower[at] in _QUESTION_WORDS)
            if question is not None and not kept[question]:
                yield f"complements: {read.words[verb]!r} without {read.words[question]!r}"
        if read.lower[verb] in lexicon("verbs", "persuading"):
            opened = _follows(read, verb, {"CC", "TO"}, lambda at: read.tags[at] == "TH")
            if opened is not None and not kept[opened] and not _is_stated(read, kept, opened):
                yield f"complements: {read.words[verb]!r} without {read.words[opened]!r}"


def _follows(read: Parse, verb: int, ends: Container[str], wanted: Callable[[int], bool]) -> int | None:
    """The first token after a verb that is wanted, before another verb or a word of the classes that end the search."""
    for at in range(verb + 1, len(read)):
        if read.finite[at] or read.tags[at] in ends:
            return None
        if wanted(at):
            return at
    return None


def _is_stated(read: Parse, kept: Kept, opened: int) -> bool:
    """Whether the verb of the statement that "that" opens is kept, or "that" itself where it has none."""
    return kept[next((at for at in range(opened, len(read)) if read.finite[at]), opened)]


_QUESTION_WORDS = frozenset({"if", "whether", "why", "how", "when", "where", "what", "who"})


def _unfelt(read: Parse, kept: Kept) -> Iterator[str]:
    """ "We felt from the talks | that they see it": a verb of thinking with no more than where the thought came from."""
    for verb in range(len(read)):
        if not (kept[verb] and read.finite[verb] and read.lower[verb] in lexicon("verbs", "thinking")):
            continue
        if read.tags[verb + 1 : verb + 2] != ("IN",):
            continue
        opened = _follows(read, verb, {"PU", "CC", "SB", "RL"}, lambda at: read.tags[at] == "TH")
        if opened is not None and any(read.finite[opened:]) and not _is_stated(read, kept, opened):
            yield f"complements: {read.words[verb]!r} without what is thought"


def _opens_infinitive(read: Parse, index: int) -> bool:
    """ "to sell", "to quickly sell", "to 'never give up'"."""
    at = index + 1
    while at < len(read) and read.tags[at] in {"RB", "NG", "PU"} and at < index + 4:
        at += 1
    return read.tags[at : at + 1] in {("VB",), ("BE",), ("HV",)}


def _unframed(read: Parse, kept: Kept) -> Iterator[str]:
    """ "accused the makers | of bribery", "threw its support | behind the bid": what the verb does to its object."""
    for verb in range(len(read)):
        if not kept[verb] or read.tags[verb] not in VERBAL:
            continue
        for at in range(verb + 1, min(len(read), verb + 15)):
            if f"{read.lower[verb]}:{read.lower[at]}" in lexicon("verbs", "framed"):
                if not kept[at]:
                    yield f"complements: {read.words[verb]!r} without {read.words[at]!r}"
                break
            if read.finite[at] or read.tags[at] in {"SB", "RL", "TH", "TO"}:
                break


def _severed(read: Parse, kept: Kept) -> Iterator[str]:
    """ "reliance | on imports", "ended in line | with forecasts", "cut her | off": what mostly follows a word, left out alone."""
    closing = {report.core[1] for report in read.reports if report.content[0] == 0}  # "…, a survey showed |"
    for index in range(1, len(read)):
        if kept[index] or not kept[index - 1] or index in closing:
            continue
        follows = read.calendar_end(index)  # "announced plans [on Monday] to sell"
        if follows >= len(read) or kept[follows] or not _is_needed(read, follows, index - 1):
            continue
        if read.tags[follows] == "TH" and any(kept[follows + 1 : follows + 3]):
            continue  # "argued [that] the port"
        yield f"complements: {read.words[index - 1]!r} without {read.words[follows]!r}"


_PARTICLES = frozenset({"up", "out", "off", "away", "back"})
"""Adverbs that change the verb before them: "is not ruling | out"."""


def _is_needed(read: Parse, index: int, before: int) -> bool:
    if read.lower[index] == "by" and before == index - 1 and "BE" in read.tags[max(0, before - 2) : before]:
        return read.lower[before] in lexicon("verbs", "agentive")
    parted = read.tags[before] in {"VB", "VG", "VD", "VZ", "VN"} and read.lower[index] in _PARTICLES
    return (parted and before == index - 1) or completes(read, index, before)


def predicates(read: Parse, kept: Kept) -> Iterator[str]:
    """What an object is found, kept or made to be stays: "found the broker, 44, guilty", "keep the names hidden"."""
    closing = {
        report.cue for report in read.reports if report.content[0] == 0
    }  # "…, a survey showed, heightening fears"
    for verb in range(len(read)):
        if not kept[verb] or read.lower[verb] not in lexicon("verbs", "predicative") or read.tags[verb] not in VERBAL:
            continue
        if verb in closing or read.tags[verb + 1 : verb + 2] in {("TO",), ("VN",)}:
            continue  # "is set to hit markets starting in May", "was found left at a port with a bag filled with tin"
        for at in range(verb + 2, min(len(read), verb + 16)):
            if read.words[at] == "," and read.tags[at + 1 : at + 2] == ("VG",):
                break  # "kept its rate, rejecting calls"
            if read.finite[at] or read.tags[at] in {"SB", "RL", "TH", "CC", "TO"}:
                break
            before, follows = read.tags[at - 1], read.tags[at + 1] if at + 1 < len(read) else "PU"
            going = read.tags[at] == "VG" and read.lower[verb] in lexicon("verbs", "perception")
            if going and not read.lower[verb].startswith("spen"):  # "spent the day in Oslo reading"
                going = all(read.tags[one] != "IN" or read.lower[one] == "of" for one in range(verb + 1, at))
            described = read.tags[at] in {"JJ", "VN"} and read.lower[at] != "due"
            predicate = going or described or read.lower[at] in {"guilty", "liable"}
            complement = predicate and before in NOMINAL | {"PU", "RB", "PO"}
            if (
                complement
                and (going or follows in {"PU", "IN", "SB", "CC", "TO", "RB"})
                and read.lower[at + 1 : at + 2] != ("by",)
            ):
                if not kept[at] and at - verb > 1:
                    yield f"complements: {read.words[verb]!r} without {read.words[at]!r}"
                break


def _aside_before(read: Parse, index: int) -> range:
    """ "allows Norvik[, its rival in the north,] to sell": two commas with no verb between them, right before a token."""
    if index < 3 or read.words[index - 1] != ",":
        return range(0)
    for at in range(index - 2, max(-1, index - 10), -1):
        if read.tags[at] in VERBAL or read.tags[at] in {"TH", "RL", "SB"}:
            break
        if read.words[at] == ",":
            return range(at, index)
    return range(0)


def _controller(read: Parse, infinitive: int) -> int | None:
    """The verb that an infinitive hangs on: at most an object and a date stand between them."""
    aside = _aside_before(read, infinitive)
    for at in range(infinitive - 1, max(-1, infinitive - 12), -1):
        tag = read.tags[at]
        if at in aside:
            continue
        if read.words[at] in {"(", ")"} or read.quote_depth[at]:
            continue
        if tag in {"VB", "VZ", "VD", "VN", "VG"}:
            # "asked for details of a plan to sell": the infinitive is the plan's.
            if read.finite[at] and read.subject_start[at] > 0 and begins_contact_clause(read, read.subject_start[at]):
                continue  # "ordered diplomats [it considers spies] to leave"
            planned = read.lower[infinitive - 1] in lexicon("verbs", "planning_noun")
            own = planned and "IN" in read.tags[at + 1 : infinitive]
            return at if not own and read.lower[at] in lexicon("verbs", "object_control") else None
        if tag in {"SB", "RL", "TH", "CC", "PU", "TO", "BE", "HV", "MD"}:
            return None
    return None
