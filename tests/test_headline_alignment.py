"""Keep labels from compressions and from headlines; the sentences are our own."""

from hypothesis import given
from hypothesis import strategies as st

from copydesk.models.words import word_spans
from copydesk.training.headline_alignment import KeepLabel, aligned_keep_labels, compression_keep_labels


def _kept(sentence: str, labels: list[KeepLabel] | None) -> str:
    assert labels is not None
    return " ".join(sentence[start:end] for start, end, target in labels if target > 0.5)


def test_a_compression_is_labelled_exactly() -> None:
    sentence = "The harbour, which opened in 1911, was closed on Monday after a crane fell into the water."
    assert _kept(sentence, compression_keep_labels(sentence, "The harbour was closed.")) == "The harbour was closed"


def test_a_repeated_word_goes_to_the_match_with_the_fewest_gaps() -> None:
    sentence = "The mayor of the old town said the bridge was closed."
    assert _kept(sentence, compression_keep_labels(sentence, "The bridge was closed.")) == "the bridge was closed"
    labels = compression_keep_labels(sentence, "The bridge was closed.")
    assert labels is not None
    assert labels[0][2] == 0.0


def test_spacing_and_case_of_a_compression_do_not_matter() -> None:
    sentence = "Officials praised the U-17 team in Lagos."
    assert _kept(sentence, compression_keep_labels(sentence, "officials Praised the U- 17 team .")) == (
        "Officials praised the U-17 team"
    )


def test_a_text_that_is_no_subsequence_has_no_labels() -> None:
    assert compression_keep_labels("The dog bit the man.", "The man bit the dog.") is None
    assert compression_keep_labels("The dog bit the man.", "") is None


def test_a_headline_keeps_words_by_their_stem() -> None:
    sentence = "Shares of the shipping company plunged 20 percent on Monday after it cut its forecast."
    kept = _kept(sentence, aligned_keep_labels(sentence, "Shipping shares plunge after forecast cut"))
    assert kept == "Shares shipping plunged cut forecast"


def test_a_headline_about_something_else_has_no_labels() -> None:
    assert (
        aligned_keep_labels("The council met on Monday to discuss parking fees.", "Volcano erupts in Iceland") is None
    )
    assert aligned_keep_labels("Smith spoke in Leeds.", "Smith") is None


@given(
    st.lists(
        st.sampled_from(["the", "a", "cat", "sat", "on", "mat", ",", "and", "U-17", "2.5", "Paris", "'s"]),
        min_size=1,
        max_size=20,
    ),
    st.data(),
)
def test_every_subsequence_is_matched_and_every_label_is_a_word(tokens: list[str], data: st.DataObject) -> None:
    sentence = " ".join(tokens)
    flags = data.draw(st.lists(st.booleans(), min_size=len(tokens), max_size=len(tokens)))
    compression = " ".join(token for token, flag in zip(tokens, flags, strict=True) if flag)
    labels = compression_keep_labels(sentence, compression)
    if not any(character.isalnum() for character in compression):
        assert labels is None
        return
    assert labels is not None
    spans = set(word_spans(sentence))
    assert all((start, end) in spans for start, end, _ in labels)
    assert any(target == 1.0 for *_, target in labels)
