"""The shipped baseline: a whole suite, small, offline, without torch and without pickle."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from copydesk.configs.codebook import Codebook, Label
from copydesk.configs.errors import CodebookError, ModelError
from copydesk.models.baseline import REQUIRED, TRUSTED, load_baseline, read_parts, write_parts
from copydesk.models.schema import CLAIM_LABELS, Article
from copydesk.models.segmenter import read_article
from copydesk.models.suite import Suite

SHIPPED = Path(__file__).parents[1] / "models" / "embedded" / "baseline"
STORY = """\
Troops from Norland shelled the border town of Estria on Monday, killing nine people, officials said.

Souland accused Norland of breaking the ceasefire and demanded that its neighbour withdraw its artillery at once.

Norland's defence ministry denied that its forces had fired first. "We answered an attack," it said in a statement.

The foreign ministers of both countries are to meet in Geneva on Friday, a United Nations spokeswoman said.
"""


@pytest.fixture(scope="module")
def suite() -> Suite:
    return load_baseline()


def test_it_names_itself_and_its_files(suite: Suite) -> None:
    assert suite.name == "baseline"
    assert len(suite.content_hash) == 16
    assert suite.content_hash == json.loads((SHIPPED / "metrics.json").read_text(encoding="utf-8"))["content_hash"]


def test_it_is_small() -> None:
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 6_000_000


def test_trained_codebooks_are_tagged_with_evidence(suite: Suite) -> None:
    document = read_article(STORY)
    (tags,) = suite.events.tag([document], Codebook.load("plover"))
    assert {"ASSAULT", "ACCUSE"} & {tag.label for tag in tags}
    for tag in tags:
        assert tag.evidence
        for proof in tag.evidence:
            assert document.text[proof.start : proof.end] == proof.text
            assert proof.span in {sentence.span for sentence in document.sentences}
        assert [proof.score for proof in tag.evidence] == sorted((p.score for p in tag.evidence), reverse=True)
    assert [tag.score for tag in tags] == sorted((tag.score for tag in tags), reverse=True)
    assert suite.notes(Codebook.load("plover")) == ()


def test_other_labels_are_matched_by_their_words_and_the_record_says_so(suite: Suite) -> None:
    codebook = Codebook.from_labels(["artillery shelling", "football match", "flood"], name="mine")
    (tags,) = suite.events.tag([read_article(STORY)], codebook, exclusive=True)
    assert [tag.label for tag in tags] == ["artillery shelling"]
    (note,) = suite.notes(codebook)
    assert "'mine'" in note
    assert "TF-IDF" in note


@pytest.mark.parametrize("text", ["Zzxq vv.", "?", "7", "Lorem ipsum dolor sit amet.", "\n\n\n", "🙂"])
@pytest.mark.parametrize("codebook", ["plover", "desk", "acled"])
def test_exclusive_gives_exactly_one_leaf_however_hard_the_text(suite: Suite, text: str, codebook: str) -> None:
    labels = Codebook.load(codebook)
    (tags,) = suite.events.tag([read_article(text)], labels, exclusive=True)
    (tag,) = tags
    assert not labels.children(tag.label)
    assert 0 <= tag.score <= 1


def test_a_text_without_prose_has_no_tag(suite: Suite) -> None:
    assert suite.events.tag([read_article("   \n ")], Codebook.load("plover")) == [()]


def test_the_best_subtype_supports_its_parent(suite: Suite) -> None:
    war = Label(id="war", hypotheses=("A war is going on.",))
    shelling = Label(id="shelling", parent="war", hypotheses=("Troops shelled a town.",), threshold=0.0)
    raid = Label(id="raid", parent="war", hypotheses=("Aircraft bombed a port.",), threshold=0.0)
    codebook = Codebook(name="nested", threshold=0.0, labels=(war, shelling, raid))
    (tags,) = suite.events.tag([read_article(STORY)], codebook)
    parent, child = (next(tag for tag in tags if tag.label == one) for one in ("war", "shelling"))
    assert parent.child == "shelling"
    assert parent.score >= child.score
    assert child.parent == "war"
    assert parent.evidence[0].text.startswith("Troops from Norland shelled")


def test_the_users_own_thresholds_count(suite: Suite) -> None:
    labels = Codebook.load("plover").labels
    never = Codebook(name="strict", threshold=1.0, labels=labels)
    always = Codebook(name="lax", threshold=0.0, labels=labels)
    document = read_article(STORY)
    assert suite.events.tag([document], never) == [()]
    assert len(suite.events.tag([document], always)[0]) == len(labels)


def test_an_article_gives_the_same_alone_and_among_others(suite: Suite) -> None:
    texts = [STORY, "Short.", STORY[:150], "", "A flood in Souland left hundreds homeless on Tuesday."] * 3
    documents = [read_article(text) for text in texts]
    for name in ("plover", "acled"):
        codebook = Codebook.load(name)
        together = suite.events.tag(documents, codebook)
        assert together == [suite.events.tag([one], codebook)[0] for one in documents]


def test_swapped_actors_get_another_answer(suite: Suite) -> None:
    sentence = "Norland accused Souland of breaking the ceasefire."
    one, two = suite.dyads.code(
        [(sentence, "Norland", "Souland"), (sentence, "Souland", "Norland")], Codebook.load("plover15")
    )
    assert one.label == "ACCUSE"
    assert one.scores != two.scores
    assert one.scores["ACCUSE"] > two.scores["ACCUSE"]


@pytest.mark.parametrize("codebook", ["plover15", "plover"])
def test_dyad_scores_cover_the_codebook_and_sum_to_one(suite: Suite, codebook: str) -> None:
    labels = Codebook.load(codebook)
    dyads = [(STORY, "Norland", "Estria"), ("", "", ""), ("Nothing here.", "Peru", "Chile")]
    codes = suite.dyads.code(dyads, labels)
    assert [(code.source, code.target) for code in codes] == [(source, target) for _, source, target in dyads]
    for code in codes:
        assert tuple(code.scores) == labels.ids
        assert sum(code.scores.values()) == pytest.approx(1.0, abs=1e-6)
        assert code.score == max(code.scores.values())


def test_a_codebook_without_dyad_statements_cannot_code_dyads(suite: Suite) -> None:
    with pytest.raises(CodebookError, match="no label of the codebook 'labels' has a dyad hypothesis"):
        suite.dyads.code([("A hit B.", "A", "B")], Codebook.from_labels(["strike"]))


def test_stances_rest_on_the_article(suite: Suite) -> None:
    document = read_article(STORY)
    table = suite.stance.table(document, ["Norland", "Souland"])
    assert {stance.target for stance in table.stances} == {"Norland", "Souland"}
    for stance in table.stances:
        assert 0 <= stance.score <= 1
        assert stance.evidence or stance.reason
        assert all(document.text[one.start : one.end] == one.text for one in stance.evidence)


def test_a_claim_gets_all_four_scores_and_evidence(suite: Suite) -> None:
    document = read_article(STORY)
    answer = suite.claims.read(document, "Norland shelled the border town of Estria")
    assert answer.label != "unrelated"
    assert tuple(answer.scores) == CLAIM_LABELS
    assert sum(answer.scores.values()) == pytest.approx(1.0)
    assert answer.evidence[0].text.startswith("Troops from Norland shelled")
    assert suite.claims.read(document, "Scientists grow a heart from stem cells in Brazil").label == "unrelated"


@pytest.mark.parametrize(("text", "claim"), [("", "Anything"), (STORY, ""), ("One.", "?"), ("12", "7")])
def test_odd_claims_get_an_answer(suite: Suite, text: str, claim: str) -> None:
    assert suite.claims.read(read_article(text), claim).label in CLAIM_LABELS


def test_headlines_are_made_of_the_article(suite: Suite) -> None:
    document = read_article(Article(STORY, title="Ceasefire in doubt after shelling"))
    (headline,) = suite.headlines.headlines(document)
    assert len(headline.text) <= 75
    assert list(headline.spans) == sorted(headline.spans)
    words = " ".join(document.text[start:end] for start, end in headline.spans)
    assert re.findall(r"\w+", headline.text.casefold()) == re.findall(r"\w+", words.casefold())
    assert len(suite.headlines.summary(document, 2)) == 2


def test_predicting_needs_neither_torch_nor_transformers() -> None:
    code = (
        "import sys\n"
        "from copydesk.configs.codebook import Codebook\n"
        "from copydesk.models.baseline import load_baseline\n"
        "from copydesk.models.segmenter import read_article\n"
        "suite = load_baseline(); document = read_article(sys.stdin.read())\n"
        "suite.events.tag([document], Codebook.load('plover')); suite.stance.table(document)\n"
        "suite.claims.read(document, 'A town was shelled'); suite.headlines.headlines(document)\n"
        "suite.dyads.code([('A hit B.', 'A', 'B')], Codebook.load('plover15'))\n"
        "print([name for name in ('torch', 'transformers', 'datasets') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], input=STORY, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def copy_of_shipped(folder: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, folder / "model"))


@pytest.mark.parametrize("part", REQUIRED)
def test_a_missing_part_is_named(part: str, tmp_path: Path) -> None:
    folder = copy_of_shipped(tmp_path)
    (folder / f"{part}.skops").unlink()
    with pytest.raises(ModelError, match=f"no {part}.skops"):
        read_parts(folder)


def test_a_damaged_part_is_named(tmp_path: Path) -> None:
    folder = copy_of_shipped(tmp_path)
    path = folder / "keep.skops"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ModelError, match="can't be loaded") as raised:
        read_parts(folder)
    assert raised.value.source == str(path)


def test_types_that_are_not_trusted_are_refused(tmp_path: Path) -> None:
    folder = copy_of_shipped(tmp_path)
    path = folder / "keep.skops"
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files["schema.json"] = (
        files["schema.json"]
        .replace(b'"CompactTfidf"', b'"system"')
        .replace(b'"copydesk.models.baseline_text"', b'"os"')
    )
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    with pytest.raises(ModelError, match=r"os\.system"):
        read_parts(folder)


@pytest.mark.parametrize(
    ("field", "value"), [("left", 10**6), ("right", 0), ("feature_idx", 26), ("feature_idx", -1), ("is_categorical", 1)]
)
def test_a_tree_that_leads_astray_is_refused(tmp_path: Path, field: str, value: int) -> None:
    folder = shutil.copytree(SHIPPED, tmp_path / "model")
    claims = read_parts(folder)["claims"]
    claims._predictors[0][0].nodes[field][0] = value
    write_parts(folder, {"claims": claims})
    with pytest.raises(ModelError, match=r"claims\.skops: can't be loaded .*leads out of its nodes"):
        read_parts(folder)


def test_no_more_is_trusted_than_is_needed() -> None:
    import skops.io

    found = {name for path in SHIPPED.glob("*.skops") for name in skops.io.get_untrusted_types(file=path)}
    assert found == set(TRUSTED)


def test_a_copy_answers_like_the_original_under_its_own_name(suite: Suite, tmp_path: Path) -> None:
    copy = load_baseline(copy_of_shipped(tmp_path))
    assert copy.name == str(tmp_path / "model")
    assert copy.content_hash == suite.content_hash
    document = read_article(STORY)
    codebook = Codebook.load("desk")
    assert copy.events.tag([document], codebook) == suite.events.tag([document], codebook)
    assert np.isfinite(copy.claims.read(document, "A claim").score)


def test_importing_skops_keeps_torch_from_its_own_thread_only(tmp_path: Path) -> None:
    """Where the finder stands on ``sys.meta_path``, another thread still gets its torch, and nothing stays half imported."""
    (tmp_path / "torch.py").write_text("Tensor = object\n")
    code = """
import importlib, sys, threading
from copydesk.models import baseline

def elsewhere():
    global other
    other = importlib.import_module("torch").Tensor

def watched(name):
    try:
        importlib.import_module("torch")
    except ModuleNotFoundError:
        assert "torch" not in sys.modules
    else:
        raise AssertionError("torch was loaded")
    module = importlib.import_module(name)
    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    return module

finders = list(sys.meta_path)
baseline.import_module = watched
assert hasattr(baseline.import_skops(), "load")
assert other is object
assert sys.meta_path == finders
assert not [name for name in sys.modules if name.endswith("array_api_compat.torch")]
"""
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
