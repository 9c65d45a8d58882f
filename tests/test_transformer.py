"""Roles of checkpoints, with tiny random ones; a few checks with the embedded reader."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from tiny_checkpoints import save_bert, save_heads

from copydesk.configs.codebook import Codebook
from copydesk.configs.errors import ModelError
from copydesk.models import transformer
from copydesk.models.calibration import EventCalibration, Weights
from copydesk.models.reader_headline import ReaderKeep
from copydesk.models.salience import EncoderSalience
from copydesk.models.segmenter import read_article
from copydesk.models.suite import Suite
from copydesk.models.transformer import EMBEDDED, embedded_folder, load_transformer

HEADS = {
    "polarity": ("sequence", ["favour", "against", "neutral"]),
    "directed": (
        "sequence",
        ["neutral", "p_positive_to_q", "q_positive_to_p", "p_negative_to_q", "q_negative_to_p"],
    ),
    "claim": ("sequence", ["agree", "disagree", "discuss", "unrelated"]),
    "attribution": ("token", ["O", "B-source", "I-source", "B-cue", "I-cue", "B-content", "I-content"]),
    "keep": ("token", ["drop", "keep"]),
}
STORY = (
    "Armenia said on Monday that troops of Azerbaijan attacked a border town. Russia called for a ceasefire. "
    "Thousands of people protested in Yerevan."
)


@pytest.fixture(autouse=True)
def _no_shared_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COPYDESK_CACHE", "")


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = save_bert(tmp_path_factory.mktemp("own"), seed=3)
    save_heads(folder, HEADS)
    return folder


@pytest.fixture
def embedded(own: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tiny reader stands where the embedded one does."""
    monkeypatch.setattr(transformer, "embedded_folder", lambda: own)
    return own


def asked(suite: Suite) -> tuple[str, str | None, str | None]:
    """Names of what retrieves and verifies, by what the tagger was made of."""
    events = vars(suite.events)
    return suite.name, *(part and Path(part.name).name for part in (events["_encoder"], events["_verifier"]))


def test_one_reader_of_ours_does_everything(own: Path) -> None:
    suite = load_transformer(own)
    assert asked(suite) == (str(own), own.name, own.name)
    document = read_article(STORY)
    book = Codebook.from_labels(["attack", "protest"])
    (tag,) = suite.events.tag([document], book, exclusive=True)[0]
    assert STORY[tag.evidence[0].start : tag.evidence[0].end] == tag.evidence[0].text
    (code,) = suite.dyads.code([(document.sentences[0].text, "Azerbaijan", "Armenia")], Codebook.load("plover15"))
    assert code.label in Codebook.load("plover15").ids
    assert suite.stance.toward(document, "Azerbaijan").polarity in {"favour", "against", "neutral"}
    assert suite.claims.read(document, "Troops attacked a town.").label in HEADS["claim"][1]
    assert suite.headlines.summary(document, 2)


def test_none_is_the_embedded_reader(embedded: Path) -> None:
    assert asked(load_transformer()) == (EMBEDDED, embedded.name, embedded.name)
    assert load_transformer().content_hash == load_transformer(embedded).content_hash


def test_another_entailment_model_verifies_and_the_embedded_reader_does_the_rest(
    embedded: Path, tmp_path: Path
) -> None:
    save_bert(tmp_path, labels=["CONTRADICTION", "NEUTRAL", "ENTAILMENT"], seed=9)
    suite = load_transformer(tmp_path)
    assert asked(suite) == (str(tmp_path), embedded.name, tmp_path.name)
    assert suite.content_hash != load_transformer().content_hash
    assert suite.stance.toward(read_article(STORY), "Azerbaijan")


@pytest.mark.usefixtures("embedded")
def test_an_encoder_without_classifier_decides_by_similarity(tmp_path: Path) -> None:
    save_bert(tmp_path, labels=None, seed=9)
    suite = load_transformer(tmp_path)
    assert asked(suite) == (str(tmp_path), tmp_path.name, None)
    assert suite.dyads.code([(STORY, "Azerbaijan", "Armenia")], Codebook.load("plover15"))


@pytest.mark.usefixtures("embedded")
def test_verifier_and_retriever_are_chosen_apart(tmp_path: Path) -> None:
    judge = save_bert(tmp_path / "judge", seed=4)
    finder = save_bert(tmp_path / "finder", labels=None, seed=5)
    assert asked(load_transformer(verifier=judge, retriever=finder)) == (EMBEDDED, "finder", "judge")
    assert asked(load_transformer(judge, retriever="none")) == (str(judge), None, "judge")


@pytest.mark.usefixtures("embedded")
def test_exhaustive_needs_a_verifier(tmp_path: Path) -> None:
    finder = save_bert(tmp_path, labels=None)
    with pytest.raises(ModelError, match="without a retriever nothing can judge"):
        load_transformer(finder, retriever="none")


@pytest.mark.usefixtures("embedded")
def test_an_unfit_verifier_is_told_before_any_text_is_read(tmp_path: Path) -> None:
    unnamed = save_bert(tmp_path, labels=["LABEL_0", "LABEL_1", "LABEL_2"])
    with pytest.raises(ModelError, match="label_order"):
        load_transformer(unnamed)
    load_transformer(unnamed, label_order=("entailment", "neutral", "contradiction"))


def test_the_fitted_calibration_is_read(tmp_path: Path) -> None:
    folder = save_bert(tmp_path, seed=3)
    save_heads(folder, HEADS)
    mine = EventCalibration(0.07, -3.0, Weights(1.0, 2.0, 3.0, 4.0), Weights(0.0, 5.0, 0.0, 6.0))
    heads = json.loads((folder / "heads.json").read_text())
    heads["calibration"] = {
        "events": asdict(mine),
        "dyads": {"statements": 2, "odds": 0.5, "similarity": 1.0, "marked": True},
    }
    (folder / "heads.json").write_text(json.dumps(heads))
    suite = load_transformer(folder)
    assert vars(suite.events)["calibration"] == mine
    assert vars(suite.dyads)["trained"].calibration.statements == 2


def test_the_headline_scorers_follow_the_protocols(own: Path) -> None:
    from copydesk.models.reader import Reader

    reader = Reader.load(str(own))
    document = read_article(STORY)
    salience = EncoderSalience(reader).salience(document)
    assert salience.shape == (len(document.sentences),)
    assert EncoderSalience(reader).salience(read_article("Photo: AFP")).shape[0] <= 1
    (chances,) = ReaderKeep(reader).keep([STORY], [[(0, 7), (8, 12), (0, 0)]])
    assert chances.shape == (3,)
    assert ((chances >= 0) & (chances <= 1)).all()


@pytest.mark.embedded
@pytest.mark.skipif(
    not (Path(transformer.__file__).parent / "embedded/reader/config.json").is_file(), reason="no weights"
)
def test_the_embedded_reader_reads_a_story_offline() -> None:
    suite = load_transformer()
    documents = [
        read_article(
            "The army shelled the town with artillery and killed twelve soldiers in heavy fighting on the border."
        ),
        read_article("The striker scored twice and the team won the cup final."),
    ]
    sport, war = "sport", "armed conflict and attacks"
    tags = suite.events.tag(documents, Codebook.load("desk"), exclusive=True)
    assert [one[0].label for one in tags] == [war, sport]
    alone = [suite.events.tag([document], Codebook.load("desk"), exclusive=True)[0] for document in documents]
    assert [one[0].score for one in alone] == pytest.approx([one[0].score for one in tags], abs=1e-3)
    codes = suite.dyads.code(
        [("The United States imposed sanctions on Iran.", "The United States", "Iran")], Codebook.load("plover15")
    )
    assert codes[0].label in {"COERCE", "SANCTION"}
    assert embedded_folder().is_dir()
