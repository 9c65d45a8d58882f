"""Lines made of names: bylines and sign-offs, told from prose by their capital letters."""

import re

from copydesk.configs.boilerplate import boilerplate_lexicon

MAX_BYLINE = 160
"""Characters of the longest byline that is looked at; three names with trades and towns have 120."""

MAX_SIGN_OFF = 600
"""Characters of the longest sign-off; a dozen reporters with their towns have 400."""

MAX_NAME_WORDS = 4
"""Words of one person's name alone on a line: "Maria de los Santos"."""

_WORD = re.compile(r"[^\W\d_][\w'’.-]*")


def words_of(line: str) -> list[str]:
    """The words of a line that begin with a letter."""
    return _WORD.findall(line)


def is_names(line: str) -> bool:
    """Whether a line is nothing but names: capitalised words with particles, prepositions and trades between them."""
    words = words_of(line[:MAX_SIGN_OFF])
    lexicon = boilerplate_lexicon()
    allowed = lexicon.name_particles | lexicon.name_links | lexicon.roles | lexicon.name_words
    return any(word[0].isupper() for word in words) and all(
        word[0].isupper() or word.rstrip(".") in allowed or word.startswith(("al-", "el-", "d'", "d’"))
        for word in words
    )


def is_agency(name: str) -> bool:
    """Whether a name is a news or photo agency, or has one in it: ``REUTERS``, ``AP/Getty Images``, ``Reuters via CNN``."""
    parts = re.split(r"(?:(?<!\s)\s++)?[/,|]\s*|(?<!\s)\s++(?:and|via)\s+", name.strip(" .").casefold())
    return not boilerplate_lexicon().agencies.isdisjoint([name.strip(" .").casefold(), *parts])


_BYLINE = re.compile(
    r"(?:(?:analysis|opinion|comment|commentary|story|words|text|written|report|reported|exclusive|posted|data analysis|graphics|"
    r"video|photographs|produced|filmed|edited|presented)(?: and \w{1,12})? )?by:? "
    r"|as told to "
    r"|(?:authors?|reporters?|(?:executive )?producer|video journalist|journalist|words|correspondent|byline): ?",
    re.IGNORECASE,
)


def is_byline(line: str) -> bool:
    """``By Jane Doe and John Roe, Staff Writers``; also "Analysis by", "Words: ", "As told to"."""
    found = _BYLINE.match(line)
    if found is None or len(line) > MAX_BYLINE or line.endswith(("!", "?", ":")):
        return False
    names = line[found.end() :]
    words = words_of(names)
    return bool(words) and words[0][0].isupper() and is_names(names)


def is_name_line(line: str) -> bool:
    """A name or two alone on a line, maybe with a trade, an outlet or a town: ``Jane Doe in Moscow``, ``Jane Doe, BBC News``.

    A title in title case can look the same, so ask only where a byline is likely.
    """
    if len(line) > MAX_BYLINE or any(map(str.isdigit, line)) or not line[0].isupper() or not is_names(line):
        return False
    words = words_of(line)
    if is_agency(line) or not boilerplate_lexicon().roles.isdisjoint(word.casefold() for word in words):
        return True
    names, *places = re.split(r" in |, ", line)
    return len(places) <= 1 and all(map(_is_name, re.split(r" and | & ", names)))


def _is_name(name: str) -> bool:
    words = words_of(name)
    particles = boilerplate_lexicon().name_particles
    return 2 <= len(words) <= MAX_NAME_WORDS and all(word[0].isupper() or word in particles for word in words)


_WORK = (
    r"(?:(?:additional|further|extra) )?"
    r"(?:reporting|reported|writing|written|editing|edited|compiled|translated|translation|compilation)"
)
_SIGN_OFF = re.compile(
    rf"[(\[—–-]*\s*(?:(?:with )?{_WORK}(?:(?:,| and| &) (?:writing|editing|reporting)){{0,3}} by\b"
    r"|with (?:inputs?|files|reporting|material|contributions) (?:from|by)\b|(?:sources?|via|agenc(?:y|ies)) ?:)",
    re.IGNORECASE,
)
_SIGN_OFF_AT_END = re.compile(
    rf"(?:[(\[]\s*|(?<=[.!?\"”’] )|(?<=[.!?\"”’]))(?=(?:with )?{_WORK} by\b|with (?:inputs?|files) from\b)",
    re.IGNORECASE,
)
_SIGN_OFF_SIGNS = ("ing by", "ed by", "ten by", "ion by", "input from", "inputs from", "file from", "files from")
_CONTRIBUTED = re.compile(
    r"[(\[—–-]*\s*[^\W\d_][^.!?;]{0,300}\bcontributed (?:(?:reporting )?to this (?:report|story|article)|reporting|from [A-Z])"
    r"[^.!?;]{0,60}[.!)\]]*"
)
_ENDS = re.compile(r"[-–—\s]*(?:ends?|30)[-–—\s.]*|#{2,5}", re.IGNORECASE)
_DASHED_AGENCY = re.compile(r"[-–—]{1,3}\s?([\w /&'-]{2,40})\.?")


def is_sign_off(sentence: str) -> bool:
    """Who made the story: ``(Reporting by …; Editing by …)``, ``With inputs from agencies``, ``— AFP``."""
    if len(sentence) > MAX_SIGN_OFF:
        return False
    if _ENDS.fullmatch(sentence) or _CONTRIBUTED.fullmatch(sentence):
        return True
    dashed = _DASHED_AGENCY.fullmatch(sentence)
    if dashed and is_agency(dashed[1]):
        return True
    found = _SIGN_OFF.match(sentence)
    if found is None:
        return False
    makers = sentence[found.end() :]
    return is_names(makers) or boilerplate_lexicon().name_words.issuperset(words_of(makers.rstrip(".)]")))


def sign_off_start(paragraph: str) -> int | None:
    """Where the sign-off at a paragraph's end begins; ``None`` without one."""
    tail = paragraph[-MAX_SIGN_OFF:].lower()
    if not any(sign in tail for sign in _SIGN_OFF_SIGNS):
        return None
    for found in _SIGN_OFF_AT_END.finditer(paragraph, max(0, len(paragraph) - MAX_SIGN_OFF)):
        if is_sign_off(paragraph[found.start() :]):
            return found.start()
    return None
