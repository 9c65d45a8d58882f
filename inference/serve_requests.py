"""What ``POST /predict`` takes: one article or a batch of them, with the options of a prediction.

A codebook comes by its shipped name or as a list of labels. Never as a path: what the server's disk holds is no matter of its
clients.
"""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, field_validator

from copydesk.configs.codebook import Codebook, shipped_names
from copydesk.inference.options import (
    DEFAULT_CODEBOOK,
    HEADLINE_CHARS,
    SUMMARY_SENTENCES,
    PredictOptions,
    load_codebook,
)
from copydesk.models.schema import Article

MAX_LABELS = 200
"""Labels of a codebook given in a request; the largest that ships has fewer."""
MAX_TARGETS = 50
MAX_NAME_CHARS = 200
"""Longest label or target. A longer one is a text, not a name."""
MAX_FIELD_CHARS = 2_000
"""Longest id, title, source, date, URL or author: the length that browsers and servers still take as a URL."""
MAX_HEADLINE_CHARS = 1_000
MAX_SUMMARY_SENTENCES = 20

ONE, BATCH = "one article", "a batch"
"""Tags of the two forms of a request; they stand in pydantic's places and are taken out of ours."""

_NOT_BLANK = r"[^\s\x1c-\x1f\x85]"
"""Some character that is not blank. Python strips the separators named here; to other regular expressions they are none."""

_Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME_CHARS, pattern=_NOT_BLANK)]
_Known = Annotated[str | None, Field(max_length=MAX_FIELD_CHARS)]


def _integral(value: object) -> object:
    """JSON has one kind of number: 3.0 is the integer 3 to JSON Schema, and to clients that have only floats."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


_Whole = Annotated[int, BeforeValidator(_integral)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ArticleFields(_Strict):
    """One article."""

    text: str = Field(description="The article as it was received; it is never changed.")
    id: _Known = Field(default=None, description="Your name for it; it stands in the record.")
    title: _Known = Field(default=None, description="The published headline, where it is known apart from the text.")
    source: _Known = Field(default=None, description="The outlet or agency.")
    date: _Known = Field(default=None, description="Publication date, ISO 8601.")
    url: _Known = Field(default=None, description="Where it was published. It is not fetched.")
    author: _Known = Field(default=None, description="Who wrote it.")

    def article(self) -> Article:
        """The article as the predictor takes it."""
        return Article(self.text, self.id, self.title, self.source, self.date, self.url, self.author)


def _name_the_codebooks(schema: dict[str, Any]) -> None:
    """Say in the OpenAPI document what the validator below checks."""
    name, labels = schema["anyOf"]
    name["enum"] = list(shipped_names())
    labels |= {"minItems": 1, "maxItems": MAX_LABELS, "uniqueItems": True}


def _ask_for_text(schema: dict[str, Any]) -> None:
    """Say it in the document only: the predictor's own check of the text says what to do."""
    schema["properties"]["text"] |= {"minLength": 1, "pattern": _NOT_BLANK}


class OptionFields(_Strict):
    """What is asked of the articles."""

    codebook: str | list[_Name] = Field(
        default=DEFAULT_CODEBOOK,
        description="The name of a codebook (see GET /codebooks), or a list of labels in words.",
        json_schema_extra=_name_the_codebooks,
    )
    targets: list[_Name] | None = Field(
        default=None,
        max_length=MAX_TARGETS,
        description="Toward whom or what stance is read; null for the article's main actors, [] for none.",
    )
    headline_chars: _Whole = Field(
        default=HEADLINE_CHARS, ge=1, le=MAX_HEADLINE_CHARS, description="Longest headline, in characters."
    )
    summary_sentences: _Whole = Field(
        default=SUMMARY_SENTENCES, ge=0, le=MAX_SUMMARY_SENTENCES, description="Sentences in the summary."
    )
    exclusive: bool = Field(default=False, description="Exactly one event type for each article, the best.")

    @field_validator("codebook")
    @classmethod
    def _shipped_or_labels(cls, value: str | list[str]) -> str | list[str]:
        if isinstance(value, str):
            if value not in shipped_names():
                raise ValueError(
                    f"there is no codebook of that name. Give one of {', '.join(shipped_names())}, or a list of labels"
                )
        elif not 1 <= len(value) <= MAX_LABELS:
            raise ValueError(f"a list of labels has 1 to {MAX_LABELS} of them, this one has {len(value)}")
        return value

    def options(self) -> PredictOptions:
        """The options as the predictor takes them.

        :raises CopydeskError: If a label or a target is blank, or a label stands twice.
        """
        book = load_codebook(self.codebook) if isinstance(self.codebook, str) else Codebook.from_labels(self.codebook)
        return PredictOptions.of(
            book,
            self.targets,
            headline_chars=self.headline_chars,
            summary_sentences=self.summary_sentences,
            exclusive=self.exclusive,
        )


class OneArticle(ArticleFields, OptionFields):
    """One article with what is asked of it. The answer is its record."""

    model_config = ConfigDict(json_schema_extra=_ask_for_text)


class Batch(OptionFields):
    """Several articles with what is asked of them. The answer has one record for each, in order: a prediction or an error."""

    articles: list[ArticleFields] = Field(min_length=1)


def _form(body: Any) -> str:
    return BATCH if isinstance(body, dict) and "articles" in body else ONE


PredictRequest = Annotated[Annotated[OneArticle, Tag(ONE)] | Annotated[Batch, Tag(BATCH)], Discriminator(_form)]
"""Either form; ``articles`` tells them apart."""
