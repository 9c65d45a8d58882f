"""Sets up the tasks of a reader's recipe: reads and checks their tables before any time is spent on training."""

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any

from copydesk.configs.codebook import Codebook
from copydesk.configs.errors import InputError
from copydesk.configs.recipe_reader import AdapterName, ReaderRecipe, TaskRecipe
from copydesk.models.segmenter import read_article
from copydesk.training.adapters import COLUMNS, MAY_BE_EMPTY, Context, passage
from copydesk.training.confusions import MINING_ROWS, measure_confusions
from copydesk.training.dev_scores import DevSet
from copydesk.training.examples import ENTAILMENT_HEAD, HEAD_LABELS, Example
from copydesk.training.objectives import Objectives
from copydesk.training.streamed_table import StreamedTable, stream_table
from copydesk.training.tables import Row, check_classes, load_table
from copydesk.training.task_stream import TaskStream

HEAD_OF: dict[AdapterName, str] = {
    "entailment": ENTAILMENT_HEAD,
    "events": ENTAILMENT_HEAD,
    "dyads": ENTAILMENT_HEAD,
    "polarity": "polarity",
    "topic_stance": "polarity",
    "directed": "directed",
    "claims": "claim",
    "attribution": "attribution",
    "compressions": "keep",
    "headline_words": "keep",
}
"""The head that an adapter's examples train, beside the encoder; the other adapters train the encoder alone."""
_OWN_NAMES: dict[AdapterName, tuple[str, ...]] = {"polarity": ("positive", "negative", "neutral")}
"""Labels of a table, where they are not named as the head's."""


@dataclass
class Task:
    """One task of a running training.

    :param recipe: What it is.
    :param stream: Its training batches.
    :param dev: Its dev part, if it has one.
    :param drawn: Batches that were taken from the stream.
    :param batches: The stream, at that place.
    :param loss: Moving average; not a number before the first batch.
    """

    recipe: TaskRecipe
    stream: TaskStream
    dev: DevSet | None
    drawn: int = 0
    batches: Iterator[list[Example]] = field(default_factory=lambda: iter(()))
    loss: float = float("nan")

    def start(self, drawn: int) -> None:
        """Put the stream behind its first ``drawn`` batches."""
        self.drawn = drawn
        self.batches = self.stream.batches(skip=drawn)


def set_up(task: TaskRecipe, recipe: ReaderRecipe, tokenizer: Any) -> Task:
    """Read and check a task's tables, and hold out its dev part.

    :raises InputError: If a table can't be read, lacks a column, or has a label that the codebook or the head lacks.
    """
    codebook = Codebook.load(task.codebook) if task.codebook else None
    known = _known_labels(task, codebook)
    rows: Sequence[Row] | StreamedTable
    if task.streaming:
        rows = _streamed(task, recipe, known)
        dev_rows = _rows(task, recipe, task.dev, task.dev_rows) if task.dev else []
    else:
        rows, dev_rows = _held(task, recipe)
    if known:
        labels = rows.labels if isinstance(rows, StreamedTable) else Counter(str(row["label"]) for row in rows)
        labels = labels + Counter(str(row["label"]) for row in dev_rows)
        check_classes(labels, known, source=task.table, judged=bool(dev_rows))
    if codebook and (unknown := [label for label in task.mutual if label not in codebook.ids]):
        raise InputError(
            f"task {task.name!r}: mutual names {unknown[0]!r}, which the codebook {codebook.name!r} lacks.",
            remedy=f"Its labels are: {', '.join(codebook.ids)}.",
            source=task.table,
        )
    if task.per_class and not isinstance(rows, StreamedTable):
        rows = balance(rows, task.per_class, recipe.seed)
    bodies = _bodies(recipe.resolve(task.bodies)) if task.bodies else {}

    def measure(texts: Sequence[str]) -> list[int]:
        return [len(ids) for ids in tokenizer(list(texts), truncation=False, verbose=False)["input_ids"]]

    stream = TaskStream(Context(task, codebook, bodies), rows, measure, recipe.schedule.tokens_per_batch, recipe.seed)
    chosen = random.Random(f"{recipe.seed}/dev").sample(dev_rows, min(task.dev_limit, len(dev_rows)))
    dev = DevSet(Context(task, codebook, bodies, fixed=True), chosen, recipe.seed) if chosen else None
    return Task(task, stream, dev)


def mine_negatives(task: Task, objectives: Objectives) -> int:
    """Measure which labels a task's candidates are to be drawn from, with the reader as it is now: before any step, or a run that
    goes on would draw others than one that was never stopped.

    :returns: The rows that were measured; 0 where the recipe draws at random.
    """
    context, codebook = task.stream.context, task.stream.context.codebook
    if task.recipe.negatives != "confused" or codebook is None:
        return 0
    rng = random.Random(f"{task.stream.seed}/{task.recipe.name}/negatives")
    rows = list(islice(task.stream.shuffled(0), MINING_ROWS))
    texts = [row["sentence"] if task.recipe.adapter == "dyads" else passage(row["text"], rng) for row in rows]
    gold = [codebook.ids.index(row["label"]) for row in rows]
    objectives.reader.eval()
    context.confusions = measure_confusions(
        texts, gold, codebook, lambda some: objectives.embed(some, task.recipe.max_tokens), objectives.temperature
    )
    return len(rows)


def split_groups(rows: Sequence[Row], fraction: float, group: str | None, seed: int) -> tuple[list[Row], list[Row]]:
    """Hold out a fraction of the groups.

    :param group: Column whose equal values stay together; ``None`` splits by row.
    :returns: The held-out rows and the others.
    """
    of = [str(row[group]) if group else str(number) for number, row in enumerate(rows)]
    names = sorted(set(of))
    held = set(random.Random(f"{seed}/split").sample(names, round(fraction * len(names))))
    out = [row for row, name in zip(rows, of, strict=True) if name in held]
    return out, [row for row, name in zip(rows, of, strict=True) if name not in held]


def balance(rows: Sequence[Row], per_class: int, seed: int) -> list[Row]:
    """At most ``per_class`` rows of each label, drawn with the seed, in the table's order."""
    by_label: dict[str, list[int]] = {}
    for number, row in enumerate(rows):
        by_label.setdefault(str(row["label"]), []).append(number)
    draw = random.Random(f"{seed}/balance")
    kept = [draw.sample(of_label, min(per_class, len(of_label))) for of_label in by_label.values()]
    return [rows[number] for number in sorted(number for part in kept for number in part)]


def _known_labels(task: TaskRecipe, codebook: Codebook | None) -> Sequence[str]:
    """What the labels of a task's rows may be; empty where they have none."""
    if "label" not in COLUMNS[task.adapter]:
        return ()
    head = HEAD_OF.get(task.adapter, ENTAILMENT_HEAD)
    return codebook.ids if codebook else _OWN_NAMES.get(task.adapter) or HEAD_LABELS[head]


def _held(task: TaskRecipe, recipe: ReaderRecipe) -> tuple[list[Row], list[Row]]:
    """The training rows and the dev rows, which are a table's own or held out."""
    rows = _rows(task, recipe, task.table, task.rows)
    if task.dev or task.dev_rows:
        return rows, _rows(task, recipe, task.dev or task.table, task.dev_rows)
    dev_rows, rows = split_groups(rows, task.dev_fraction, task.dev_group, recipe.split_seed)
    return rows, dev_rows


def _streamed(task: TaskRecipe, recipe: ReaderRecipe, known: Sequence[str]) -> StreamedTable:
    """The training table, read through once."""
    own, columns, may_be_empty = _columns(task)
    return stream_table(
        recipe.resolve(task.table),
        columns,
        partial(_shaped, own=own, task=task),
        may_be_empty=may_be_empty,
        known=known,
        limit=task.limit,
        say=partial(print, flush=True),
    )


def _rows(task: TaskRecipe, recipe: ReaderRecipe, table: str, part: tuple[int, int] | None) -> list[Row]:
    """The rows with the columns that the adapter reads, under the adapter's names."""
    own, columns, may_be_empty = _columns(task)
    path = recipe.resolve(table)
    rows = load_table(path, columns, may_be_empty=may_be_empty)
    if part:
        rows = rows[part[0] : part[1]]
    if task.limit and task.limit < len(rows):
        rows = random.Random(f"{recipe.seed}/limit").sample(rows, task.limit)
    if not rows:
        raise InputError(f"task {task.name!r} has no rows.", remedy="Look at its rows and limit.", source=path)
    return [_shaped(row, own, task) for row in rows]


def _columns(task: TaskRecipe) -> tuple[dict[str, str], list[str], list[str]]:
    """The table's columns by the adapter's names, all that are read, and those of them that may be empty."""
    wanted = [name for name in COLUMNS[task.adapter] if not (name == "label" and task.label_columns)]
    own = {name: task.columns.get(name, name) for name in (*wanted, *((task.dev_group,) if task.dev_group else ()))}
    may_be_empty = [*task.label_columns, *(own[name] for name in MAY_BE_EMPTY.get(task.adapter, ()))]
    return own, [*own.values(), *task.label_columns], may_be_empty


def _shaped(row: Row, own: Mapping[str, str], task: TaskRecipe) -> Row:
    """The row under the adapter's names; a label is text, though a CSV's codes 1 and 2 are read as numbers."""
    shaped = {name: row[column] for name, column in own.items()} | _joined_label(row, task)
    return shaped | {"label": str(shaped["label"])} if "label" in shaped else shaped


def _joined_label(row: Mapping[str, Any], task: TaskRecipe) -> dict[str, str]:
    if not task.label_columns:
        return {}
    return {"label": "/".join(str(row[name]) for name in task.label_columns if row[name])}


def _bodies(table: str) -> dict[Any, Sequence[str]]:
    rows = load_table(table, ["body_id", "body"])
    return {row["body_id"]: [one.text for one in read_article(row["body"]).sentences] or [row["body"]] for row in rows}
