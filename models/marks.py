"""Which parts of an article are its prose, and what the others are: title, dateline, byline, caption, plug and the like.

What a line's own words tell is decided first. Titles and crossheads look like any short line, so they are told by what stands
around them: lines that do not end like a sentence between paragraphs that do.
"""

import re

from copydesk.configs.boilerplate import boilerplate_lexicon
from copydesk.models.captions import describes_photo
from copydesk.models.document import MarkKind
from copydesk.models.name_lines import MAX_BYLINE, is_name_line, is_names, words_of
from copydesk.models.paragraphs import CLOSERS, is_closed, paragraphs
from copydesk.models.pieces import MAX_TITLE_WORDS, Piece, read_paragraph, word_count
from copydesk.models.schema import Article
from copydesk.models.sentence_ends import sentence_spans
from copydesk.models.site_chrome import opens_link_list

MIN_TITLE_WORDS = 2
"""One word alone is a section's name or a greeting."""
MAX_TITLE_SENTENCES = 2
"""Sentences of a title: "Did he know? The minister under fire"."""
MAX_CLOSED_TITLE_WORDS = 20
"""A first line that ends like a sentence is a title before a dateline, which opens a story, if it is no longer."""
MAX_DECK_WORDS = 45
"""A line between title and first paragraph (the deck, or standfirst) has up to 40 words."""
MAX_HEADING_WORDS = 14
"""Crossheads are short; a longer open line between paragraphs is a sentence that lost its full stop."""
MIN_BODY_WORDS = 8
"""A paragraph with this many words that ends like a sentence is taken for the article's text."""
MAX_LINKS = 12
"""Lines that a list of links has at most."""
MIN_TITLE_CASE_WORDS = 4
"""A first line that ends like a sentence is a title all the same if this many words are in title case."""
MIN_CLOSED_SHARE = 0.5
"""Where fewer paragraphs end like a sentence, the text is chat, verse or a list, and open lines are no headings."""

_HEADLINE_LIKE: frozenset[MarkKind] = frozenset({"title", "heading", "caption"})
_FIRST_PERSON = re.compile(r"\b(?:I|I['’](?:m|ve|ll|d)|my|me|lol|lmao|omg|wtf|tbh|imo)\b")
_HANDLE = re.compile(r"(?:^|\s)[@#]\w|https?://")
_QUESTION = re.compile(
    r"(?:what|why|how|who|where|when|which|is|are|can|could|will|would|should|did|does|do|has|have)\b", re.IGNORECASE
)


def mark(article: Article, language: str) -> list[list[Piece]]:
    """The paragraphs of an article in order, each as the sentences and marked parts that it is made of.

    :param article: The article; its given title is recognised in the text.
    :param language: ISO 639-1 code for the sentence rules. The words of marked parts are looked for in English.
    """
    reader = _Marker(article, language)
    reader.mark_link_lists()
    reader.mark_head()
    reader.mark_crossheads()
    reader.mark_tail()
    return reader.pieces_with_some_prose()


class _Marker:
    """The paragraphs of one article while they are told apart."""

    def __init__(self, article: Article, language: str) -> None:
        self.text = article.text
        self.language = language
        self.spans = paragraphs(article.text)
        self.lines = [article.text[start:end] for start, end in self.spans]
        title = _bare(article.title or "")
        self.pieces = [
            [Piece(*span, "title")]
            if title and _bare(line) == title
            else list(read_paragraph(self.text, span, language))
            for span, line in zip(self.spans, self.lines, strict=True)
        ]
        self.closed = [is_closed(line) for line in self.lines]

    def _is_prose(self, number: int) -> bool:
        return any(piece.kind is None for piece in self.pieces[number])

    def _is_open(self, number: int) -> bool:
        """Whether a paragraph is nothing but prose and does not end like a sentence: a title, a heading, an item of a list."""
        return not self.closed[number] and all(piece.kind is None for piece in self.pieces[number])

    def _is_body(self, number: int) -> bool:
        """Whether a paragraph is surely the article's own text."""
        if not self._is_prose(number):
            return False
        return self.pieces[number][0].kind == "dateline" or (
            self.closed[number] and word_count(self.lines[number]) >= MIN_BODY_WORDS
        )

    def _set(self, number: int, kind: MarkKind) -> None:
        self.pieces[number] = [Piece(*self.spans[number], kind)]

    def mark_link_lists(self) -> None:
        """The open lines after "Related stories:" are links to them."""
        listing = 0
        for number, line in enumerate(self.lines):
            if opens_link_list(line):
                listing = MAX_LINKS
            elif listing and (self._is_open(number) or (line.endswith("?") and word_count(line) <= MAX_HEADING_WORDS)):
                self._set(number, "furniture")
                listing -= 1
            else:
                listing = 0

    def mark_head(self) -> None:
        """What stands before the article's own text: its title, deck, bylines and captions."""
        first = next((number for number in range(len(self.lines)) if self._is_body(number)), None)
        if first is None or not self._is_edited(first):
            return
        prose = [number for number in range(first) if self._is_prose(number)]
        titled = any(piece.kind == "title" for pieces in self.pieces for piece in pieces)
        for number in prose:
            line = self.lines[number]
            asks = number == 0 and line.endswith("?") and first > 1
            if number > 0 and describes_photo(line):
                self._set(number, "caption")
            elif not self._is_open(number) and not asks:
                continue
            elif is_name_line(line) and (number > 0 or word_count(line) == 2):
                self._set(number, "byline")
            elif not titled and _could_be_title(line):
                self._set(number, "title")
                titled = True
            elif titled and word_count(line) <= MAX_DECK_WORDS:
                self._set(number, "heading")
        if not titled:
            self._mark_closed_head()

    def _is_edited(self, first: int) -> bool:
        """Whether the text from its first body paragraph on is edited prose, and enough of it to stand under a title."""
        rest = [number for number in range(first, len(self.lines)) if self._is_prose(number)]
        closed = sum(self.closed[number] for number in rest)
        if closed < MIN_CLOSED_SHARE * len(rest):
            return False
        set_apart = (
            first == 0 or self._blank_before(first) or any(not self._is_prose(number) for number in range(first + 1))
        )
        return closed >= 2 or set_apart or self.pieces[first][0].kind == "dateline"

    def _blank_before(self, number: int) -> bool:
        gap = self.text[self.spans[number - 1][1] : self.spans[number][0]]
        return len(gap.splitlines()) > 1

    def _mark_closed_head(self) -> None:
        """A first line that ends like a sentence and is a title or caption all the same."""
        following = next((number for number in range(1, len(self.lines)) if self._is_body(number)), None)
        if following is None or not self.pieces[0] or self.pieces[0][0].kind is not None:
            return
        line = self.lines[0]
        opens_story = following == 1 and self.pieces[1][0].kind == "dateline"
        longest = MAX_CLOSED_TITLE_WORDS if opens_story else MAX_TITLE_WORDS if _is_title_case(line) else 0
        if opens_story and describes_photo(line):
            self._set(0, "caption")
        elif len(self.pieces[0]) <= MAX_TITLE_SENTENCES and word_count(line) <= longest:
            self._set(0, "title")

    def mark_crossheads(self) -> None:
        """Single open lines, or short questions, between paragraphs that end like sentences."""
        prose = [number for number in range(len(self.lines)) if self._is_prose(number)]
        if sum(self.closed[number] for number in prose) < MIN_CLOSED_SHARE * len(prose):
            return
        for before, number, after in zip(prose, prose[1:], prose[2:], strict=False):
            line = self.lines[number]
            if not self._is_body(before) and not self._is_prose(before):
                continue
            between = self.closed[before] and self.closed[after] and not self.lines[before].endswith(":")
            if between and self._is_crosshead(number, line):
                self._set(number, "heading")

    def _is_crosshead(self, number: int, line: str) -> bool:
        if (
            word_count(line) > MAX_HEADING_WORDS
            or len(self.pieces[number]) > 1
            or _HANDLE.search(line)
            or line[0].islower()
            or line[0] in "•·*-–—"
        ):
            return False
        if line.endswith("?"):
            return _QUESTION.match(line) is not None and word_count(line) <= MAX_HEADING_WORDS // 2
        return (
            self._is_open(number)
            or (line.endswith(":") and _is_title_case(line))
            or (line.rstrip(CLOSERS + ".:").isupper() and len(line) > 4)
        )

    def mark_tail(self) -> None:
        """Names and agencies after the last paragraph, or who the writer is: who made the story."""
        if (last := len(self.lines) - 1) > 0 and self._is_about_writer(self.lines[last]) and self._is_prose(last):
            self._set(last, "byline")
        for number in reversed(range(1, len(self.lines))):
            if not self._is_open(number) or not is_name_line(self.lines[number]):
                return
            self._set(number, "sign-off")

    def _is_about_writer(self, line: str) -> bool:
        """ "Jane Doe covers Congress for the Tribune." under a story by Jane Doe."""
        bylines = [self.text[start:end] for pieces in self.pieces for start, end, kind in pieces if kind == "byline"]
        name = " ".join(line.split(maxsplit=2)[:2])
        return len(line) <= MAX_BYLINE and is_names(name) and any(name in byline for byline in bylines)

    def pieces_with_some_prose(self) -> list[list[Piece]]:
        """The pieces; where all are marked, what only looks like a headline or caption is prose."""
        if any(self._is_prose(number) for number in range(len(self.pieces))):
            return self.pieces
        return [
            [
                Piece(left + piece.start, right + piece.start, None)
                for left, right in sentence_spans(self.text[piece.start : piece.end], self.language)
            ]
            if piece.kind in _HEADLINE_LIKE
            else [piece]
            for pieces in self.pieces
            for piece in pieces
        ]


def _could_be_title(line: str) -> bool:
    if not MIN_TITLE_WORDS <= word_count(line) <= MAX_TITLE_WORDS or _HANDLE.search(line):
        return False
    return not line[0].islower() and (line[0] in "\"“'‘" or _FIRST_PERSON.search(line) is None)


def _is_title_case(line: str) -> bool:
    """Whether all words but articles, prepositions and conjunctions have a capital, and it is no list of names."""
    words = words_of(line)
    small_words = boilerplate_lexicon().title_small_words
    small = sum(word[0].islower() for word in words)
    return (
        len(words) >= MIN_TITLE_CASE_WORDS
        and all(word[0].isupper() or word in small_words for word in words)
        and small < len(words) / 2
    )


def _bare(line: str) -> str:
    """Letters and digits only, for comparing titles."""
    return "".join(filter(str.isalnum, line.casefold()))
