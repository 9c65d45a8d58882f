"""Training a reader: what examples teach, that a killed run goes on exactly, and that faults show before time is spent."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from tiny_runs import run_until_killed, same, weights

from copydesk.configs.codebook import Codebook
from copydesk.configs.errors import ConfigError, InputError, ModelError
from copydesk.configs.recipe_reader import Schedule, TaskRecipe
from copydesk.models.marking import mark_pair
from copydesk.training.adapters import ADAPTERS, Context
from copydesk.training.examples import NONE_HOLDS, Choice, Example, Match, Pair, Tags, Twin, label_index
from copydesk.training.reader_run import judge, rate, recipe_from, run
from copydesk.training.reader_tasks import balance, split_groups
from copydesk.training.task_stream import TaskStream

STATEMENTS = [
    ("the army attacked the town", "the town was at peace", "contradiction"),
    ("police killed two people in the city", "two people died", "entailment"),
    ("the president visited moscow", "the minister won the match", "neutral"),
]


def write_rows(path: Path, rows: list[dict[str, Any]]) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    from tiny_checkpoints import save_bert

    return save_bert(tmp_path / "base", labels=None)


@pytest.fixture
def values(tmp_path: Path, base: Path) -> dict[str, Any]:
    """A recipe over two tiny tables: one for a sequence head, one for label matching."""
    nli = [{"premise": a, "hypothesis": b, "label": label} for a, b, label in STATEMENTS * 8]
    events = [
        {"text": "thousands of protesters in the city", "label": "protest"},
        {"text": "the bomb killed soldiers near the border", "label": "battle"},
    ] * 8
    (tmp_path / "labels.txt").write_text("protest\nbattle\ntalks\n", encoding="utf-8")
    return {
        "kind": "reader",
        "base": str(base),
        "output": str(tmp_path / "model"),
        "work": str(tmp_path / "work"),
        "seed": 5,
        "precision": "fp32",
        "evaluate_every": 4,
        "schedule": {"steps": 12, "tokens_per_batch": 128, "learning_rate": 1e-3, "head_learning_rate": 1e-2},
        "tasks": [
            {
                "name": "nli",
                "adapter": "entailment",
                "table": write_rows(tmp_path / "nli.jsonl", nli),
                "dev": str(tmp_path / "nli.jsonl"),
                "share": 2.0,
                "max_tokens": 32,
            },
            {
                "name": "events",
                "adapter": "events",
                "table": write_rows(tmp_path / "events.jsonl", events),
                "codebook": str(tmp_path / "labels.txt"),
                "share": 1.0,
                "dev_fraction": 0.25,
                "max_tokens": 32,
            },
        ],
    }


def test_it_learns_and_saves_a_hugging_face_checkpoint(values: dict[str, Any]) -> None:
    from transformers import AutoModel, AutoModelForSequenceClassification

    values["schedule"]["steps"] = 60
    folder = run(recipe_from(values))
    saved = json.loads((folder / "heads.json").read_text(encoding="utf-8"))
    assert saved["dev"]["nli"]["accuracy"] == 1.0  # three distinct pairs, seen many times
    assert saved["dev"]["nli"]["accuracy_low"] <= 1.0
    classifier = AutoModelForSequenceClassification.from_pretrained(folder)
    assert classifier.config.id2label == {0: "entailment", 1: "neutral", 2: "contradiction"}
    assert AutoModel.from_pretrained(folder).config.hidden_size == 24
    card = (folder / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "| nli | 24 | 1.000 [" in card
    assert "events (held out)" in card


def test_a_killed_run_goes_on_exactly(values: dict[str, Any], tmp_path: Path) -> None:
    values["checkpoint_minutes"] = 1e-9  # a checkpoint after every step
    whole = run(recipe_from(values | {"output": str(tmp_path / "whole"), "work": str(tmp_path / "w1")}))

    recipe = recipe_from(values)
    run_until_killed(recipe, 7)
    assert same(weights(whole), weights(run(recipe)))


def test_a_tuned_reader_keeps_what_was_fitted_for_its_base(values: dict[str, Any], tmp_path: Path) -> None:
    first = run(recipe_from(values))
    heads = json.loads((first / "heads.json").read_text(encoding="utf-8"))
    assert heads["dyad_codebooks"] == []
    assert "calibration" not in heads
    fitted = {"blend": {"voice": {"share": 0.7}}}
    (first / "heads.json").write_text(json.dumps(heads | {"calibration": fitted, "dyad_codebooks": ["mine"]}))
    more = {"base": str(first), "output": str(tmp_path / "tuned"), "work": str(tmp_path / "w2")}
    tuned = json.loads((run(recipe_from(values | more)) / "heads.json").read_text(encoding="utf-8"))
    assert tuned["calibration"] == fitted
    assert tuned["dyad_codebooks"] == ["mine"]


def test_another_recipe_does_not_go_on_from_a_checkpoint(values: dict[str, Any]) -> None:
    values["checkpoint_minutes"] = 1e-9
    run(recipe_from(values))
    with pytest.raises(ConfigError, match="another recipe \\(seed differ\\)"):
        run(recipe_from(values | {"seed": 6}))


def test_judging_again_gives_the_figures_of_the_run(values: dict[str, Any]) -> None:
    folder = run(recipe_from(values))
    first = json.loads((folder / "heads.json").read_text(encoding="utf-8"))["dev"]
    judge(recipe_from(values | {"work": str(folder.parent / "elsewhere")}))  # also where the run's own files are gone
    again = json.loads((folder / "heads.json").read_text(encoding="utf-8"))["dev"]
    assert again["nli"]["accuracy"] == pytest.approx(first["nli"]["accuracy"], abs=0.05)  # the saved weights are fp16
    assert again.keys() == first.keys()


def test_a_finished_model_is_a_base_to_train_on(values: dict[str, Any], tmp_path: Path) -> None:
    folder = run(recipe_from(values))
    on = values | {"base": str(folder), "output": str(tmp_path / "tuned"), "work": str(tmp_path / "w2")}
    assert (run(recipe_from(on)) / "model.safetensors").is_file()


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"base": "no/such-model"}, ModelError, "no checkpoint 'no/such-model'"),
        ({"kind": "reader", "sead": 3}, ConfigError, "sead"),
        ({"schedule": {"steps": 0}}, ConfigError, "schedule.steps"),
    ],
)
def test_wrong_recipes_are_refused(
    values: dict[str, Any],
    change: dict[str, Any],
    error: type[Exception],
    message: str,
) -> None:
    with pytest.raises(error, match=message):
        run(recipe_from(values | change))


def test_an_unknown_label_is_refused_before_training(values: dict[str, Any], tmp_path: Path) -> None:
    rows = [{"text": "a flood", "label": "flood"}, {"text": "a strike", "label": "strike"}]
    values["tasks"][1]["table"] = write_rows(tmp_path / "wrong.jsonl", rows * 4)
    with pytest.raises(InputError, match="the label 'flood' is unknown"):
        run(recipe_from(values))
    assert not (tmp_path / "work").exists()


def test_a_diverging_loss_stops_the_run(values: dict[str, Any]) -> None:
    values["schedule"] |= {"learning_rate": 1e20, "head_learning_rate": 1e20, "warmup": 0.0, "clip": 1e20}
    with pytest.raises(ModelError, match="the loss of task"):
        run(recipe_from(values))


def test_a_checkpoint_of_another_architecture_is_refused(values: dict[str, Any], tmp_path: Path) -> None:
    from transformers import DistilBertConfig

    DistilBertConfig().save_pretrained(tmp_path / "other")
    from tiny_checkpoints import save_tokenizer

    save_tokenizer(tmp_path / "other")
    with pytest.raises(ModelError, match="a distilbert checkpoint"):
        run(recipe_from(values | {"base": str(tmp_path / "other")}))


def test_the_rate_rises_then_falls_to_nothing() -> None:
    schedule = Schedule(steps=100, warmup=0.1)
    rates = [rate(step, schedule) for step in range(100)]
    assert max(rates) == 1.0
    assert rates[0] == pytest.approx(0.1)
    assert rates.index(1.0) in (9, 10)
    assert 0 < rates[-1] < 0.02


def test_a_stream_restored_at_a_batch_gives_the_same_batches() -> None:
    rows = [{"premise": f"sentence {n}", "hypothesis": "x" * (n % 7), "label": "neutral"} for n in range(50)]
    task = TaskRecipe(name="t", adapter="entailment", table="", share=1.0)
    stream = TaskStream(Context(task), rows, lambda texts: [len(text) for text in texts], 60, seed=1)
    first = [batch for batch, _ in zip(stream.batches(), range(60), strict=False)]
    assert len(first) == 60  # more than a pass: the table is read again
    assert first[23:40] == [batch for batch, _ in zip(stream.batches(skip=23), range(17), strict=False)]
    one_pass = [example for batch in first for example in batch][:50]
    assert len(set(one_pass)) == 50  # every row once before any comes again


def examples(adapter: str, rows: list[dict[str, Any]], *, fixed: bool = True, **recipe: Any) -> list[Any]:
    task = TaskRecipe.model_validate({"name": "t", "adapter": adapter, "table": "", "share": 1.0, **recipe})
    codebook = Codebook.load(task.codebook) if task.codebook else None
    return ADAPTERS[task.adapter](rows, Context(task, codebook, fixed=fixed), random.Random(0))


def test_turning_a_pair_round_turns_its_label_round() -> None:
    row = {"sentence": "Rivera praised Chen.", "p": "Rivera", "q": "Chen", "label": "p_positive_to_q"}
    seen = {(one.a, one.label) for one in examples("directed", [row] * 40, fixed=False)}
    assert seen == {
        ("<< Rivera >> praised {{ Chen }}.", label_index("directed", "p_positive_to_q")),
        ("{{ Rivera }} praised << Chen >>.", label_index("directed", "q_positive_to_p")),
    }


def test_a_dyad_lists_every_root_once_on_dev() -> None:
    row = {"sentence": "Norland accused Sudria.", "source": "Norland", "target": "Sudria", "label": "ACCUSE"}
    (one,) = examples("dyads", [row], codebook="plover15")
    codebook = Codebook.load("plover15")
    assert isinstance(one, Choice)
    assert len(one.hypotheses) == len(codebook.labels)
    assert codebook.ids[one.gold] == "ACCUSE"
    assert all("Norland" in text and "Sudria" in text and "<" not in text for text in one.hypotheses)
    assert one.a == "<< Norland >> accused {{ Sudria }}."


def test_a_dyad_asked_the_other_way_round_proves_nothing() -> None:
    row = {"sentence": "Norland accused Sudria.", "source": "Norland", "target": "Sudria", "label": "ACCUSE"}
    turned = [one for one in examples("dyads", [row] * 30, fixed=False, codebook="plover15") if one.gold == NONE_HOLDS]
    assert 5 < len(turned) < 25
    assert {one.a for one in turned} == {"{{ Norland }} accused << Sudria >>."}
    assert all(len(one.hypotheses) == 1 and one.hypotheses[0].startswith("Sudria") for one in turned)


def test_a_mutual_dyad_is_not_turned_round() -> None:
    row = {"sentence": "Norland met Sudria.", "source": "Norland", "target": "Sudria", "label": "CONSULT"}
    found = examples("dyads", [row] * 30, fixed=False, codebook="plover15", mutual=["CONSULT"])
    assert all(one.gold != NONE_HOLDS for one in found)


def test_a_hypothesis_that_does_not_hold_is_learnt_to_be_false(base: Path) -> None:
    import torch

    from copydesk.training.objectives import Objectives
    from copydesk.training.reader_model import load_base

    reader, tokenizer = load_base(str(base))
    reader.set_dropout(0.0)
    objectives = Objectives(reader, tokenizer, 0.05)
    batch = [Choice("the army attacked the town", ("the town attacked the army",), NONE_HOLDS)]
    optimiser = torch.optim.Adam(reader.parameters(), lr=1e-2)
    for _ in range(40):
        optimiser.zero_grad()
        torch.autograd.backward(objectives.loss(batch, 32))
        optimiser.step()
    odds, _ = objectives.answers(batch, 32)
    assert odds.item() < -2


def test_a_hypothesis_longer_than_the_window_is_cut(base: Path) -> None:
    from copydesk.training.objectives import Objectives
    from copydesk.training.reader_model import load_base

    reader, tokenizer = load_base(str(base))
    batch = [Pair("entailment", "the army left", "the town was at peace " * 40, 1)]
    assert Objectives(reader.eval(), tokenizer, 0.05).loss(batch, 32).item() > 0


def test_only_entailed_pairs_are_twins() -> None:
    rows = [{"premise": a, "hypothesis": b, "label": label} for a, b, label in STATEMENTS]
    assert examples("entailed_pairs", rows) == [Twin("police killed two people in the city", "two people died")]


def test_no_dropout_makes_a_step_repeatable(base: Path) -> None:
    from copydesk.training.objectives import Objectives
    from copydesk.training.reader_model import load_base

    reader, tokenizer = load_base(str(base))
    objectives = Objectives(reader.train(), tokenizer, 0.05)
    batch = [Pair("polarity", "the army attacked the town", "army", 0)]
    assert objectives.loss(batch, 32).item() != objectives.loss(batch, 32).item()
    reader.set_dropout(0.0)
    assert objectives.loss(batch, 32).item() == objectives.loss(batch, 32).item()
    assert reader.bert.config.hidden_dropout_prob > 0  # whoever trains on gets what the base had


def test_a_mutual_label_that_the_codebook_lacks_is_refused(values: dict[str, Any]) -> None:
    values["tasks"][1] |= {"mutual": ["MEET"]}
    with pytest.raises(InputError, match="mutual names 'MEET'"):
        run(recipe_from(values))


def test_an_event_is_matched_with_every_label_of_the_codebook_on_dev() -> None:
    (one,) = examples("events", [{"text": "Prices rose.", "label": "sport"}], codebook="desk")
    assert isinstance(one, Match)
    assert len(one.statements) == len(Codebook.load("desk").labels)
    assert Codebook.load("desk").ids[one.gold] == "sport"


def test_sentiment_is_asked_about_the_marked_mention() -> None:
    row = {"sentence": "She praised him.", "mention": "him", "start": 12, "end": 15, "label": "positive"}
    assert examples("polarity", [row]) == [Pair("polarity", "She praised << him >>.", "him", 0)]


def test_attribution_tags_cover_the_annotated_words() -> None:
    text = "The mayor said the bridge was closed."

    def span(words: str) -> list[dict[str, Any]]:
        start = text.index(words)
        return [{"start": start, "end": start + len(words), "text": words}]

    row = {
        "text": text,
        "attributions": [{"source": span("The mayor"), "cue": span("said"), "content": span("the bridge was closed")}],
    }
    (one,) = examples("attribution", [row])
    assert isinstance(one, Tags)
    assert [one.text[start:end] for start, end, _ in one.spans] == ["The mayor", "said", "the bridge was closed"]
    assert [label for *_, label in one.spans] == [1, 3, 5]


@pytest.mark.parametrize(
    ("first", "second", "marked"),
    [
        ("Iran", "Iranian media", "<< Iran >> blocked {{ Iranian media }}."),
        ("Mars", "Venus", "Iran blocked Iranian media."),
        (" Iran ", "media", "<< Iran >> blocked Iranian {{ media }}."),
    ],
)
def test_marking_two_actors(first: str, second: str, marked: str) -> None:
    assert mark_pair("Iran blocked Iranian media.", first, second) == marked


def test_no_group_is_on_both_sides_of_a_split() -> None:
    rows = [{"id": n // 3, "text": str(n)} for n in range(60)]
    dev, train = split_groups(rows, 0.2, "id", seed=3)
    assert len(dev) == 12
    assert {row["id"] for row in dev}.isdisjoint(row["id"] for row in train)
    assert len(dev) + len(train) == 60


def test_anchors_teach_the_likenesses_of_the_anchor(base: Path, tmp_path: Path) -> None:
    import torch
    from tiny_checkpoints import save_bert

    from copydesk.training.examples import Anchor
    from copydesk.training.objectives import Objectives
    from copydesk.training.reader_model import load_base

    held, tokenizer = load_base(str(base))
    reader, _ = load_base(str(save_bert(tmp_path / "other", labels=None, seed=9)))
    objectives = Objectives(reader.eval(), tokenizer, 0.05, held.eval())
    batch = [Anchor(f"The {who} {did} the town.") for who in ("army", "police") for did in ("left", "saw", "attacked")]
    before = objectives.loss(batch, 32).item()
    optimiser = torch.optim.Adam(reader.parameters(), lr=1e-2)
    for _ in range(60):
        optimiser.zero_grad()
        torch.autograd.backward(objectives.loss(batch, 32))
        optimiser.step()
    assert objectives.loss(batch, 32).item() < 0.2 * before
    assert Objectives(held, tokenizer, 0.05, held).loss(batch, 32).item() == pytest.approx(0.0, abs=1e-4)


def test_anchors_need_something_to_hold_on_to(values: dict[str, Any]) -> None:
    values["tasks"][1] |= {"adapter": "anchor"}
    with pytest.raises(ConfigError, match="the checkpoint to hold on to"):
        recipe_from(values)


QUESTIONS: dict[str, list[Example]] = {
    "pairs": [Pair("polarity", f"the army {did} the town", "the town", 0) for did in ("left", "saw", "attacked")],
    "tags": [Tags("attribution", f"police {did} the town", ((0, 6, 1),)) for did in ("left", "saw", "attacked")],
    "choices": [Choice(f"the army {did} it", ("the army left", "police came"), 0) for did in ("left", "saw")],
    "none holds": [Choice(f"the army {did} it", ("police came",), NONE_HOLDS) for did in ("left", "saw")],
    "matches": [Match(f"the army {did} it", (("the army left", "it went"), ("police",)), 0) for did in ("left", "saw")],
}


@pytest.mark.parametrize("batch", QUESTIONS.values(), ids=QUESTIONS)
def test_a_teacher_is_followed_against_the_gold_label(base: Path, tmp_path: Path, batch: list[Example]) -> None:
    import torch
    from tiny_checkpoints import save_bert

    from copydesk.training.objectives import IGNORED, Objectives
    from copydesk.training.reader_model import load_base

    teacher, tokenizer = load_base(str(save_bert(tmp_path / "other", labels=None, seed=9)))
    wanted, gold = Objectives(teacher.eval(), tokenizer, 0.5).answers(batch, 32)
    asked = gold != IGNORED
    reader, _ = load_base(str(base))
    objectives = Objectives(reader.eval(), tokenizer, 0.5, teachers=[teacher], distillation_weight=1.0)
    optimiser = torch.optim.Adam(reader.parameters(), lr=1e-3)
    for _ in range(150):
        optimiser.zero_grad()
        torch.autograd.backward(objectives.loss(batch, 32))
        optimiser.step()
    given = objectives.answers(batch, 32)[0]
    shares = (lambda x: x.sigmoid()) if wanted.shape[1] == 1 else (lambda x: x.softmax(1))
    torch.testing.assert_close(shares(given[asked]), shares(wanted[asked]), atol=0.05, rtol=0)


def test_a_teacher_that_cannot_verify_is_refused_for_events(values: dict[str, Any], base: Path) -> None:
    """Half of their examples ask the entailment classifier, which a bare encoder would answer at random."""
    values["tasks"] = values["tasks"][1:]
    assert values["tasks"][0]["adapter"] == "events"
    values["teachers"] = [str(base)]
    with pytest.raises(ConfigError, match="has no head 'entailment', which a task of the recipe trains"):
        run(recipe_from(values))


def test_a_teacher_without_the_head_of_a_task_is_refused(values: dict[str, Any], base: Path, tmp_path: Path) -> None:
    mention = {"sentence": "the army left", "mention": "army", "start": 4, "end": 8}
    rows = [mention | {"label": label} for label in ("neutral", "negative") * 8]
    table = write_rows(tmp_path / "mentions.jsonl", rows)
    values["tasks"] = [{"name": "mentions", "adapter": "polarity", "table": table, "share": 1.0}]
    values["teachers"] = [str(base)]
    with pytest.raises(ConfigError, match="has no head 'polarity', which a task of the recipe trains"):
        run(recipe_from(values))


@pytest.mark.parametrize("base_is_trained", [True, False])
def test_the_base_has_its_share_in_what_is_saved(values: dict[str, Any], tmp_path: Path, base_is_trained: bool) -> None:
    """But none in the classifier, where it has none of its own."""
    if base_is_trained:
        values |= {"base": str(run(recipe_from(values)))}
    base = weights(Path(values["base"]))
    saved = {}
    for share in (0.0, 0.25):
        place = {"output": str(tmp_path / f"model{share}"), "work": str(tmp_path / f"work{share}"), "base_share": share}
        folder = run(recipe_from(values | place))
        saved[share] = weights(folder)
        told = "(0.25)" in (folder / "MODEL_CARD.md").read_text(encoding="utf-8")
        assert told == (share == 0.25)
    moved = 0
    for name, trained in saved[0.0].items():
        before = base.get(name, base.get(name.removeprefix("bert.")))
        wanted = trained if before is None else 0.75 * trained + 0.25 * before
        assert (saved[0.25][name] - wanted).abs().max() < 1e-3, name
        moved += before is not None and bool(
            (trained - before).abs().max() > 5e-3
        )  # a quarter is more than the tolerance
    assert moved > 10


def test_no_class_has_more_rows_than_asked_for() -> None:
    rows = [{"label": "rare" if n % 10 == 0 else "common", "n": n} for n in range(100)]
    kept = balance(rows, 15, seed=2)
    assert [row["label"] for row in kept].count("common") == 15
    assert [row["label"] for row in kept].count("rare") == 10
    assert [row["n"] for row in kept] == sorted(row["n"] for row in kept)
    assert kept == balance(rows, 15, seed=2)
