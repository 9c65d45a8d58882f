"""The table of headline habits, learnt from articles of our own."""

from copydesk.training.headline_words import habits


def test_a_word_that_headlines_take_up_has_the_higher_odds() -> None:
    pairs = [("Storm closes port", "A storm closed the port on Tuesday.")] * 10
    learnt = habits(pairs)
    assert learnt["storm"] > 0 > learnt["tuesday"]


def test_rare_words_have_no_entry() -> None:
    assert habits([("Storm closes port", "A storm closed the port on Tuesday.")]) == {}
    assert habits([]) == {}
