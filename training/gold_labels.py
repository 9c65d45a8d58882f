"""The right answers of a labelled table, in the words of a codebook."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from copydesk.configs.codebook import Codebook
from copydesk.configs.errors import ConfigError, InputError
from copydesk.training.labelled_table import Table


@dataclass(frozen=True)
class GoldLabels:
    """The labels of each row, as ids of a codebook.

    :param sets: One set per row, maybe empty. A sub-type's parents are not added; see :meth:`with_ancestors`.
    :param judged: The ids that the table says yes or no to: those of its 0/1 columns, else the whole codebook.
    :param codebook: Whose ids these are.
    """

    sets: tuple[frozenset[str], ...]
    judged: tuple[str, ...]
    codebook: Codebook

    @property
    def present(self) -> frozenset[str]:
        """The ids that occur."""
        return frozenset().union(*self.sets)

    @property
    def single(self) -> bool:
        """Whether every row has exactly one label."""
        return all(len(labels) == 1 for labels in self.sets)

    def one_each(self, table: Table) -> list[str]:
        """The one label of each row.

        :raises InputError: If a row has none or several.
        """
        for number, labels in zip(table.numbers, self.sets, strict=True):
            if len(labels) != 1:
                has = " and ".join(map(repr, sorted(labels))) or "no label"
                raise InputError(
                    f"row {number} has {has}.", remedy="One label a row, or --multi-label.", source=table.path
                )
        return [label for labels in self.sets for label in labels]

    def with_ancestors(self) -> list[frozenset[str]]:
        """Each row's labels and their parents: an article about an air strike is about remote violence."""
        return [frozenset(name for label in labels for name in lineage(self.codebook, label)) for labels in self.sets]


def read_gold(
    table: Table,
    columns: Sequence[str],
    codebook: Codebook | None,
    *,
    mapping: Mapping[str, str] | None = None,
    separator: str | None = None,
) -> GoldLabels:
    """Read the label column or columns of a table.

    :param columns: One column that holds a label, a list, or labels joined by ``separator``; or several columns of 0 and 1,
        each named as its label.
    :param codebook: What the labels belong to; a label may be given by id or by name. ``None`` takes the labels found.
    :param mapping: The table's label to the codebook's, where they differ.
    :raises InputError: If a column is missing, or a label is not in the codebook; the message says how to map it.
    """
    mapping = mapping or {}
    found = [
        frozenset(mapping.get(label, label) for label in labels) for labels in _label_sets(table, columns, separator)
    ]
    judged = [mapping.get(column, column) for column in columns] if len(columns) > 1 else []
    names = sorted({*judged, *(label for labels in found for label in labels)})
    if not names:
        raise InputError(f"no row has a label in {columns[0]!r}.", remedy="Name the label column.", source=table.path)
    codebook = codebook or Codebook.from_labels(names, name="labels of the table")
    ids = {**{label.name: label.id for label in codebook.labels}, **{name: name for name in codebook.ids}}
    if strangers := [name for name in names if name not in ids]:
        raise InputError(
            f"{_some(strangers)} {'is no label' if len(strangers) == 1 else 'are no labels'} of the codebook "
            f"{codebook.name!r}, which has: {', '.join(codebook.ids)}.",
            remedy=_way_out(strangers[0], frozenset(ids)),
            source=table.path,
        )
    return GoldLabels(
        sets=tuple(frozenset(ids[label] for label in labels) for labels in found),
        judged=tuple(dict.fromkeys(ids[name] for name in judged)) or codebook.ids,
        codebook=codebook,
    )


def _way_out(stranger: str, known: frozenset[str]) -> str:
    for sign in ";|,/+":
        if sign in stranger and {part.strip() for part in stranger.split(sign)} <= known:
            return f"Say what stands between the labels of a cell: --separator {sign!r}."
    return f"Map them (--map {stranger!r}=LABEL) or give another --codebook."


def restricted(codebook: Codebook, ids: Iterable[str]) -> Codebook:
    """The codebook with only these labels, in its own order; a parent that is left out is forgotten."""
    kept = frozenset(ids)
    labels = [
        {**label.model_dump(), "parent": label.parent if label.parent in kept else None}
        for label in codebook.labels
        if label.id in kept
    ]
    return Codebook.model_validate({**codebook.model_dump(), "labels": labels})


def only_present(gold: GoldLabels) -> GoldLabels:
    """The same labels with a codebook of no others."""
    present = gold.present
    return GoldLabels(
        gold.sets, tuple(name for name in gold.judged if name in present), restricted(gold.codebook, present)
    )


def without_thresholds(codebook: Codebook) -> Codebook:
    """The codebook with every threshold at 0, so that a tagger gives the score of every label."""
    labels = [{**label.model_dump(), "threshold": None} for label in codebook.labels]
    return Codebook.model_validate({**codebook.model_dump(), "threshold": 0.0, "labels": labels})


def lineage(codebook: Codebook, label_id: str) -> list[str]:
    """A label's id, its parent's, and so on up."""
    line = [label_id]
    while (parent := codebook.label(line[-1]).parent) is not None and parent not in line:
        line.append(parent)
    return line


def parse_mapping(entries: Iterable[str]) -> dict[str, str]:
    """Read ``["sports=sport", "politics=politics and elections"]`` into a mapping of the table's labels to the codebook's.

    :raises ConfigError: If an entry has no ``=``, or one label is mapped twice.
    """
    mapping: dict[str, str] = {}
    for entry in entries:
        theirs, equals, ours = (part.strip() for part in entry.partition("="))
        if not (theirs and equals and ours):
            raise ConfigError(f"--map cannot read {entry!r}.", remedy="Write THEIRS=OURS, e.g. --map sports=sport.")
        if mapping.setdefault(theirs, ours) != ours:
            raise ConfigError(f"--map gives {theirs!r} twice: {mapping[theirs]!r} and {ours!r}.", remedy="Keep one.")
    return mapping


def _label_sets(table: Table, columns: Sequence[str], separator: str | None) -> list[frozenset[str]]:
    """The labels of every row as they stand in the table."""
    table.require(*columns)
    if len(columns) == 1:
        return [frozenset(_labels_in(row.get(columns[0]), separator)) for row in table.rows]
    return [
        frozenset(column for column in columns if _is_set(row.get(column), table, number, column))
        for number, row in zip(table.numbers, table.rows, strict=True)
    ]


def _labels_in(cell: object, separator: str | None) -> list[str]:
    """The labels of one cell: a list, a JSON list, labels with a separator, one label, or none."""
    if cell is None:
        return []
    if isinstance(cell, (list, tuple)):
        return [str(label).strip() for label in cell]
    text = str(cell).strip()
    if text.startswith("[") and text.endswith("]"):
        try:
            return [str(label).strip() for label in json.loads(text)]
        except json.JSONDecodeError:
            pass  # a label in square brackets, not a JSON list
    parts = text.split(separator) if separator else [text]
    return [part.strip() for part in parts if part.strip()]


def _is_set(cell: object, table: Table, row: int, column: str) -> bool:
    """Whether a 0/1 cell is 1."""
    text = str(cell).strip().lower()
    if text in {"1", "1.0", "true", "yes"}:
        return True
    if text in {"0", "0.0", "false", "no", "", "none"}:
        return False
    raise InputError(
        f"row {row} has {cell!r} in {column!r}.",
        remedy="Several --label columns must hold 0 and 1; for labels by name give one column and --separator.",
        source=table.path,
    )


def _some(names: Sequence[str], most: int = 8) -> str:
    """The first few names, quoted, and how many more there are."""
    shown = ", ".join(map(repr, names[:most]))
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
