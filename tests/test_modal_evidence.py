"""What a sentence's modality says for and against labels: who called for a ceasefire made a request, and no ceasefire."""

from dataclasses import replace

import numpy as np
import pytest
from word_scorers import WordEncoder, WordVerifier, words

from copydesk.configs.codebook import Codebook, Label
from copydesk.models.calibration import EventCalibration, Weights
from copydesk.models.event_tagger import Family, RetrieveVerifyTagger
from copydesk.models.heads import load_heads
from copydesk.models.modal_evidence import NEAREST, WORTH, ModalLabels
from copydesk.models.modality import fit, own_kinds
from copydesk.models.segmenter import read_article
from copydesk.models.transformer import embedded_folder, load_transformer

BOOK = Codebook(
    name="calls",
    labels=(
        Label(
            id="call",
            hypotheses=("A leader called for something.", "Envoys urged a side to act.", "A party demanded a step."),
        ),
        Label(id="truce", hypotheses=("A ceasefire was declared.", "Both sides laid down arms in a truce.")),
        Label(id="raid", hypotheses=("Artillery shelled a town.",)),
    ),
)
OWNED = frozenset({"demanded"})
CALL = "Norway called for a ceasefire."
LONG = "Norway called for a ceasefire after artillery from the plain had shelled a town of nine thousand people for a week."
ALIKE = EventCalibration(
    temperature=0.05, unverified=-4.0, many=Weights(bias=-1.0, similarity=2.0, odds=0.5), one=Weights(similarity=9.0)
)


def signs(text: str, book: Codebook = BOOK, owned: frozenset = OWNED) -> dict[str, int]:
    return dict(zip(book.ids, fit(text, book.labels, owned).signs, strict=True))


def tagger(verifier: WordVerifier | None = None) -> RetrieveVerifyTagger:
    encoder = WordEncoder()
    return RetrieveVerifyTagger(
        encoder,
        encoder,
        verifier,
        ALIKE,
        count=lambda texts: [len(words(text)) for text in texts],
        piece_tokens=60,
        known_labels=False,
    )


def test_a_label_of_demands_is_known_by_its_statements() -> None:
    assert [own_kinds(label) for label in BOOK.labels] == [{"demanded"}, frozenset(), frozenset()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CALL, {"call": 1, "truce": -1, "raid": -1}),
        # The shelling was no part of the call: it happened.
        (LONG, {"call": 1, "truce": -1, "raid": 0}),
        ("The two sides declared a ceasefire.", {"call": 0, "truce": 0, "raid": 0}),
        # Nothing in this codebook tells of denials, so that what is denied stays with its label, which says "denied".
        ("The army denied that it had shelled the town.", {"call": 0, "truce": 0, "raid": 0}),
        # Who marches to demand something does march.
        ("Thousands marched to demand a ceasefire.", {"call": 0, "truce": -1, "raid": 0}),
    ],
)
def test_what_is_demanded_speaks_for_the_demand(text: str, expected: dict[str, int]) -> None:
    assert signs(text) == expected


def test_a_date_in_brackets_does_not_end_the_clause() -> None:
    assert signs("Norway on Friday (June 3) called for a ceasefire.")["call"] == 1


def test_the_clause_of_the_demand_is_told_where_the_sentence_goes_on() -> None:
    found = fit(LONG, BOOK.labels, OWNED).clause
    assert found is not None
    assert LONG[slice(*found)] == CALL.rstrip(".")
    assert fit(CALL, BOOK.labels, OWNED).clause is None


def test_a_clause_is_told_in_code_points_of_a_text_with_brackets_and_signs() -> None:
    text = "Zoë’s party (ZP) 😀 walked out of the hall in the old town, and “Ann” (48) demanded a ceasefire."
    found = fit(text, BOOK.labels, OWNED).clause
    assert found is not None
    assert text[slice(*found)].endswith("demanded a ceasefire.")


def test_a_codebook_without_such_labels_is_left_alone() -> None:
    plain = Codebook(name="plain", labels=BOOK.labels[1:])
    assert not ModalLabels(plain)
    document = read_article(LONG)
    (heard,), (deaf,) = tagger().read([document], plain), tagger().without_modality().read([document], plain)
    assert (heard.similarity == deaf.similarity).all()


def test_only_the_nearest_labels_are_asked() -> None:
    others = tuple(Label(id=f"truce {n}", hypotheses=("A ceasefire was declared.",)) for n in range(40))
    book = Codebook(name="many", labels=(*BOOK.labels, *others))
    found = ModalLabels(book).evidence([CALL, CALL], np.stack([np.linspace(0.5, 0.45, 43), np.linspace(0.5, -9, 43)]))
    assert np.count_nonzero(found.signs, axis=1).tolist() == [NEAREST, 1]  # in the second the others are far behind


def test_what_modality_is_worth_goes_from_the_truce_to_the_call() -> None:
    document = read_article(CALL)
    (heard,), (deaf,) = tagger().read([document], BOOK), tagger().without_modality().read([document], BOOK)
    np.testing.assert_allclose(
        (heard.similarity - deaf.similarity)[0], [WORTH, -WORTH, 0.0]
    )  # the raid lies far behind


def test_the_clause_is_what_is_verified_and_the_sentence_is_the_evidence() -> None:
    verifier = WordVerifier()
    (tags,) = tagger(verifier).tag([read_article(LONG)], BOOK.model_copy(update={"threshold": 0.0}))
    premises = {hypothesis: premise for premise, hypothesis in verifier.asked}
    assert premises["A leader called for something."] == CALL.rstrip(".")
    assert premises["Artillery shelled a town."] == LONG
    assert {tag.evidence[0].text for tag in tags} == {LONG}


def test_pairs_that_could_bring_no_tag_are_not_verified() -> None:
    document = read_article("Rain fell on the coast all day.")
    verifier = WordVerifier()
    hopeless = replace(ALIKE, many=Weights(bias=-8.0, similarity=2.0, odds=0.5))
    tagger(verifier).calibrated(hopeless).tag([document], BOOK)
    assert verifier.asked == []
    tagger(verifier).calibrated(hopeless).tag([document], BOOK.model_copy(update={"threshold": 0.001}))
    assert verifier.asked


def test_a_parent_s_low_threshold_keeps_its_sub_types_hopeful() -> None:
    book = Codebook(
        name="family",
        labels=(
            Label(id="violence", threshold=0.001, hypotheses=("There was violence.",)),
            Label(id="raid", parent="violence", threshold=0.9, hypotheses=("Artillery shelled a town.",)),
        ),
    )
    verifier = WordVerifier()
    cautious = replace(ALIKE, many=Weights(bias=-6.0, similarity=2.0, odds=0.5))
    tagger(verifier).calibrated(cautious).tag([read_article("Artillery shelled a farm.")], book)
    assert "Artillery shelled a town." in {hypothesis for _, hypothesis in verifier.asked}


def test_the_shipped_reader_finds_the_request_and_not_the_release() -> None:
    text = (
        "The UN envoy on Monday (May 2) demanded that the rebels free the hostages, a day after forty people died in an "
        "attack on a market."
    )
    (tags,) = load_transformer(None).events.tag([read_article(text)], Codebook.load("plover"))
    found = {tag.label: tag.modality for tag in tags}
    assert found.get("REQUEST") == "happened"
    assert "RETREAT" not in found


def test_a_demand_is_no_rival_of_what_another_clause_tells() -> None:
    text = "Police arrested 40 protesters, and the opposition demanded their release."
    reader = load_transformer(None).events
    assert isinstance(reader, RetrieveVerifyTagger)
    without_teller = EventCalibration.read(load_heads(embedded_folder(), 384).calibration["events"])
    (tags,) = reader.calibrated(without_teller).tag([read_article(text)], Codebook.load("plover"))
    assert {tag.label for tag in tags} >= {"REQUEST", "COERCE"}


def test_the_call_is_no_rival_of_the_raid() -> None:
    """The raid, which the demand says nothing of, has no smaller share of the sentence for it."""
    document = read_article("Artillery shelled a town and Norway called for a ceasefire.")
    rivals = tagger().calibrated(replace(ALIKE, many=Weights(bias=-1.0, similarity=2.0, share=10.0)))
    (heard,), (deaf,) = rivals.read([document], BOOK), rivals.without_modality().read([document], BOOK)
    assert signs(document.text) == {"call": 1, "truce": -1, "raid": 0}
    before, after = (dict(zip(BOOK.ids, rivals.chances(one, Family(BOOK))[0], strict=True)) for one in (deaf, heard))
    assert after["call"] > before["call"]
    assert after["raid"] >= before["raid"]
