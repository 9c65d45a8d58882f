"""Predictions as news items of ninjs 2, the IPTC's "News in JSON" (https://iptc.org/standards/ninjs/), for newsroom systems.

Only properties of version 2.1's schema are used, so that a strict reader takes the items. What ninjs has no place for (spans,
scores of single proofs) is in copydesk's own record.
"""

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from copydesk.models.schema import Actor, Article, EventTag, Prediction, Stance

_STANDARD = {
    "name": "ninjs",
    "version": "2.1",
    "schema": "https://www.iptc.org/std/ninjs/ninjs-schema_2.1.json",
}
_PROPERTY_OF_KIND = {"person": "people", "organisation": "organisations", "country": "places"}


def to_ninjs(prediction: Prediction) -> dict[str, Any]:
    """The article as a ninjs item with what copydesk says about it.

    Event tags become subjects with their confidence, actors become people, organisations and places, the headline and the
    summary stand beside the published title, and stances are descriptions in words.
    """
    article = prediction.article
    item: dict[str, Any] = {
        "uri": _uri(article),
        "standard": _STANDARD,
        "type": "text",
        "representationtype": "full",
        "language": prediction.language,
        "contentcreated": _date_time(article.date),
        "title": article.title,
        "by": article.author,
        "headlines": list(_headlines(prediction)),
        "descriptions": list(_descriptions(prediction)),
        "bodies": [
            {"role": "main", "contenttype": "text/plain", "charcount": len(article.text), "value": article.text}
        ],
        "subjects": [_subject(tag, prediction) for tag in prediction.events],
        "infosources": [{"name": article.source}] if article.source else [],
        "altids": [{"role": "copydesk:id", "value": article.id}] if article.id is not None else [],
        "ednote": " ".join((_made_by(prediction), *prediction.warnings)),
    }
    for actor in prediction.actors:
        item.setdefault(_PROPERTY_OF_KIND.get(actor.kind, "subjects"), []).append(_actor(actor))
    return {key: value for key, value in item.items() if value not in (None, [])}


def _uri(article: Article) -> str:
    """The article's address; where it has none, a name-based UUID of its id or its text (RFC 9562, version 5)."""
    if (
        article.url
        and article.url.isascii()
        and urlsplit(article.url).scheme in {"http", "https"}
        and " " not in article.url
    ):
        return article.url
    return uuid.uuid5(uuid.NAMESPACE_URL, article.id or article.text).urn


def _date_time(date: str | None) -> str | None:
    """RFC 3339, which ninjs asks for; a date without a time and its zone would have to be made up, and is left out."""
    if date is None:
        return None
    try:
        parsed = datetime.fromisoformat(date)
    except ValueError:
        return None
    return parsed.isoformat() if parsed.tzinfo else None


def _headlines(prediction: Prediction) -> Iterator[dict[str, str]]:
    if prediction.article.title:
        yield {"role": "published", "contenttype": "text/plain", "value": prediction.article.title}
    if prediction.headline:
        yield {"role": "copydesk:extracted", "contenttype": "text/plain", "value": prediction.headline.text}


def _descriptions(prediction: Prediction) -> Iterator[dict[str, str]]:
    if prediction.summary:
        summary = " ".join(sentence.text for sentence in prediction.summary)
        yield {"role": "summary", "contenttype": "text/plain", "value": summary}
    for stance in prediction.stances:
        if stance.evidence:
            yield {"role": "copydesk:stance", "contenttype": "text/plain", "value": _in_words(stance)}


def _in_words(stance: Stance) -> str:
    position = {"favour": "in favour of", "against": "against", "neutral": "neutral toward"}[stance.polarity]
    return f"{stance.holder or 'The article'}: {position} {stance.target} ({stance.score:.2f}). “{stance.evidence[0].text}”"


def _subject(tag: EventTag, prediction: Prediction) -> dict[str, Any]:
    return {
        "name": tag.name or tag.label,
        "rel": "about",
        "literal": f"{prediction.provenance.codebook}:{tag.label}",
        "creator": _made_by(prediction),
        "confidence": round(100 * tag.score),
    }


def _actor(actor: Actor) -> dict[str, Any]:
    return {"name": actor.name, "rel": "about", "literal": actor.name}


def _made_by(prediction: Prediction) -> str:
    made = prediction.provenance
    return f"copydesk {made.copydesk}, model {made.model} {made.model_hash}, codebook {made.codebook} {made.codebook_version}."
