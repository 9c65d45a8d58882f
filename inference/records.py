"""What comes out for one input: a prediction or an error, and how each is written as a line of JSON."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from copydesk.configs.errors import CopydeskError
from copydesk.models.flat_rows import flat_row
from copydesk.models.schema import SCHEMA_VERSION, Prediction

_LINE_BREAKS = {ord(mark): f"\\u{ord(mark):04x}" for mark in "\x85\u2028\u2029"}
"""Unicode's own line breaks. JSON allows them bare, but ``str.splitlines`` would cut a record in two there."""


@dataclass(frozen=True, slots=True)
class PredictionError:
    """Why one input has no prediction. It takes the prediction's place in the output, so that no input is lost in silence.

    :param message: What is wrong.
    :param remedy: What the user can do about it.
    :param input: The file, URL or ``-`` that it came from; empty for an article given from Python.
    :param line: Line or row of that input, from 1.
    :param id: The article's id, where it could be read.
    """

    message: str
    remedy: str = ""
    input: str = ""
    line: int | None = None
    id: str | None = None

    def __str__(self) -> str:
        place = f"{self.input}:{self.line}" if self.line is not None else self.input
        return ": ".join(part for part in (place, self.message) if part) + (f" {self.remedy}" if self.remedy else "")

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dict; its ``error`` key tells it from a prediction."""
        return {"schema_version": SCHEMA_VERSION, "error": asdict(self)}

    def rows(self) -> list[dict[str, Any]]:
        """One flat row of the kind ``error``, with the columns of :meth:`Prediction.rows`."""
        text = " ".join(part for part in (self.message, self.remedy) if part)
        place = {"input": self.input or None, "line": self.line, "article_id": self.id}
        return [flat_row({"kind": "error", **place, "error": text, "schema_version": SCHEMA_VERSION})]

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_dict` wrote.

        :raises ValueError: If the record is something else.
        """
        try:
            return cls(**record["error"])
        except (KeyError, TypeError) as error:
            raise ValueError(f"This is not a copydesk error record: {error}.") from error

    @classmethod
    def of(cls, error: CopydeskError, *, id: str | None = None) -> Self:
        """The record of an error that was raised for one article."""
        return cls(message=error.message, remedy=error.remedy, input=error.source, id=id)


Result = Prediction | PredictionError
"""What one input gives."""


def result_from_dict(record: Mapping[str, Any]) -> Result:
    """Read a record of either kind.

    :raises ValueError: If it is neither, or of another major schema version.
    """
    return PredictionError.from_dict(record) if "error" in record else Prediction.from_dict(record)


def json_line(record: Mapping[str, Any]) -> str:
    """One line of JSON with its line end; nothing inside it is a line break to any reader."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).translate(_LINE_BREAKS) + "\n"
