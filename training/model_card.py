"""Writes the card of a trained reader (Mitchell et al., 2019, "Model Cards for Model Reporting")."""

import tomllib
from collections.abc import Mapping
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from copydesk.configs.recipe_reader import ReaderRecipe
from copydesk.training.disk import write_whole

_UNKNOWN = "the user's own table"

_CARD = """\
---
license: apache-2.0
language: en
base_model: {base}
pipeline_tag: zero-shot-classification
tags: [news, event-coding, stance, natural-language-inference, sentence-similarity]
---

# copydesk reader

A small transformer that reads news: it embeds sentences and label descriptions, verifies statements about a sentence, and has a
linear head for each further skill. Made by `copydesk-train` {copydesk} from [{base}](https://huggingface.co/{base}).

## Files

`model.safetensors` (fp16) with `config.json` and the tokenizer is a plain Hugging Face checkpoint: `AutoModel` gives the encoder
(mean-pool and normalise for sentence embeddings), `AutoModelForSequenceClassification` the three-way entailment classifier.
`heads.safetensors` holds the further linear heads that `heads.json` describes. `headline_judge.safetensors`, where there is one,
holds the low-rank updates that judge headlines (`python -m copydesk.training.headline_judge`), `headline_words.safetensors` those
that find the headline's words in an article and what a sentence goes without (`python -m copydesk.training.headline_word_model`,
both from our own verdicts on headlines and headlines written for us on rows of the tables below), and
`event_teller.safetensors` those by which a sentence lies near the labels that it tells (`python -m
copydesk.training.event_teller`, from our own verdicts on sentences of the tables below). The shipped reader's vocabulary is
BERT's without its empty places and without letters of scripts other than Latin, Greek and Cyrillic (`python -m
copydesk.training.vocabulary`): a word in another script is `[UNK]`, all else is read as before.

## Intended use and limits

For coding English news: event types, stance, attribution and headlines, each shown with the words that it rests on, so that
a person can check it. It is a small model, trained on few passes over English text, most of it from the United States and
from agencies, about wars, politics and crime. Do not let it decide about a person. Scores are probabilities on text like the
dev tables; fit thresholds on your own articles (`copydesk fit-thresholds`). Other languages, satire and fiction are outside
what it has seen.

## Training data

{data}

Machine-written stories and the 2006–2019 age of most tables show in it: newer actors are unknown to it. Test splits of none
of these sets were used.

## Recipe

Seed {seed}, {steps} steps of {batches} batches of {tokens} word pieces, peak learning rate {rate:g}, {precision}.{mean}

| task | adapter | share of the batches |
|---|---|---|
{tasks}

The whole recipe stands in `heads.json` and, for the shipped model, in `configs/recipes/` (`reader.toml`, `reader_polish.toml`,
`reader_deepen.toml`, `reader_widen.toml`, in this order); what was tried beside it in `docs/experiments.md`.

## Dev figures

At the end of the run, on {limits} of each dev table, with 95% bootstrap intervals; made by `copydesk-train` itself, and again
by `copydesk-train RECIPE --evaluate-only`. Token tasks count word pieces. Tasks marked "held out" are judged on rows of the
training table that were not trained on.

| task | examples | accuracy | macro-F1 | ECE |
|---|---|---|---|---|
{figures}
"""

_MEAN = """
What is saved is the mean of the weights after them (1 − {share:g}) and of the weights before ({share:g})."""


def write_card(recipe: ReaderRecipe, scores: Mapping[str, Mapping[str, float]], folder: Path) -> Path:
    """Write ``MODEL_CARD.md`` into a model folder.

    :param scores: The final dev scores by task.
    :returns: The card's path.
    """
    known = tomllib.loads(files("copydesk.configs").joinpath("recipes", "sources.toml").read_text(encoding="utf-8"))
    tables = dict.fromkeys(task.table for task in recipe.tasks)
    schedule = recipe.schedule
    total = sum(task.share for task in recipe.tasks)
    card = _CARD.format(
        base=recipe.origin or recipe.base,
        copydesk=version("copydesk"),
        data="\n".join(f"- `{table}`: {_source(table, known)}" for table in tables),
        seed=recipe.seed,
        steps=schedule.steps,
        batches=schedule.batches_per_step,
        tokens=schedule.tokens_per_batch,
        rate=schedule.learning_rate,
        precision=recipe.precision,
        mean=_MEAN.format(share=recipe.base_share) if recipe.base_share else "",
        tasks="\n".join(f"| {task.name} | {task.adapter} | {task.share / total:.1%} |" for task in recipe.tasks),
        limits=f"up to {max(task.dev_limit for task in recipe.tasks)} seeded rows",
        figures="\n".join(
            f"| {name}{_held_out(recipe, name)} | {one['examples']:.0f} "
            f"| {_figure(one, 'accuracy')} | {_figure(one, 'macro_f1')} | {one['ece']:.3f} |"
            for name, one in scores.items()
        ),
    )
    path = folder / "MODEL_CARD.md"
    write_whole(path, card)
    return path


def _figure(scores: Mapping[str, float], key: str) -> str:
    return f"{scores[key]:.3f} [{scores[f'{key}_low']:.3f}, {scores[f'{key}_high']:.3f}]"


def _held_out(recipe: ReaderRecipe, name: str) -> str:
    return "" if next(task for task in recipe.tasks if task.name == name).dev else " (held out)"


def _source(table: str, known: Mapping[str, str]) -> str:
    return next((text for ending, text in known.items() if table.endswith(ending)), _UNKNOWN)
