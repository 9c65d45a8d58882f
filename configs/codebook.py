"""Codebooks: the label set that an article is coded with, read from TOML into frozen, checked models.

A codebook is what political scientists call the list of event types with their definitions; the hypotheses of a label are
short statements that hold when the label applies, in the manner of zero-shot text classification by entailment
(Yin, Hay and Roth, 2019, "Benchmarking Zero-shot Text Classification").
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from copydesk.configs.errors import CodebookError

SOURCE = "<S>"
"""Placeholder of a dyad hypothesis for the actor that acts."""
TARGET = "<T>"
"""Placeholder of a dyad hypothesis for the actor acted upon."""


Statement = Annotated[str, Field(min_length=1)]


_CAMEL = re.compile(r"(?<=[a-z]{2})(?=[A-Z][a-z])")
"""Where words are joined as in ``NaturalDisaster``; ``iPhone`` is one word."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Label(_Frozen):
    """One label of a codebook.

    :param id: What stands in the records, e.g. ``ASSAULT`` or ``armed_clash``.
    :param name: What people read; by default the words of the id in lower case.
    :param definition: One or two sentences saying when the label applies.
    :param parent: Id of the label that this is a sub-type of.
    :param hypotheses: Statements that hold of an article that reports the event ("Armed forces shelled a town.").
    :param dyad: Statements about the actors with ``<S>`` and ``<T>`` ("<S> attacked <T>."), past form.
    :param dyad_future: The same for what is planned ("<S> will attack <T>.").
    :param counter: Statements that hold of the event types that this one is easily confused with, not of this one.
    :param threshold: Calibrated score from which the label is given, 0 to 1; the codebook's by default.
    """

    id: str = Field(min_length=1)
    name: str = ""
    definition: str = ""
    parent: str | None = None
    hypotheses: tuple[Statement, ...] = ()
    dyad: tuple[Statement, ...] = ()
    dyad_future: tuple[Statement, ...] = ()
    counter: tuple[Statement, ...] = ()
    threshold: float | None = Field(default=None, ge=0.0, le=1.0)

    @model_validator(mode="before")
    @classmethod
    def _name_from_id(cls, data: object) -> object:
        if isinstance(data, dict) and not data.get("name") and isinstance(data.get("id"), str):
            return {**data, "name": re.sub(r"[_\s]+", " ", _CAMEL.sub(" ", data["id"])).strip().lower()}
        return data

    @property
    def statements(self) -> tuple[str, ...]:
        """What is compared with a text: the hypotheses, or the definition, or the bare name where there is no more."""
        return self.hypotheses or ((self.definition,) if self.definition else ()) or (f"This is about {self.name}.",)


class Codebook(_Frozen):
    """A named, versioned list of labels.

    :param name: Short name, e.g. ``plover``.
    :param version: Version of the label list; a fitted threshold makes a new one.
    :param language: ISO 639-1 code of the hypotheses' language.
    :param description: What it is for and where it comes from.
    :param threshold: Calibrated score from which a label without its own threshold is given.
    :param labels: At least one label; ids are unique, parents exist and don't go in a circle.
    """

    name: str = Field(min_length=1)
    version: str = "1"
    language: str = "en"
    description: str = ""
    threshold: float = Field(default=0.5, ge=0.0, le=1.0)
    labels: tuple[Label, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _ids_are_unique_and_parents_exist(self) -> Self:
        ids = [label.id for label in self.labels]
        if twice := sorted({one for one in ids if ids.count(one) > 1}):
            raise ValueError(f"the label {' and the label '.join(map(repr, twice))} stands twice")
        for label in self.labels:
            if label.parent is not None and label.parent not in ids:
                raise ValueError(f"label {label.id!r} names the parent {label.parent!r}, which is not in the codebook")
        parent_of = {label.id: label.parent for label in self.labels}
        if circling := [one for one in ids if one in ancestors(one, parent_of)]:
            raise ValueError(f"label {circling[0]!r} is its own ancestor")
        return self

    @cached_property
    def by_id(self) -> dict[str, Label]:
        """The labels by their id."""
        return {label.id: label for label in self.labels}

    @property
    def ids(self) -> tuple[str, ...]:
        """The label ids, in the codebook's order."""
        return tuple(label.id for label in self.labels)

    @cached_property
    def content_hash(self) -> str:
        """First 16 hex digits of the SHA-256 over the canonical JSON of the whole codebook."""
        canonical = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """pydantic's, without what was worked out for the original and cached: a changed copy has another hash."""
        copied = super().model_copy(update=update, deep=deep)
        for name in copied.__dict__.keys() - type(self).model_fields.keys():
            del copied.__dict__[name]
        return copied

    def label(self, label_id: str) -> Label:
        """The label with this id.

        :raises CodebookError: If the codebook has no such label.
        """
        try:
            return self.by_id[label_id]
        except KeyError:
            raise CodebookError(
                f"the codebook {self.name!r} has no label {label_id!r}.", remedy=_known(label_id, self.ids)
            ) from None

    def threshold_of(self, label: Label) -> float:
        """The label's own threshold, else the codebook's."""
        return self.threshold if label.threshold is None else label.threshold

    def children(self, label_id: str) -> tuple[Label, ...]:
        """The labels whose parent is ``label_id``."""
        return tuple(label for label in self.labels if label.parent == label_id)

    @classmethod
    def load(cls, source: str | Path) -> Self:
        """Read a codebook by its shipped name or from a file.

        :param source: ``plover`` or another of :func:`shipped_names`; or the path of a ``.toml`` codebook; or the path of
            a plain text file with one label a line.
        :raises CodebookError: If there is none, or if it is malformed; the message says where and what to do.
        """
        name = str(source)
        if name in shipped_names():
            resource = files("copydesk.configs").joinpath("codebooks", f"{name}.toml")
            return cls._parse(resource.read_text(encoding="utf-8"), source=f"codebook {name}")
        path = Path(source)
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise CodebookError(
                f"byte {error.start} is not UTF-8.", remedy="Save the codebook as UTF-8.", source=name
            ) from error
        except PermissionError as error:
            raise CodebookError("it can't be read.", remedy="Check who may read it.", source=name) from error
        except (OSError, ValueError) as error:  # ValueError: a NUL in the name
            raise CodebookError(
                f"there is no codebook {name[:200]!r}.",
                remedy=f"Give one of {', '.join(shipped_names())}, or the path of a .toml file or of a list of labels.",
            ) from error
        if path.suffix.lower() == ".toml":
            return cls._parse(text, source=name)
        return cls.from_labels([label for _, label in listed_labels(text)], name=path.stem)

    @classmethod
    def from_labels(cls, labels: Iterable[str], *, name: str = "labels") -> Self:
        """A codebook of bare label names.

        :param labels: Readable names, e.g. ``["strike", "flood"]``; each becomes its own id.
        :param name: The codebook's name in the records.
        :raises CodebookError: If there is no label, or one stands twice.
        """
        if isinstance(labels, str):
            raise CodebookError("from_labels needs a list of labels, not one string.", remedy=f"Give [{labels!r}].")
        ids = tuple(labels)
        if not ids:
            raise CodebookError("there is no label.", remedy="Give at least one.", source=f"labels {name!r}")
        try:
            return cls(name=name, labels=tuple(Label(id=label) for label in ids))
        except ValidationError as error:
            raise CodebookError(
                _first_fault(error), remedy="Each label is a name of its own.", source=f"labels {name!r}"
            ) from error

    @classmethod
    def of(cls, value: "str | Path | Codebook | Sequence[str]") -> "Codebook":
        """What the public functions accept as ``codebook=``: a codebook, a shipped name, a path or a list of labels."""
        if isinstance(value, Codebook):
            return value
        if isinstance(value, (str, Path)):
            return cls.load(value)
        return cls.from_labels(value)

    @classmethod
    def _parse(cls, text: str, *, source: str) -> Self:
        try:
            return cls.model_validate(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise CodebookError(f"not valid TOML: {error}.", remedy="Mend that place.", source=source) from error
        except ValidationError as error:
            raise CodebookError(
                _first_fault(error), remedy=f"Run: copydesk labels check {source}", source=source
            ) from error


def shipped_names() -> tuple[str, ...]:
    """The names of the codebooks that come with copydesk, sorted."""
    folder = files("copydesk.configs").joinpath("codebooks")
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")))


def listed_labels(text: str) -> list[tuple[int, str]]:
    """The labels of a plain text file, one a line, each with its line; blank lines and ``#`` comments are passed over."""
    lines = ((number, line.strip()) for number, line in enumerate(text.splitlines(), start=1))
    return [(number, line) for number, line in lines if line and not line.startswith("#")]


def ancestors(label_id: str, parent_of: Mapping[str, Any]) -> set[str]:
    """Every label above this one; itself too, if the parents go in a circle.

    :param parent_of: Each label's parent, ``None`` where it has none.
    """
    found: set[str] = set()
    parent = parent_of.get(label_id)
    while isinstance(parent, str) and parent not in found:
        found.add(parent)
        parent = parent_of.get(parent)
    return found


def _known(label_id: str, ids: Sequence[str]) -> str:
    """What to give instead of an unknown label: the one that it was meant to be, else the list."""
    by_lower = {one.lower(): one for one in ids}
    close = get_close_matches(label_id.lower(), by_lower, n=1)
    return f"Did you mean {by_lower[close[0]]!r}?" if close else f"It has: {', '.join(ids)}."


def _first_fault(error: ValidationError) -> str:
    """The first of pydantic's errors as one sentence that names the place."""
    fault = error.errors()[0]
    place = ".".join(str(part) for part in fault["loc"])
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{place + ': ' if place else ''}{fault['msg'].removeprefix('Value error, ')}{more}."
