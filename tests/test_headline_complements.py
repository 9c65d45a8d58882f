"""Which words take a complement, learnt from sentences of our own."""

from copydesk.models.complement_words import complement_words, completes
from copydesk.models.phrases import parse
from copydesk.training.headline_complements import COUNT, complements


def test_a_word_that_mostly_has_its_preposition_needs_it() -> None:
    bound = ["the", "mill", "cut", "its", "reliance", "on", "grain", "."]
    free = ["the", "mill", "shut", "its", "harbour", "on", "monday", "."]
    whole = ["the", "mill", "shut", "its", "harbour", "."]
    learnt = set(complements([bound, free, whole, whole] * COUNT))
    assert ("reliance", "on") in learnt
    assert ("harbour", "on") not in learnt


def test_a_word_seen_too_seldom_is_not_known() -> None:
    assert list(complements([["its", "reliance", "on", "grain", "."]] * (COUNT - 1))) == []


def test_a_noun_may_need_one_only_after_its_preposition() -> None:
    framed = ["sales", "ended", "in", "line", "with", "plans", "."]
    alone = ["he", "crossed", "the", "line", "."]
    learnt = set(complements([framed, alone, alone] * COUNT))
    assert ("in", "line", "with") in learnt
    assert ("line", "with") not in learnt


def test_names_and_closed_classes_take_none() -> None:
    assert list(complements([["He", "met", "Ada", "in", "May", ".", "one", "of", "us", "."]] * COUNT)) == []


def test_the_shipped_table_answers_for_neighbours() -> None:
    read = parse("The mill cut its reliance on grain in line with plans on Monday.")
    reliance, line = read.lower.index("reliance"), read.lower.index("line")
    assert completes(read, reliance + 1, reliance)
    assert completes(read, line + 1, line)
    assert not completes(read, read.lower.index("in"), read.lower.index("grain"))
    assert all(2 <= len(words) <= 3 for words in complement_words())
