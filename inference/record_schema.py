"""The JSON Schema of copydesk's record, made from the dataclasses that fill it.

It is published as ``inference/schemas/record.schema.json``; ``python -m copydesk.inference.record_schema`` writes it anew, and a
test holds the two together.
"""

import json
from dataclasses import fields, is_dataclass
from importlib.resources import files
from typing import Any

from copydesk.inference.records import PredictionError
from copydesk.models import schema
from copydesk.models.schema import SCHEMA_VERSION, Prediction

SCHEMA_ID = f"https://github.com/copydesk/copydesk/schemas/record-{SCHEMA_VERSION}.json"
FILE = "record.schema.json"


def record_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of one line of a JSONL output: a prediction or an error."""
    from pydantic import TypeAdapter

    definitions: dict[str, Any] = {}
    for kind in (Prediction, PredictionError):
        made = TypeAdapter(kind).json_schema(mode="serialization", ref_template="#/$defs/{model}")
        definitions |= made.pop("$defs", {}) | {kind.__name__: made}
    for name, definition in definitions.items():
        _describe(definition, getattr(schema, name, PredictionError))
    version = {
        "type": "string",
        "pattern": rf"^{SCHEMA_VERSION.split('.', maxsplit=1)[0]}\.",
        "description": "Version of the record.",
    }
    prediction = definitions["Prediction"]
    prediction["properties"] = {"schema_version": version, **prediction["properties"]}
    prediction["required"] = ["schema_version", *prediction["required"]]
    error = {
        "type": "object",
        "description": "Stands in the place of a prediction that could not be made.",
        "properties": {"schema_version": version, "error": {"$ref": "#/$defs/PredictionError"}},
        "required": ["schema_version", "error"],
        "additionalProperties": False,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": f"copydesk record {SCHEMA_VERSION}",
        "oneOf": [{"$ref": "#/$defs/Prediction"}, error],
        "$defs": dict(sorted(definitions.items())),
    }


def published_schema() -> dict[str, Any]:
    """The schema as it is published with the package."""
    text = files("copydesk.inference").joinpath("schemas", FILE).read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def _describe(definition: dict[str, Any], kind: type) -> None:
    """Make a dataclass's definition strict, and take its words from the docstring.

    Every field stands in a record, also one that has a default.
    """
    if not is_dataclass(kind):
        raise TypeError(f"{kind} is no dataclass")
    summary, meanings = _docstring(kind.__doc__ or "")
    definition.pop("title", None)
    definition["description"] = summary
    definition["required"] = [field.name for field in fields(kind)]
    definition["additionalProperties"] = False
    for name, prop in definition["properties"].items():
        prop.pop("title", None)
        prop.pop("default", None)
        if meaning := meanings.get(name):
            prop["description"] = meaning


def _docstring(text: str) -> tuple[str, dict[str, str]]:
    """A docstring's first paragraph and what it says of each parameter, each on one line and without markup."""
    before, *parts = text.replace("``", "`").split(":param ")
    meanings = {name: " ".join(meaning.split()) for name, _, meaning in (part.partition(":") for part in parts)}
    return " ".join(before.split("\n\n", maxsplit=1)[0].split()), meanings


if __name__ == "__main__":
    target = files("copydesk.inference").joinpath("schemas", FILE)
    with open(str(target), "w", encoding="utf-8") as out:  # noqa: PTH123 - importlib's path need not be a pathlib one
        json.dump(record_schema(), out, ensure_ascii=False, indent=2)
        out.write("\n")
