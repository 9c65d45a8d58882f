"""Early stopping: when it stops, that the best evaluated weights are what is saved, and the same after a kill."""

import json
from pathlib import Path
from typing import Any

import pytest
from tiny_runs import run_until_killed, same, tiny_recipe, weights

from copydesk.configs.errors import ConfigError, InputError
from copydesk.training import reader_run
from copydesk.training.reader_run import recipe_from, run
from copydesk.training.run_log import EarlyStopping

STEPS = 16


@pytest.fixture
def values(tmp_path: Path) -> dict[str, Any]:
    """A recipe that is trained on one thing and judged on its opposite, so that dev scores only fall."""
    texts = [
        f"the {who} {did}" for who in ("army", "police", "rebels") for did in ("attacked", "left", "agreed", "won")
    ]
    paths = {}
    for part, labels in (("train", ("entailment", "contradiction")), ("dev", ("contradiction", "entailment"))):
        rows = [
            {"premise": text, "hypothesis": hypothesis, "label": label}
            for text in texts
            for hypothesis, label in zip(("people were there", "nobody was there"), labels, strict=True)
        ]
        paths[part] = tmp_path / f"{part}.jsonl"
        paths[part].write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return tiny_recipe(
        tmp_path,
        evaluate_every=2,
        patience=3,
        schedule={"steps": STEPS, "tokens_per_batch": 256, "learning_rate": 3e-3, "head_learning_rate": 3e-2},
        tasks=[
            {
                "name": "nli",
                "adapter": "entailment",
                "table": str(paths["train"]),
                "dev": str(paths["dev"]),
                "share": 1.0,
                "max_tokens": 32,
            }
        ],
    )


def evaluations(work: str) -> list[tuple[int, float]]:
    """Step and macro-F1 of each evaluation."""
    lines = [json.loads(line) for line in (Path(work) / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    return [(line["step"], line["dev"]["nli"]["macro_f1"]) for line in lines if "dev" in line]


def test_it_stops_and_saves_the_best_weights(
    values: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stopped = run(recipe_from(values))
    judged = evaluations(values["work"])
    best_step, best = max(judged, key=lambda one: one[1])
    last_step, last = judged[-1]
    assert last_step < STEPS
    assert last_step == best_step + 3 * 2  # three evaluations, two steps apart
    assert last < best
    said = capsys.readouterr().out
    assert f"no better dev score in 3 evaluations: stopping at step {last_step}" in said
    assert f"the weights of step {best_step} are saved, the best on dev" in said
    assert json.loads((stopped / "heads.json").read_text(encoding="utf-8"))["dev"]["nli"]["macro_f1"] == best

    on = values | {"patience": 0, "output": str(tmp_path / "on"), "work": str(tmp_path / "w2")}
    last_weights = weights(run(recipe_from(on)))
    assert [step for step, _ in evaluations(on["work"])] == list(range(2, STEPS + 1, 2))  # 0 never stops
    assert not (tmp_path / "w2" / "best").exists()
    assert not same(weights(stopped), last_weights)

    from safetensors.torch import load_file

    kept = load_file(Path(values["work"]) / "best" / "weights.safetensors")
    assert same(weights(stopped), {f"{key}": kept[f"bert.{key}"].half().float() for key in weights(stopped)})


@pytest.fixture
def weights_at(monkeypatch: pytest.MonkeyPatch) -> dict[int, dict[str, Any]]:
    """The fp16 weights of the classifier after each step of the runs of a test, taken while they run."""
    taken: dict[int, dict[str, Any]] = {}
    step = reader_run._one_step

    def and_take(number: int, tasks: Any, objectives: Any, *rest: Any) -> None:
        step(number, tasks, objectives, *rest)
        taken[number + 1] = {key: value.half().float() for key, value in objectives.reader.bert.state_dict().items()}

    monkeypatch.setattr(reader_run, "_one_step", and_take)
    return taken


def test_what_is_saved_are_the_weights_of_that_step(
    values: dict[str, Any], weights_at: dict[int, dict[str, Any]]
) -> None:
    saved = weights(run(recipe_from(values)))
    best_step = max(evaluations(values["work"]), key=lambda one: one[1])[0]
    assert [step for step, taken in weights_at.items() if same(saved, taken)] == [best_step]


def test_without_patience_the_last_weights_are_saved(
    values: dict[str, Any], weights_at: dict[int, dict[str, Any]]
) -> None:
    saved = weights(run(recipe_from(values | {"patience": 0})))
    assert [step for step, taken in weights_at.items() if same(saved, taken)] == [STEPS]


@pytest.mark.parametrize(("at", "checkpoint"), [(3, 1), (5, 3), (7, 1)])
def test_a_killed_run_stops_at_the_same_step_with_the_same_weights(
    at: int, checkpoint: int, values: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The best weights, of step 2, may be older or newer than the step that the run goes on from."""
    whole = weights(run(recipe_from(values | {"output": str(tmp_path / "whole"), "work": str(tmp_path / "w1")})))
    save = reader_run.save_checkpoint
    recipe = recipe_from(values | {"checkpoint_minutes": 1e-9})

    def seldom(folder: Path, model: Any, optimiser: Any, state: dict[str, Any]) -> None:
        if folder.name == "best" or state["step"] == checkpoint:
            save(folder, model, optimiser, state)

    monkeypatch.setattr(reader_run, "save_checkpoint", seldom)
    run_until_killed(recipe, at)
    monkeypatch.undo()
    assert json.loads((tmp_path / "work" / "checkpoint" / "state.json").read_text())["step"] == checkpoint
    assert json.loads((tmp_path / "work" / "best" / "state.json").read_text())["step"] == 2
    assert same(whole, weights(run(recipe)))
    assert evaluations(values["work"])[-1] == evaluations(str(tmp_path / "w1"))[-1]


def test_the_best_weights_of_an_earlier_run_are_not_taken_for_this_one_s(
    values: dict[str, Any], tmp_path: Path
) -> None:
    run(recipe_from(values))
    again = run(recipe_from(values | {"seed": 5}))  # no checkpoint was due, so it starts anew in the same work folder
    alone = run(recipe_from(values | {"seed": 5, "output": str(tmp_path / "alone"), "work": str(tmp_path / "w2")}))
    assert same(weights(again), weights(alone))


def scores(*means: float) -> list[dict[str, dict[str, float]]]:
    return [{"t": {"macro_f1": mean}} for mean in means]


def test_patience_counts_evaluations_without_a_better_mean() -> None:
    stopping = EarlyStopping(2)
    told = [stopping.is_over(one) for one in scores(0.5, 0.4, 0.6, 0.6, 0.6)]
    assert told == [False, False, False, False, True]  # as good as before is no better
    assert not any(EarlyStopping(0).is_over(one) for one in scores(0.0, 0.0, 0.0, 0.0))


def test_the_first_evaluation_is_the_best_so_far_even_at_nothing() -> None:
    stopping = EarlyStopping(2)
    assert not stopping.is_over(scores(0.0)[0])
    assert (stopping.best, stopping.since) == (0.0, 0)


@pytest.mark.parametrize("adapter", [None, "entailed_pairs"])
def test_patience_without_anything_to_judge_by_is_refused(adapter: str | None, values: dict[str, Any]) -> None:
    if adapter is None:
        del values["tasks"][0]["dev"]
    else:
        values["tasks"][0]["adapter"] = adapter  # twins have no classes
    with pytest.raises(ConfigError, match="patience needs a task with a dev part"):
        recipe_from(values)


def test_a_class_with_one_example_is_refused_before_training(values: dict[str, Any], tmp_path: Path) -> None:
    row = {"premise": "the army left", "hypothesis": "it was monday", "label": "neutral"}
    with Path(values["tasks"][0]["table"]).open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
    with pytest.raises(InputError, match="the class 'neutral' has 1 example"):
        run(recipe_from(values))
    assert not (tmp_path / "work").exists()
