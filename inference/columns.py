"""Which column of a table is the text, the id and so on, and how a row becomes an article."""

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from typing import Any

from copydesk.configs.errors import InputError
from copydesk.models.schema import Article

KNOWN: Mapping[str, tuple[str, ...]] = {
    "text": (
        "text",
        "body",
        "content",
        "article",
        "article_text",
        "full_text",
        "fulltext",
        "maintext",
        "story",
        "raw_text",
    ),
    "id": ("id", "article_id", "doc_id", "document_id", "uid", "guid", "_id"),
    "title": ("title", "headline", "headlines"),
    "source": ("source", "outlet", "publisher", "publication", "agency", "sitename", "source_name"),
    "date": (
        "date",
        "published",
        "published_at",
        "date_published",
        "date_publish",
        "publication_date",
        "pub_date",
        "datetime",
    ),
    "url": ("url", "link", "source_url"),
    "author": ("author", "authors", "byline"),
}
"""Column names that say plainly what they hold, most usual first; compared without regard to case. They are those of the
common news corpora (CC-News, AllTheNews, GDELT exports, trafilatura's JSON)."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The column that fills each field of an article; ``None`` where the table has none."""

    text: str
    id: str | None = None
    title: str | None = None
    source: str | None = None
    date: str | None = None
    url: str | None = None
    author: str | None = None

    def used(self) -> dict[str, str]:
        """Field to column, for those that are there."""
        return {field.name: name for field in fields(self) if (name := getattr(self, field.name)) is not None}

    def describe(self) -> str:
        """A line for the screen: what is read from where."""
        return ", ".join(f"{field} from {name!r}" for field, name in self.used().items())


def choose_columns(available: Collection[str], asked: Mapping[str, str], source: str) -> Columns:
    """Decide the columns: those asked for, and the plain names for the rest.

    :param available: The table's column names.
    :param asked: Field to column, by the user.
    :param source: The table's name, for the message.
    :raises InputError: If a column that was asked for is missing, or no column is plainly the text.
    """
    for field, name in asked.items():
        if name not in available:
            raise InputError(
                f"there is no column {name!r} for the {field}.", remedy=f"It has: {_listed(available)}.", source=source
            )
    by_lower = {name.lower(): name for name in reversed(list(available))}
    chosen = {
        field: asked.get(field) or next((by_lower[name] for name in names if name in by_lower), None)
        for field, names in KNOWN.items()
    }
    text = chosen.pop("text")
    if text is None:
        raise InputError(
            "can't tell which column holds the text.",
            remedy=f"Name it with --text-column. The columns are: {_listed(available)}.",
            source=source,
        )
    taken = set(asked.values()) | {text}
    return Columns(
        text, **{field: name for field, name in chosen.items() if field in asked or (name and name not in taken)}
    )


def to_article(row: Mapping[str, Any], columns: Columns) -> Article:
    """The article of a row.

    :raises InputError: If the text is missing, empty or no string, or another field is no plain value.
    """
    values = {field: _plain(row.get(name), field, name) for field, name in columns.used().items() if field != "text"}
    text = row.get(columns.text)
    if text is None:
        raise InputError(f"the text is missing (column {columns.text!r}).", remedy="Fill it or drop the row.")
    if not isinstance(text, str):
        raise InputError(
            f"the text (column {columns.text!r}) is a {_kind(text)}, not a string.", remedy="Join it to one string."
        )
    if not text.strip():
        raise InputError(f"the text is empty (column {columns.text!r}).", remedy="Fill it or drop the row.")
    return Article(text=text, **values)


def _plain(value: Any, field: str, name: str) -> str | None:
    """A field's value as a string: numbers and dates are written out, lists of strings (authors) joined."""
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    if field == "author" and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value) or None
    raise InputError(f"the {field} (column {name!r}) is a {_kind(value)}.", remedy="Give a string, a number or null.")


def _kind(value: object) -> str:
    return {dict: "JSON object", list: "list", bool: "true/false value", int: "number", float: "number"}.get(
        type(value), type(value).__name__
    )


def _listed(names: Collection[str], most: int = 30) -> str:
    shown = ", ".join(repr(name[:60]) for name in list(names)[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "") or "none"
