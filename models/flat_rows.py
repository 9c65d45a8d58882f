"""A record as flat rows, for tables: one for each event and each stance, with its best evidence."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from copydesk.models.schema import Evidence, Prediction

ROW_COLUMNS = (
    "kind",
    "article_id",
    "title",
    "source",
    "date",
    "url",
    "headline",
    "language",
    "label",
    "name",
    "modality",
    "holder",
    "target",
    "polarity",
    "score",
    "start",
    "end",
    "evidence",
    "warnings",
    "story",
    "repeats",
    "error",
    "input",
    "line",
    "model",
    "model_hash",
    "codebook",
    "codebook_version",
    "copydesk",
    "schema_version",
)
"""One row for each event and each stance, with its best evidence; ``kind`` is event, stance, none (an article with neither) or
error; ``story`` and ``repeats`` are the cluster and the first occurrence that --dedup finds."""


def flat_row(cells: Mapping[str, Any]) -> dict[str, Any]:
    """A row with every column of :data:`ROW_COLUMNS`, ``None`` where it has nothing to say."""
    return {column: cells.get(column) for column in ROW_COLUMNS}


def answers(prediction: "Prediction", schema_version: str) -> Iterator[dict[str, Any]]:
    """The rows of a prediction; one of the kind ``none`` where it has neither event nor stance."""
    article, made = prediction.article, prediction.provenance
    shared = {
        "article_id": article.id,
        "title": article.title,
        "source": article.source,
        "date": article.date,
        "url": article.url,
        "headline": prediction.headline.text if prediction.headline else None,
        "language": prediction.language,
        "warnings": " | ".join(prediction.warnings),
        "story": prediction.duplicate.cluster if prediction.duplicate else None,
        "repeats": prediction.duplicate.first if prediction.duplicate else None,
        "model": made.model,
        "model_hash": made.model_hash,
        "codebook": made.codebook,
        "codebook_version": made.codebook_version,
        "copydesk": made.copydesk,
        "schema_version": schema_version,
    }
    for tag in prediction.events:
        answer = {"label": tag.label, "name": tag.name, "modality": tag.modality, "score": tag.score}
        yield flat_row({**shared, "kind": "event", **answer, **_proof(tag.evidence)})
    for stance in prediction.stances:
        answer = {"holder": stance.holder, "target": stance.target, "polarity": stance.polarity, "score": stance.score}
        yield flat_row({**shared, "kind": "stance", **answer, **_proof(stance.evidence)})
    if not prediction.events and not prediction.stances:
        yield flat_row({**shared, "kind": "none"})


def _proof(evidence: "Sequence[Evidence]") -> dict[str, Any]:
    return {"start": evidence[0].start, "end": evidence[0].end, "evidence": evidence[0].text} if evidence else {}
