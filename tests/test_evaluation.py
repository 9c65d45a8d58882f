"""``copydesk evaluate``: tables, gold labels, figures, and the five tasks end to end on a predictor with known answers."""

import argparse
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keyword_desk import keyword_predictor
from sklearn.metrics import accuracy_score, cohen_kappa_score, f1_score, precision_recall_fscore_support

from copydesk import Codebook
from copydesk.configs.errors import ConfigError, CopydeskError, InputError
from copydesk.training import evaluate_command
from copydesk.training.gold_labels import parse_mapping, read_gold, restricted, without_thresholds
from copydesk.training.headline_scores import cut, headline_scores, lead
from copydesk.training.labelled_table import Table, read_table
from copydesk.training.metrics import calibration_error, multi_label_scores, single_label_scores
from copydesk.training.resampling import Resampling, mean_figures
from copydesk.training.stance_evaluation import challenge_score

LABELS = ["flood", "strike", "vote"]
ACLED = Codebook.load("acled")


def table(*rows: dict[str, Any]) -> Table:
    return Table("rows.csv", rows, tuple(rows[0]))


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def evaluate(*arguments: object, task_model: Any = None) -> int:
    parser = argparse.ArgumentParser()
    evaluate_command.add_arguments(parser)
    return evaluate_command.run(
        parser.parse_args([str(one) for one in arguments]), lambda _: task_model or keyword_predictor()
    )


# Tables


def test_csv_keeps_labels_that_look_like_missing_values(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", '\ufefftext,label\n"one, two\nthree",None\nfour,NA\n')
    read = read_table(path)
    assert [row["label"] for row in read.rows] == ["None", "NA"]
    assert read.texts("text") == ["one, two\nthree", "four"]


def test_jsonl_tsv_and_parquet_read_alike(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [{"text": "a b", "label": "x"}, {"text": "c", "label": "y"}]
    paths = [
        write(tmp_path / "t.jsonl", "\n\n".join(json.dumps(row) for row in rows) + "\n"),
        write(tmp_path / "t.tsv", "text\tlabel\na b\tx\nc\ty\n"),
        tmp_path / "t.parquet",
    ]
    pq.write_table(pa.Table.from_pylist(rows), paths[2])
    for path in paths:
        read = read_table(path)
        assert read.columns == ("text", "label")
        assert [dict(row) for row in read.rows] == rows


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.csv", "text,label\na,b,c\n", "line 2 has more or fewer cells"),
        ("t.csv", "text,label\n", "no rows"),
        ("t.csv", 'text,label\n"a,b\n', "unexpected end of data"),
        ("t.jsonl", '{"text": "a"}\n{"text":\n', "t.jsonl:2: not valid JSON"),
        ("t.jsonl", "[1]\n", "not a JSON object"),
        ("t.parquet", "no parquet", "not a parquet file"),
        ("t.xlsx", "", "cannot be read from a .xlsx suffix"),
    ],
)
def test_a_bad_table_says_where_and_what(tmp_path: Path, name: str, content: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_table(write(tmp_path / name, content))


def test_a_table_in_another_encoding_says_so(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("text,label\ncafé,a\n".encode("latin-1"))
    with pytest.raises(InputError, match="byte 14 is not UTF-8"):
        read_table(path)


def test_a_missing_column_and_an_empty_cell_are_named() -> None:
    rows = table({"text": "a", "label": "x"}, {"text": " ", "label": "y"})
    with pytest.raises(InputError, match=r"no column 'body'\. The columns are: text, label"):
        rows.texts("body")
    with pytest.raises(InputError, match="row 2 has an empty 'text'"):
        rows.texts("text")


def test_a_sample_is_seeded_and_in_order() -> None:
    rows = table(*({"n": number} for number in range(100)))
    first, again, other = rows.sample(10, 1), rows.sample(10, 1), rows.sample(10, 2)
    numbers = [row["n"] for row in first.rows]
    assert numbers == sorted(numbers)
    assert first == again != other
    assert rows.sample(None, 1) is rows.sample(100, 1) is rows


# Gold labels


@pytest.mark.parametrize(
    ("cells", "separator"),
    [(["flood;strike", ""], ";"), ([["flood", "strike"], []], None), (['["flood", "strike"]', "[]"], None)],
)
def test_several_labels_in_one_cell(cells: list[Any], separator: str | None) -> None:
    gold = read_gold(
        table(*({"label": cell} for cell in cells)), ["label"], Codebook.from_labels(LABELS), separator=separator
    )
    assert gold.sets == (frozenset({"flood", "strike"}), frozenset())
    assert gold.judged == tuple(LABELS)


def test_columns_of_zero_and_one_are_judged_and_no_others() -> None:
    rows = table({"flood": "1", "walkout": 0}, {"flood": 0, "walkout": True})
    gold = read_gold(rows, ["flood", "walkout"], Codebook.from_labels(LABELS), mapping={"walkout": "strike"})
    assert gold.sets == (frozenset({"flood"}), frozenset({"strike"}))
    assert gold.judged == ("flood", "strike")
    with pytest.raises(InputError, match=r"row 1 has 'maybe' in 'b'"):
        read_gold(table({"a": 1, "b": "maybe"}), ["a", "b"], None)


def test_labels_are_known_by_name_too_and_parents_count_as_right() -> None:
    gold = read_gold(table({"label": "armed clash"}), ["label"], ACLED)
    assert gold.sets == (frozenset({"armed_clash"}),)
    assert gold.with_ancestors() == [frozenset({"armed_clash", "battles"})]


def test_labels_joined_in_a_cell_ask_for_their_separator() -> None:
    rows = table({"label": "flood; strike"})
    with pytest.raises(InputError, match=r"'flood; strike' is no label .*--separator ';'"):
        read_gold(rows, ["label"], Codebook.from_labels(["flood", "strike"]))


def test_an_unknown_label_is_named_with_the_way_to_map_it() -> None:
    with pytest.raises(InputError, match=r"'quake' is no label of the codebook 'labels', .*flood.*--map 'quake'=LABEL"):
        read_gold(table({"label": "quake"}), ["label"], Codebook.from_labels(LABELS))


def test_without_a_codebook_the_labels_found_are_it() -> None:
    assert read_gold(table({"label": "b"}, {"label": "a"}), ["label"], None).codebook.ids == ("a", "b")


@pytest.mark.parametrize("entry", ["sports", "=sport", "sports="])
def test_a_mapping_that_cannot_be_read(entry: str) -> None:
    with pytest.raises(ConfigError, match="--map cannot read"):
        parse_mapping([entry])


def test_a_mapping_may_join_labels_but_not_split_one() -> None:
    assert parse_mapping(["a=x", "b=x"]) == {"a": "x", "b": "x"}
    with pytest.raises(ConfigError, match="'a' twice: 'x' and 'y'"):
        parse_mapping(["a=x", "a=y"])


def test_a_restricted_codebook_is_another_codebook() -> None:
    hash_before = ACLED.content_hash
    few = restricted(ACLED, ["armed_clash", "grenade"])
    assert few.ids == ("armed_clash", "grenade")
    assert few.label("armed_clash").parent is None
    assert few.content_hash != hash_before
    free = without_thresholds(ACLED)
    assert {free.threshold_of(label) for label in free.labels} == {0.0}


# Figures

PAIRS = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd")), min_size=2, max_size=30)
ONE_GROUP = 3
"""Resamples of a single group: each holds the rows themselves, so that the interval's ends must equal the value."""


@settings(deadline=None, max_examples=30)
@given(PAIRS)
def test_single_label_figures_are_scikit_learns_and_so_are_the_resamples(pairs: list[tuple[str, str]]) -> None:
    gold, answers = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    one_group = Resampling(groups=[0] * len(gold), resamples=ONE_GROUP)
    scores = single_label_scores(gold, answers, np.ones(len(gold)), one_group)
    present = sorted(set(gold))
    expected = {
        "accuracy": accuracy_score(gold, answers),
        "macro F1": f1_score(gold, answers, labels=present, average="macro", zero_division=0.0),
        "weighted F1": f1_score(gold, answers, average="weighted", zero_division=0.0),
    }
    if len({*gold, *answers}) > 1:
        expected["Cohen's kappa"] = cohen_kappa_score(gold, answers)
    for name, value in expected.items():
        figure = scores.overall[name]
        assert (figure.value, figure.low, figure.high) == pytest.approx((value,) * 3), name
    for label in scores.labels:
        p, r, f, support = precision_recall_fscore_support(gold, answers, labels=[label.label], zero_division=np.nan)
        assert label.support == support[0]
        for figure, value in ((label.precision, p[0]), (label.recall, r[0]), (label.f1, f[0])):
            if np.isnan(value):
                assert (figure.value, figure.low, figure.high) == (None, None, None)
            else:
                assert (figure.value, figure.low, figure.high) == pytest.approx((value,) * 3)
    assert sum(map(sum, scores.confusion)) == len(gold)


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 4), st.integers(1, 20), st.integers(0, 2**32 - 1))
def test_multi_label_figures_are_scikit_learns_and_so_are_the_resamples(labels: int, rows: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    gold, scores = generator.random((rows, labels)) < 0.4, generator.random((rows, labels))
    answers = scores > 0.5
    names = [f"l{j}" for j in range(labels)]
    result = multi_label_scores(gold, answers, scores, names, Resampling(groups=[0] * rows, resamples=ONE_GROUP))
    by_label = [
        f1_score(gold[:, j], answers[:, j], zero_division=np.nan) if gold[:, j].any() else np.nan for j in range(labels)
    ]
    hits, wrong = (gold & answers).sum(), (gold ^ answers).sum()
    rows_f1 = [
        2 * (g & a).sum() / (g.sum() + a.sum()) for g, a in zip(gold, answers, strict=True) if g.any() or a.any()
    ]
    expected = {
        "macro F1": np.nanmean(by_label) if gold.any() else None,
        "micro F1": 2 * hits / (2 * hits + wrong) if hits or wrong else None,
        "sample-wise F1": np.mean(rows_f1) if rows_f1 else None,
        "accuracy (every label right)": (gold == answers).all(axis=1).mean(),
    }
    for name, value in expected.items():
        figure = result.overall[name]
        same = None if value is None else pytest.approx(value)
        assert (figure.value, figure.low, figure.high) == (same, same, same), name


def test_flattened_zeros_earn_nothing() -> None:
    gold = np.zeros((100, 5), dtype=bool)
    gold[0, 0] = True
    silent = multi_label_scores(gold, np.zeros_like(gold), np.zeros((100, 5)), list("abcde"), Resampling(resamples=0))
    assert silent.overall["macro F1"].value == silent.overall["micro F1"].value == 0.0
    assert silent.labels[1].f1.value is None


def test_rows_of_one_article_are_drawn_together() -> None:
    generator = np.random.default_rng(0)
    right = np.repeat(generator.random(20) < 0.5, 10)  # twenty articles, all ten rows of each right or wrong
    gold, answers = ["a"] * 200, ["a" if one else "b" for one in right]
    alone = single_label_scores(gold, answers, np.ones(200)).overall["accuracy"]
    grouped = single_label_scores(
        gold, answers, np.ones(200), Resampling(groups=[row // 10 for row in range(200)])
    ).overall["accuracy"]
    assert alone.value == grouped.value
    assert grouped.high - grouped.low > 2 * (alone.high - alone.low)  # type: ignore[operator]


def test_intervals_are_seeded_and_hold_the_value() -> None:
    values = np.random.default_rng(3).normal(size=(50, 2))
    one, again, other = (mean_figures(values, Resampling(seed=seed)) for seed in (1, 1, 2))
    assert one == again != other
    for figure, mean in zip(one, values.mean(axis=0), strict=True):
        assert figure.value == pytest.approx(mean)
        assert figure.low < mean < figure.high  # type: ignore[operator]


def test_calibration_error_of_known_scores() -> None:
    correct = np.array([True] * 7 + [False] * 3)
    assert calibration_error(np.full(10, 0.7), correct) == pytest.approx(0.0)
    assert calibration_error(np.full(10, 1.0), correct) == pytest.approx(0.3)
    assert calibration_error(np.array([0.0, 1.0]), np.array([False, True])) == pytest.approx(0.0)


def test_coverage_falls_as_the_threshold_rises() -> None:
    confidence = np.array([0.2, 0.4, 0.6, 0.8])
    scores = single_label_scores(list("aabb"), list("baba"), confidence, Resampling(resamples=0))
    by_threshold = {row.threshold: row for row in scores.coverage}
    assert [row.coverage for row in scores.coverage] == sorted((row.coverage for row in scores.coverage), reverse=True)
    assert (by_threshold[0.5].coverage, by_threshold[0.5].risk, by_threshold[0.5].recall) == (0.5, 0.5, 0.25)
    assert by_threshold[0.9].risk is None


# Headlines


def test_a_headline_is_cut_at_whole_words_by_bytes() -> None:
    assert cut("Floods hit the south", 20) == "Floods hit the south"
    assert cut("Floods hit the south", 19) == "Floods hit the"
    assert cut("Floods hit the south", 14) == "Floods hit the"
    assert cut("Überflutung überall", 12) == "Überflutung"
    assert cut("Überflutung", 5) == ""


def test_the_yardstick_starts_at_the_prose() -> None:
    text = (
        "A title of the article\n\nHARBOUR, Nov 3 (Agency) - Dock workers walked out on Monday. They want more pay.\n"
    )
    assert lead(text, 40) == "Dock workers walked out on Monday. They"


def test_headline_scores_compare_with_the_first_words() -> None:
    published = ["Dock workers strike in port", "Flood kills four"]
    scores = headline_scores(["dock workers strike in port", ""], ["Weather was", "Flood kills four"], published, 75)
    assert scores.ours["ROUGE-1 F1"].value == pytest.approx(0.5)
    assert scores.lead["ROUGE-1 F1"].value == pytest.approx(0.5)
    assert scores.difference["ROUGE-1 F1"].value == pytest.approx(0.0)
    assert scores.unanswered == 1


# The command, end to end


def test_exclusive_events(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        "The flood 0.8 came.,flood",
        "A strike 0.6 began.,strike",
        "The vote 0.7 is on.,strike",
        "A vote 0.3 was.,vote",
    ]
    path = write(tmp_path / "t.csv", "text,kind\n" + "\n".join(rows) + "\n")
    out, answers = tmp_path / "figures.json", tmp_path / "answers.jsonl"
    labels = write(tmp_path / "mine.txt", "\n".join(LABELS))
    options = ["--label", "kind", "--codebook", labels, "--json", out, "--predictions", answers]
    assert evaluate("events", path, *options) == 0
    figures = json.loads(out.read_text(encoding="utf-8"))
    assert figures["overall"]["accuracy"]["value"] == 0.75
    assert (figures["model"], figures["codebook"], figures["rows"]) == ("keywords", "mine", 4)
    assert figures["confusion"] == [[1, 0, 0], [0, 1, 1], [0, 0, 1]]
    written = [json.loads(line) for line in answers.read_text(encoding="utf-8").splitlines()]
    assert [(one["gold"], one["given"]) for one in written][2] == ("strike", "vote")
    assert written[2]["evidence"]
    assert [one["row"] for one in written] == [1, 2, 3, 4]
    assert figures["confusion_axes"] == {"rows": "gold", "columns": "given", "labels": ["flood", "strike", "vote"]}
    page = capsys.readouterr().out
    assert "accuracy" in page
    assert "75.0" in page
    assert re.search(r"right / given +flood +strike +vote", page)
    assert re.search(r"strike +0 +1 +1 *\n", page)


def test_answers_say_which_row_of_the_file_they_are_of(tmp_path: Path) -> None:
    rows = ["The flood 0.8 came.,flood,a", ",flood,a", "A vote 0.3 was.,vote,b", "A strike 0.6 began.,strike,c"]
    path = write(tmp_path / "t.csv", "text,kind,story\n" + "\n".join(rows) + "\n")
    answers, labels = tmp_path / "answers.jsonl", write(tmp_path / "mine.txt", "\n".join(LABELS))
    options = ["--label", "kind", "--codebook", labels, "--skip-empty", "--group", "story", "--predictions", answers]
    assert evaluate("events", path, *options) == 0
    written = [json.loads(line) for line in answers.read_text(encoding="utf-8").splitlines()]
    assert [(one["row"], one["group"]) for one in written] == [(1, "a"), (3, "b"), (4, "c")]
    table = read_table(path)
    sampled = table.sample(2, seed=0)
    assert [table.rows[number - 1] for number in sampled.numbers] == list(sampled.rows)


def test_multi_label_events_by_the_codebooks_thresholds(tmp_path: Path) -> None:
    book = write(
        tmp_path / "b.toml",
        'name = "b"\nthreshold = 0.5\n[[labels]]\nid = "flood"\nthreshold = 0.9\n[[labels]]\nid = "strike"\n',
    )
    rows = ["flood 0.95 and strike 0.6 today.,flood;strike", "flood 0.8 today.,flood", "Nothing at all.,"]
    path = write(tmp_path / "t.csv", "text,label\n" + "\n".join(rows) + "\n")
    out = tmp_path / "figures.json"
    assert evaluate("events", path, "--codebook", book, "--separator", ";", "--json", out) == 0
    figures = json.loads(out.read_text(encoding="utf-8"))
    flood, strike = figures["labels"]
    assert (flood["recall"]["value"], flood["precision"]["value"], flood["given"]) == (0.5, 1.0, 1)
    assert strike["f1"]["value"] == 1.0
    assert flood["average_precision"] == 1.0


def test_a_sub_type_counts_as_the_parent_that_the_table_codes(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "text,label\nAn armed_clash 0.9 today.,battles\nriots 0.9 today.,riots\n")
    out = tmp_path / "figures.json"
    evaluate("events", path, "--codebook", "acled", "--json", out)
    assert json.loads(out.read_text(encoding="utf-8"))["overall"]["accuracy"]["value"] == 1.0


def test_dyads(tmp_path: Path) -> None:
    rows = ["Aland will assault Borland,Aland,Borland,ASSAULT", "Aland and Borland agree,Aland,Borland,AGREE"]
    path = write(tmp_path / "t.csv", "sentence,source,target,root\n" + "\n".join(rows) + "\n")
    out = tmp_path / "figures.json"
    assert evaluate("dyads", path, "--text", "sentence", "--label", "root", "--json", out) == 0
    figures = json.loads(out.read_text(encoding="utf-8"))
    assert figures["overall"]["accuracy"]["value"] == 1.0
    assert figures["codebook"] == "plover15"


def test_stance_by_name_by_span_and_by_holder(tmp_path: Path) -> None:
    rows = [("Ann praises Bob.", "positive", 12, 15, "Ann"), ("Ann blames Bob.", "negative", 11, 14, "Cy")]
    lines = [f"{text},Bob,{label},{start},{end},{holder}" for text, label, start, end, holder in rows]
    path = write(tmp_path / "t.csv", "text,target,label,from,to,who\n" + "\n".join(lines) + "\n")
    accuracy = {}
    for name, options in {"name": [], "span": ["--span", "from", "to"], "holder": ["--holder", "who"]}.items():
        out = tmp_path / f"{name}.json"
        assert evaluate("stance", path, *options, "--json", out) == 0
        accuracy[name] = json.loads(out.read_text(encoding="utf-8"))["overall"]["accuracy"]["value"]
    assert accuracy == {"name": 1.0, "span": 1.0, "holder": 0.5}


def test_directed_stance_knows_who_blames_whom(tmp_path: Path) -> None:
    rows = [
        "Ann blames Bob.,Ann,Bob,p_negative_to_q",
        "Ann blames Bob.,Bob,Ann,q_negative_to_p",
        "Ann sees Bob.,Ann,Bob,neutral",
    ]
    path = write(tmp_path / "t.csv", "text,p,q,label\n" + "\n".join(rows) + "\n")
    out = tmp_path / "figures.json"
    assert evaluate("stance", path, "--pair", "p", "q", "--json", out) == 0
    assert json.loads(out.read_text(encoding="utf-8"))["overall"]["accuracy"]["value"] == 1.0


def test_rows_with_an_empty_cell_are_an_error_or_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = ["Ann blames Bob.,Ann,Bob,p_negative_to_q", "Ann blames.,Ann,,neutral", "Ann sees Bob.,Ann,Bob,neutral"]
    path = write(tmp_path / "t.csv", "text,p,q,label\n" + "\n".join(rows) + "\n")
    out = tmp_path / "figures.json"
    with pytest.raises(InputError, match=r"row 2 has an empty 'q'.*--skip-empty"):
        evaluate("stance", path, "--pair", "p", "q")
    assert evaluate("stance", path, "--pair", "p", "q", "--skip-empty", "--json", out) == 0
    figures = json.loads(out.read_text(encoding="utf-8"))
    assert (figures["rows"], figures["rows_in_table"], figures["rows_skipped"]) == (2, 3, 1)
    assert "2 rows, 1 with an empty cell left out" in capsys.readouterr().out
    with pytest.raises(InputError, match="every row has an empty"):
        evaluate(
            "stance", write(tmp_path / "e.csv", "text,p,q,label\nRain.,,,neutral\n"), "--pair", "p", "q", "--skip-empty"
        )


def test_claims_with_the_bodies_in_a_table_of_their_own(tmp_path: Path) -> None:
    bodies = write(tmp_path / "bodies.csv", "body_id,body\n7,We agree with it.\n8,Rain fell.\n")
    path = write(
        tmp_path / "pairs.csv", "headline,body_id,Stance\nIt is so,7,agree\nIt is so,8,unrelated\nNo,7,disagree\n"
    )
    out = tmp_path / "figures.json"
    options = ["--claim", "headline", "--label", "Stance", "--bodies", bodies, "--text", "body"]
    assert evaluate("claims", path, *options, "--json", out) == 0
    assert json.loads(out.read_text(encoding="utf-8"))["overall"]["accuracy"]["value"] == pytest.approx(2 / 3)
    missing = write(tmp_path / "more.csv", "headline,body_id,Stance\nIt is so,9,agree\n")
    with pytest.raises(InputError, match="body_id '9' is not in"):
        evaluate("claims", missing, *options)


def test_the_challenge_score_gives_a_quarter_for_relatedness() -> None:
    gold = ["agree", "disagree", "unrelated", "discuss"]
    figure = challenge_score(gold, ["agree", "agree", "unrelated", "unrelated"], Resampling())
    assert figure.value == pytest.approx((1 + 0.25 + 0.25 + 0) / 3.25)
    assert figure.low < figure.value < figure.high  # type: ignore[operator]


def test_headlines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "t.csv", "text,headline\nRain fell on Monday. Four people died.,Four people died\n")
    out = tmp_path / "figures.json"
    assert evaluate("headline", path, "--json", out, "--bytes", "30") == 0
    figures = json.loads(out.read_text(encoding="utf-8"))
    assert figures["ours"]["ROUGE-2 F1"]["value"] == 1.0
    assert figures["lead"]["ROUGE-2 F1"]["value"] < 1.0
    assert "first words" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["events", "T", "--codebook", "-", "--text", "body"], "no column 'body'"),
        (["events", "T", "--label", "kind"], "no column 'kind'"),
        (["events", "T", "--codebook", "ploverr"], "no codebook 'ploverr'"),
        (["events", "T", "--codebook", "acled"], "'flood' is no label of the codebook 'acled'"),
        (["events", "T", "--codebook", "-", "--group", "article"], "no column 'article'"),
        (["events", "T", "--limit", "0"], "--limit is 0"),
        (["events", "T", "--codebook", "-", "--json", "no/such/f.json"], "no folder"),
        (["events", "T", "--codebook", "-", "--predictions", "."], "'.' is a folder"),
        (["stance", "T", "--target", "text"], "row 1 has 'flood' in 'label'; this task knows favour, against, neutral"),
        (["headline", "T"], "no column 'headline'"),
        (["events", "nowhere.csv"], "no such file"),
    ],
)
def test_what_is_wrong_is_said_before_the_model_is_loaded(tmp_path: Path, arguments: list[str], message: str) -> None:
    path = write(tmp_path / "t.csv", "text,label\nThe flood came.,flood\n")
    parser = argparse.ArgumentParser()
    evaluate_command.add_arguments(parser)
    args = parser.parse_args([str(path) if one == "T" else one for one in arguments])
    with pytest.raises(CopydeskError, match=message):
        evaluate_command.run(args, lambda _: pytest.fail("the model was loaded"))


def test_a_fault_is_told_by_the_row_of_the_file_though_empty_ones_are_left_out(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "text,kind\n,flood\nA strike began.,strike\nA vote was.,strike;vote\n")
    table = read_table(path).filled(["text"])
    with pytest.raises(InputError, match="row 3 has 'strike' and 'vote'"):
        read_gold(table, ["kind"], None, separator=";").one_each(table)
