"""Words and punctuation of a sentence, with their offsets.

A word keeps its inner apostrophes, hyphens and points (``Armenia's``, ``de-escalate``, ``U.S.``), an amount its sign and decimals
(``$10.8``, ``20%``), and a known abbreviation its point (``Nov.``, ``Mr.``). Everything else is one token per character, but for
runs that mean one thing (``--``, ``...``, double quotes typed as two single ones).
"""

import re

from copydesk.models.lexicon import lexicon
from copydesk.models.schema import Span

# Each alternative starts with a character class that the next repetition cannot take back, so matching is linear in the text.
_TOKEN = re.compile(
    r"(?:[^\W\d_]\.){2,}"  # U.S., a.m.
    r"|[$€£¥₹]?\d+(?:[.,:/]\d+)*(?:%|[^\W\d_]+)?(?:[-–‑][^\W_]+)*(?:['’][^\W\d_]+)?"  # $10.8, 12:30, 1980s, 44-day, 2012's
    r"|\w+(?:['’&.\-‑/]\w+)*['’]?(?=\W|$)"  # Armenia's, AT&T, Reuters.com, workers'
    r"|\w+"
    r"|--+|\.{2,}|``|''"
    r"|\S"
)
_ALWAYS = lexicon("abbreviations", "always")
_AMBIGUOUS = lexicon("abbreviations", "ambiguous")
"""Abbreviations that are also words, or end a sentence as words do: the point belongs to them only before more text."""


def word_spans(text: str) -> list[Span]:
    """The tokens of ``text``, words and punctuation, as ascending ``(start, end)`` spans; white space is in none of them."""
    spans: list[Span] = []
    position = 0
    while match := _TOKEN.search(text, position):
        start, end = match.span()
        if text[start].isalnum() and text[end - 1] in "'’" and not _is_possessive(text, start, end):
            end -= 1
        if text[end : end + 1] == "." and _takes_point(text, start, end):
            end += 1
        spans.append((start, end))
        position = end
    return spans


def is_word(token: str) -> bool:
    """Whether the token is a word or a number rather than punctuation."""
    return any(character.isalnum() for character in token)


def letters(text: str) -> str:
    """The letters and digits of a text alone, case folded: by them two headlines say the same."""
    return "".join(character for character in text.casefold() if character.isalnum())


def _is_possessive(text: str, start: int, end: int) -> bool:
    """A final apostrophe belongs to the word in ``workers' rights``, not where it closes a quotation."""
    return text[end - 2] in "sSzZ" and text[start - 1 : start] not in ("'", "‘") and text[end : end + 1] == " "


def _takes_point(text: str, start: int, end: int) -> bool:
    lower = text[start:end].lower()
    if lower in _ALWAYS:
        return True
    if lower not in _AMBIGUOUS:
        return False
    follows = text[end + 1 : end + 3].lstrip()
    return bool(follows) and (follows[0].isdigit() or lower not in {"no", "mar", "jun"})
