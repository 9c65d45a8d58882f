"""The teller: its embedding, its part in tagging, its verdicts and its training on a tiny checkpoint."""

import csv
import threading
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_checkpoints import save_bert
from word_scorers import WordEncoder, WordVerifier, count_words

from copydesk.configs.codebook import Codebook, Label
from copydesk.configs.errors import ConfigError, ModelError
from copydesk.configs.label_lexicon import known_labels
from copydesk.models.calibration import EventCalibration, Weights
from copydesk.models.event_tagger import RetrieveVerifyTagger
from copydesk.models.fork import Fork
from copydesk.models.low_rank import updated
from copydesk.models.reader import Reader
from copydesk.models.segmenter import read_article
from copydesk.models.suite import Floats
from copydesk.models.teller import FILE, Teller
from copydesk.models.transformer import load_transformer
from copydesk.training import event_teller as training_module
from copydesk.training.event_teller import TellerTraining, main
from copydesk.training.event_verdicts import VERDICTS, Verdict, labels_asked, read_verdicts

BOOK = Codebook(
    name="events",
    labels=(
        Label(id="strike", hypotheses=("Workers went on strike.",)),
        Label(id="flood", hypotheses=("A river rose.",)),
    ),
)
STORY = "Workers asked about the strike fund and wages rose. Miners downed tools at noon."
TOLD = EventCalibration(
    temperature=0.05,
    unverified=-4.0,
    many=Weights(bias=-3.0, told=6.0),
    one=Weights(similarity=4.0),
)


class MinersStrike:
    """Says that sentences with miners in them tell of a strike, and nothing of others."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> Floats:
        self.asked += texts
        return WordEncoder().encode(
            ["Workers went on strike." if "Miners" in one else "Calm evening." for one in texts]
        )


def tagger(calibration: EventCalibration = TOLD) -> RetrieveVerifyTagger:
    return RetrieveVerifyTagger(
        WordEncoder(), WordEncoder(), WordVerifier(), calibration, count=count_words, piece_tokens=40
    )


def test_what_is_told_proves_a_label_and_what_is_only_near_does_not() -> None:
    (tags,) = tagger().with_teller(MinersStrike()).tag([read_article(STORY)], BOOK)
    assert [tag.label for tag in tags] == ["strike"]
    assert [one.text for one in tags[0].evidence] == ["Miners downed tools at noon."]


def test_the_teller_is_asked_only_where_its_word_has_weight() -> None:
    document, teller = read_article(STORY), MinersStrike()
    unheard = replace(TOLD, many=Weights(bias=-3.0, similarity=6.0))
    assert tagger(unheard).with_teller(teller).tag([document], BOOK) == tagger(unheard).tag([document], BOOK)
    assert teller.asked == []
    with pytest.raises(ValueError, match="wasn't asked"):
        tagger().tag([document], BOOK)


def test_exclusive_answers_are_proved_by_what_is_told() -> None:
    (tags,) = tagger().with_teller(MinersStrike()).tag([read_article(STORY)], BOOK, exclusive=True)
    assert [tag.evidence[0].text for tag in tags] == ["Miners downed tools at noon."]


def test_a_codebook_has_its_own_weights_only_with_its_own_labels() -> None:
    own = replace(TOLD, many=Weights(bias=-9.0), own={"plover": Weights(bias=-3.0, told=6.0)})
    shipped, stranger = Codebook.load("plover"), BOOK.model_copy(update={"name": "plover"})
    assert own.several(shipped) == own.own["plover"]
    assert own.several(stranger) == own.several(BOOK) == own.many
    assert EventCalibration.read(asdict(own)) == own


def test_each_article_of_a_batch_hears_of_its_own_sentences() -> None:
    documents = [read_article(text) for text in (STORY, "", "A river rose. Miners downed tools.", "Nothing happened.")]
    found = tagger().with_teller(MinersStrike()).tag(documents, BOOK)
    alone = [tagger().with_teller(MinersStrike()).tag([document], BOOK)[0] for document in documents]
    assert found == alone
    assert [[tag.label for tag in tags] for tags in found] == [["strike"], [], ["strike"], []]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return save_bert(tmp_path / "tiny")


def _verdict(text: str, held: Sequence[str], *, table: str = "headlines/news_train", whole: bool = True) -> Verdict:
    asked = ("plover:protest", "plover:assault")
    return Verdict(table, 0, (0, len(text)), text, asked, frozenset(held), frozenset(), whole)


PROTEST = _verdict("Thousands of workers protest.", ["plover:protest"])
ATTACK = _verdict("Soldiers attacked the village.", ["plover:assault"], whole=False)
NEITHER = _verdict("Prices rose in Baku.", [])


def test_training_learns_the_verdicts_and_the_file_embeds_as_the_network(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_module, "PASSES", 40)
    monkeypatch.setattr(training_module, "RATE", 1e-2)
    monkeypatch.setattr(training_module, "KEPT", 1.0)
    verdicts = [PROTEST, ATTACK, NEITHER]
    training = TellerTraining(folder, labels_asked(verdicts))
    before = training.loss(verdicts)
    assert before > 0.3
    training.fit(verdicts * 4, verdicts)
    assert training.loss(verdicts) < before - 0.2
    assert training.precision(verdicts) == {"a codebook": 1.0, "the nearest labels": 1.0}
    training.save(folder / FILE)
    teller = Teller.load(Reader.load(str(folder), device="cpu", dtype="float32"))
    assert teller is not None
    texts = [one.text for one in verdicts]
    np.testing.assert_allclose(
        teller.encode(texts), training.embeddings(texts), atol=0.02
    )  # half precision in the file
    assert teller.encode([]).shape == (0, teller.encode(texts).shape[1])


def test_a_teller_goes_with_no_other_reader(folder: Path, tmp_path: Path) -> None:
    other = save_bert(tmp_path / "other", seed=1)
    assert Teller.load(Reader.load(str(other), device="cpu")) is None
    TellerTraining(folder, labels_asked([PROTEST])).save(other / FILE)
    with pytest.raises(ModelError, match="other weights"):
        Teller.load(Reader.load(str(other), device="cpu"))


def test_the_shipped_reader_has_a_teller() -> None:
    events = load_transformer(None, device="cpu").events
    assert isinstance(events, RetrieveVerifyTagger)
    assert events.calibration.many.told > 0


def test_a_fork_reads_as_the_updated_encoder_and_leaves_the_encoder_as_it_is(folder: Path) -> None:
    training = TellerTraining(folder, labels_asked([PROTEST]))
    training.fit([PROTEST, ATTACK] * 4, [])
    tensors = {name: value.detach().numpy() for name, value in training.network.updates.tensors().items()}
    reader = Reader.load(str(folder), device="cpu", dtype="float32")
    texts = ["Thousands of workers protest.", "Soldiers attacked.", "Thousands of workers protest.", "Talks " * 40]
    before = Reader.load(str(folder), device="cpu", dtype="float32").encode(texts)
    other = Reader.load(str(folder), device="cpu", dtype="float32")
    other.encoder = updated(other.encoder, tensors)
    told = reader.encode_forked(texts, Fork(reader.encoder, tensors))
    np.testing.assert_allclose(told, other.encode(texts), atol=1e-6)
    np.testing.assert_allclose(reader.encode(texts), before, atol=1e-6)
    assert np.abs(told - before).max() > 1e-3
    assert not any(module._forward_pre_hooks for module in reader.encoder.modules())


class _Block(torch.nn.Module):
    """Adds one and says so as transformers 4 does."""

    def forward(self, states: torch.Tensor, _: object = None) -> tuple[torch.Tensor]:
        return (states + 1,)


class _Encoder(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = torch.nn.Module()
        self.encoder.layer = torch.nn.ModuleList([_Block(), _Block()])

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        for block in self.encoder.layer:
            (states,) = block(states, None)
        return states


def test_a_fork_hears_its_own_thread_alone_and_blocks_that_answer_in_tuples() -> None:
    encoder = _Encoder()
    encoder.encoder.layer[1].linear = torch.nn.Linear(1, 1)
    updates = {f"encoder.layer.1.linear.{part}": np.zeros((1, 1), dtype=np.float32) for part in ("up", "down")}
    fork = Fork(encoder, updates)

    def read() -> torch.Tensor:
        own = encoder(torch.zeros(1))
        other = threading.Thread(target=encoder, args=(torch.full((1,), 40.0),))
        other.start()
        other.join()
        return own

    own, states = fork.beside(read)
    assert (own.item(), states.item()) == (2.0, 2.0)


def test_a_reader_of_one_block_has_no_upper_half(tmp_path: Path) -> None:
    folder = save_bert(tmp_path / "one", layers=1)
    with pytest.raises(ConfigError, match="1 blocks"):
        TellerTraining(folder, labels_asked([PROTEST]))


@pytest.mark.parametrize(
    ("names", "error"),
    [([], ValueError), (["embeddings.token_type_embeddings.weight"], ValueError), (["encoder.layer.7.x.up"], KeyError)],
)
def test_a_fork_of_no_block_is_refused(folder: Path, names: Sequence[str], error: type[Exception]) -> None:
    encoder = Reader.load(str(folder), device="cpu").encoder
    with pytest.raises(error):
        Fork(encoder, {name: np.zeros((2, 2), dtype=np.float32) for name in names})


def test_doubts_and_labels_that_were_not_asked_teach_nothing(folder: Path) -> None:
    doubtful = replace(PROTEST, held=frozenset(), doubtful=frozenset({"plover:protest"}))
    strike = replace(ATTACK, asked=("lexicon:strike",), held=frozenset({"lexicon:strike"}))
    training = TellerTraining(folder, labels_asked([doubtful, strike]))
    np.testing.assert_array_equal(training.wanted([doubtful, strike]), [[-1, 0, -1], [-1, -1, 1]])


HEADER = "table\trow\tstart\tend\tasked\theld\tdoubtful\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    from datasets import Dataset

    for name in ("headlines/news_train", "events/some_dev"):
        path = tmp_path / "data" / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        column = "lead" if name.startswith("headlines") else "text"
        Dataset.from_list([{column: "First.  Workers\nprotest."}, {column: "Soldiers attacked."}]).to_parquet(str(path))
    return tmp_path / "data"


def _table(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "verdicts.tsv"
    path.write_text(HEADER + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def test_verdicts_are_read_with_their_sentences(tmp_path: Path, data: Path) -> None:
    path = _table(
        tmp_path,
        "headlines/news_train\t0\t8\t24\tplover:*\tplover:protest\tplover:request;plover:accuse",
        "events/some_dev\t1\t0\t18\tlexicon:strike;acled:armed clash\t\t",
    )
    whole, near = read_verdicts(path, data)
    assert (whole.text, whole.is_whole, whole.is_dev) == ("Workers protest.", True, False)
    assert (len(whole.asked), whole.held) == (16, {"plover:protest"})
    assert (near.asked, near.held, near.is_whole, near.is_dev) == (
        ("lexicon:strike", "acled:armed clash"),
        frozenset(),
        False,
        True,
    )
    assert (
        "Troops and rebels exchanged fire and several fighters were killed."
        in labels_asked([near])["acled:armed clash"]
    )


@pytest.mark.parametrize(
    "line",
    [
        "headlines/news_train\t0\t8\tx\tplover:*\t\t",
        "headlines/news_train\t9\t8\t24\tplover:*\t\t",
        "headlines/news_train\t0\t8\t24\tplover:dance\t\t",
        "headlines/news_train\t0\t8\t24\tlexicon:strike\tlexicon:flood\t",
        "headlines/news_train\t0\t8",
        "headlines/news_train\t-1\t8\t24\tplover:*\t\t",
        "headlines/news_train\t0\t500\t600\tplover:*\t\t",
        "headlines/news_train\t0\t8\t24\tnosuch:*\t\t",
        "headlines/news_train\t0\t8\t24\tplover:*\tplover:aid\tplover:aid",
        "headlines/nowhere\t0\t8\t24\tplover:*\t\t",
    ],
)
def test_a_wrong_verdict_is_told(tmp_path: Path, data: Path, line: str) -> None:
    with pytest.raises(ConfigError, match="no verdict on a sentence"):
        read_verdicts(_table(tmp_path, line), data)


def test_our_verdicts_name_known_labels_and_no_text() -> None:
    with VERDICTS.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file, delimiter="\t"))
    known = {f"{one.source}:{one.names[0]}" for one in known_labels()} | {"plover:*"}
    for line in lines:
        refs = {ref for name in ("asked", "held", "doubtful") for ref in line[name].split(";") if ref}
        assert refs <= known
        assert int(line["start"]) < int(line["end"])
    assert list(lines[0]) == HEADER.strip().split("\t")
    assert len({tuple(list(line.values())[:5]) for line in lines}) == len(lines)


def test_the_command_trains_on_the_tables(
    folder: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(training_module, "PASSES", 1)
    path = _table(
        tmp_path,
        "headlines/news_train\t0\t8\t24\tplover:*\tplover:protest\t",
        "headlines/news_train\t1\t0\t18\tplover:*\tplover:assault\t",
        "events/some_dev\t1\t0\t18\tplover:*\tplover:assault\t",
    )
    main(["--data", str(data), "--reader", str(folder), "--verdicts", str(path)])
    said = capsys.readouterr().out
    assert "2 sentences, 1 held out" in said
    assert "average precision on a codebook" in said
    assert (folder / FILE).is_file()
