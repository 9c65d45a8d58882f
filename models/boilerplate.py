"""What single lines and sentences of boilerplate look like, judged by their words alone.

Every rule reads a bounded piece of text, so that hostile input costs no more than its length.
"""

import re

from copydesk.configs.boilerplate import boilerplate_lexicon

MAX_DATELINE = 120
"""Characters in which a dateline must end; the longest seen has place, country, date and agency in 70."""
MAX_LINE = 400
"""Longer lines are prose, whatever words they hold."""
MAX_CREDIT = 120
"""Characters at a line's end in which a photo credit is looked for."""

_DASH = r"(?:-{1,3}|–|—|―)"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.?"
_AGENCY_DATELINE = re.compile(rf"(?P<place>[^()\n\"“”]{{0,80}})\((?P<agency>[^()\n]{{2,40}})\)\s*(?P<dash>{_DASH}|:)?\s*")
_PLAIN_DATELINE = re.compile(rf"(?P<place>[^()\n\"“”:–—―]{{2,60}}?)\s*(?P<dash> -{{1,3}} |\s?(?:--|–|—|―)\s?)\s*(?=[\"“‘'\w])")
_PLACE_WORDS = frozenset("of de del la le el al and the on upon am in".split())


def dateline_length(line: str) -> int:
    """How many characters of the line are its dateline, with the white space after it: ``MOSCOW (REUTERS) - ``; 0 without one."""
    head = line[:MAX_DATELINE]
    found = _AGENCY_DATELINE.match(head)
    if found and _is_agency(found["agency"]) and _is_place(found["place"]):
        follows = line[found.end() : found.end() + 1]
        if found["dash"] or (found["place"].strip() and (follows.isupper() or follows in "\"“‘'")):
            return found.end()
    found = _PLAIN_DATELINE.match(head)
    if found and _is_capital_place(found["place"]) and not line[found.end() : found.end() + 1].islower():
        return found.end()
    return 0


def _is_agency(name: str) -> bool:
    parts = [name, *re.split(r"\s*[/,]\s*|\s+and\s+", name)]
    return any(part.strip().casefold() in boilerplate_lexicon().agencies for part in parts)


def _is_place(place: str) -> bool:
    """Capitalised words and dates only, as before an agency's name; the empty place of "(Reuters) -" counts."""
    words = re.findall(r"[^\W\d_][\w'’.-]*", place)
    return len(words) <= 8 and all(word[0].isupper() or word in _PLACE_WORDS for word in words)


def _is_capital_place(place: str) -> bool:
    """A place in capitals, as without an agency; after a comma a region or date may follow."""
    name, _, region = place.partition(",")
    letters = [char for char in name if char.isalpha()]
    if len(letters) < 4 or not all(map(str.isupper, letters)) or name.strip().casefold() in boilerplate_lexicon().not_places:
        return False
    return _is_place(region) and len(name.split()) <= 4


_CREDIT_LABEL = r"(?:PHOTOS?|Photos?|Photographs?|PHOTOGRAPHS?|Pictures?|PICTURES?|Images?|IMAGES?|Credits?|CREDITS?|Video|VIDEO)"
_CREDIT = re.compile(
    rf"(?:\b{_CREDIT_LABEL}(?: [Cc]redit)?(?: [Cc]ourtesy of| [Bb]y|:)\s*[^\W\d_][^.!?:]{{1,60}}"
    r"|\((?:AP Photo|Photo|File photo|Getty|AFP|EPA|Reuters|REUTERS)[^()]{0,70}\)"
    r"|\[[^\[\]]{0,50}(?:/|AFP|Reuters|EPA|Getty|AP)[^\[\]]{0,40}\]"
    r"|\b(?:REUTERS|Reuters|AFP|EPA|AP)\s?/\s?[^\W\d_][^.!?:/]{1,40}"
    r"|(?:©|\(c\)) ?[^.!?]{2,50}"
    r"|\b(?:[^\W\d_][\w'’-]+ ){0,4}[^\W\d_][\w'’-]+/(?:AP|AFP|Reuters|REUTERS|EPA|Getty Images|Getty|Shutterstock|Alamy)(?:/\w+)?"
    r"|\bGetty Images)\.?$"
)


def credit_start(line: str) -> int | None:
    """Where the photo credit at the line's end begins (``PHOTO: AFP``); ``None`` without one."""
    offset = max(0, len(line) - MAX_CREDIT)
    found = _CREDIT.search(line[offset:])
    return None if found is None else offset + found.start()


_PROMOTION = re.compile(
    r"(?:please )?(?:"
    r"(?:join|follow|subscribe to|like|find|add|add us on|check out|visit|watch)\b[^.,;:!?]{0,60}\b"
    r"(?:telegram|whatsapp|facebook|twitter|instagram|youtube|linkedin|tiktok|channel|newsletters?|podcast|social media)\b"
    r"|(?:follow|like|find) us\b|subscribe\b|sign up\b|download (?:our|the)\b[^.]{0,40}\bapp\b|click here\b|tap here\b"
    r"|get (?:the|our|all the)\b[^.]{0,60}\b(?:inbox|newsletters?|delivered|app|email|e-mail)\b"
    r"|support (?:our|independent)\b[^.]{0,40}\bjournalism\b|become a (?:member|subscriber|supporter)\b"
    r"|send your (?:story|stories|news|comments)\b)",
    re.IGNORECASE,
)


def is_promotion(sentence: str) -> bool:
    """A plug: the outlet asks its reader to follow, subscribe, download or pay."""
    return len(sentence) <= MAX_LINE and _PROMOTION.match(sentence) is not None


_FURNITURE = re.compile(
    r"(?:read (?:more|also|next|the full)|also read|see also|related(?: stories| articles| topics| news| content)?|more on this story|recommended"
    r"|most read|continue reading|advertisement|sponsored|share(?: this)?(?: article| story)?|all rights reserved"
    r"|story continues below|you may also (?:be interested|like)|our standards:|skip to|back to top|loading)\b[^.]{0,200}\.{0,3}$"
    r"|(?:copyright|©)[^\n]{0,200}$",
    re.IGNORECASE,
)


def is_furniture(line: str) -> bool:
    """Site chrome: advertisement labels, links to other stories, share buttons, copyright lines, rulers."""
    return not any(map(str.isalnum, line[:MAX_LINE])) or (len(line) <= MAX_LINE and _FURNITURE.match(line) is not None)


_SIGN_OFF = re.compile(
    r"[(\[]?(?:additional |with )?(?:reporting|writing|editing|compiled) by [^\W\d_]"
    r"|[(\[]?with (?:inputs?|files) from\b|[^.]{0,160}\bcontributed to this (?:report|story|article)\b",
    re.IGNORECASE,
)


def is_sign_off(sentence: str) -> bool:
    """Who made the story: "(Reporting by …; Editing by …)"."""
    return len(sentence) <= MAX_LINE and _SIGN_OFF.match(sentence) is not None


_NAME_WORDS = frozenset("and in with for at of the from staff writer reporter correspondent editor news to de van von der den da al el bin".split())


def is_byline(line: str) -> bool:
    """ "By Jane Doe and John Roe, Staff Writers"."""
    if len(line) > MAX_DATELINE or line[:3].casefold() != "by " or line.endswith((".", "!", "?", ":")):
        return False
    words = re.findall(r"[^\W\d_][\w'’.-]*", line[3:])
    return bool(words) and words[0][0].isupper() and all(word[0].isupper() or word in _NAME_WORDS for word in words)
