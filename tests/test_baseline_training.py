"""Training the baseline on the tiny tables, as a user with tables of their own would."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from copydesk.configs.codebook import Codebook
from copydesk.configs.errors import InputError
from copydesk.configs.recipe_baseline import BaselineRecipe, EventsRecipe
from copydesk.models.baseline import load_baseline, read_parts
from copydesk.models.segmenter import read_article
from copydesk.models.suite import PolarityQuery, Suite
from copydesk.training.baseline_fit_events import EventsJob, told_sentences
from copydesk.training.baseline_parts import round_coefficients
from copydesk.training.baseline_run import run

TINY = Path(__file__).parents[1] / "training" / "tiny"
SHIPPED = Path(__file__).parents[1] / "models" / "embedded" / "baseline"
EVENTS = {"codebook": "plover", "train": [{"table": "plover_sentences.jsonl"}], "words": 2000, "chars": 3000}
DYADS = {"codebook": "plover", "table": "plover_sentences.jsonl"}
VOICE = {"table": "stance_sentences.jsonl", "dev": "stance_sentences.jsonl", "features": 3000}


def recipe(output: Path, **parts: Any) -> BaselineRecipe:
    return BaselineRecipe.of({"kind": "baseline", "output": str(output), "data": str(TINY)} | parts)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run(
        recipe(tmp_path_factory.mktemp("tiny") / "model", events=[EVENTS], dyads=[DYADS], polarity={"voice": VOICE})
    )


@pytest.fixture(scope="module")
def suite(folder: Path) -> Suite:
    return load_baseline(folder)


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (TINY / name).read_text(encoding="utf-8").splitlines()]


def test_it_learns_its_tables(suite: Suite) -> None:
    codebook = Codebook.load("plover")
    table = rows("plover_sentences.jsonl")
    tags = suite.events.tag([read_article(row["text"]) for row in table], codebook, exclusive=True)
    assert sum(one[0].label == row["label"] for one, row in zip(tags, table, strict=True)) > 0.8 * len(table)
    codes = suite.dyads.code([(row["sentence"], row["source"], row["target"]) for row in table], codebook)
    assert sum(code.label == row["root"] for code, row in zip(codes, table, strict=True)) > 0.9 * len(table)


def test_verdicts_teach_beside_the_tables_but_for_doubts_and_dev_rows(tmp_path: Path) -> None:
    from datasets import Dataset

    for name in ("news_train", "news_dev"):
        Dataset.from_list([{"text": "The zorbal gathered. The weather was mild."}]).to_parquet(
            str(tmp_path / f"{name}.parquet")
        )
    verdicts = tmp_path / "verdicts.tsv"
    lines = [
        "news_train\t0\t0\t20\tplover:*\tplover:protest;plover:threaten\t",
        "news_train\t0\t21\t42\tplover:*\t\t",
        "news_train\t0\t25\t42\tplover:*\t\t",
        "news_train\t0\t0\t10\tplover:*\tplover:aid\tplover:accuse",
        "news_train\t0\t0\t10\tlexicon:strike\tlexicon:strike\t",
        "news_dev\t0\t0\t20\tplover:*\tplover:aid\t",
    ]
    verdicts.write_text("table\trow\tstart\tend\tasked\theld\tdoubtful\n" + "\n".join(lines), encoding="utf-8")
    assert list(told_sentences(verdicts, tmp_path, Codebook.load("plover"))) == [
        ("The zorbal gathered.", "PROTEST"),
        ("The zorbal gathered.", "THREATEN"),
        ("The weather was mild.", ""),
        ("weather was mild.", ""),
    ]
    table = TINY / "plover_sentences.jsonl"
    values = {**EVENTS, "train": [{"table": str(table)}], "verdicts": str(verdicts)}
    job = EventsJob(EventsRecipe.model_validate(values), recipe(tmp_path / "model", data=str(tmp_path)))
    model = job.fit(read_parts(SHIPPED)).parts["events-plover"]
    assert "" in model.classes_


def test_the_metrics_say_what_was_measured_on_what(folder: Path) -> None:
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    assert set(metrics["parts"]) == {"events plover", "dyads plover", "polarity voice"}
    assert 0 < metrics["parts"]["events plover"]["dev"]["held-out fifth"]["macro_f1"] < 1
    assert set(metrics["parts"]["dyads plover"]["dev"]) == {"cross-validation by sentence", "similarity alone"}
    assert metrics["parts"]["polarity voice"]["dev"]["stance_sentences.jsonl"]["rows"] == 84
    assert metrics["recipe"]["events"][0]["words"] == 2000


def test_what_the_recipe_leaves_out_is_the_shipped_model(suite: Suite) -> None:
    shipped = load_baseline()
    document = read_article(
        "The mayor opened a new bridge on Sunday. Hundreds of residents cheered as she cut the ribbon."
    )
    assert suite.headlines.headlines(document) == shipped.headlines.headlines(document)
    assert suite.events.tag([document], Codebook.load("desk")) == shipped.events.tag([document], Codebook.load("desk"))


def test_the_same_seed_trains_the_same_model(suite: Suite, tmp_path: Path) -> None:
    again = load_baseline(run(recipe(tmp_path / "again", events=[EVENTS])))
    documents = [read_article(row["text"]) for row in rows("plover_sentences.jsonl")[::10]]
    codebook = Codebook.load("plover")
    assert again.events.tag(documents, codebook) == suite.events.tag(documents, codebook)


def test_all_other_parts_train_from_small_tables(tmp_path: Path) -> None:
    stories = [
        (
            f"Floods hit town {n}",
            f"Floods hit the town of Vale{n} on Monday. Roads were closed. The mayor said that {n + 3} people were rescued.",
        )
        for n in range(12)
    ]
    tables: dict[str, list[dict[str, Any]]] = {
        "texts": [{"text": text, "label": "flood" if n % 2 else "rescue"} for n, (_, text) in enumerate(stories)],
        "news": [{"headline": headline, "lead": text} for headline, text in stories],
        "compression": [
            {"sentence": f"The river Ouse rose by {n} metres on Monday.", "compression": f"Ouse rose by {n} metres."}
            for n in range(12)
        ],
        "bodies": [{"body_id": n, "body": text} for n, (_, text) in enumerate(stories)],
        "pairs": [
            {"headline": stories[n if label != "unrelated" else (n + 1) % 12][0], "body_id": n, "label": label}
            for n in range(12)
            for label in ("agree", "disagree", "discuss", "unrelated")
        ],
    }
    for name, content in tables.items():
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in content), encoding="utf-8")
    (tmp_path / "book.toml").write_text(
        'name = "book"\n[[labels]]\nid = "flood"\n[[labels]]\nid = "rescue"\n', encoding="utf-8"
    )
    whole = BaselineRecipe.of(
        {
            "kind": "baseline",
            "output": str(tmp_path / "model"),
            "data": str(tmp_path),
            "similarity": {
                "texts": [{"table": "texts.jsonl"}],
                "match": {str(tmp_path / "book.toml"): {"table": "texts.jsonl"}},
            },
            "claims": {"pairs": "pairs.jsonl", "bodies": "bodies.jsonl", "rounds": 5, "unrelated": 6},
            "salience": {"table": "news.jsonl", "dev": "news.jsonl"},
            "keep": {"table": "compression.jsonl", "held_out": 3},
        }
    )
    suite = load_baseline(run(whole))
    document = read_article(stories[0][1])
    assert suite.headlines.summary(document, 1)[0].text.startswith("Floods hit the town")
    assert suite.claims.read(document, stories[0][0]).evidence
    metrics = json.loads((tmp_path / "model" / "metrics.json").read_text(encoding="utf-8"))["parts"]
    assert metrics["keep"]["dev"]["last 3 rows"]["sentences"] == 3
    judged = metrics["salience"]["dev"]["news.jsonl"]
    assert judged["rouge1_f1_first"] <= judged["rouge1_f1_best"]


def test_polarity_knows_where_the_target_stands(suite: Suite) -> None:
    scorer = suite.stance._polarity  # type: ignore[attr-defined]
    text = "The critic praised Anna and mocked Boris."
    scores = scorer.polarity([PolarityQuery(text, "Anna", ((19, 23),)), PolarityQuery(text, "Boris", ((35, 40),))])
    assert scores.shape == (2, 3)
    assert abs(scores.sum(axis=1) - 1).max() < 1e-5
    assert abs(scores[0] - scores[1]).max() > 0.01


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"events": [{**EVENTS, "codebook": "desk"}]}, "label 'ACCUSE' is unknown"),
        ({"events": [{**EVENTS, "train": [{"table": "plover_sentences.jsonl", "text": "body"}]}]}, "no column 'body'"),
        ({"dyads": [{**DYADS, "label": "quad"}]}, "no column 'quad'"),
        ({"polarity": {"voice": {**VOICE, "table": "plover_sentences.jsonl"}}}, "no column 'start'"),
        ({"polarity": {"directed": VOICE}}, "no column 'p'"),
        ({"keep": {"table": "stance_sentences.jsonl"}}, "no column 'compression'"),
        (
            {"events": [{**EVENTS, "train": [{"table": "plover_sentences.jsonl", "limit": 20}]}]},
            "example, which can't be both learnt and judged",
        ),
    ],
)
def test_unfit_tables_are_refused_before_time_is_spent(
    parts: dict[str, Any], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spend_time(*_: object) -> None:
        raise AssertionError("training had begun")

    monkeypatch.setattr("copydesk.training.baseline_fit_events.EventsJob.fit", spend_time)
    with pytest.raises(InputError, match=message):
        run(recipe(tmp_path / "model", **{"events": [EVENTS], **parts}))
    assert not (tmp_path / "model").exists()


def test_a_mention_outside_its_sentence(tmp_path: Path) -> None:
    table = tmp_path / "mentions.jsonl"
    good = {"sentence": "Anna won.", "start": 0, "end": 4, "label": "positive"}
    content = [good, good, {**good, "end": 40, "label": "negative"}, {**good, "label": "negative"}]
    table.write_text("".join(json.dumps(row) + "\n" for row in content), encoding="utf-8")
    with pytest.raises(InputError, match=r"row 3 has the mention 0\.\.40 outside its sentence"):
        run(recipe(tmp_path / "model", polarity={"voice": {"table": str(table)}}))


def test_claims_may_not_share_bodies_between_train_and_dev(tmp_path: Path) -> None:
    pairs = [{"headline": "A flood", "body_id": n, "label": label} for n in (1, 2) for label in ("agree", "discuss")]
    (tmp_path / "pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in pairs), encoding="utf-8")
    (tmp_path / "bodies.jsonl").write_text(
        "".join(json.dumps({"body_id": n, "body": "A flood came."}) + "\n" for n in (1, 2)), encoding="utf-8"
    )
    claims = {"pairs": "pairs.jsonl", "dev": "pairs.jsonl", "bodies": "bodies.jsonl"}
    with pytest.raises(InputError, match="2 bodies stand in the training pairs too"):
        run(
            BaselineRecipe.of(
                {"kind": "baseline", "output": str(tmp_path / "m"), "data": str(tmp_path), "claims": claims}
            )
        )


def test_rounded_coefficients_are_near_and_stay_float32() -> None:
    texts = ["the port closed", "the mayor resigned", "a crane fell", "the vote was held"]
    model = make_pipeline(TfidfVectorizer(dtype=np.float32), LogisticRegression()).fit(texts, [0, 1, 0, 1])
    exact = model[-1].coef_.copy()
    round_coefficients(model)
    rounded = model[-1].coef_
    assert rounded.dtype == np.float32
    assert np.abs(rounded - exact).max() > 0
    assert (np.abs(rounded - exact) <= np.abs(exact) / 256).all()
    assert model.predict(texts).tolist() == [0, 1, 0, 1]
