"""What a news page puts between an article's paragraphs: plugs, links to other stories, share buttons, time stamps."""

import re

from copydesk.configs.boilerplate import boilerplate_lexicon

MAX_LINE = 400
"""Longer lines and sentences are prose, whatever words they hold."""

MAX_LINK = 200
"""Characters of the longest "Read more: …"."""

_LEAD = re.compile(r"[\s*>•➡👉📲🔔|-]{0,5}(?:(?:please|and|or|also|you can(?: also)?)[, ] ?){0,2}", re.IGNORECASE)


def is_promotion(sentence: str) -> bool:
    """A plug: the outlet asks its reader to follow, subscribe, download, write in or pay. Never within a quotation."""
    if len(sentence) > MAX_LINE or sentence[0] in "\"“‘'" or sentence.endswith(("”", '"', "''")):
        return False
    lead = _LEAD.match(sentence)
    return boilerplate_lexicon().promotion_pattern.match(sentence, lead.end() if lead else 0) is not None


MAX_LINK_LABEL = 40
"""Characters of the longest label of a link, "You may also be interested in:"."""

_RIGHTS = re.compile(r"\ball rights reserved\.?$", re.IGNORECASE)
_SEPARATOR = re.compile(r"(?<!\s)\s*+(?:[:|»>▶–—]|(?<= )- )\s*")
_READ_ABOUT = re.compile(
    r"(?:read|see|watch|find|learn|discover) (?:more|all|the full (?:story|report|article|list)|our (?:full )?[\w ]{3,30})"
    r"(?: (?:about|from|on|of|stories|out)\b[^.!?]{0,120})?(?: here| below)?[.!]?$",
    re.IGNORECASE,
)


def is_furniture(line: str) -> bool:
    """Any other site chrome: advertisement labels, links to other stories, share buttons, rulers, notices, time stamps."""
    if not any(map(str.isalnum, line[:MAX_LINE])):
        return True
    if len(line) > MAX_LINE:
        return False
    bare = line.strip(" \t.:…*_|>»[]()!-–—▶►•").casefold()
    lexicon = boilerplate_lexicon()
    if bare in lexicon.furniture or bare in lexicon.links or is_time_stamp(line):
        return True
    separator = _SEPARATOR.search(line, 0, MAX_LINK_LABEL)
    if separator and separator.start() and line[: separator.start()].casefold() in lexicon.links - {"read", "more"}:
        return len(line) <= MAX_LINK
    if (
        line.isupper() is False
        and line[:5].isupper()
        and line.casefold().startswith(("read more ", "also read ", "read also "))
    ):
        return True
    return bool(_READ_ABOUT.match(line) or lexicon.notice_pattern.match(line) or _RIGHTS.search(line[-MAX_LINK:]))


def opens_link_list(line: str) -> bool:
    """ "Related stories" or "You may also be interested in:" alone on a line: links follow."""
    return line.strip(" \t.:…*_|>»-–—▶►").casefold() in boilerplate_lexicon().links


def is_time_stamp(line: str) -> bool:
    """Nothing but a date or time: ``Updated at 1:30 p.m. ET``, ``Published 16 November 2021``, ``2 hours ago``."""
    if len(line) > 100 or not any(map(str.isdigit, line)):
        return False
    words = re.findall(r"[^\W\d_]+", line.casefold())
    return bool(words) and boilerplate_lexicon().time_words.issuperset(words)
