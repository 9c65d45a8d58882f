"""Bare labels get the statements of known ones."""

import pytest
from word_scorers import WordEncoder

from copydesk.configs.codebook import Codebook, Label
from copydesk.configs.label_lexicon import abbreviated, content_words, known_labels, named, spelt_out
from copydesk.models.known_labels import KnownLabels


def names(numbers: tuple[int, ...]) -> set[str]:
    return {known_labels()[number].names[0] for number in numbers}


def test_every_name_of_the_lexicon_stands_once_and_says_something() -> None:
    lexicon = [one for one in known_labels() if one.source == "lexicon"]
    spelt = [name.lower() for one in lexicon for name in one.names]
    assert len(spelt) == len(set(spelt)) >= 200
    assert all(len(one.statements) >= 2 for one in known_labels())
    assert all(statement.endswith((".", "?")) for one in lexicon for statement in one.statements)


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("Sci/Tech", "science and technology"),
        ("SPORTS", "sports"),
        ("natural_disaster", "natural disaster"),
        ("Natural Disasters", "natural disaster"),
        ("Abduction/forced disappearance", "abduction or forced disappearance"),
        ("nonviolent transfer of territory", "non-violent transfer of territory"),
        ("Looting/property destruction", "looting or property destruction"),
    ],
)
def test_names_are_known_however_they_are_spelt(name: str, own: str) -> None:
    assert own in names(named(name))


@pytest.mark.parametrize(
    ("code", "own"),
    [
        ("CHEM_WEAP", "chemical weapon"),
        ("GOV_REGAINS_TERRIT", "government regains territory"),
        ("suic bomb", "suicide bomb"),
        ("territ_non_viol", None),  # not in this order
    ],
)
def test_codes_are_read_as_abbreviations(code: str, own: str | None) -> None:
    found = names(abbreviated(Codebook.from_labels([code]).labels[0].name))
    assert found == ({own} if own else set())


def test_whole_words_of_a_longer_name_are_no_abbreviation() -> None:
    assert not abbreviated("car")  # there are "car crash" and "car bomb"
    assert not named("other")
    assert not named("gardening")
    assert content_words("other") == ()


def test_a_name_is_said_in_words() -> None:
    assert Codebook.from_labels(["NaturalDisaster"]).labels[0].name == "natural disaster"
    assert Codebook.from_labels(["iPhone"]).labels[0].name == "iphone"
    assert spelt_out("sci/tech") == "sci or tech"


def test_a_bare_label_keeps_its_words_and_gets_statements() -> None:
    book = Codebook.from_labels(["flood", "gardening"])
    flood, gardening = KnownLabels(None).widened(book).labels
    assert flood.hypotheses[0] == "This is about flood."
    assert "The river burst its banks." in flood.hypotheses
    assert gardening == book.labels[1]


def test_a_definition_stays_beside_the_statements_and_two_hypotheses_stand_alone() -> None:
    meant = Label(id="strike", definition="Workers lay down tools.")
    own = Label(id="flood", hypotheses=("Water rose.", "Streets were under water."))
    book = Codebook(name="mine", version="7", threshold=0.3, labels=(meant, own))
    widened = KnownLabels(None).widened(book)
    assert widened.labels[0].hypotheses[0] == "Workers lay down tools."
    assert "Workers went on strike." in widened.labels[0].hypotheses
    assert widened.labels[1] == own
    assert (widened.name, widened.version, widened.threshold) == ("mine", "7", 0.3)
    assert widened.content_hash != book.content_hash


def test_shipped_codebooks_stay_as_they_are() -> None:
    for name in ("acled", "plover", "plover15", "iptc", "desk"):
        book = Codebook.load(name)
        assert KnownLabels(None).widened(book) is book


def test_what_is_not_called_so_is_found_by_nearness() -> None:
    book = Codebook(name="mine", labels=(Label(id="quakes here", definition="An earthquake struck the region."),))
    (label,) = KnownLabels(WordEncoder()).widened(book).labels
    assert "A quake of magnitude six shook houses." in label.hypotheses
    (stays,) = KnownLabels(WordEncoder()).widened(Codebook.from_labels(["xylophone zither"])).labels
    assert stays.hypotheses == ()


def test_a_note_says_what_was_lent() -> None:
    known = KnownLabels(None)
    assert known.note(Codebook.load("plover")) == ""
    note = known.note(Codebook.from_labels(["Sci/Tech", "gardening"]))
    assert "'Sci/Tech' as science and technology" in note
    assert "gardening" not in note
