"""The recipe of a scikit-learn baseline: which tables train which of its parts."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from copydesk.configs.errors import ConfigError


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LabelledTexts(_Frozen):
    """A table of texts with one label each.

    :param table: A parquet, JSONL or CSV file, or a Hub id.
    :param text: Column of the text.
    :param label: Column of the label.
    :param rename: The table's labels to the codebook's: ``{sports = "sport"}``.
    :param none: Labels of the table whose texts are examples of "no label applies".
    :param drop: Labels of the table whose rows are left out.
    :param limit: Read at most this many rows, drawn with the recipe's seed.
    :param sentences: Keep only the first sentences of each text, so many.
    """

    table: str
    text: str = "text"
    label: str = "label"
    rename: dict[str, str] = Field(default_factory=dict)
    none: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    limit: int | None = Field(default=None, gt=0)
    sentences: int | None = Field(default=None, gt=0)


class EventsRecipe(_Frozen):
    """An event tagger for one codebook.

    :param codebook: A shipped name or a path; the labels of the tables must be its labels.
    :param train: Training tables, joined.
    :param verdicts: A table of verdicts on sentences (``training/event_verdicts.tsv``), which teach beside those tables.
    :param dev: Tables that are only judged on; without one, a fifth of the training texts is held out for it.
    :param words: Most frequent word n-grams to keep.
    :param chars: Most frequent character n-grams to keep.
    :param penalty: Inverse strength of the L2 penalty.
    """

    codebook: str
    train: tuple[LabelledTexts, ...] = Field(min_length=1)
    verdicts: str | None = None
    dev: tuple[LabelledTexts, ...] = ()
    words: int = Field(default=8000, gt=0)
    chars: int = Field(default=8000, gt=0)
    penalty: float = Field(default=2.0, gt=0)


class DyadsRecipe(_Frozen):
    """A dyad coder for one codebook.

    :param codebook: A shipped name or a path.
    :param table: Table of sentences with source, target and label.
    :param label: Column of the label.
    :param group: Column whose equal values stay in one fold of the cross-validation.
    :param features: Most frequent features to keep.
    :param penalty: Inverse strength of the L2 penalty.
    """

    codebook: str
    table: str
    label: str = "root"
    group: str | None = None
    features: int = Field(default=6000, gt=0)
    penalty: float = Field(default=20.0, gt=0)


class PolarityRecipe(_Frozen):
    """One of the three polarity models.

    :param table: Training table; its columns are those of the kind (see ``training/baseline_fit_stance.py``).
    :param dev: Development table.
    :param features: Most frequent features to keep.
    :param penalty: Inverse strength of the L2 penalty.
    :param weight: What a favour or against counts against one neutral.
    """

    table: str
    dev: str | None = None
    features: int = Field(default=15000, gt=0)
    penalty: float = Field(default=3.0, gt=0)
    weight: float = Field(default=1.0, gt=0)


class PolarityRecipes(_Frozen):
    """The polarity models; one that is left out is the shipped one.

    :param voice: The author toward a mention: sentence, start, end, label.
    :param directed: One entity toward another: sentence, p, q, label.
    :param topic: A passage toward a topic: text, target, label.
    """

    voice: PolarityRecipe | None = None
    directed: PolarityRecipe | None = None
    topic: PolarityRecipe | None = None


class ClaimsRecipe(_Frozen):
    """The claim reader.

    :param pairs: Table of headline, body_id and label.
    :param bodies: Table of body_id and body, for both pair tables.
    :param dev: Pairs that are only judged on; their bodies must be others.
    :param unrelated: Unrelated pairs to train on at most; they are three quarters of FNC-1 and easily told.
    :param rounds: Trees per class.
    """

    pairs: str
    bodies: str
    dev: str | None = None
    unrelated: int = Field(default=10000, gt=0)
    rounds: int = Field(default=80, gt=0)


class SalienceRecipe(_Frozen):
    """The ranking of an article's sentences.

    :param table: Table of headline and lead (the article's first sentences).
    :param dev: The same, only judged on.
    :param limit: Articles to train on at most.
    :param dev_limit: Articles to judge on at most.
    """

    table: str
    dev: str | None = None
    limit: int = Field(default=3000, gt=0)
    dev_limit: int = Field(default=500, gt=0)


class KeepRecipe(_Frozen):
    """Which words a headline keeps.

    :param table: Table of sentence and compression.
    :param held_out: Last rows of the table that are only judged on.
    :param features: Most frequent features to keep.
    :param penalty: Inverse strength of the L2 penalty.
    """

    table: str
    held_out: int = Field(default=1000, ge=0)
    features: int = Field(default=20000, gt=0)
    penalty: float = Field(default=0.1, gt=0)


class SimilarityRecipe(_Frozen):
    """Word weights, and what similarity is enough for a label that no model was trained on.

    :param texts: Tables whose texts give the word weights; their labels are not read.
    :param match: Labelled tables by codebook, to learn from how near a text lies to the words of its label.
    """

    texts: tuple[LabelledTexts, ...] = Field(min_length=1)
    match: dict[str, LabelledTexts] = Field(min_length=1)


class BaselineRecipe(_Frozen):
    """A whole training run. Parts that are left out are taken from the shipped baseline.

    :param kind: ``baseline``.
    :param output: Folder of the finished model.
    :param data: Folder that relative table paths start from.
    :param seed: Decides every draw and fold.
    """

    kind: Literal["baseline"]
    output: Path
    data: Path = Path()
    seed: int = 13
    similarity: SimilarityRecipe | None = None
    events: tuple[EventsRecipe, ...] = ()
    dyads: tuple[DyadsRecipe, ...] = ()
    polarity: PolarityRecipes = PolarityRecipes()
    claims: ClaimsRecipe | None = None
    salience: SalienceRecipe | None = None
    keep: KeepRecipe | None = None

    @model_validator(mode="after")
    def _what_uses_similarity_is_trained_with_it(self) -> Self:
        if self.similarity and not (self.claims and self.salience):
            raise ValueError(
                "a recipe with [similarity] needs [claims] and [salience] too: they are trained on its word weights"
            )
        return self

    def resolve(self, table: str) -> str:
        """The table's path under ``data``, or the name as it stands where no such file is there (a Hub id)."""
        path = self.data / table
        return str(path) if path.exists() else table

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """Check the values of a TOML recipe.

        :raises ConfigError: If a key is unknown or a value is wrong; the message names its place.
        """
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            fault = error.errors()[0]
            place = ".".join(str(part) for part in fault["loc"])
            message = fault["msg"].removeprefix("Value error, ")
            raise ConfigError(f"{place + ': ' if place else ''}{message}.", remedy="Mend the recipe.") from error
