"""Articles as callers give them: checked one by one, and pooled for reading together."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from itertools import islice
from typing import TypeVar

from copydesk.configs.errors import InputError
from copydesk.models.schema import Article

MAX_ARTICLE_CHARS = 1_000_000
"""Longest article, in code points. The longest newspaper pieces have about 100,000; a novel has a million. What is longer is
a whole corpus given as one text, and would be coded as one."""

POOL_ARTICLES = 32
"""Articles read together by :meth:`ArticlePredictor.predict_batch`: enough to fill an encoder's batches with sentences."""
POOL_CHARS = 400_000
"""A pool ends early at this many code points, so that memory stays bounded whatever the articles' lengths."""

_BLANK = re.compile(r"[\s\0\u200b\ufeff]*")
"""White space, and what a reader can't see either: the NULs of a damaged file, zero-width spaces."""

MARKUP_TAGS = 3
"""HTML tags from which a text counts as markup: an article may name one or quote two."""

_TAG = re.compile(
    r"</?(?:html|head|body|title|script|style|div|span|p|br|a|h[1-6]|li|ul|article|section)\b[^<>]{0,500}>",
    re.IGNORECASE,
)

T = TypeVar("T")


def as_article(article: str | Article) -> Article:
    """The article, checked.

    :raises InputError: If it is no article, or its text is empty, too long or no valid Unicode.
    """
    if isinstance(article, str):
        article = Article(text=article)
    if not isinstance(article, Article):
        raise InputError(f"an article can't be a {type(article).__name__}.", remedy="Give a text or an Article.")
    check_text(article.text, "the text", source=article.id or "")
    for field in fields(article):
        value = getattr(article, field.name)
        if value is not None and (not isinstance(value, str) or not _is_unicode(value)):
            raise InputError(f"the article's {field.name} is no valid text.", remedy="Give a str or None.")
    return article


def check_text(text: object, what: str, source: str = "") -> None:
    """Refuse what is no text that can be read.

    :param what: What it is, for the message.
    :param source: Which input it is about.
    :raises InputError: If it is no string, empty, too long or no valid Unicode.
    """
    if not isinstance(text, str):
        raise InputError(f"{what} is a {type(text).__name__}, not a string.", remedy="Decode it first.", source=source)
    if _BLANK.fullmatch(text):
        raise InputError(f"{what} is empty.", remedy="Give at least one sentence.", source=source)
    if len(text) > MAX_ARTICLE_CHARS:
        raise InputError(
            f"{what} has {len(text):,} characters; the limit for one article is {MAX_ARTICLE_CHARS:,}.",
            remedy="If it holds several articles, split it: one article a file, or one a line as JSONL.",
            source=source,
        )
    if not _is_unicode(text):
        raise InputError(
            f"{what} holds half of a surrogate pair, which is no character.",
            remedy="It was decoded wrongly somewhere; decode it again as UTF-8 or UTF-16.",
            source=source,
        )


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def markup_note(text: str) -> tuple[str, ...]:
    """A warning for a text with HTML tags in it, which are read as its words; none for plain text."""
    if sum(1 for _ in islice(_TAG.finditer(text), MARKUP_TAGS)) < MARKUP_TAGS:
        return ()
    return ("The text holds HTML tags, which were read as words. Give the page as an .html file, or its text alone.",)


def length(item: object) -> int:
    """Code points of an article's text; 0 for a row that holds none."""
    return len(item.text) if isinstance(item, Article) else len(item) if isinstance(item, str) else 0


def pools(items: Iterable[T], chars: Callable[[T], int] = length) -> Iterator[list[T]]:
    """Cut a stream into the pools that are read together.

    Where a pool ends depends only on what stands in it, so a run that is resumed at the start of a pool cuts the same ones.

    :param chars: Code points of an item's text.
    """
    pool: list[T] = []
    size = 0
    for item in items:
        pool.append(item)
        size += chars(item)
        if len(pool) >= POOL_ARTICLES or size >= POOL_CHARS:
            yield pool
            pool, size = [], 0
    if pool:
        yield pool
