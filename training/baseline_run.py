"""Trains the scikit-learn baseline: every part of a recipe in turn, then one folder with the parts and their figures."""

import json
import time
from collections.abc import Iterator, Mapping
from importlib.resources import as_file
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from copydesk.configs.recipe_baseline import BaselineRecipe
from copydesk.models.baseline import REQUIRED, content_hash, read_parts, shipped_folder, write_parts
from copydesk.models.baseline_stance import DIRECTED, TOPIC, VOICE
from copydesk.training.baseline_fit_events import DyadsJob, EventsJob, SimilarityJob
from copydesk.training.baseline_fit_headline import KeepJob, SalienceJob
from copydesk.training.baseline_fit_stance import ClaimsJob, PolarityJob
from copydesk.training.baseline_parts import Job
from copydesk.training.disk import writing

BLAS_THREADS = 1
"""The solvers work on short vectors: more threads wait for one another, and on a busy machine that made it ten times slower."""
METRICS = "metrics.json"
"""File of the figures in the model's folder."""


def recipe_from(values: Mapping[str, Any]) -> BaselineRecipe:
    """Check the values of a TOML recipe.

    :raises ConfigError: If a key is unknown or a value is wrong.
    """
    return BaselineRecipe.of(values)


def run(recipe: BaselineRecipe) -> Path:
    """Train, judge and save.

    Every table is read and checked before anything is trained. Parts that the recipe leaves out are copied from the shipped
    baseline, so that the folder is a whole model.

    :returns: ``recipe.output``, with a skops file per part and :data:`METRICS`.
    :raises InputError: If a table is unfit.
    :raises ModelError: If the recipe leaves out parts and there is no shipped baseline.
    """
    started = time.monotonic()
    print("reading tables", flush=True)
    jobs = list(_jobs(recipe))
    parts = {} if _is_whole(recipe) else _shipped_parts()
    figures: dict[str, Any] = {}
    for number, job in enumerate(jobs, start=1):
        print(f"[{number}/{len(jobs)}] {job.name} …", flush=True)
        begun = time.monotonic()
        with threadpool_limits(BLAS_THREADS, "blas"):
            outcome = job.fit(parts)
        parts |= outcome.parts
        figures[job.name] = {"seconds": round(time.monotonic() - begun, 1), "dev": outcome.figures}
        for judged_on, values in outcome.figures.items():
            print(f"      {judged_on}: " + ", ".join(f"{key} {value:.4g}" for key, value in values.items()), flush=True)
    with writing("the model", recipe.output, "Free some space or give another output, and run it again."):
        _write(recipe, parts, figures, started)
    print(f"done in {time.monotonic() - started:.1f} s", flush=True)
    return recipe.output


def _write(recipe: BaselineRecipe, parts: dict[str, Any], figures: dict[str, Any], started: float) -> None:
    write_parts(recipe.output, parts)
    report = {
        "recipe": recipe.model_dump(mode="json"),
        "content_hash": content_hash(recipe.output),
        "seconds": round(time.monotonic() - started, 1),
        "processor_seconds": round(time.process_time(), 1),
        "parts": figures,
    }
    (recipe.output / METRICS).write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _jobs(recipe: BaselineRecipe) -> Iterator[Job]:
    """The recipe's jobs, in the order in which they need one another."""
    if recipe.similarity:
        yield SimilarityJob(recipe.similarity, recipe)
    for events in recipe.events:
        yield EventsJob(events, recipe)
    for dyads in recipe.dyads:
        yield DyadsJob(dyads, recipe)
    for kind in (VOICE, DIRECTED, TOPIC):
        if polarity := getattr(recipe.polarity, kind):
            yield PolarityJob(kind, polarity, recipe)
    if recipe.claims:
        yield ClaimsJob(recipe.claims, recipe)
    if recipe.salience:
        yield SalienceJob(recipe.salience, recipe)
    if recipe.keep:
        yield KeepJob(recipe.keep, recipe)


def _is_whole(recipe: BaselineRecipe) -> bool:
    """Whether the recipe trains all parts that a baseline must have."""
    polarity = recipe.polarity
    given = {
        "similarity": recipe.similarity,
        "claims": recipe.claims,
        "salience": recipe.salience,
        "keep": recipe.keep,
        "polarity-voice": polarity.voice,
        "polarity-directed": polarity.directed,
        "polarity-topic": polarity.topic,
    }
    return all(given[name] is not None for name in REQUIRED)


def _shipped_parts() -> dict[str, Any]:
    with as_file(shipped_folder()) as folder:
        return read_parts(folder)
