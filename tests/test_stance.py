from pathlib import Path

import numpy as np
import pytest

from copydesk.configs.errors import InputError
from copydesk.models.attribution import RuleAttributor
from copydesk.models.cue_polarity import CuedPolarity, CuePolarity
from copydesk.models.document import Document
from copydesk.models.polarity import VerifierPolarity
from copydesk.models.schema import Article, Stance
from copydesk.models.segmenter import read_article
from copydesk.models.stance import SHORT_SENTENCES, StanceDesk
from copydesk.models.suite import AGAINST, ENTAILMENT, FAVOUR, INDIFFERENT, Floats, PolarityQuery, StanceTable

CLASH = (Path(__file__).parent / "data" / "border_clash.txt").read_text(encoding="utf-8")
SEEDS = Path(__file__).parents[2] / "shared" / "seeds"

CEASEFIRE = """Turkish President Selim Aksoy has called for an end to clashes between Georgian and Russian forces in the hills.

"President Aksoy calls on the parties in the conflict to observe a ceasefire," his spokesman said on Sunday.

Georgia said on Sunday that Russian troops had killed three of its soldiers in fighting between the arch-foes. The ministry also
claimed to have destroyed two Russian tanks.

Meanwhile, Russian Defence Minister Ivan Belov claimed that Georgian gunmen had attacked a checkpoint.

Authorities from both countries accused the other side of starting the fight. Although a river divides Georgia and Russia,
both sides frequently accuse one another of breaking the ceasefire.
"""

OPINION = """The city council met on Monday. The puppet government of Elbonia sent nobody, and the council voted without it.

Elbonia lies to the north of the city. Its ministers have offices near the river. The council will meet again in May.

The heroic firefighters of Borduria were thanked. Borduria sent a telegram.
"""


@pytest.fixture(scope="module")
def desk() -> StanceDesk:
    return StanceDesk(RuleAttributor(), CuePolarity())


@pytest.fixture(scope="module")
def clash(desk: StanceDesk) -> StanceTable:
    return desk.table(read_article(CLASH))


def cell(table: StanceTable, holder: str | None, target: str) -> Stance:
    (found,) = [one for one in table.stances if (one.holder, one.target) == (holder, target)]
    return found


def every_check(document: Document, table: StanceTable) -> None:
    """What holds of every cell: evidence is prose, exact and best first; a lone reason stands in for it; one cell a pair."""
    pairs = [(one.holder, one.target) for one in table.stances]
    assert len(pairs) == len(set(pairs))
    sentences = {sentence.span for sentence in document.sentences}
    for one in table.stances:
        assert one.evidence or one.reason
        assert 0.0 <= one.score <= 1.0
        assert one.holder != one.target
        for quote in one.evidence:
            assert document.text[quote.start : quote.end] == quote.text
            assert quote.span in sentences


@pytest.mark.parametrize(
    ("holder", "target", "polarity", "words"),
    [
        ("Peru", "Ecuador", "against", "It accused Ecuador of shelling two villages."),
        ("Ecuador", "Peru", "against", "Peru has invaded our territory"),
        ("Brazil", "Peru", "neutral", "urged Peru and Ecuador to stop"),
        ("Brazil", "Ecuador", "neutral", "urged Peru and Ecuador to stop"),
        ("Chile", "Peru", "favour", "Chile took the side of Peru."),
        ("Colombia", "Peru", "neutral", "called on both countries"),
        ("Colombia", "Ecuador", "neutral", "called on both countries"),
    ],
)
def test_the_clash_is_read_as_a_reader_would(
    clash: StanceTable, holder: str, target: str, polarity: str, words: str
) -> None:
    found = cell(clash, holder, target)
    assert found.polarity == polarity
    assert any(words in one.text for one in found.evidence)


def test_an_outlet_that_reports_accusations_is_not_hostile(clash: StanceTable) -> None:
    assert {one.target: one.polarity for one in clash.stances if one.holder is None} == {
        "Peru": "neutral",
        "Ecuador": "neutral",
        "Brazil": "neutral",
    }


def test_every_cell_of_the_clash_holds_what_it_promises(clash: StanceTable) -> None:
    every_check(read_article(CLASH), clash)


def test_the_main_actors_are_taken_and_named_with_why(clash: StanceTable) -> None:
    (note,) = clash.warnings
    assert "most central actors" in note
    assert "Peru (named " in note
    assert [one.target for one in clash.stances if one.holder is None][:2] == ["Ecuador", "Peru"]


def test_one_side_is_not_blamed_for_what_the_other_says_of_it(desk: StanceDesk) -> None:
    text = (
        "Norway said Sweden had attacked its boats. Sweden rejected the report. Norway said the Swedish navy had fired first.\n\n"
        "Denmark said it was worried. The boats are in port. A storm is on its way."
    )
    stance = desk.toward(read_article(text), "Norway", holder="Sweden")
    assert stance.polarity == "neutral"


def test_a_president_and_his_ministry_count_for_their_country(desk: StanceDesk) -> None:
    table = desk.table(read_article(CEASEFIRE))
    assert cell(table, "Russia", "Georgia").polarity == "against"
    assert (
        "Belov" in cell(table, "Russia", "Georgia").evidence[0].text or cell(table, "Russia", "Georgia").statements >= 2
    )
    assert cell(table, "Georgia", "Russia").polarity == "against"
    assert cell(table, "Turkey", "Russia").polarity == "neutral"
    assert cell(table, "Turkey", "Georgia").polarity == "neutral"
    assert not any(one.holder == "Selim Aksoy" for one in table.stances)


def test_both_sides_accusing_one_another_is_evidence_for_both(desk: StanceDesk) -> None:
    document = read_article(CEASEFIRE)
    table = desk.table(document)
    for holder, target in (("Russia", "Georgia"), ("Georgia", "Russia")):
        stance = cell(table, holder, target)
        assert stance.statements >= 3
    every_check(document, table)


def test_words_of_the_narrator_are_shown_as_its_voice(desk: StanceDesk) -> None:
    voice = cell(desk.table(read_article(CEASEFIRE)), None, "Russia")
    assert voice.polarity == "neutral"
    assert "arch-foes" in voice.reason
    assert any("arch-foes" in one.text for one in voice.evidence)


@pytest.mark.parametrize(
    ("target", "polarity", "word"), [("Elbonia", "against", "puppet"), ("Borduria", "favour", "heroic")]
)
def test_loaded_words_of_the_outlet_are_its_voice(desk: StanceDesk, target: str, polarity: str, word: str) -> None:
    voice = desk.toward(read_article(OPINION), target)
    assert (voice.holder, voice.polarity) == (None, polarity)
    assert word in voice.reason
    assert word in voice.evidence[0].text


def test_loaded_words_inside_quotation_marks_are_not_the_outlets(desk: StanceDesk) -> None:
    quoted = OPINION.replace(
        "The puppet government of Elbonia sent nobody", '"The puppet government of Elbonia" sent nobody'
    )
    assert "puppet" not in desk.toward(read_article(quoted), "Elbonia").reason


@pytest.mark.parametrize("target", ["Peru", " peru ", "PERU", "Peruvian", "Lima", "the Peruvians"])
def test_any_name_of_a_target_gives_the_same_stance(desk: StanceDesk, target: str) -> None:
    document = read_article(CLASH)
    wanted = desk.toward(document, "Peru", holder="Ecuador")
    found = desk.toward(document, target, holder="quito")
    assert (found.polarity, found.score, found.evidence) == (wanted.polarity, wanted.score, wanted.evidence)
    assert found.target == target


def test_a_span_means_the_actor_that_stands_there(desk: StanceDesk) -> None:
    document = read_article(CLASH)
    start = CLASH.index("Ecuadorian soldiers crossed")
    by_span = desk.toward(document, (start, start + len("Ecuadorian")), holder="Peru")
    by_name = desk.toward(document, "Ecuador", holder="Peru")
    assert by_span.polarity == by_name.polarity == "against"
    assert {one.span for one in by_span.evidence} == {one.span for one in by_name.evidence}


@pytest.mark.parametrize("holder", [None, "Peru"])
@pytest.mark.parametrize("target", ["Norway", "Nora Vale", "norwegian", "Football Club"])
def test_what_is_not_in_the_text_is_neutral_and_says_why(desk: StanceDesk, target: str, holder: str | None) -> None:
    stance = desk.toward(read_article(CLASH), target, holder)
    assert (stance.polarity, stance.evidence, stance.statements) == ("neutral", (), 0)
    assert stance.reason == "not mentioned"


def test_targets_that_are_not_mentioned_are_listed(desk: StanceDesk) -> None:
    table = desk.table(read_article(CLASH), ["Peru", "Norway"])
    assert table.warnings == ("Target not mentioned: Norway.",)
    assert cell(table, None, "Norway").reason == "not mentioned"


def test_a_holder_that_is_not_in_the_text_has_no_view(desk: StanceDesk) -> None:
    stance = desk.toward(read_article(CLASH), "Peru", holder="Norway")
    assert (stance.polarity, stance.reason) == ("neutral", "holder not mentioned")


@pytest.mark.parametrize("target", ["", "  \n", (5, 5), (-1, 3), (0, 10_000)])
def test_a_target_that_is_none_is_refused(desk: StanceDesk, target: str | tuple[int, int]) -> None:
    with pytest.raises(InputError, match="target"):
        desk.toward(read_article(CLASH), target)


@pytest.mark.parametrize("text", ["", "   ", "It rained. It will rain.", "12:30\n\n--\n\n14:15"])
def test_an_article_without_actors_has_an_empty_table_and_says_so(desk: StanceDesk, text: str) -> None:
    table = desk.table(read_article(text))
    assert table.stances == ()
    assert table.warnings == ("No targets: the article names no actor.",)


@pytest.mark.parametrize(
    ("sentence", "holder", "target", "column"),
    [
        ("Peru accused Ecuador of lying.", "Peru", "Ecuador", AGAINST),
        ("Ecuador was blamed by Peru on Friday.", "Peru", "Ecuador", AGAINST),
        ("Chile took the side of Peru.", "Chile", "Peru", FAVOUR),
        ("Brazil urged Peru to step back.", "Brazil", "Peru", INDIFFERENT),
        ("Peru did not attack Ecuador.", "Peru", "Ecuador", INDIFFERENT),
        ("Peru and Ecuador share a border.", "Peru", "Ecuador", INDIFFERENT),
        ("Ecuador accused Peru of lying.", "Peru", "Ecuador", INDIFFERENT),
        ("No one in Chile supports Peru.", "Chile", "Peru", AGAINST),
        ("Nobody at the Chile ministry condemned Peru.", "Chile", "Peru", INDIFFERENT),
        ("Chile stopped supporting Peru.", "Chile", "Peru", INDIFFERENT),
    ],
)
def test_the_direction_of_a_verb_counts(desk: StanceDesk, sentence: str, holder: str, target: str, column: int) -> None:
    wanted = ("favour", "against", "neutral")[column]
    assert desk.toward(read_article(sentence), target, holder).polarity == wanted


def test_rules_help_a_scorer_and_leave_it_alone_where_none_fires() -> None:
    class Undecided:
        def polarity(self, queries: list[PolarityQuery]) -> Floats:
            return np.full((len(queries), 3), 1 / 3, dtype=np.float32)

    def query(text: str) -> PolarityQuery:
        return PolarityQuery(text, "Ecuador", ((text.index("Ecuador"), text.index("Ecuador") + 7),), "Peru", ((0, 4),))

    scores = CuedPolarity(Undecided()).polarity([query("Peru praised Ecuador."), query("Peru borders Ecuador.")])
    assert scores[0].argmax() == FAVOUR
    assert np.allclose(scores.sum(axis=1), 1.0)
    assert np.allclose(scores[1], 1 / 3)


def test_hypotheses_name_holder_and_target_and_make_probabilities() -> None:
    class WordVerifier:
        """Entails a hypothesis if the premise holds its verb: enough to see that hypotheses are filled and columns kept."""

        def entailment(self, pairs: list[tuple[str, str]]) -> Floats:
            rows = np.full((len(pairs), 3), 0.05, dtype=np.float32)
            for row, (premise, hypothesis) in enumerate(pairs):
                assert "{" not in hypothesis
                assert "Ecuador" in hypothesis
                rows[row, ENTAILMENT] = 0.9 if "oppose" in premise and hypothesis.startswith("Peru opposes") else 0.05
            return rows

    query = PolarityQuery("Peru will oppose Ecuador.", "Ecuador", holder="Peru")
    scores = VerifierPolarity(WordVerifier()).polarity([query, PolarityQuery("It rained.", "Ecuador")])
    assert scores[0].argmax() == AGAINST
    assert np.allclose(scores.sum(axis=1), 1.0)
    assert VerifierPolarity(WordVerifier()).polarity([]).shape == (0, 3)


def test_a_stance_in_a_few_sentences_is_that_of_the_table(desk: StanceDesk) -> None:
    document = read_article(
        "Peru was condemned by Ecuador on Monday. Chile defended Peru. Brazil, which has mediated between Peru and Ecuador, "
        "said it hoped that talks would go on."
    )
    assert len(document.sentences) <= SHORT_SENTENCES
    views = {one.holder: one for one in desk.table(document, ["Peru"]).stances}
    assert {"Ecuador": "against", "Chile": "favour"}.items() <= {
        holder: one.polarity for holder, one in views.items()
    }.items()
    for holder in ("Ecuador", "Chile", "Brazil"):
        alone = desk.toward(document, "Peru", holder)
        assert (alone.polarity, alone.evidence) == (views[holder].polarity, views[holder].evidence)


def test_the_voice_of_a_text_that_cites_nobody_is_read_whole_in_the_table_too(desk: StanceDesk) -> None:
    document = read_article("The hill was shelled again. Fire from Peru hit a school.")
    (voice,) = [one for one in desk.table(document, ["Peru"]).stances if one.holder is None]
    assert voice == desk.toward(document, "Peru")


def test_nobody_holds_no_view(desk: StanceDesk) -> None:
    document = read_article("No one in Chile supports Peru. It rained. The port was shut. Peru said it was sorry.")
    assert [one.holder for one in desk.table(document, ["Peru"]).stances] == [None]


def test_a_short_text_is_read_whole(desk: StanceDesk) -> None:
    document = read_article("Peru accused Ecuador of lying. Ecuador was not amused.")
    assert len(document.sentences) <= SHORT_SENTENCES
    assert desk.toward(document, "Ecuador", "Peru").statements == 1


@pytest.mark.shared
@pytest.mark.skipif(not SEEDS.is_dir(), reason="needs ../shared/seeds")
@pytest.mark.parametrize("model", ["cues", "baseline", "embedded"])
def test_the_reference_articles(model: str) -> None:
    if model == "cues":
        reader = StanceDesk(RuleAttributor(), CuePolarity())
    else:
        from copydesk.configs.errors import ModelError
        from copydesk.models.loading import load_suite

        try:
            reader = load_suite(model).stance  # type: ignore[assignment]
        except (ModelError, ImportError) as error:
            pytest.skip(f"{model}: {error}")
    first, second = (path.read_text(encoding="utf-8") for path in sorted(SEEDS.glob("*.txt")))
    for text in (first, second):
        document = read_article(Article(text))
        table = reader.table(document)
        every_check(document, table)
        assert cell(table, "Azerbaijan", "Armenia").polarity == "against"
        assert cell(table, "Armenia", "Azerbaijan").polarity == "against"
        assert cell(table, "Russia", "Armenia").polarity == "neutral"
        assert cell(table, "Russia", "Azerbaijan").polarity == "neutral"
    table = reader.table(read_article(first))
    assert cell(table, "Turkey", "Azerbaijan").polarity == "favour"
    assert all(one.polarity == "neutral" for one in table.stances if one.holder is None)
