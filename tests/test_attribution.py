import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copydesk.models.actors import read_actors
from copydesk.models.attribution import RuleAttributor, quotations
from copydesk.models.attribution_tagger import HelpedAttributor
from copydesk.models.attribution_tags import TAGS, RoleSpan, decode, link, tag_spans, token_tags, windows
from copydesk.models.document import Document, Sentence
from copydesk.models.mentions import tokens
from copydesk.models.segmenter import read_article
from copydesk.models.statements import Account
from copydesk.models.suite import Attribution

CLASH = (Path(__file__).parent / "data" / "border_clash.txt").read_text(encoding="utf-8")


def said(text: str) -> list[tuple[str, str, str]]:
    """(source, cue, content) of every attribution, as words; several spans joined by a bar."""
    document = read_article(text)
    found = RuleAttributor().attribute(document)

    def words(spans: tuple[tuple[int, int], ...]) -> str:
        return " | ".join(document.text[start:end] for start, end in spans)

    return [(words(one.source), words(one.cue), words(one.content)) for one in found]


@pytest.mark.parametrize(
    ("text", "source", "cue", "content"),
    [
        ("The mayor said that the bridge would close.", "The mayor", "said", "that the bridge would close"),
        ("The bridge will close, the mayor said on Friday.", "the mayor", "said", "The bridge will close"),
        ("“The bridge is closed,” said Mayor Lena Fox.", "Mayor Lena Fox", "said", "“The bridge is closed,”"),
        ('"The bridge is closed," Fox told reporters.', "Fox", "told", '"The bridge is closed,"'),
        ("According to the police, nobody was hurt.", "the police", "According to", "nobody was hurt"),
        ("Nobody was hurt, according to the police.", "the police", "according to", "Nobody was hurt"),
        ("Peru accused Ecuador of shelling a village.", "Peru", "accused", "Ecuador of shelling a village"),
        ("Brazil has called on both sides to stop.", "Brazil", "has called on", "both sides to stop"),
        ("Fox told reporters that she would resign.", "Fox", "told", "that she would resign"),
        (
            "Interfax quoted the minister as saying the road was safe.",
            "the minister",
            "quoted | as saying",
            "the road was safe",
        ),
        (
            '"We are ready," Interfax had quoted Armen Vardan, the head of the council, as saying.',
            "Armen Vardan, the head of the council,",
            "had quoted | as saying",
            '"We are ready,"',
        ),
        (
            "Armen Vardan, the head of the council, said the army was ready.",
            "Armen Vardan, the head of the council,",
            "said",
            "the army was ready",
        ),
    ],
)
def test_the_orders_in_which_news_attributes(text: str, source: str, cue: str, content: str) -> None:
    assert said(text) == [(source, cue, content)]


def test_one_subject_serves_several_verbs() -> None:
    assert said("The ministry said it was concerned and called on both countries to talk.") == [
        ("The ministry", "said", "it was concerned"),
        ("The ministry", "called on", "both countries to talk"),
    ]


def test_a_quotation_runs_on_after_its_cue_and_over_sentences() -> None:
    found = said('"We are tired," Fox said. "We want to go home. Nobody listens."')
    assert found == [("Fox", "said", '"We are tired," | "We want to go home. Nobody listens."')]


def test_a_quotation_that_starts_sentences_before_its_cue_belongs_to_it() -> None:
    (one,) = said('"Our men hold the hill. Their tanks are burning," the army said.')
    assert one[0] == "the army"
    assert "Our men hold the hill." in one[2]


def test_a_quotation_left_open_ends_with_its_paragraph() -> None:
    document = read_article('He said: "We will stay.\n\n"We will fight." It rained.')
    covered = {document.text[start:end] for start, end in quotations(document)}
    assert covered == {'"We will stay.', '"We will fight."'}


@pytest.mark.parametrize(
    "text",
    [
        "The attacks on the town went on.",
        "Peru's demands were met.",
        "Troops backed by tanks moved in.",
        "The report was long.",
        "Three calls came in at night.",
    ],
)
def test_nouns_and_passives_are_no_cues(text: str) -> None:
    assert said(text) == []


def test_the_clash_is_attributed_as_a_reader_would() -> None:
    found = said(CLASH)
    by_content = {content: source for source, _, content in found}
    assert by_content["its posts had come under fire from Peruvian artillery"].startswith(
        "The Ecuadorian defence ministry"
    )
    assert by_content["Ecuador of shelling two villages"] == "It"
    assert by_content["both countries to respect the ceasefire"] == "The Colombian government"
    calle = next(one for one in found if one[0].startswith("Ines Calle"))
    assert "We will not negotiate under fire." in calle[2]


NEWS_WORDS = (
    *(
        "The",
        "minister",
        "said",
        "that",
        "told",
        "reporters",
        "according",
        "to",
        "accused",
        "and",
        "called",
        "on",
        "both",
        "sides",
    ),
    *(
        ",",
        ".",
        ":",
        '"',
        "“",
        "”",
        "(",
        ")",
        "who",
        "quoted",
        "X",
        "as",
        "saying",
        "it",
        "Friday",
        "has",
        "been",
        "would",
        "not",
    ),
    *("-", "Peru's", "army", "?", "\u202e", "\u0301"),
)
words_of_news = st.lists(st.sampled_from(NEWS_WORDS), max_size=30)


@settings(max_examples=80, deadline=None)
@given(words_of_news)
def test_every_attribution_lies_in_the_prose_and_has_content(words: list[str]) -> None:
    document = read_article(" ".join(words))
    for one in RuleAttributor().attribute(document):
        assert one.content
        for start, end in (*one.source, *one.cue, *one.content):
            assert 0 <= start < end <= len(document.text)
        cue_and_source = {*one.cue, *one.source}
        assert not cue_and_source & set(one.content)


def test_a_megabyte_without_a_full_stop_takes_seconds() -> None:
    text = "the minister said that and " * 4_000
    sentences = (Sentence(0, len(text), text, 0),)
    document = Document(read_article("x").article.__class__(text), sentences)
    started = time.perf_counter()
    RuleAttributor().attribute(document)
    assert time.perf_counter() - started < 20


# Tags: what the token tagger learns, and back.


def spans_of(text: str, **roles: list[str]) -> Attribution:
    def places(words: list[str]) -> tuple[tuple[int, int], ...]:
        return tuple((text.index(one), text.index(one) + len(one)) for one in words)

    return Attribution(*(places(roles.get(role, [])) for role in ("source", "cue", "content")))


def test_cue_wins_over_source_and_source_over_content() -> None:
    one = Attribution(source=((0, 4),), cue=((3, 8),), content=((2, 20),))
    assert tag_spans([one]) == (RoleSpan(0, 3, "source"), RoleSpan(3, 8, "cue"), RoleSpan(8, 20, "content"))


def test_a_source_of_two_cues_is_one_span_and_serves_both() -> None:
    text = "He said it was late and asked her to go."
    first = spans_of(text, source=["He"], cue=["said"], content=["it was late"])
    second = spans_of(text, source=["He"], cue=["asked"], content=["her to go"])
    spans = tag_spans([first, second])
    assert [one.role for one in spans] == ["source", "cue", "content", "cue", "content"]
    linked = link(spans, [Sentence(0, len(text), text, 0)])
    assert {(one.source, one.cue, one.content) for one in linked} == {
        (first.source, first.cue, first.content),
        (second.source, second.cue, second.content),
    }


def test_tags_and_their_decoding_are_inverse() -> None:
    document = read_article(CLASH)
    spans = tag_spans(RuleAttributor().attribute(document))
    offsets = [(one.start, one.end) for one in tokens(document.text)]
    tags = token_tags(spans, offsets)
    certain = np.full((len(tags), len(TAGS)), 0.001, dtype=np.float32)
    certain[np.arange(len(tags)), tags] = 0.99
    again = decode(offsets, certain)
    assert [(one.role, document.text[one.start : one.end].strip('"”.')) for one in again] == [
        (one.role, document.text[one.start : one.end].strip('"”.')) for one in spans
    ]


def test_decoding_never_continues_what_was_not_begun() -> None:
    generator = np.random.default_rng(0)
    probabilities = generator.dirichlet(np.ones(len(TAGS)), size=200).astype(np.float32)
    offsets = [(2 * n, 2 * n + 1) for n in range(200)]
    spans = decode(offsets, probabilities)
    assert all(first.end <= second.start for first, second in pairwise(spans))
    assert decode([], np.zeros((0, len(TAGS)), dtype=np.float32)) == []


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 300), min_size=0, max_size=60), st.integers(0, 100))
def test_windows_cover_every_sentence_and_fit(lengths: list[int], overlap: int) -> None:
    sentences = [Sentence(n, n + 1, "x", n // 3) for n in range(len(lengths))]
    cut = windows(sentences, lengths, limit=254, overlap=overlap)
    covered = sorted({n for first, last in cut for n in range(first, last)})
    assert covered == list(range(len(lengths)))
    assert all(sum(lengths[first:last]) <= 254 or last - first == 1 for first, last in cut)
    assert all(first < other for (first, _), (other, _) in pairwise(cut))


class Given:
    """A tagger that found (source, cue, content) of a text, each by its words."""

    def __init__(self, *found: tuple[str, str, str]) -> None:
        self.found = found

    def attribute(self, document: Document) -> tuple[Attribution, ...]:
        def span(words: str) -> tuple[tuple[int, int], ...]:
            at = document.text.index(words)
            return ((at, at + len(words)),)

        return tuple(Attribution(*(span(words) for words in one)) for one in self.found)


@pytest.mark.parametrize(
    ("text", "tagged", "source"),
    [
        (
            "China criticised Japan and warned Vietnam that the pact would hurt it.",
            ("Japan", "warned", "Vietnam that the pact would hurt it"),
            "China",
        ),
        (
            "Russia, which backs Belarus, condemned Canada on Friday.",
            ("Belarus", "condemned", "Canada"),
            "Russia",
        ),
        (
            "Japan and its allies met. Japan warned Vietnam that the pact would hurt it.",
            ("Japan", "warned", "Vietnam that the pact would hurt it"),
            "Japan",
        ),
        (
            "In Minsk, Belarus, officials condemned Canada on Friday.",
            ("Belarus", "condemned", "Canada"),
            "Belarus",
        ),
    ],
)
def test_a_cue_has_its_own_subject_as_source(text: str, tagged: tuple[str, str, str], source: str) -> None:
    document = read_article(text)
    found = HelpedAttributor(Given(tagged), RuleAttributor()).attribute(document)
    one = next(one for one in found if document.text[slice(*one.cue[0])] == tagged[1])
    assert [document.text[start:end] for start, end in one.source] == [source]


def test_whose_the_source_is_does_not_speak() -> None:
    document = read_article("Peter Omolo denied the charges. His lawyer, David Kip, said he would appeal.")
    told = Given(("His lawyer, David Kip,", "said", "he would appeal")).attribute(document)
    assert Account(read_actors(document), told).sources == (("David Kip",),)
