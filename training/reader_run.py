"""Trains a reader: one encoder, many tasks, from a recipe to a model folder with its card.

Each step adds up the gradients of a few batches, each drawn from one task in proportion to the tasks' shares. Everything that is
drawn is a function of the seed and the step, so that a run killed at any moment goes on exactly from its last checkpoint.
"""

import math
import random
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from copydesk.configs.errors import ConfigError, ModelError
from copydesk.configs.recipe_reader import ReaderRecipe, Schedule
from copydesk.training.checkpoints import load_checkpoint, save_checkpoint
from copydesk.training.disk import FREE_AND_GO_ON, beside, merge, writing
from copydesk.training.examples import ENTAILMENT_HEAD
from copydesk.training.model_card import write_card
from copydesk.training.objectives import Objectives
from copydesk.training.reader_model import TrainedReader, load_base, note_scores, save_reader
from copydesk.training.reader_tasks import HEAD_OF, Task, mine_negatives, set_up
from copydesk.training.run_log import EarlyStopping, RunLog, Scores

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

LOG_EVERY = 20
"""Steps between two lines of progress."""
STEP_SEEDS = 1_000_003
"""A prime that keeps the dropout seeds of different runs apart."""


def run(recipe: ReaderRecipe) -> Path:
    """Train, evaluate and save.

    :returns: The model folder.
    :raises InputError: If a table lacks a column or has a label that its codebook or head lacks, before anything is trained.
    :raises ModelError: If the base can't be loaded, the loss is not finite, or the disk is full; what was there before is whole.
    :raises ConfigError: If the work folder holds a checkpoint of another recipe, or a teacher can't answer what a task asks.
    """
    torch.manual_seed(recipe.seed)
    reader, tokenizer = load_base(recipe.base)
    reader.to("cuda" if torch.cuda.is_available() else "cpu")
    if recipe.schedule.dropout is not None:
        reader.set_dropout(recipe.schedule.dropout)
    tasks = [set_up(task, recipe, tokenizer) for task in recipe.tasks]
    objectives = Objectives(
        reader,
        tokenizer,
        recipe.schedule.temperature,
        anchor=_frozen(recipe.anchor, reader) if recipe.anchor else None,
        teachers=[_teacher(name, reader, recipe) for name in recipe.teachers],
        distillation_weight=recipe.distillation_weight,
    )
    optimiser = _optimiser(reader, recipe.schedule)
    log = _log(recipe)
    _mine(tasks, objectives, log)
    state = load_checkpoint(recipe.work / "checkpoint", reader, optimiser, recipe.as_card())
    first = state["step"] if state else 0
    for task in tasks:
        task.start(state["drawn"][task.recipe.name] if state else 0)
    stopping = EarlyStopping(recipe.patience, *(state["stopping"] if state else ()))
    rows = ", ".join(f"{task.recipe.name} {len(task.stream.rows):,}" for task in tasks)
    log.say(f"{'going on from' if state else 'starting at'} step {first} of {recipe.schedule.steps}; rows: {rows}")

    done, scores = first, None
    started = saved = time.monotonic()
    for step in range(first, recipe.schedule.steps):
        _one_step(step, tasks, objectives, optimiser, recipe)
        done = step + 1
        if done % LOG_EVERY == 0:
            log.progress(done, recipe.schedule.steps, (time.monotonic() - started) / (done - first), tasks)
        if done % recipe.evaluate_every == 0 or done == recipe.schedule.steps:
            scores = evaluate(tasks, objectives, recipe.precision)
            log.scores(done, scores)
            is_over = stopping.is_over(scores)
            if recipe.patience and stopping.since == 0:
                best = {"step": done, "scores": scores, "recipe": recipe.as_card()}
                save_checkpoint(recipe.work / "best", reader, None, best)
            if is_over and done < recipe.schedule.steps:
                log.say(f"no better dev score in {recipe.patience} evaluations: stopping at step {done}")
                break
        if time.monotonic() - saved > 60 * recipe.checkpoint_minutes:
            drawn = {task.recipe.name: task.drawn for task in tasks}
            now = {
                "step": done,
                "drawn": drawn,
                "stopping": [stopping.best, stopping.since],
                "recipe": recipe.as_card(),
            }
            save_checkpoint(recipe.work / "checkpoint", reader, optimiser, now)
            saved = time.monotonic()

    if recipe.patience and (kept := load_checkpoint(recipe.work / "best", reader, None, recipe.as_card())):
        scores = kept["scores"]
        log.say(f"the weights of step {kept['step']} are saved, the best on dev")
    if recipe.base_share:
        blend_with_base(reader, recipe)
        scores = None
    if scores is None:  # of the blend, or of a run that went on from a checkpoint of its last step
        scores = evaluate(tasks, objectives, recipe.precision)
        log.scores(done, scores)
    _save(recipe, reader, tokenizer, tasks, scores)
    log.plot(recipe.work / "metrics.svg")
    return recipe.output


@torch.no_grad()
def blend_with_base(reader: TrainedReader, recipe: ReaderRecipe) -> None:
    """Put the base's share into the reader's weights; a head that the base lacks stays as it was trained."""
    base, _ = load_base(recipe.base)
    weights = dict(base.named_parameters())
    for name, parameter in reader.named_parameters():
        head = name.split(".")[1] if name.startswith("heads.") else None
        if name.startswith("bert.classifier."):
            head = ENTAILMENT_HEAD
        if head is None or head in base.skilled:
            parameter.lerp_(weights[name].to(parameter.device), recipe.base_share)


def judge(recipe: ReaderRecipe) -> Path:
    """Evaluate the finished model of a recipe again and write its dev figures and card anew.

    :returns: The model folder.
    :raises ModelError: If there is no finished model.
    """
    reader, tokenizer = load_base(str(recipe.output))
    reader.to("cuda" if torch.cuda.is_available() else "cpu")
    tasks = [set_up(task, recipe, tokenizer) for task in recipe.tasks]
    scores = evaluate(tasks, Objectives(reader, tokenizer, recipe.schedule.temperature), recipe.precision)
    _log(recipe).scores(recipe.schedule.steps, scores)
    with writing("the figures", recipe.output, "Free some space and judge again; the model is as it was."):
        note_scores(recipe.output, {"dev": scores, "recipe": recipe.as_card()})
        write_card(recipe, scores, recipe.output)
    return recipe.output


def evaluate(tasks: Sequence[Task], objectives: Objectives, precision: str) -> dict[str, dict[str, float]]:
    """The dev scores of every task that has a dev part."""
    objectives.reader.eval()
    with _autocast(precision, objectives.device):
        scores = {task.recipe.name: task.dev.score(objectives) for task in tasks if task.dev}
    objectives.reader.train()
    return {name: score for name, score in scores.items() if score}


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


def uses_bf16(precision: str, device: torch.device) -> bool:
    """Whether to train in bf16: as told, or where the processor has instructions for it.

    Without them bf16 is emulated and slower than float32; with AVX512-BF16 MiniLM trained 1.4 times faster, with AMX 4 times.
    """
    if precision != "auto":
        return precision == "bf16"
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    can = torch.cpu.get_capabilities()
    return bool(can.get("avx512_bf16") or can.get("amx_bf16"))


def _one_step(
    step: int, tasks: Sequence[Task], objectives: Objectives, optimiser: torch.optim.Optimizer, recipe: ReaderRecipe
) -> None:
    schedule = recipe.schedule
    objectives.reader.train()
    torch.manual_seed(recipe.seed * STEP_SEEDS + step)  # dropout, the same after a resume
    draw = random.Random(f"{recipe.seed}/draw/{step}")
    for task in draw.choices(tasks, weights=[one.recipe.share for one in tasks], k=schedule.batches_per_step):
        batch = next(task.batches)
        task.drawn += 1
        with _autocast(recipe.precision, objectives.device):
            loss = objectives.loss(batch, task.recipe.max_tokens)
        value = float(loss.detach())
        if not math.isfinite(value):
            raise ModelError(
                f"the loss of task {task.recipe.name!r} is {value} at step {step}.",
                remedy="Lower learning_rate, or set precision = 'fp32'; the run goes on from the last checkpoint.",
            )
        torch.autograd.backward(loss / schedule.batches_per_step)
        task.loss = value if math.isnan(task.loss) else 0.95 * task.loss + 0.05 * value
    for group in optimiser.param_groups:
        group["lr"] = group["peak"] * rate(step, schedule)
    torch.nn.utils.clip_grad_norm_((p for p in objectives.reader.parameters() if p.requires_grad), schedule.clip)
    optimiser.step()
    optimiser.zero_grad(set_to_none=True)


def rate(step: int, schedule: Schedule) -> float:
    """Learning rate as a share of its peak: a linear warm-up, then a linear decay to 0."""
    warm = schedule.warmup * schedule.steps
    return (step + 1) / warm if step < warm else max(0.0, (schedule.steps - step) / max(1.0, schedule.steps - warm))


def _save(
    recipe: ReaderRecipe,
    reader: TrainedReader,
    tokenizer: "PreTrainedTokenizerBase",
    tasks: Sequence[Task],
    scores: Scores,
) -> None:
    """The model folder with its card; an earlier model there stays whole until all of this one is written."""
    reader.skilled |= {HEAD_OF[task.recipe.adapter] for task in tasks if task.recipe.adapter in HEAD_OF}
    coded = {
        one.stream.context.codebook.name
        for one in tasks
        if one.recipe.adapter == "dyads" and one.stream.context.codebook
    }
    coded |= set(reader.inherited.get("dyad_codebooks", ()))
    # A tuned reader is still nearer to its base's calibration and pools than to none; benchmarks/ fit them anew.
    notes = {**reader.inherited, "dev": scores, "dyad_codebooks": sorted(coded), "recipe": recipe.as_card()}
    with beside(recipe.output, "the model", FREE_AND_GO_ON) as folder:
        save_reader(reader.cpu(), tokenizer, folder, notes)
        write_card(recipe, scores, folder)
        merge(folder, recipe.output)


def _mine(tasks: Sequence[Task], objectives: Objectives, log: RunLog) -> None:
    for task in tasks:
        if mined := mine_negatives(task, objectives):
            log.say(f"task {task.recipe.name}: hard negatives mined from {mined:,} rows")


def _log(recipe: ReaderRecipe) -> RunLog:
    with writing("the work folder", recipe.work, "Give another one in the recipe."):
        recipe.work.mkdir(parents=True, exist_ok=True)
    return RunLog(recipe.work / "metrics.jsonl")


def _frozen(name: str, reader: TrainedReader) -> TrainedReader:
    """A model that the reader learns from and that stays as it is, on the same device."""
    held, _ = load_base(name)
    held.to(next(reader.parameters()).device)
    return held.eval().requires_grad_(False)


def _teacher(name: str, reader: TrainedReader, recipe: ReaderRecipe) -> TrainedReader:
    """A frozen reader that can answer what the recipe's tasks ask."""
    held = _frozen(name, reader)
    asked = {HEAD_OF[task.adapter] for task in recipe.tasks if task.adapter in HEAD_OF}
    if lacking := sorted(asked - held.skilled):
        raise ConfigError(
            f"the teacher {name!r} has no head {lacking[0]!r}, which a task of the recipe trains.",
            remedy="Train it on such a task first, or leave the teacher out.",
        )
    if held.bert.config.vocab_size != reader.bert.config.vocab_size:
        raise ConfigError(
            f"the teacher {name!r} reads another vocabulary than the base {recipe.base!r}.",
            remedy="Take teachers that descend from the same checkpoint.",
        )
    return held


def _optimiser(reader: TrainedReader, schedule: Schedule) -> torch.optim.Optimizer:
    """AdamW with a higher rate for the heads, which start from nothing, and decay for matrices only."""
    if schedule.freeze_embeddings:
        reader.bert.bert.embeddings.requires_grad_(False)
    groups: dict[tuple[float, float], list[torch.nn.Parameter]] = {}
    for name, parameter in reader.named_parameters():
        if parameter.requires_grad:
            is_head = name.startswith(("heads.", "bert.classifier"))
            peak = schedule.head_learning_rate if is_head else schedule.learning_rate
            groups.setdefault((peak, schedule.weight_decay if parameter.ndim > 1 else 0.0), []).append(parameter)
    return torch.optim.AdamW(
        [
            {"params": params, "lr": 0.0, "peak": peak, "weight_decay": decay}
            for (peak, decay), params in groups.items()
        ],
        fused=True,
    )


def _autocast(precision: str, device: torch.device) -> torch.autocast:
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=uses_bf16(precision, device))
