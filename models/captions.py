"""Photo captions and their credits: ``… outside the ministry. PHOTO: AFP``, ``(AP Photo/Jane Doe)``, ``[Jane Doe/Reuters]``."""

import re
from typing import NamedTuple

from copydesk.configs.boilerplate import boilerplate_lexicon
from copydesk.models.name_lines import is_agency, is_names

MAX_CREDIT = 140
"""Characters at a line's end in which a credit is looked for."""

MAX_CAPTION_WORDS = 110
"""A longer line with a credit at its end is a paragraph with a source; agency captions of two sentences have 60 to 100 words."""

MAX_CREDIT_NAMES = 3
"""Words before the stroke of a credit without label or bracket: "… in Goris on Friday Jane van Doe/AFP"."""

MAX_AGENCY = 30
"""Characters of the longest agency name alone after a full stop, with the blanks and dash before it."""

MAX_FILE_PHOTO = 20
"""Characters of "file photograph" with its bracket and full stop."""

_LABEL_SIGNS = re.compile(r"[:/©]|\([cC]\)| [bB]y | courtesy ")
_LABEL = "(?:Photo |Image )?Credit|(?:Photo|Image) credit|Photo(?:graph)?|Pic(?:ture)?|Image|Footage|Screengrab|Video"
_LOUD_LABEL = "PHOTO CREDIT|PHOTO(?:GRAPH)?|PIC(?:TURE)?|IMAGE|CREDIT|VIDEO|FOOTAGE"
_LABELLED = re.compile(
    rf"(?:^|(?<=[\s.!?|(\[–—-]))(?:(?:(?:File|AFP|AP|Reuters) )?(?:{_LABEL}|{_LOUD_LABEL})[sS]?"
    r"(?: [Cc]ourtesy of| [Bb]y| ?:|/) ?|(?:©|\([cC]\)) ?)"
)
_BRACKETED = re.compile(r"[(\[]([^()\[\]]{2,90})[)\]][.,;]?$")
_PHOTO_WORDS = re.compile(r"\b(?:photos?|file|handout|getty|pool|screengrab|via|courtesy|archive)\b", re.IGNORECASE)
_STROKE = re.compile(r"(?:(?<=[\s.!?|])|^)[^\W\d_][^.!?:;,()|/\n]{0,60}([/|])\s?[^\W\d_][^.!?:;,()\n]{1,60}+\.?$")
_AFTER_STOP = re.compile(r"(?<=[.!?\"”’)])\s{0,3}[-–—]{0,2}\s?([^\W\d_][\w -]{1,24})$")
_FILE_PHOTO = re.compile(r"\bfile (?:photo|picture|image|pic)\)?\.?$", re.IGNORECASE)
_BEFORE_CREDIT = " \t|([–—-"

_ABOUT_PHOTO = re.compile(
    r"(?:(?:an?|this|the|undated|in an?|in this) )?(?:[\w-]{1,20} ){0,4}?"
    r"(?:photo|photograph|picture|image|handout|screengrab|frame grab|screenshot|still)(?: image| photo| picture)?\b"
    r"[^.]{0,60}?\b(?:taken|shows?|released|provided|obtained|shared|made available|distributed)\b",
    re.IGNORECASE,
)
_SOURCES = re.compile(r"(?:[(\[][^()\[\]]{2,60}[)\]][\s.,;]{0,3})+")


class Credit(NamedTuple):
    """A credit at the end of a line.

    :param start: Where it begins in the line.
    :param certain: Whether it names a photo; else it may as well be the source of a paragraph.
    """

    start: int
    certain: bool


def find_credit(line: str) -> Credit | None:
    """The photo credit or source at the line's end; ``None`` without one."""
    offset = max(0, len(line) - MAX_CREDIT)
    found = _labelled(line[offset:]) or _bracketed(line[offset:]) or _bare(line[offset:])
    if found is None:
        return None
    start = offset + found.start
    return Credit(start - (len(line[:start]) - len(line[:start].rstrip(_BEFORE_CREDIT))), found.certain)


def _labelled(tail: str) -> Credit | None:
    """``PHOTO: AFP``, ``Photo by Jane Doe``, ``© Jane Doe``."""
    for found in _LABELLED.finditer(tail) if _LABEL_SIGNS.search(tail) else ():
        names = tail[found.end() :]
        if is_names(names) and not re.search(r"[!?]|[^\W\d_]{3}\. ", names):
            return Credit(found.start(), True)
    return None


def _bracketed(tail: str) -> Credit | None:
    """``(AP Photo/Jane Doe)``, ``[Jane Doe/Reuters]``; ``(Reuters)`` may be no more than a source."""
    found = _BRACKETED.search(tail) if tail.rstrip(".,;").endswith((")", "]")) else None
    if found is None or not (is_names(found[1]) or found[1].startswith("AP Photo")):
        return None
    if _PHOTO_WORDS.search(found[1]):
        return Credit(found.start(), True)
    name, _, agency = found[1].partition("/")
    if len(name.split()) > 1 and is_agency(agency):
        return Credit(found.start(), True)
    return Credit(found.start(), False) if is_agency(found[1]) else None


def _bare(tail: str) -> Credit | None:
    """``Jane Doe/AFP``, ``File photo``; ``AFP`` alone after the full stop may be no more than a source."""
    found = _STROKE.search(tail) if "/" in tail or "|" in tail else None
    if found and is_names(found[0]) and is_agency(found[0]):
        names = list(re.finditer(r"\S+", tail[found.start() : found.start(1)]))
        return Credit(found.start() + names[max(0, len(names) - MAX_CREDIT_NAMES)].start(), True)
    if found := _FILE_PHOTO.search(tail[-MAX_FILE_PHOTO:]):
        return Credit(max(0, len(tail) - MAX_FILE_PHOTO) + found.start(), True)
    found = _AFTER_STOP.search(tail[-MAX_AGENCY:]) if tail[-1:].isalnum() else None
    return Credit(max(0, len(tail) - MAX_AGENCY) + found.start(1), False) if found and is_agency(found[1]) else None


def opens_caption(line: str) -> bool:
    """Whether a line's first words say that it is about a picture: "FILE PHOTO:", "In this June 3 photo, …", "Watch: …"."""
    return _is_short(line) and boilerplate_lexicon().caption_pattern.match(line) is not None


def describes_photo(line: str) -> bool:
    """Whether a line reads like "A photo taken in May shows …": a caption, if it stands where captions stand."""
    return _is_short(line) and _ABOUT_PHOTO.match(line) is not None


def is_source(sentence: str) -> bool:
    """Nothing but names in brackets, or an agency: ``(Reuters) (BBC News),`` after an item."""
    if len(sentence) > MAX_CREDIT:
        return False
    bracketed = sentence[0] in "([" and _SOURCES.fullmatch(sentence) is not None
    return (bracketed or (len(sentence) <= MAX_AGENCY and is_agency(sentence))) and is_names(sentence)


def _is_short(line: str) -> bool:
    return len(line[: MAX_CAPTION_WORDS * 20].split(maxsplit=MAX_CAPTION_WORDS)) <= MAX_CAPTION_WORDS
