"""Sentences and offsets: hard cases of news, any Unicode, hostile length, and the two seed articles."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copydesk.models.document import Document
from copydesk.models.schema import Article
from copydesk.models.segmenter import read_article, segment

SEEDS = Path(__file__).parents[2] / "shared" / "seeds"

NEWS_LIKE = st.lists(
    st.sampled_from(
        [
            *(
                "He said. ",
                "U.S. ",
                "Nov. 16 ",
                "“We will go. Not now,” she said.",
                '"Stop!" ',
                "(He left.) ",
                "'No.' ",
                "Mr. ",
            ),
            *(
                "MOSCOW (REUTERS) - ",
                "KYIV, Ukraine (AP) — ",
                "By Jane Doe",
                "PHOTO: AFP",
                "(Reporting by A B)",
                "Read more: ",
                "Join our Telegram channel",
            ),
            *(
                "\n",
                "\r\n",
                "\r",
                "\n\n",
                "\u2028",
                "\u00a0",
                "\u200f",
                "\u202e",
                "\0",
                "e\u0301",
                "👩‍👩‍👧",
                "…",
                "•",
                '"',
                "“",
                "”",
                "'",
                "(",
                "[",
                ")",
                "\ud800",
                ".",
                "?",
                "Title Line",
                " a b c d e f g h. ",
            ),
        ]
    ),
    max_size=40,
).map("".join)
ANY_TEXT = st.one_of(
    NEWS_LIKE, st.text(st.characters(), max_size=200), st.text(alphabet=" \n.\"'“”()A-a1:,/—\0\u00a0", max_size=120)
)


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in segment(text)]


def assert_sound(document: Document) -> None:
    """Ordered, never overlapping, quoting exactly, and covering all but white space."""
    text = document.text
    covered = [False] * len(text)
    for one in document.sentences:
        assert text[one.start : one.end] == one.text
    for spans in (document.sentences, document.marks):
        assert list(spans) == sorted(spans, key=lambda one: one.start)
    for one in (*document.sentences, *document.marks):
        assert one.start < one.end
        assert not text[one.start].isspace()
        assert not text[one.end - 1].isspace()
        assert not any(covered[one.start : one.end])
        covered[one.start : one.end] = [True] * (one.end - one.start)
    assert all(seen or char.isspace() for seen, char in zip(covered, text, strict=True))
    numbers = [one.paragraph for one in document.sentences]
    assert sorted(set(numbers)) == list(range(len(set(numbers))))
    assert numbers == sorted(numbers)


@settings(max_examples=400, deadline=None)
@given(ANY_TEXT)
def test_sentences_and_marks_cover_any_text_and_never_overlap(text):
    assert_sound(read_article(text))


@settings(max_examples=200, deadline=None)
@given(ANY_TEXT, st.integers(0, 10_000))
def test_segments_cover_any_text_and_shift_with_start(text, start):
    spans = segment(text)
    assert segment(text, start) == [(left + start, right + start) for left, right in spans]
    inside = {at for left, right in spans for at in range(left, right)}
    assert sum(right - left for left, right in spans) == len(inside)
    assert all(at in inside or text[at].isspace() for at in range(len(text)))


@pytest.mark.parametrize(
    "parts",
    [
        ["He met Gov. Ana Ruiz on Nov. 16 at 5 p.m. Friday.", "They spoke."],
        ["She lives in the U.S.", "He moved to the U.K. in 2010."],
        ["The U.S. Senate and the U.N. Security Council met.", "Both voted."],
        ["Sens. J.D. Marsh and A. B. Cole of the A.F.L.-C.I.O. agreed.", "So did then-Rep. Lee."],
        ['"Is it over?" the minister asked.', '"No!" Putin said.'],
        ["'We will go,' he said.", "'Now.'"],
        ["It was ‘over.’", "He went.", "It was “over”.", "She stayed."],
        ['"Armed men have entered the eastern town.', 'They hold the bridge," it said.'],
        ['"No. Never. Not at all," he said.', "He left."],
        ["She left (he stayed. Nobody knew.) and came back.", "They met."],
        ["1. The troops withdraw.", "2. The prisoners return."],
        ["It rose… Then it fell."[:8], "Then it fell."],
        ["Shares of Orion Co. fell.", "Hull & Sons Ltd. rose 3.5 percent vs. Monday."],
        ["Visit www.example.org/Page.Html or write to A.Name@Example.Com today.", "It helps."],
        ["Yahoo! said so.", "Genzyme (GENZ.O) did not."],
        ["Orion Lines Corp 9105.T said on Monday it would close.", "Hull 7203.N rose."],
        ["Ярослав сказал это.", "Потом он ушёл."],
    ],
)
def test_hard_sentence_ends(parts):
    assert sentences(" ".join(parts)) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Get it delivered to you.Russian troops left.", ["Get it delivered to you.", "Russian troops left."]),
        ('It was large-scale"provocations" from them.', ['It was large-scale"provocations" from them.']),
        ('He said."Go on," then.', ["He said.", '"Go on," then.']),
        ("Oil fell by 3%.Gold rose.", ["Oil fell by 3%.", "Gold rose."]),
        ("In 2019.Nobody came.", ["In 2019.", "Nobody came."]),
        ("• One thing\n• Another thing", ["• One thing", "• Another thing"]),
        ("A heading\nA sentence.", ["A heading", "A sentence."]),
        ("One.\r\nTwo.\rThree.\u2028Four.", ["One.", "Two.", "Three.", "Four."]),
        ("He left.\u00a0She stayed.", ["He left.", "She stayed."]),
    ],
)
def test_missing_blanks_and_line_ends(text, parts):
    assert sentences(text) == parts


def test_hard_wrapped_text_is_unwrapped():
    text = (
        "The harbour strike ended on Thursday after eleven days in which\n"
        "forty ships had waited at anchor. The union accepted a rise of six\n"
        "percent over two years.\n\nEmployers praised the mediator."
    )
    document = read_article(text)
    assert [one.paragraph for one in document.sentences] == [0, 0, 1]
    assert document.sentences[1].text == "The union accepted a rise of six\npercent over two years."


@pytest.mark.parametrize(
    "text",
    [
        "PORT ALDANE (Reuters) - The country's top shipping line, \nOrion Lines, will open its first yard.",
        "The minister is expected to attend the opening of the yard in \nPort Aldane, which is her home town.",
    ],
)
def test_a_line_that_no_sentence_ends_with_goes_on(text):
    assert len(sentences(text)) == 1


def test_the_text_is_never_changed():
    text = "\ufeffRussia\u00a0said “no”.\r\n\0 Ce\u0301le\u0300bre 👩‍👩‍👧 left.\u202c\n\n"
    document = read_article(Article(text=text, id="odd"))
    assert document.article == Article(text=text, id="odd")
    assert_sound(document)


@pytest.mark.parametrize("text", ["", " ", "\n\r\n\u00a0\t"])
def test_white_space_has_neither_sentences_nor_marks(text):
    document = read_article(text)
    assert (document.sentences, document.marks) == ((), ())


@pytest.mark.parametrize(
    "text",
    [
        "Gunmen kill nine people in an attack on a market.",
        "Army seizes radio station in capital",
        "What happens next?",
        "A photo taken on Monday shows smoke. PHOTO: AFP",
        "Title One\n\nTitle Two\n\nTitle Three",
        "Troops leave town\nTalks go on",
        "Obama Rallies His Base In Ohio.",
    ],
)
def test_a_lone_line_is_prose_whatever_it_looks_like(text):
    assert read_article(text).sentences


MILLION = 1_000_000
MANY = 150_000
"""Size of hostile texts that really have tens of thousands of sentences or lines, whose cost is no blow-up."""

HOSTILE = {
    "open quotations": ("“", MILLION),
    "opening brackets": ("(", MILLION),
    "quotation scraps": ('"a. ', MILLION),
    "abbreviations": ("U.S. ", MILLION),
    "initials": ("A. ", MILLION),
    "dateline without end": ("MOSCOW, Nov. 16 ", MILLION),
    "dashes": ("A - ", MILLION),
    "credits": ("PHOTO: ", MILLION),
    "strokes": ("A/B ", MILLION),
    "bracketed credits": ("(AP Photo/", MILLION),
    "sign-offs": ("(Reporting by ", MILLION),
    "plugs": ("follow us ", MILLION),
    "addresses": ("http://a.Bc@", MILLION),
    "blank": (" ", MILLION),
    "one word": ("a", MILLION),
    "capitals": ("A", MILLION),
    "combining marks": ("\u0301", MILLION),
    "surrogates": ("\ud800", MILLION),
    "sentences": ("He said. ", MANY),
    "blank lines": ("\n", MANY),
    "missing blanks": ("aa.Aa", MANY),
    "open lines": ("Aa Bb\n", MANY),
    "wrapped lines": ("aaaa bbbb cccc dddd eeee ffff gggg hhhh\n", MANY),
    "speech tags": ('?" A ', MANY),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_takes_linear_time(name):
    unit, size = HOSTILE[name]

    def seconds(length: int) -> float:
        text = unit * (length // len(unit))
        start = time.process_time()
        read_article(text)
        return time.process_time() - start

    seconds(100)
    assert seconds(size) < 25 * max(seconds(size // 10), 0.05)


def test_a_long_article_is_read_at_once():
    paragraph = (
        "The army of Lowland said on Thursday (Oct 7) that it had driven rebels out of two villages. "
        "“We hold the bridge,” it said.\n\n"
    )
    article = paragraph * 870
    assert len(article.split()) > 20_000
    read_article("Warm up the library.")
    start = time.process_time()
    document = read_article(article)
    assert time.process_time() - start < 3.0  # 0.1 s on an idle core, 0.7 s on one that ten jobs share
    assert len(document.sentences) == 2 * 870


@pytest.mark.shared
@pytest.mark.skipif(not SEEDS.exists(), reason="../shared is not here")
def test_seed_articles():
    first, second = (path.read_text(encoding="utf-8") for path in sorted(SEEDS.glob("*.txt"))[:2])
    document = read_article(first)
    assert_sound(document)
    lines = [line for line in first.splitlines() if line]
    marked = [(mark.kind, first[mark.start : mark.end]) for mark in document.marks]
    caption, credit = lines[1].rsplit(" PHOTO", 1)
    assert marked == [
        ("title", lines[0]),
        ("caption", caption),
        ("credit", "PHOTO" + credit),
        ("dateline", lines[2][: lines[2].index(" Russia on")]),
        ("promotion", lines[-1]),
    ]
    dateline = len(marked[3][1])
    prose = "".join([lines[2][dateline:], *lines[3:-1]])
    assert "".join("".join(one.text for one in document.sentences).split()) == "".join(prose.split())
    assert len(document.sentences) == 16

    document = read_article(second)
    assert_sound(document)
    assert [(mark.kind, second[mark.start : mark.end]) for mark in document.marks] == [
        ("heading", "'12 Azeri, 18 Armenian troops killed'")
    ]
    assert len(document.sentences) == 15

    glued = read_article(first + second)
    assert_sound(glued)
    flattened = read_article((first + second).replace("\n", " "))
    assert_sound(flattened)
    assert [mark.kind for mark in flattened.marks] == ["caption", "credit", "dateline", "promotion"]
    assert next(one.text for one in glued.sentences if one.start >= len(first)).startswith(
        "Russian President Vladimir Putin has called"
    )
