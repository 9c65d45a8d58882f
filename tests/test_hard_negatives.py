"""Hard negatives: which labels the retriever confuses, and that those are drawn more often, the same after a resume."""

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import torch
from tiny_runs import run_until_killed, same, tiny_recipe, weights

from copydesk.configs.codebook import Codebook
from copydesk.configs.errors import ConfigError
from copydesk.configs.recipe_reader import TaskRecipe
from copydesk.training.adapters import ADAPTERS, Context
from copydesk.training.confusions import RANDOM_SHARE, Confusions, measure_confusions
from copydesk.training.examples import Choice
from copydesk.training.reader_run import recipe_from, run

LABELS = Codebook.from_labels(["strike", "protest", "flood", "storm"])
STRIKE, PROTEST, FLOOD, STORM = range(4)
TEXTS = ["workers began a strike and a protest", "police met a protest", "a storm brought the flood", "a flood"]


def bag_of_words(texts: list[str]) -> torch.Tensor:
    """A retriever that everyone can follow: texts are alike that share the names of labels."""
    counts = torch.tensor([[float(name in text.lower()) for name in LABELS.ids] + [0.1] for text in texts])
    return torch.nn.functional.normalize(counts, dim=-1)


def test_confusions_are_what_texts_are_taken_for() -> None:
    weights = measure_confusions(TEXTS, [STRIKE, PROTEST, FLOOD, FLOOD], LABELS, bag_of_words, 0.2).weights
    assert max(range(4), key=lambda n: weights[STRIKE][n]) == PROTEST  # its one text names both
    assert max(range(4), key=lambda n: weights[FLOOD][n]) == STORM
    assert weights[PROTEST][STRIKE] == pytest.approx(
        weights[PROTEST][STORM]
    )  # nothing but its own label is in its text
    for number, row in enumerate(weights):
        assert row[number] == 0.0
        assert sum(row) == pytest.approx(1.0)
        assert min(row[:number] + row[number + 1 :]) >= RANDOM_SHARE / 3


def test_a_label_without_texts_is_confused_with_what_its_statements_are_like() -> None:
    codebook = Codebook.model_validate(
        {
            "name": "mine",
            "labels": [
                {"id": "strike", "hypotheses": ["A strike in protest began."]},
                {"id": "protest", "hypotheses": ["People held a protest."]},
                {"id": "flood", "hypotheses": ["There was a flood."]},
            ],
        }
    )
    weights = measure_confusions([], [], codebook, bag_of_words, 0.2).weights
    assert weights[0][1] > 3 * weights[0][2]


@pytest.mark.parametrize("temperature", [1e-6, 1e6])
def test_every_wrong_label_keeps_a_chance_whatever_the_temperature(temperature: float) -> None:
    weights = measure_confusions(TEXTS, [0, 1, 2, 2], LABELS, bag_of_words, temperature).weights
    assert all(weights[gold][n] >= RANDOM_SHARE / 3 - 1e-12 for gold in range(4) for n in range(4) if n != gold)


def test_draws_are_in_proportion_and_without_replacement() -> None:
    confusions = Confusions([[0.0, 0.7, 0.2, 0.1]] * 4)
    rng = random.Random(1)
    first = Counter(confusions.draw(0, [1, 2, 3], 1, rng)[0] for _ in range(4000))
    assert [first[n] / 4000 for n in (1, 2, 3)] == pytest.approx([0.7, 0.2, 0.1], abs=0.03)
    assert sorted(confusions.draw(0, [1, 2, 3], 3, rng)) == [1, 2, 3]
    assert sorted(confusions.draw(0, [1, 2, 3], 9, rng)) == [1, 2, 3]


ROWS: dict[str, dict[str, Any]] = {
    "events": {"text": "A strike.", "label": "FIGHT"},
    "dyads": {"sentence": "Norland fought Sudria.", "source": "Norland", "target": "Sudria", "label": "FIGHT"},
}
ACTS = Codebook.model_validate(
    {
        "name": "acts",
        "labels": [
            {"id": one, "hypotheses": [f"{one} it is."], "dyad": [f"<S> {one} <T>."]}
            for one in ("FIGHT", "THREATEN", "AID", "TALK")
        ],
    }
)


def listwise(adapter: str, confusions: Confusions | None) -> list[Choice]:
    task = TaskRecipe.model_validate(
        {"name": "t", "adapter": adapter, "table": "", "share": 1.0, "codebook": "x", "candidates": 2}
    )
    context = Context(task, ACTS, confusions=confusions)
    made = (ADAPTERS[task.adapter]([ROWS[adapter]], context, random.Random(n)) for n in range(400))
    return [one for some in made for one in some if isinstance(one, Choice) and len(one.hypotheses) == 2]


@pytest.mark.parametrize("adapter", ["events", "dyads"])
def test_confused_labels_are_compared_more_often(adapter: str) -> None:
    def share(examples: list[Choice]) -> float:
        return sum("threaten" in " ".join(one.hypotheses).lower() for one in examples) / len(examples)

    assert share(listwise(adapter, None)) == pytest.approx(1 / 3, abs=0.12)
    assert share(listwise(adapter, Confusions([[0.0, 0.8, 0.1, 0.1]] * 4))) > 0.6


def test_candidates_at_random_are_those_of_before() -> None:
    """The figures in docs/experiments.md were made with these draws."""
    others = [one.hypotheses[1].removesuffix(" Sudria.") for one in listwise("dyads", None)[:6]]
    assert others == ["Norland AID", "Sudria FIGHT Norland.", *3 * ["Norland THREATEN"], "Norland TALK"]


@pytest.fixture
def values(tmp_path: Path) -> dict[str, Any]:
    """A recipe with one task, whose examples compare the right label with a mined one."""
    rows = [
        {"sentence": f"Norland {verb} Sudria in the {place}", "source": "Norland", "target": "Sudria", "label": label}
        for verb, label in (("attacked", "FIGHT"), ("accused", "THREATEN"), ("sent food to", "AID"), ("met", "TALK"))
        for place in ("city", "town", "village", "border")
    ]
    table = tmp_path / "rows.jsonl"
    table.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    codebook = tmp_path / "acts.toml"
    labels = "".join(f'[[labels]]\nid = "{one}"\ndyad = ["<S> {one} <T>."]\n' for one in ACTS.ids)
    codebook.write_text(f'name = "acts"\n{labels}', encoding="utf-8")
    return tiny_recipe(
        tmp_path,
        checkpoint_minutes=1e-9,  # a checkpoint after every step
        schedule={"steps": 8, "tokens_per_batch": 128, "learning_rate": 1e-2, "head_learning_rate": 1e-2},
        tasks=[
            {
                "name": "dyads",
                "adapter": "dyads",
                "table": str(table),
                "codebook": str(codebook),
                "share": 1.0,
                "max_tokens": 32,
                "candidates": 2,
                "negatives": "confused",
            }
        ],
    )


def test_a_killed_run_mines_the_same_negatives_again(
    values: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = run(recipe_from(values | {"output": str(tmp_path / "whole"), "work": str(tmp_path / "w1")}))
    assert "task dyads: hard negatives mined from 16 rows" in capsys.readouterr().out
    run_until_killed(recipe_from(values), 5)
    assert same(weights(whole), weights(run(recipe_from(values))))
    values["tasks"][0]["negatives"] = "random"
    assert not same(weights(whole), weights(run(recipe_from(values | {"work": str(tmp_path / "w2")}))))


def test_only_listwise_tasks_have_negatives(values: dict[str, Any]) -> None:
    values["tasks"][0]["adapter"] = "entailment"
    with pytest.raises(ConfigError, match="negatives are for the adapters 'events' and 'dyads', not 'entailment'"):
        recipe_from(values)
