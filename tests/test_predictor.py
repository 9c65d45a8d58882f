"""The predictor as its users call it: one article, many, and the single questions."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk import Article, ArticlePredictor, Codebook, Prediction, PredictionError
from copydesk.configs.errors import CodebookError, ConfigError, InputError, ModelError
from copydesk.inference.articles import MAX_ARTICLE_CHARS, POOL_ARTICLES, pools
from copydesk.models.flat_rows import ROW_COLUMNS
from copydesk.models.schema import Evidence

TEXT = (
    "LENTOVA (AP) - The army of Velia shelled the border town of Orsk on Monday, killing three people.\n\n"
    "Velia accused Dorland of opening fire first. Dorland condemned the attack and asked for a ceasefire.\n\n"
    "Foreign ministers of both countries will meet next week, a spokesman said."
)


def spans_of(prediction: Prediction) -> Iterator[Evidence]:
    yield from prediction.summary
    for answer in (*prediction.events, *prediction.stances):
        yield from answer.evidence


def test_a_prediction_answers_everything_with_evidence(tiny: ArticlePredictor) -> None:
    prediction = tiny.predict(TEXT, targets=["Velia", "Dorland"])
    assert prediction.events
    assert [stance.target for stance in prediction.stances] == ["Velia", "Dorland"]
    assert prediction.headline
    assert len(prediction.headline.text) <= 75
    assert all(TEXT[one.start : one.end] == one.text for one in spans_of(prediction))
    assert prediction.language == "en"


def test_the_record_says_what_made_it(tiny: ArticlePredictor) -> None:
    made = tiny.predict(TEXT, codebook="acled").provenance
    book = Codebook.load("acled")
    assert (made.model, made.model_hash) == ("tiny", "0123456789abcdef")
    assert (made.codebook, made.codebook_version, made.codebook_hash) == ("acled", book.version, book.content_hash)


def test_a_record_survives_json(tiny: ArticlePredictor) -> None:
    prediction = tiny.predict(Article(text=TEXT, id="a", title="T", date="2026-01-02"))
    assert Prediction.from_dict(json.loads(json.dumps(prediction.to_dict()))) == prediction


def test_a_corpus_as_flat_rows_for_a_data_frame(tiny: ArticlePredictor) -> None:
    articles = [Article(text=TEXT, id="a"), Article(text=" ", id="b"), Article(text="Rain.", id="c")]
    results = list(tiny.predict_batch(articles, targets=["Velia"]))
    frame = pd.DataFrame(row for result in results for row in result.rows())
    assert tuple(frame.columns) == ROW_COLUMNS
    assert isinstance(results[0], Prediction)
    events = frame[(frame.article_id == "a") & (frame.kind == "event")]
    assert list(events.label) == [tag.label for tag in results[0].events]
    assert all(TEXT[int(row.start) : int(row.end)] == row.evidence for row in events.itertuples())
    (error,) = frame[frame.kind == "error"].itertuples()
    assert (error.article_id, error.error) == ("b", "the text is empty. Give at least one sentence.")
    assert {"event", "stance", "error"} <= set(frame.kind)
    assert set(frame.article_id) == {"a", "b", "c"}


def test_numbers_in_a_record_are_plain_and_rounded(tiny: ArticlePredictor) -> None:
    """Models work in numpy's types, which JSON refuses and which differ in the last bit between runs."""
    actor = tiny.predict(TEXT).actors[0]
    assert type(actor.salience) is float
    scores = [tag.score for tag in tiny.predict(TEXT).events]
    assert all(score == round(score, 4) for score in scores)
    assert not any(isinstance(score, np.floating) for score in scores)


@pytest.mark.parametrize("codebook", [["strike", "flood"], Codebook.from_labels(["strike", "flood"])])
def test_any_label_set(tiny: ArticlePredictor, codebook: Any) -> None:
    prediction = tiny.predict("Workers began a strike on Monday after a flood.", codebook=codebook)
    assert {tag.label for tag in prediction.events} == {"strike", "flood"}


def test_exclusive_gives_exactly_one_event(tiny: ArticlePredictor) -> None:
    assert len(tiny.predict("Rain fell on the hills all day.", exclusive=True).events) == 1


def test_summary_can_be_left_out(tiny: ArticlePredictor) -> None:
    assert tiny.predict(TEXT, summary_sentences=0).summary == ()


@pytest.mark.parametrize("text", ["", "   \n\t", "\u00a0"])
def test_an_empty_text_is_refused(tiny: ArticlePredictor, text: str) -> None:
    with pytest.raises(InputError, match="the text is empty"):
        tiny.predict(text)


def test_a_text_too_long_is_refused(tiny: ArticlePredictor) -> None:
    with pytest.raises(InputError, match=r"1,000,001 characters; the limit for one article is 1,000,000"):
        tiny.predict("a" * (MAX_ARTICLE_CHARS + 1))


def test_half_a_surrogate_pair_is_refused(tiny: ArticlePredictor) -> None:
    with pytest.raises(InputError, match="half of a surrogate pair"):
        tiny.predict("Soldiers \ud83d fired.")
    with pytest.raises(InputError, match="title is no valid text"):
        tiny.predict(Article(text=TEXT, title="\udc00"))


@pytest.mark.parametrize("wrong", [b"bytes", 7, None, ["a", "list"]])
def test_what_is_no_text_is_refused(tiny: ArticlePredictor, wrong: Any) -> None:
    with pytest.raises(InputError):
        tiny.predict(wrong)


def test_an_unknown_codebook_names_the_known(tiny: ArticlePredictor) -> None:
    with pytest.raises(CodebookError, match="plover"):
        tiny.predict(TEXT, codebook="plovr")


@pytest.mark.parametrize(
    "options",
    [
        {"targets": "Velia"},
        {"targets": ["Velia", " "]},
        {"headline_chars": 0},
        {"headline_chars": "75"},
        {"summary_sentences": -1},
        {"on_other_language": "ignore"},
    ],
)
def test_a_wrong_option_is_refused_before_anything_is_read(tiny: ArticlePredictor, options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        tiny.predict(TEXT, **options)
    with pytest.raises(ConfigError):
        tiny.predict_batch(iter([TEXT]), **options)


def test_an_unknown_model_names_the_known() -> None:
    with pytest.raises(ModelError, match="baseline"):
        ArticlePredictor.from_pretrained("no-such-model")


def test_a_file_is_no_model(tmp_path: Path) -> None:
    file = tmp_path / "model.bin"
    file.write_bytes(b"")
    with pytest.raises(ModelError, match="is a file"):
        ArticlePredictor.from_pretrained(file)


def test_the_baseline_takes_no_options() -> None:
    with pytest.raises(ModelError, match="device"):
        ArticlePredictor.from_pretrained("baseline", device="cuda")


FRENCH = (
    "Le gouvernement français a annoncé lundi une réforme des retraites, provoquant la colère des syndicats, "
    "qui appellent à la grève dans tout le pays dès la semaine prochaine."
)


def test_markup_in_a_text_is_warned_of(tiny: ArticlePredictor) -> None:
    page = "<html><body><p>The port closed on Monday.</p><p>Nobody was hurt.</p></body></html>"
    assert any("HTML tags" in warning for warning in tiny.predict(page, targets=[]).warnings)
    assert tiny.predict("The <b> tag and a <p> were left in. 3 < 5.", targets=[]).warnings == ()


def test_another_language_is_warned_of(tiny: ArticlePredictor) -> None:
    prediction = tiny.predict(FRENCH)
    assert prediction.language == "fr"
    assert any("'fr'" in warning for warning in prediction.warnings)
    assert prediction.headline


@pytest.mark.parametrize(
    ("text", "headline", "limit"),
    [
        (
            "Le gouvernement a annoncé lundi un\ncessez-le-feu, avec les rebelles, après trois jours de combats. Il a plu.",
            "Le gouvernement a annoncé lundi un cessez-le-feu",
            52,
        ),
        ("政府星期一宣布与叛军停火，部队将在周末之前撤离山口，国防部长在首都对记者说。", "政府星期一宣布与叛军", 10),
    ],
)
def test_no_english_rule_shortens_another_language(
    baseline: ArticlePredictor, text: str, headline: str, limit: int
) -> None:
    for made in (baseline.predict(text, headline_chars=limit).headline, baseline.headline(text, limit)):
        assert made
        assert made.text == headline
        ((start, end),) = made.spans
        assert text[start:end].split() == headline.split()


def test_another_language_can_be_skipped(tiny: ArticlePredictor) -> None:
    english, french = tiny.predict_batch([TEXT, FRENCH], on_other_language="skip")
    assert isinstance(french, Prediction)
    assert (french.events, french.stances, french.headline) == ((), (), None)
    assert any("Skipped" in warning for warning in french.warnings)
    assert english == tiny.predict(TEXT, on_other_language="skip")


def test_another_language_can_be_refused(tiny: ArticlePredictor) -> None:
    with pytest.raises(InputError, match="another language"):
        tiny.predict(FRENCH, on_other_language="error")
    result = next(iter(tiny.predict_batch([FRENCH], on_other_language="error")))
    assert isinstance(result, PredictionError)


def test_the_codebook_decides_which_language_is_another(tiny: ArticlePredictor) -> None:
    book = Codebook.from_labels(["grève"]).model_copy(update={"language": "fr"})
    assert tiny.predict(FRENCH, codebook=book).warnings == ()


def test_a_batch_gives_one_result_for_each_article_in_order(tiny: ArticlePredictor) -> None:
    texts = [f"Soldiers attacked town number {number}." for number in range(3 * POOL_ARTICLES + 1)]
    results = list(tiny.predict_batch(texts))
    assert [result.article.text for result in results if isinstance(result, Prediction)] == texts


def test_a_bad_article_costs_only_its_own_result(tiny: ArticlePredictor) -> None:
    rows = [TEXT, "", Article(text="xfaultx here.", id="b"), Article(text="xrefusedx here.", id="c"), TEXT]
    first, empty, fault, refused, last = tiny.predict_batch(rows)
    assert first == last == tiny.predict(TEXT)
    assert isinstance(empty, PredictionError)
    assert "empty" in empty.message
    assert isinstance(fault, PredictionError)
    assert (fault.id, "ValueError: the tiny model fell over" in fault.message) == ("b", True)
    assert isinstance(refused, PredictionError)
    assert (refused.id, refused.remedy) == ("c", "Give it something else.")


def test_an_error_in_the_stream_is_passed_on(tiny: ArticlePredictor) -> None:
    error = PredictionError("broken", line=7)
    assert list(tiny.predict_batch([error, TEXT, error])) == [error, tiny.predict(TEXT), error]


def test_a_batch_streams(tiny: ArticlePredictor) -> None:
    """The first result comes when the first pool has been read, and a million articles are never held."""
    taken = 0

    def endless() -> Iterator[str]:
        nonlocal taken
        while True:
            taken += 1
            yield TEXT

    results = tiny.predict_batch(endless())
    next(results)
    assert taken == POOL_ARTICLES


def test_one_article_is_no_batch(tiny: ArticlePredictor) -> None:
    with pytest.raises(ConfigError, match="one article"):
        tiny.predict_batch(TEXT)
    with pytest.raises(InputError, match="one text"):
        tiny.tag_events(TEXT)


@given(st.lists(st.integers(0, 300_000), max_size=120), st.integers(0, 3))
def test_pools_cut_alike_from_every_cut(sizes: list[int], resume: int) -> None:
    """A run that goes on at the start of a pool must cut the same pools, or its bytes would differ."""
    whole = list(pools(sizes, chars=lambda size: size))
    assert [size for pool in whole for size in pool] == sizes
    assert all(len(pool) <= POOL_ARTICLES for pool in whole)
    done = sum(map(len, whole[:resume]))
    assert list(pools(sizes[done:], chars=lambda size: size)) == whole[resume:]


def test_the_baseline_answers_alike_alone_and_in_a_batch(baseline: ArticlePredictor) -> None:
    texts = [
        TEXT,
        "The central bank raised interest rates.",
        "Thousands marched through the capital to protest.",
        FRENCH,
    ]
    assert list(baseline.predict_batch(texts * 10)) == [baseline.predict(text) for text in texts] * 10


def test_the_baseline_fills_a_whole_record(baseline: ArticlePredictor) -> None:
    prediction = baseline.predict(TEXT, targets=["Velia", "Dorland"])
    assert prediction.events
    assert prediction.headline
    assert prediction.provenance.model == "baseline"
    assert {"Velia", "Dorland"} <= {stance.target for stance in prediction.stances}
    assert all(TEXT[one.start : one.end] == one.text for one in spans_of(prediction))
    assert Prediction.from_dict(json.loads(json.dumps(prediction.to_dict()))) == prediction


def test_single_questions(tiny: ArticlePredictor) -> None:
    assert tiny.tag_events([TEXT], codebook=["shelled"], exclusive=True)[0][0].label == "shelled"
    assert tiny.stance(TEXT, "Dorland").polarity == "against"
    start = TEXT.index("Dorland")
    assert tiny.stance(TEXT, (start, start + 7)).target == "Dorland"
    assert tiny.stance(TEXT, "Orsk", holder="Velia").holder == "Velia"
    assert tiny.claim_stance(TEXT, "Bananas are yellow").label == "unrelated"
    assert tiny.headline(TEXT, max_chars=40) == tiny.headlines(TEXT, 40, variants=2)[0]
    assert tiny.headline("Read more") is None
    code = tiny.code_dyads([("Velia attacked Dorland.", "Velia", "Dorland")])[0]
    assert abs(sum(code.scores.values()) - 1) < 1e-6


@pytest.mark.parametrize("target", ["", " ", (0, 0), (5, 3), (-2, 4), (0, 10**6), ["Dorland"], (0, "7"), (0, 2, 4)])
def test_a_target_that_is_none_is_refused(tiny: ArticlePredictor, target: Any) -> None:
    with pytest.raises(InputError):
        tiny.stance(TEXT, target)


def test_a_blank_holder_is_refused(tiny: ArticlePredictor) -> None:
    with pytest.raises(InputError, match="the holder is empty"):
        tiny.stance(TEXT, "Dorland", holder=" ")


@pytest.mark.parametrize("dyad", ["abc", ("a", "b"), ("a", "b", " "), ("a", "b", None)])
def test_a_dyad_that_is_none_is_refused(tiny: ArticlePredictor, dyad: Any) -> None:
    with pytest.raises(InputError, match="dyad 1"):
        tiny.code_dyads([dyad])


def test_an_empty_claim_is_refused(tiny: ArticlePredictor) -> None:
    with pytest.raises(InputError, match="the claim is empty"):
        tiny.claim_stance(TEXT, " ")


@pytest.mark.parametrize("options", [{"max_chars": 0}, {"variants": 0}, {"max_words": 0}])
def test_headline_limits_are_checked(tiny: ArticlePredictor, options: dict[str, int]) -> None:
    with pytest.raises(ConfigError):
        tiny.headlines(TEXT, **options)
