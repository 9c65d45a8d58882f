"""Trains a reader: one encoder, many tasks, from a recipe to a model folder with its card.

Each step adds up the gradients of a few batches, each drawn from one task in proportion to the tasks' shares. Everything that is
drawn is a function of the seed and the step, so that a run killed at any moment goes on exactly from its last checkpoint.
"""

import json
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from copydesk.configs.codebook import Codebook
from copydesk.configs.errors import ConfigError, InputError, ModelError
from copydesk.configs.recipe_reader import ReaderRecipe, Schedule, TaskRecipe
from copydesk.models.segmenter import read_article
from copydesk.training.adapters import COLUMNS, Context, Row
from copydesk.training.checkpoints import load_checkpoint, save_checkpoint
from copydesk.training.dev_scores import DevSet
from copydesk.training.examples import HEAD_LABELS, Example
from copydesk.training.objectives import Objectives
from copydesk.training.reader_model import TrainedReader, load_base, save_reader
from copydesk.training.task_stream import TaskStream

LOG_EVERY = 20
"""Steps between two lines of progress."""
_HEADS_OF = {"polarity": "polarity", "topic_stance": "polarity", "directed": "directed", "claims": "claim"} | {
    name: name for name in ("attribution", "keep")
}
"""The head that each adapter trains, beside the encoder and the entailment classifier."""


@dataclass
class _Task:
    recipe: TaskRecipe
    stream: TaskStream
    dev: DevSet | None
    drawn: int = 0
    batches: Iterator[list[Example]] = field(default_factory=lambda: iter(()))
    loss: float = float("nan")


def run(recipe: ReaderRecipe) -> Path:
    """Train, evaluate and save.

    :returns: The model folder.
    :raises InputError: If a table lacks a column or has a label that its codebook or head lacks, before anything is trained.
    :raises ModelError: If the base can't be loaded, the loss is not finite, or the disk is full.
    """
    torch.manual_seed(recipe.seed)
    reader, tokenizer = load_base(recipe.base)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    reader.to(device)
    tasks = [_set_up(task, recipe, tokenizer) for task in recipe.tasks]
    objectives = Objectives(reader, tokenizer, recipe.schedule.temperature)
    optimiser = _optimiser(reader, recipe.schedule)
    recipe.work.mkdir(parents=True, exist_ok=True)
    log = _Log(recipe.work / "metrics.jsonl")
    state = load_checkpoint(recipe.work / "checkpoint", reader, optimiser, recipe.as_card())
    first_step = state["step"] if state else 0
    for task in tasks:
        task.drawn = state["drawn"][task.recipe.name] if state else 0
        task.batches = task.stream.batches(skip=task.drawn)
    best = _Best(recipe.patience, **(state["best"] if state else {}))
    log.say(
        f"{'going on from' if state else 'starting at'} step {first_step} of {recipe.schedule.steps}; {_numbers(tasks)}"
    )

    started = saved = time.monotonic()
    for step in range(first_step, recipe.schedule.steps):
        _one_step(step, tasks, objectives, optimiser, recipe)
        done = step + 1
        if done % LOG_EVERY == 0:
            log.progress(done, recipe.schedule.steps, first_step, time.monotonic() - started, tasks)
        if done % recipe.evaluate_every == 0 and done < recipe.schedule.steps:
            scores = evaluate(tasks, objectives, recipe.precision)
            log.scores(done, scores)
            if best.is_over(scores):
                log.say(f"no better dev score in {recipe.patience} evaluations: stopping at step {done}")
                break
        if time.monotonic() - saved > 60 * recipe.checkpoint_minutes:
            drawn = {task.recipe.name: task.drawn for task in tasks}
            state = {"step": done, "drawn": drawn, "best": best.state, "recipe": recipe.as_card()}
            save_checkpoint(recipe.work / "checkpoint", reader, optimiser, state)
            saved = time.monotonic()

    scores = evaluate(tasks, objectives, recipe.precision)
    log.scores(recipe.schedule.steps, scores)
    trained = {_HEADS_OF[task.recipe.adapter] for task in tasks if task.recipe.adapter in _HEADS_OF}
    save_reader(reader.cpu(), tokenizer, recipe.output, trained, {"dev": scores, "recipe": recipe.as_card()})
    log.say(f"saved {recipe.output}")
    return recipe.output


def evaluate(tasks: Sequence[_Task], objectives: Objectives, precision: str) -> dict[str, dict[str, float]]:
    """The dev scores of every task that has a dev part."""
    objectives.reader.eval()
    with _autocast(precision, _device(objectives.reader)):
        scores = {task.recipe.name: task.dev.score(objectives) for task in tasks if task.dev}
    objectives.reader.train()
    return {name: score for name, score in scores.items() if score}


def _one_step(
    step: int, tasks: Sequence[_Task], objectives: Objectives, optimiser: torch.optim.Optimizer, recipe: ReaderRecipe
) -> None:
    schedule = recipe.schedule
    objectives.reader.train()
    torch.manual_seed(recipe.seed * 1_000_003 + step)  # dropout, the same after a resume
    draw = random.Random(f"{recipe.seed}/draw/{step}")
    for task in draw.choices(tasks, weights=[one.recipe.share for one in tasks], k=schedule.batches_per_step):
        batch = next(task.batches)
        task.drawn += 1
        with _autocast(recipe.precision, _device(objectives.reader)):
            loss = objectives.loss(batch, task.recipe.max_tokens)
        value = float(loss.detach())
        if value != value or value in (float("inf"), float("-inf")):
            raise ModelError(
                f"the loss of task {task.recipe.name!r} is {value} at step {step}.",
                remedy="Lower learning_rate, or set precision = 'fp32'; the run goes on from the last checkpoint.",
            )
        (loss / schedule.batches_per_step).backward()
        task.loss = value if task.loss != task.loss else 0.95 * task.loss + 0.05 * value
    for group in optimiser.param_groups:
        group["lr"] = group["peak"] * _rate(step, schedule)
    torch.nn.utils.clip_grad_norm_((p for p in objectives.reader.parameters() if p.requires_grad), schedule.clip)
    optimiser.step()
    optimiser.zero_grad(set_to_none=True)


def _rate(step: int, schedule: Schedule) -> float:
    """Linear warm-up, then linear decay to 0; a share of the peak rate."""
    warm = schedule.warmup * schedule.steps
    return (step + 1) / warm if step < warm else max(0.0, (schedule.steps - step) / max(1.0, schedule.steps - warm))


def _optimiser(reader: TrainedReader, schedule: Schedule) -> torch.optim.Optimizer:
    if schedule.freeze_embeddings:
        reader.bert.bert.embeddings.requires_grad_(False)
    groups: dict[tuple[float, float], list[torch.nn.Parameter]] = {}
    for name, parameter in reader.named_parameters():
        if parameter.requires_grad:
            new = name.startswith(("heads.", "bert.classifier"))
            rate = schedule.head_learning_rate if new else schedule.learning_rate
            decay = schedule.weight_decay if parameter.ndim > 1 else 0.0
            groups.setdefault((rate, decay), []).append(parameter)
    return torch.optim.AdamW(
        [
            {"params": params, "lr": 0.0, "peak": rate, "weight_decay": decay}
            for (rate, decay), params in groups.items()
        ],
        fused=True,
    )


def _set_up(task: TaskRecipe, recipe: ReaderRecipe, tokenizer: Any) -> _Task:
    """Read and check a task's tables, and hold out its dev part."""
    rows = _rows(recipe.resolve(task.table), task, recipe.seed, task.rows)
    if task.dev or task.dev_rows:
        dev_rows = _rows(recipe.resolve(task.dev or task.table), task, recipe.seed, task.dev_rows)
    else:
        dev_rows, rows = _split(rows, task, recipe.seed)
    codebook = Codebook.load(task.codebook) if task.codebook else None
    _check_labels(task, [*rows, *dev_rows], codebook)
    bodies: Mapping[Any, Sequence[str]] = {}
    if task.bodies:
        import datasets

        table = datasets.load_dataset("parquet", data_files=recipe.resolve(task.bodies), split="train")
        bodies = {
            row["body_id"]: [one.text for one in read_article(row["body"]).sentences] or [row["body"]] for row in table
        }
    context = Context(task=task, codebook=codebook, bodies=bodies)
    fixed = Context(task=task, codebook=codebook, bodies=bodies, fixed=True)

    def measure(texts: Sequence[str]) -> list[int]:
        return [len(ids) for ids in tokenizer(list(texts), truncation=False, verbose=False)["input_ids"]]

    stream = TaskStream(context, rows, measure, recipe.schedule.tokens_per_batch, recipe.seed)
    chosen = random.Random(f"{recipe.seed}/dev").sample(dev_rows, min(task.dev_limit, len(dev_rows)))
    return _Task(task, stream, DevSet(fixed, chosen, recipe.seed) if chosen else None)


def _rows(table: str, task: TaskRecipe, seed: int, part: tuple[int, int] | None) -> list[Row]:
    import datasets

    path = Path(table)
    try:
        if path.is_file():
            kind = {".parquet": "parquet", ".jsonl": "json", ".json": "json", ".csv": "csv"}.get(path.suffix)
            if kind is None:
                raise InputError(
                    f"tables of type {path.suffix!r} can't be read.", remedy="Give parquet, JSONL or CSV.", source=table
                )
            data = datasets.load_dataset(kind, data_files=table, split="train")
        else:
            data = datasets.load_dataset(table, split="train")
    except (OSError, ValueError, datasets.exceptions.DatasetNotFoundError) as error:
        raise InputError(
            f"the table of task {task.name!r} can't be read ({type(error).__name__}).",
            remedy="Give a file under the recipe's data folder, or a Hub id and a network.",
            source=table,
        ) from error
    data = data.rename_columns(
        {old: new for new, old in task.columns.items() if old in data.column_names and old != new}
    )
    if task.label_columns:
        data = data.map(lambda row: {"label": "/".join(row[name] for name in task.label_columns if row[name])})
    if missing := [name for name in COLUMNS[task.adapter] if name not in data.column_names]:
        raise InputError(
            f"task {task.name!r} needs the columns {', '.join(missing)}, but the table has {', '.join(data.column_names)}.",
            remedy='Name them in the recipe: columns = {text = "body"}.',
            source=table,
        )
    if part:
        data = data.select(range(part[0], min(part[1], len(data))))
    if task.limit and task.limit < len(data):
        data = data.shuffle(seed=seed).select(range(task.limit))
    return list(data)


def _split(rows: list[Row], task: TaskRecipe, seed: int) -> tuple[list[Row], list[Row]]:
    """Hold out ``dev_fraction`` of the rows, whole groups at a time."""
    groups = sorted({str(row[task.dev_group]) if task.dev_group else str(n) for n, row in enumerate(rows)})
    held = set(random.Random(f"{seed}/split").sample(groups, round(task.dev_fraction * len(groups))))
    of = [str(row[task.dev_group]) if task.dev_group else str(n) for n, row in enumerate(rows)]
    dev = [row for row, group in zip(rows, of, strict=True) if group in held]
    return dev, [row for row, group in zip(rows, of, strict=True) if group not in held]


def _check_labels(task: TaskRecipe, rows: Sequence[Row], codebook: Codebook | None) -> None:
    if "label" not in COLUMNS[task.adapter]:
        return
    known: Sequence[str]
    if codebook:
        known = codebook.ids
    elif task.adapter == "polarity":
        known = ("positive", "negative", "neutral")
    else:
        known = HEAD_LABELS[_HEADS_OF.get(task.adapter, "entailment")]
    if unknown := sorted({str(row["label"]) for row in rows} - set(known)):
        raise InputError(
            f"task {task.name!r} has labels that {'its codebook' if codebook else 'its head'} lacks: {', '.join(unknown[:5])}.",
            remedy=f"Known labels: {', '.join(known[:20])}.",
            source=task.table,
        )
    if not rows:
        raise InputError(f"task {task.name!r} has no rows.", source=task.table)


def _autocast(precision: str, device: torch.device) -> torch.autocast:
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=uses_bf16(precision, device))


def uses_bf16(precision: str, device: torch.device) -> bool:
    """Whether to train in bf16: as told, or where the processor has instructions for it.

    Without them bf16 is emulated and slower than float32; with AVX512-BF16 MiniLM trained 1.4 times faster, with AMX 4 times.
    """
    if precision != "auto":
        return precision == "bf16"
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    can = torch.cpu.get_capabilities()
    return bool(can.get("avx512_bf16") or can.get("amx_bf16"))


def _device(reader: TrainedReader) -> torch.device:
    return next(reader.parameters()).device


def _numbers(tasks: Sequence[_Task]) -> str:
    return ", ".join(f"{task.recipe.name} {len(task.stream.rows):,} rows" for task in tasks)


@dataclass
class _Best:
    """Early stopping on the mean of the tasks' macro-F1."""

    patience: int
    score: float = 0.0
    since: int = 0

    @property
    def state(self) -> dict[str, float | int]:
        return {"score": self.score, "since": self.since}

    def is_over(self, scores: Mapping[str, Mapping[str, float]]) -> bool:
        mean = sum(one["macro_f1"] for one in scores.values()) / max(1, len(scores))
        self.score, self.since = (mean, 0) if mean > self.score else (self.score, self.since + 1)
        return 0 < self.patience <= self.since


@dataclass
class _Log:
    """Progress on the screen, figures in a JSONL file."""

    path: Path

    def say(self, text: str) -> None:
        print(text, flush=True)

    def write(self, record: dict[str, Any]) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")

    def progress(self, done: int, total: int, first: int, seconds: float, tasks: Sequence[_Task]) -> None:
        left = seconds / (done - first) * (total - done)
        losses = {task.recipe.name: round(task.loss, 4) for task in tasks if task.loss == task.loss}
        self.write({"step": done, "seconds": round(seconds, 1), "loss": losses})
        shown = "  ".join(f"{name} {loss:.2f}" for name, loss in losses.items())
        self.say(f"step {done}/{total}  {left / 60:.0f} min left  {shown}")

    def scores(self, done: int, scores: dict[str, dict[str, float]]) -> None:
        self.write({"step": done, "dev": scores})
        for name, score in scores.items():
            self.say(
                f"  dev {name}: macro-F1 {score['macro_f1']:.3f}, accuracy {score['accuracy']:.3f} ({score['examples']:.0f})"
            )


def recipe_from(values: Mapping[str, Any]) -> ReaderRecipe:
    """Check the values of a TOML recipe.

    :raises ConfigError: If a key is unknown or a value is wrong.
    """
    from pydantic import ValidationError

    try:
        return ReaderRecipe.model_validate(values)
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(part) for part in fault["loc"])
        raise ConfigError(f"{place}: {fault['msg']}.", remedy="Mend the recipe.") from error
