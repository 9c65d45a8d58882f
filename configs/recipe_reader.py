"""The recipe of a reader: which tables train which skills of one small transformer, and on what schedule."""

from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

AdapterName = Literal[
    "entailment",
    "entailed_pairs",
    "events",
    "headline_lead",
    "anchor",
    "dyads",
    "polarity",
    "directed",
    "topic_stance",
    "claims",
    "attribution",
    "compressions",
    "headline_words",
]
"""The ways to turn a table into training examples; ``training/adapters.py`` has one function each."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TaskRecipe(_Frozen):
    """One task: a table, how to read it and how much of the training it gets.

    :param name: Shown in the logs and the metrics; unique.
    :param adapter: How rows become examples.
    :param table: Training table: a parquet, JSONL or CSV file, or a Hub id.
    :param streaming: Never hold the training table, for one that is larger than memory: it is read through once and checked,
        and then anew on each pass, shuffled through a buffer. Its dev part must be a table of its own; ``limit`` takes its first
        rows.
    :param dev: Development table, or ``None``.
    :param dev_fraction: Share of the training table that is held out as its dev part where ``dev`` is ``None``.
    :param dev_group: Column whose equal values stay on one side of that split.
    :param share: Share of the training tokens; the shares are normalised over the tasks.
    :param max_tokens: Longest input, in word pieces; of a longer pair the longer text is cut at its end.
    :param codebook: Codebook of the labels, for ``events``, ``dyads`` and ``anchor``.
    :param candidates: Labels that a listwise example compares (``dyads``, ``events``).
    :param negatives: Which wrong labels those are (``dyads``, ``events``): drawn at ``random``, or more often those that the
        starting checkpoint's embedding takes for the right one, ``confused``; that is measured once, in half a minute.
    :param mutual: Labels that hold both ways (``dyads``): of the others, swapped actors are learnt to prove nothing.
    :param columns: Renames the table's columns to the ones that the adapter reads: ``{text = "body"}``.
    :param label_columns: Columns that make the label together, joined by ``/``, empty ones left out: ``["label", "mode"]``.
    :param bodies: Second table with the article bodies (``claims``).
    :param rows: First row and one past the last that are read of the training table; ``None`` reads all.
    :param dev_rows: The same for the dev table; without one, these rows of the training table are the dev part.
    :param limit: Read at most this many rows, seeded; ``None`` reads all.
    :param per_class: Train on at most this many rows of a class, seeded, so that the frequent classes of one year don't become a
        prior for another; ``None`` takes all.
    :param dev_limit: Rows of the dev table that each evaluation reads, seeded.
    """

    name: str
    adapter: AdapterName
    table: str
    streaming: bool = False
    dev: str | None = None
    dev_fraction: float = Field(default=0.0, ge=0.0, lt=1.0)
    dev_group: str | None = None
    share: float = Field(gt=0.0)
    max_tokens: int = Field(default=128, ge=16, le=512)
    codebook: str | None = None
    candidates: int = Field(default=5, ge=2)
    negatives: Literal["random", "confused"] = "random"
    mutual: tuple[str, ...] = ()
    columns: dict[str, str] = Field(default_factory=dict)
    label_columns: tuple[str, ...] = ()
    bodies: str | None = None
    rows: tuple[int, int] | None = None
    dev_rows: tuple[int, int] | None = None
    limit: int | None = Field(default=None, gt=0)
    per_class: int | None = Field(default=None, gt=0)
    dev_limit: int = Field(default=200, gt=0)

    @model_validator(mode="after")
    def _what_the_adapter_needs(self) -> Self:
        if self.adapter in ("events", "dyads", "anchor") and self.codebook is None:
            raise ValueError(f"task {self.name!r}: the adapter {self.adapter!r} needs a codebook")
        if self.negatives == "confused" and self.adapter not in ("events", "dyads"):
            raise ValueError(
                f"task {self.name!r}: negatives are for the adapters 'events' and 'dyads', not {self.adapter!r}"
            )
        if self.adapter == "claims" and self.bodies is None:
            raise ValueError(f"task {self.name!r}: the adapter 'claims' needs bodies, the table of article bodies")
        if self.streaming:
            whole = {
                "dev_fraction": self.dev_fraction,
                "dev_rows": self.dev_rows and not self.dev,
                "dev_group": self.dev_group,
                "per_class": self.per_class,
                "rows": self.rows,
            }
            if asked := [name for name, value in whole.items() if value]:
                raise ValueError(
                    f"task {self.name!r}: {asked[0]} needs the whole table in memory, which streaming never has; "
                    "leave it out (a dev part is a table of its own, named by dev), or don't stream"
                )
        if self.dev_fraction and (self.dev or self.dev_rows):
            raise ValueError(f"task {self.name!r}: give either dev_fraction or a dev table or rows, not both")
        return self

    @property
    def is_judged(self) -> bool:
        """Whether the task has dev scores; twins and anchors have no classes to be right or wrong about."""
        has_classes = self.adapter not in ("entailed_pairs", "headline_lead", "anchor")
        return has_classes and bool(self.dev or self.dev_rows or self.dev_fraction)


class Schedule(_Frozen):
    """How long and how fast.

    :param steps: Optimiser steps.
    :param batches_per_step: Batches whose gradients are added up for one step, each of another task as drawn.
    :param tokens_per_batch: Word pieces in one batch, padding included.
    :param learning_rate: Peak rate of the encoder.
    :param head_learning_rate: Peak rate of the heads, which start from nothing.
    :param warmup: Share of the steps over which the rates rise from 0; then they fall to 0 linearly.
    :param weight_decay: Of matrices; biases and norms have none.
    :param clip: Largest norm of the gradient.
    :param temperature: Of the contrastive softmax over cosines.
    :param dropout: Share of the activations that training drops; ``None`` leaves the checkpoint's. With few passes 0 fits better
        and is a fifth faster on a CPU.
    :param freeze_embeddings: Leave the word embeddings as they are: half of the parameters, little of the gain.
    """

    steps: int = Field(gt=0)
    batches_per_step: int = Field(default=2, gt=0)
    tokens_per_batch: int = Field(default=2048, ge=64)
    learning_rate: float = Field(default=1.5e-4, gt=0)
    head_learning_rate: float = Field(default=1e-3, gt=0)
    warmup: float = Field(default=0.06, ge=0, lt=1)
    weight_decay: float = Field(default=0.01, ge=0)
    clip: float = Field(default=1.0, gt=0)
    temperature: float = Field(default=0.05, gt=0)
    dropout: float | None = Field(default=None, ge=0, lt=1)
    freeze_embeddings: bool = True


class ReaderRecipe(_Frozen):
    """A whole training run.

    :param kind: ``reader``.
    :param base: Folder or Hub id of the checkpoint to start from; a BERT.
    :param origin: Hub id that the weights descend from, for the card, where ``base`` is the folder of an earlier stage.
    :param anchor: Checkpoint whose embedding the ``anchor`` tasks hold on to.
    :param teachers: Folders of readers, with the base's tokenizer, whose mean answer is learnt beside the gold one: an ensemble
        distilled into one model.
    :param distillation_weight: Share of the loss that is the teachers'.
    :param base_share: Share of the base's own weights in the saved model, which is the mean of the base and of what became of it:
        it keeps more of what the base knows of texts unlike the tables (Wortsman et al., 2022, "Robust fine-tuning of zero-shot
        models").
    :param output: Folder of the finished model.
    :param work: Folder of checkpoints, metrics and plots; a run that was stopped goes on from there.
    :param data: Folder that relative table paths start from.
    :param seed: Decides order, dropout and sampling.
    :param split_seed: Decides which rows ``dev_fraction`` holds out; the same in every stage, so that none trains on dev rows.
    :param precision: ``bf16`` autocast, or ``fp32``; ``auto`` takes bf16 where the processor has instructions for it.
    :param checkpoint_minutes: Time between checkpoints.
    :param evaluate_every: Steps between dev evaluations.
    :param patience: Stop after this many evaluations without a better mean dev score, and save the weights of the best one,
        which the work folder keeps; 0 never stops early and saves the last weights.
    """

    kind: Literal["reader"]
    base: str
    origin: str | None = None
    anchor: str | None = None
    teachers: tuple[str, ...] = ()
    distillation_weight: float = Field(default=0.5, gt=0, le=1)
    base_share: float = Field(default=0.0, ge=0, lt=1)
    output: Path
    work: Path
    data: Path = Path()
    seed: int = 13
    split_seed: int = 13
    precision: Literal["auto", "bf16", "fp32"] = "auto"
    checkpoint_minutes: float = Field(default=5.0, gt=0)
    evaluate_every: int = Field(default=400, gt=0)
    patience: int = Field(default=0, ge=0)
    schedule: Schedule
    tasks: tuple[TaskRecipe, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_are_unique_and_anchors_held(self) -> Self:
        names = [task.name for task in self.tasks]
        if self.anchor is None and any(task.adapter == "anchor" for task in self.tasks):
            raise ValueError("tasks with the adapter 'anchor' need the recipe's anchor, the checkpoint to hold on to")
        if self.patience and not any(task.is_judged for task in self.tasks):
            raise ValueError(
                "patience needs a task with a dev part (dev, dev_fraction or dev_rows) and labels to judge it by"
            )
        if len(set(names)) < len(names):
            raise ValueError(f"task names must be unique, but these are given: {', '.join(names)}")
        return self

    def resolve(self, table: str) -> str:
        """The table's path under ``data``, or the name as it stands where no such file is there (a Hub id)."""
        path = self.data / table
        return str(path) if path.exists() else table

    def as_card(self) -> dict[str, Any]:
        """The recipe as plain JSON values, for the metrics file and the model card."""
        return self.model_dump(mode="json")
