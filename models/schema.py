"""The records that copydesk fills: the article, the answers and the words that they rest on.

Every offset is a ``(start, end)`` pair of Unicode code points into :attr:`Article.text`, end exclusive, so that
``article.text[start:end]`` is the quoted text, exactly.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Self, get_args

from copydesk.models.flat_rows import answers

SCHEMA_VERSION = "1.1"
"""Version of the JSON record. A new optional field raises the minor number, anything else the major one."""

Polarity = Literal["favour", "against", "neutral"]
ClaimLabel = Literal["agree", "disagree", "discuss", "unrelated"]
Modality = Literal["happened", "planned", "threatened", "demanded", "denied"]

POLARITIES: tuple[Polarity, ...] = get_args(Polarity)
CLAIM_LABELS: tuple[ClaimLabel, ...] = get_args(ClaimLabel)
MODALITIES: tuple[Modality, ...] = get_args(Modality)

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Article:
    """One news article. Only the text is needed; it is never changed.

    :param text: The article as it was received: title, captions and plugs may stand in it.
    :param id: The caller's name for it, carried into every record.
    :param title: The published headline, where it is known apart from the text.
    :param source: The outlet or agency.
    :param date: Publication date, ISO 8601.
    :param url: Where it was published.
    :param author: Who wrote it, where that is known apart from the text.
    """

    text: str
    id: str | None = None
    title: str | None = None
    source: str | None = None
    date: str | None = None
    url: str | None = None
    author: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words of the article that an answer rests on.

    :param start: First code point.
    :param end: One past the last code point.
    :param text: ``article.text[start:end]``.
    :param score: How strongly these words support the answer, 0 to 1.
    """

    start: int
    end: int
    text: str
    score: float

    @property
    def span(self) -> Span:
        """``(start, end)``."""
        return (self.start, self.end)


@dataclass(frozen=True, slots=True)
class EventTag:
    """One event type that the article reports.

    :param label: The label's id in the codebook.
    :param score: Calibrated probability that the label applies, 0 to 1.
    :param evidence: The proofs, best first; at least one.
    :param modality: Whether the evidence says that the event happened, is planned, threatened, demanded or denied.
    :param name: The label's readable name.
    :param parent: Id of the label's parent in the codebook, if it has one.
    :param child: For a parent label that a sub-type supports: the id of its best sub-type.
    """

    label: str
    score: float
    evidence: tuple[Evidence, ...]
    modality: Modality = "happened"
    name: str = ""
    parent: str | None = None
    child: str | None = None


@dataclass(frozen=True, slots=True)
class DyadCode:
    """Who did what to whom: the code of one (sentence, source, target).

    :param source: The actor that acts, as given.
    :param target: The actor acted upon, as given.
    :param label: Id of the best label.
    :param score: Its probability, 0 to 1.
    :param scores: The probability of every label of the codebook; they sum to 1.
    """

    source: str
    target: str
    label: str
    score: float
    scores: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Stance:
    """How one holder stands toward one target.

    :param holder: Whose view it is; ``None`` is the article's own voice.
    :param target: Toward whom or what, as asked for.
    :param polarity: favour, against or neutral.
    :param score: Probability of that polarity, 0 to 1.
    :param evidence: The statements that it rests on, best first; empty only with a ``reason``.
    :param statements: How many statements of the holder about the target were read.
    :param reason: Why there is no evidence ("not mentioned"), or which rule decided; empty otherwise.
    """

    holder: str | None
    target: str
    polarity: Polarity
    score: float
    evidence: tuple[Evidence, ...] = ()
    statements: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ClaimStance:
    """How an article stands toward a claim (the four labels of the Fake News Challenge, FNC-1).

    :param label: agree, disagree, discuss or unrelated.
    :param score: Probability of the label, 0 to 1.
    :param evidence: The sentences that it rests on, best first.
    :param scores: The probability of all four labels.
    """

    label: ClaimLabel
    score: float
    evidence: tuple[Evidence, ...]
    scores: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Headline:
    """A headline made of words of the article, in order.

    :param text: The headline. Its words are those of the spans; only letter case, spaces and end punctuation may differ.
    :param spans: ``(start, end)`` offsets into the article's text, ascending.
    :param score: The decoder's score; higher is better, comparable among variants of one article only.
    """

    text: str
    spans: tuple[Span, ...]
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Actor:
    """A country, organisation, person or group that the article names.

    :param name: The name shown, e.g. ``Armenia``.
    :param kind: country, organisation, person or group.
    :param mentions: Where it is named or referred to, ascending.
    :param salience: How central it is to the article, 0 to 1.
    :param aliases: The different surface forms that were joined, e.g. ``("Armenian", "Yerevan")``.
    """

    name: str
    kind: Literal["country", "organisation", "person", "group"]
    mentions: tuple[Span, ...]
    salience: float
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Provenance:
    """What made a record, so that it can be made again.

    :param copydesk: copydesk's version.
    :param model: The model's name as given: ``embedded``, ``baseline``, a folder or a Hub id.
    :param model_hash: First 16 hex digits of the SHA-256 over the model's files.
    :param codebook: The codebook's name.
    :param codebook_version: The codebook's version.
    :param codebook_hash: First 16 hex digits of the SHA-256 over the codebook's canonical JSON.
    """

    copydesk: str
    model: str
    model_hash: str
    codebook: str
    codebook_version: str
    codebook_hash: str


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Which articles of a run tell the same story in nearly the same words.

    :param cluster: Number of the story: the place in the input, from 1, of the first article that told it.
    :param first: Id of that article; ``None`` where this article is it.
    """

    cluster: int
    first: str | None = None


@dataclass(frozen=True, slots=True)
class Prediction:
    """Everything that copydesk says about one article.

    :param article: The article as read.
    :param headline: ``None`` where the article has no prose to make one of.
    :param summary: The most telling sentences, in the article's order.
    :param events: Event tags, best first; may be empty.
    :param stances: The article's stance table, a cell each.
    :param actors: The actors found, most central first.
    :param language: ISO 639-1 code of the detected language.
    :param warnings: What a reader of this record must know (other language, fallback used, …).
    :param provenance: What made the record.
    :param duplicate: The story that it tells, where a run was asked to find repeats.
    """

    article: Article
    headline: Headline | None
    summary: tuple[Evidence, ...]
    events: tuple[EventTag, ...]
    stances: tuple[Stance, ...]
    actors: tuple[Actor, ...]
    language: str
    warnings: tuple[str, ...]
    provenance: Provenance
    duplicate: Duplicate | None = None

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dict; :meth:`from_dict` reads it back to an equal Prediction."""
        return {"schema_version": SCHEMA_VERSION, **_jsonable(asdict(self))}

    def rows(self) -> list[dict[str, Any]]:
        """Flat rows for a table, as in the CSV output: one for each event and each stance, with its best evidence.

        ``pandas.DataFrame(row for result in desk.predict_batch(articles) for row in result.rows())`` is the whole corpus.

        :returns: At least one row; each has the keys of :data:`copydesk.models.flat_rows.ROW_COLUMNS`.
        """
        return list(answers(self, SCHEMA_VERSION))

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_dict` wrote.

        :raises ValueError: If the record's major schema version is another one, or a field is missing or unknown.
        """
        version = str(record.get("schema_version", ""))
        if version.split(".")[0] != SCHEMA_VERSION.split(".")[0]:
            raise ValueError(
                f"This record has schema_version {version!r}; this copydesk reads {SCHEMA_VERSION.split('.')[0]}.x. "
                "Make the record again, or install the copydesk that wrote it."
            )
        try:
            return cls(
                article=Article(**record["article"]),
                headline=_headline(record["headline"]),
                summary=_evidence(record["summary"]),
                events=tuple(EventTag(**{**tag, "evidence": _evidence(tag["evidence"])}) for tag in record["events"]),
                stances=tuple(Stance(**{**row, "evidence": _evidence(row["evidence"])}) for row in record["stances"]),
                actors=tuple(_actor(actor) for actor in record["actors"]),
                language=record["language"],
                warnings=tuple(record["warnings"]),
                provenance=Provenance(**record["provenance"]),
                duplicate=_duplicate(record.get("duplicate")),
            )
        except (KeyError, TypeError) as error:
            raise ValueError(
                f"This is not a copydesk record: {error}. Records come from Prediction.to_dict()."
            ) from error


def quote(text: str, span: Span, score: float) -> Evidence:
    """Evidence for ``text[start:end]``.

    :param text: The article's text.
    :param span: ``(start, end)`` code points into it.
    :param score: 0 to 1.
    """
    start, end = span
    return Evidence(start=start, end=end, text=text[start:end], score=score)


def _jsonable(value: Any) -> Any:
    """Tuples to lists, deeply; JSON has no tuples, and equality after a round trip is tested on dicts."""
    if isinstance(value, Mapping):
        return {key: _jsonable(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_jsonable(item) for item in value]
    return value


def _evidence(rows: Any) -> tuple[Evidence, ...]:
    return tuple(Evidence(**row) for row in rows)


def _headline(row: Any) -> Headline | None:
    return None if row is None else Headline(**{**row, "spans": _spans(row["spans"])})


def _duplicate(row: Any) -> Duplicate | None:
    return None if row is None else Duplicate(**row)


def _actor(row: Any) -> Actor:
    return Actor(**{**row, "mentions": _spans(row["mentions"]), "aliases": tuple(row["aliases"])})


def _spans(rows: Any) -> tuple[Span, ...]:
    return tuple((int(start), int(end)) for start, end in rows)
