"""Where the sentences of one paragraph end: sentencex's rules, mended where news breaks them.

sentencex (Wikimedia) knows the terminators and abbreviations of many languages. It skips quotations and brackets whole, so that
an unpaired one swallows the rest of a text, or takes it quadratic time. So it reads a masked copy of the same length, in which
they are blanks, and what belongs together is joined again here.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from itertools import pairwise

from copydesk.models.paragraphs import strip
from copydesk.models.schema import Span

MIN_QUOTED_WORDS = 4
"""A quotation of several sentences is split where each has this many words, so that "No. Never," he said stays whole."""

MAX_BRACKET_CHARS = 300
"""A bracket that closes within this many characters keeps its sentences together with what stands around it."""

CONTEXT_CHARS = 80
"""How far left and right of a sentence end the rules look; bounds their cost on hostile text."""

_OPENING = frozenset("“‘«„‚([{")
_CLOSING = frozenset("”’»)]}")
_STRAIGHT = frozenset("\"'`´")
_BULLETS = frozenset("•·▪●◦‣⁃■□◆►▶*")

_INNER_APOSTROPHE = re.compile(r"(?<=\w)['’](?=\w)")
_ELLIPSIS = re.compile(r"…(?=\s+[^\W\d_])")
# No blank after the full stop: "delivered to you.Russian President". Not in "U.S.A", "GENZ.O" or "v2.Beta".
_MISSING_BLANK = re.compile(r"[.!?…][\"”’')\]]{0,2}(?=[\"“‘(]?[^\W\d_]{2})")
_ADDRESS = re.compile(
    r"://|@|\bwww\.|\.(?:com|org|net|gov|edu|info|io|co|uk|ru|am|az|ua|eu|tv|de|fr|js)\b", re.IGNORECASE
)

# Abbreviations that a name follows. Most stand in sentencex's list too, but it misses some, and any after a hyphen or a comma.
_NEVER_LAST = re.compile(
    r"(?:^|[^\w.])(?:M[rs]|Mrs|Mx|Dr|Prof|Gens?|Lt|Col|Cols|Maj|Capt|Cmdr|Cpl|Sgts?|Pvt|Pfc|Spc|Adm|Brig|Govs?|Sens?|Reps?|Pres|"
    r"Amb|Atty|Supt|Insp|Det|Revs?|Hon|Messrs|Mme|Mlle|Sr|Fr|St|Ste|Ft|Mt|Jos|Cllr|Approx|ret|Ph\.D|Vs|vs|v)\.\)?$"
)
_DOTTED = re.compile(r"\.[^\W\d_]{1,2}\.$")
# "J.D. Vance", but "the U.S. He".
_INITIALS = re.compile(
    r"(?:^|[\s(\"“])(?!U\.[SKN]|E\.U|D\.C|N\.[YJHCMDZ]|L\.A|S\.[CDAK]|W\.V|R\.I|B\.C|P\.M|A\.M)[A-Z]\.[A-Z]\.$"
)
_CLOCK = re.compile(r"\b[ap]\.m\.$", re.IGNORECASE)
_AFTER_CLOCK = re.compile(
    r"(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?\b|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    r"|(?:[ECMP][SD]?T|GMT|UTC|BST|CES?T|EES?T|MSK|IST|AES?T|AEDT)\b|(?:Eastern|Central|Pacific|Mountain|Greenwich)\b"
)
_QUOTED_CRY = re.compile(r"[?!…—–-][\"”’']+$")
_QUOTE_END = re.compile(r"[\"”’'»)\]]$")
_SPEECH_TAG = re.compile(
    r"(?:[\w.'’-]{1,30},? ){1,6}?(?:said|says|asked|asks|added|adds|cried|shouted|wrote|writes|replied|tweeted|demanded|wondered|"
    r"warned|recalled|yelled|screamed|exclaimed|joked|quipped|chanted|insisted|declared|continued)\b(?! for| whether| if| to)"
)
_ENUMERATOR = re.compile(r"\W*(?:\d{1,3}|[a-zA-Z]|[ivx]{1,4})[.)]\W*")


def sentence_spans(paragraph: str, language: str = "en") -> list[Span]:
    """The sentences of one paragraph.

    :param paragraph: Text without paragraph breaks; a line end in it counts as a blank.
    :param language: ISO 639-1 code; sentencex falls back on a related language's rules, or on English ones.
    :return: ``(start, end)`` spans, ascending, without the white space around them; together they cover all but white space.
    """
    ends = _library_ends(paragraph, language) | {found.end() for found in _ELLIPSIS.finditer(paragraph)}
    ends |= {found.end() for found in _MISSING_BLANK.finditer(paragraph)}
    cuts = {_after_closers(paragraph, end) for end in ends}
    cuts = {cut for cut in cuts if _divides(paragraph, cut)}
    kept = _outside_short_quotes(paragraph, _outside_brackets(paragraph, sorted(cuts)))
    spans = [strip(paragraph, span) for span in pairwise([0, *kept, len(paragraph)])]
    return _with_scraps_joined(paragraph, [span for span in spans if span[0] < span[1]])


class _Masks(dict[int, str]):
    """For ``str.translate``: blanks for what confuses sentencex, letters for lone surrogates, which it can't take."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        category = unicodedata.category(char)
        if category == "Cs":
            mask = "x"
        elif char in _OPENING | _CLOSING | _STRAIGHT | _BULLETS or category in {"Cc", "Cf", "Zs", "Zl", "Zp"}:
            mask = " "
        else:
            mask = char
        self[code] = mask
        return mask


_MASKS = _Masks()


def _library_ends(paragraph: str, language: str) -> set[int]:
    """One past the terminator of each sentence that sentencex finds, but the last."""
    from sentencex import get_sentence_boundaries

    masked = _INNER_APOSTROPHE.sub("x", paragraph).translate(_MASKS)
    boundaries = get_sentence_boundaries(language, masked)
    return {boundary["start_index"] + len(boundary["text"].rstrip()) for boundary in boundaries[:-1]} - {0}


def _after_closers(text: str, end: int) -> int:
    """The end of a sentence with the quotation marks and brackets that close it."""
    while end < len(text) and (text[end] in _CLOSING or (text[end] in _STRAIGHT and _closes(text, end))):
        end += 1
    return end


def _closes(text: str, at: int) -> bool:
    """Whether the straight quotation mark there closes a quotation."""
    following = text[at + 1 : at + 2]
    if not following.isalnum():
        return True
    if text[at] != '"':
        return False
    return text.count('"', max(0, at - MAX_BRACKET_CHARS), at) % 2 == 1


def _divides(text: str, cut: int) -> bool:
    """Whether a sentence really ends at the cut, judged by the words next to it."""
    before = text[max(0, cut - CONTEXT_CHARS) : cut].rstrip()
    after = text[cut : cut + CONTEXT_CHARS].lstrip()
    if not before or not after:
        return False
    if after[0].islower() and (_QUOTE_END.search(before) or _DOTTED.search(before)):
        return False
    if _INITIALS.search(before) and after[0].isupper():
        return False
    if not text[cut].isspace() and not text[cut - 1].isspace() and not _lacks_blank(before, after):
        return False
    if _NEVER_LAST.search(before) or (_CLOCK.search(before) and _AFTER_CLOCK.match(after)):
        return False
    return not (_QUOTED_CRY.search(before) and _SPEECH_TAG.match(after))


def _lacks_blank(before: str, after: str) -> bool:
    """Whether two sentences meet there without a blank, rather than the parts of an abbreviation or an address."""
    left, right = before.rsplit(maxsplit=1)[-1], after.split(maxsplit=1)[0]
    opening = right.lstrip('"“‘(')
    first, second = opening[:1], opening[1:2] or " "
    ends = left.rstrip("\"”’')]").rstrip(".!?…")[-2:]
    if not first.isupper() or not (second.islower() or opening in {"A", "I"}) or _ADDRESS.search(left + right):
        return False
    return ends.islower() or ends.isdigit() or ends.endswith("%")


def _outside_brackets(text: str, cuts: list[int]) -> list[int]:
    """The cuts that don't stand within a short bracket."""
    regions = _regions(text, "(", ")")
    return _drop_within(cuts, [region for region in regions if region[1] - region[0] <= MAX_BRACKET_CHARS])


def _outside_short_quotes(text: str, cuts: list[int]) -> list[int]:
    """The cuts that don't split a quotation into scraps."""
    dropped: set[int] = set()
    for start, end in [*_regions(text, "“", "”"), *_paired(text, '"')]:
        inner = cuts[bisect_right(cuts, start) : bisect_left(cuts, end)]
        edges = [start, *inner, end]
        for left, cut, right in zip(edges, inner, edges[2:], strict=False):
            if min(_words(text, left, cut), _words(text, cut, right)) < MIN_QUOTED_WORDS:
                dropped.add(cut)
    return [cut for cut in cuts if cut not in dropped]


def _regions(text: str, opening: str, closing: str) -> list[Span]:
    """From each opening sign to the next closing one, without nesting."""
    regions: list[Span] = []
    start = text.find(opening)
    while start >= 0 and (end := text.find(closing, start)) >= 0:
        regions.append((start, end))
        start = text.find(opening, end)
    return regions


def _paired(text: str, sign: str) -> list[Span]:
    """From each first sign to its second, for a sign that opens and closes."""
    places = [at for at, char in enumerate(text) if char == sign] if sign in text else []
    return list(zip(places[::2], places[1::2], strict=False))


def _drop_within(cuts: list[int], regions: list[Span]) -> list[int]:
    """The cuts that stand in no region; both ascend."""
    starts = [start for start, _ in regions]
    return [cut for cut in cuts if (at := bisect_left(starts, cut) - 1) < 0 or cut > regions[at][1]]


def _words(text: str, start: int, end: int) -> int:
    """Number of words, counted no further than matters."""
    return len(text[start : min(end, start + CONTEXT_CHARS)].split())


def _with_scraps_joined(text: str, spans: list[Span]) -> list[Span]:
    """The spans with "1." joined to what it numbers, and what has no letter or digit joined to what stands before it."""
    joined: list[Span] = []
    for start, end in spans:
        part = text[start:end]
        if joined and (_ENUMERATOR.fullmatch(text, *joined[-1]) or not any(map(str.isalnum, part[:CONTEXT_CHARS]))):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined
