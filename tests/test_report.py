"""The report: what a record brings becomes text and never markup, marks nest and stand where they should, bad lines are told."""

import base64
import hashlib
import json
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk import Article, EventTag, Headline, Prediction, PredictionError, Stance
from copydesk.inference.cli import main
from copydesk.inference.outputs import convert_to_parquet
from copydesk.inference.records import Result, json_line
from copydesk.inference.report import read_results, write_report
from copydesk.inference.report_highlights import Highlight, highlights, nested, utf16_offsets
from copydesk.inference.report_overview import MAX_BINS, Overview, day_of, time_bins
from copydesk.models.schema import Actor, Duplicate, Provenance, quote

RUN = "document.title='ran'"
HOSTILE = f'</script><script>{RUN}</script><img src=x onerror="{RUN}">\'"&amp;<!--\u2028\u2029${{title}}'
TEXT = "🚨🚨 Velia shelled Orsk on Monday. Dorland condemned the attack. Rain fell."
"""With characters outside the Basic Multilingual Plane before the evidence."""


def prediction(text: str = TEXT, **changes: Any) -> Prediction:
    """Two sentences with every kind of evidence, crossing and on the same words."""

    def said(words: str, score: float = 0.9) -> Any:
        start = text.index(words)
        return quote(text, (start, start + len(words)), score)

    first, second = "Velia shelled Orsk on Monday.", "Dorland condemned the attack."
    start = text.index(first)
    made = Prediction(
        article=Article(text=text, id="a1", date="2026-11-22"),
        headline=Headline("Velia shelled Orsk", ((start, start + 18),)),
        summary=(said(first), said(second)),
        events=(
            EventTag("ASSAULT", 0.91, (said(first),), name="assault"),
            EventTag("ACCUSE", 0.7, (said(second), said(first)), "denied", "accuse"),
        ),
        stances=(
            Stance("Dorland", "Velia", "against", 0.8, (said("on Monday. Dorland condemned"),), 1),
            Stance(None, "Velia", "neutral", 0.6, reason="not mentioned"),
        ),
        actors=(Actor("Velia", "country", ((start, start + 5),), 0.9), Actor("Dorland", "country", (), 0.5)),
        language="en",
        warnings=(),
        provenance=Provenance("0", "m", "0" * 16, "plover", "1", "0" * 16),
        duplicate=Duplicate(1, "a0"),
    )
    return replace(made, **changes)


def hostile() -> Prediction:
    """A record whose every string is an attack."""
    record = prediction().to_dict()

    def poison(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: poison(item, name) for name, item in value.items()}
        if isinstance(value, list):
            return [poison(item, key) for item in value]
        fixed = {"schema_version", "text", "polarity", "modality", "kind", "date"}
        return value if key in fixed or (value is not None and not isinstance(value, str)) else HOSTILE

    poisoned = poison(record)
    poisoned["article"]["text"] = HOSTILE + TEXT
    poisoned["article"]["url"] = f"javascript:{RUN}"
    poisoned["headline"]["text"] = HOSTILE
    poisoned["warnings"] = [HOSTILE]
    poisoned["stances"].append({**poisoned["stances"][0], "holder": None})
    return Prediction.from_dict(poisoned)


class Page(HTMLParser):
    """What a browser would make of a page: its elements, and the text of its data blocks."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.blocks: dict[str, str] = {}
        self.inline: dict[str, str] = {}
        self._into: tuple[dict[str, str], str] | None = None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        self.tags.append((tag, held))
        if tag in {"script", "style"}:
            self._into = (
                (self.blocks, str(held["id"])) if held.get("type") == "application/json" else (self.inline, tag)
            )

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style"}:
            self._into = None

    def handle_data(self, data: str) -> None:
        if self._into:
            self._into[0][self._into[1]] = self._into[0].get(self._into[1], "") + data

    def json(self, identity: str) -> Any:
        return json.loads(self.blocks[identity])


def report(tmp_path: Path, *results: Result, **options: Any) -> Page:
    target = tmp_path / "report.html"
    write_report(results, target, **options)
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
    return Page(target.read_text(encoding="utf-8"))


# Attack


def test_hostile_records_add_no_element_and_no_attribute(tmp_path: Path) -> None:
    error = PredictionError(HOSTILE, HOSTILE, HOSTILE, 3, HOSTILE)
    harmless = report(tmp_path, prediction(), PredictionError("m", "r", "i", 3, "x"), title="t")
    attacked = report(tmp_path, hostile(), error, title=HOSTILE)
    allowed = {(tag, name) for tag, attributes in harmless.tags for name in attributes}
    assert {tag for tag, _ in attacked.tags} <= {tag for tag, _ in harmless.tags}
    assert {(tag, name) for tag, attributes in attacked.tags for name in attributes} <= allowed
    scripts = [attributes for tag, attributes in attacked.tags if tag == "script"]
    assert sum(attributes.get("type") is None for attributes in scripts) == 1
    assert attacked.inline["script"] == harmless.inline["script"]
    assert attacked.json("a0")["url"] is None
    assert attacked.json("a0")["text"] == HOSTILE + TEXT
    assert attacked.json("a1")["error"] == HOSTILE


def test_nothing_is_loaded_and_only_the_built_in_script_may_run(tmp_path: Path) -> None:
    page = report(tmp_path, prediction())
    policy = next(
        str(held["content"]) for tag, held in page.tags if tag == "meta" and held.get("http-equiv") is not None
    )
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        digest = base64.b64encode(hashlib.sha256(page.inline[tag].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert not [
        held for _, held in page.tags if "src" in held or "style" in held or any(n.startswith("on") for n in held)
    ]
    assert "url(" not in page.inline["style"]
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|fetch\(|http", page.inline["script"]
    )


@given(st.text())
def test_any_text_comes_back_from_its_block(text: str) -> None:
    from copydesk.inference.report import _data_block

    block = _data_block("a0", {"text": text}).decode()
    assert Page(block).json("a0") == {"text": text}
    assert not set("\n\r\u2028\u2029") & set(block[:-1])


def test_half_a_surrogate_pair_does_not_stop_the_page(tmp_path: Path) -> None:
    broken = replace(prediction(), article=Article(text="\ud800 " + TEXT, title="\udfff"), headline=None)
    page = report(tmp_path, broken)
    assert page.json("a0")["text"] == "? " + TEXT


# Highlights

KINDS = st.sampled_from(["summary", "event", "stance", "headline"])
SPANS = st.tuples(st.integers(0, 30), st.integers(1, 10)).map(lambda pair: (pair[0], pair[0] + pair[1]))
HIGHLIGHTS = st.lists(st.builds(Highlight, SPANS, KINDS, st.just(("c",))), max_size=12)


@given(HIGHLIGHTS)
def test_pieces_nest_and_cover_exactly_what_was_marked(marked: list[Highlight]) -> None:
    pieces = nested(marked)
    for one, other in combinations(pieces, 2):
        apart = one.end <= other.start or other.end <= one.start
        inside = (one.start <= other.start and other.end <= one.end) or (
            other.start <= one.start and one.end <= other.end
        )
        assert apart or inside
    for number, highlight in enumerate(marked):
        covered = [place for piece in pieces if piece.highlight == number for place in range(piece.start, piece.end)]
        assert covered == list(range(*highlight.span))
    opened: list[int] = []
    for piece in pieces:  # in the order in which a browser opens them: no piece begins after its parent has ended
        while opened and opened[-1] <= piece.start:
            opened.pop()
        assert not opened or piece.end <= opened[-1]
        opened.append(piece.end)


def test_answers_on_the_same_words_share_a_highlight_with_every_caption() -> None:
    marked = highlights(prediction())
    event = next(one for one in marked if one.kind == "event")
    assert event.captions == (
        "Event: assault (happened), 0.91; evidence 0.90",
        "Event: accuse (denied), 0.70; evidence 0.90",
    )
    stance = next(one for one in marked if one.kind == "stance")
    assert stance.captions == ("Stance: Dorland → Velia: against, 0.80; evidence 0.90",)


def test_spans_outside_the_text_are_left_out() -> None:
    wrong = Headline("x", ((-3, 2), (5, 5), (7, 6), (0, 10**9), (0, 2)))
    marked = highlights(prediction(headline=wrong, summary=(), events=(), stances=()))
    assert [one.span for one in marked] == [(0, 2)]


def test_a_thousand_crossing_spans_stay_small() -> None:
    text = "x" * 3000
    crossing = Headline("x", tuple((n, n + 1000) for n in range(1000)))
    marked = highlights(prediction(headline=crossing, article=Article(text), summary=(), events=(), stances=()))
    assert len(nested(marked)) <= 500 * 500


@given(st.text())
def test_offsets_in_utf16_units(text: str) -> None:
    units = utf16_offsets(text)
    for offset in range(len(text) + 1):
        assert units(offset) == len(text[:offset].encode("utf-16-le", "surrogatepass")) // 2


def test_a_block_quotes_the_right_words_to_javascript(tmp_path: Path) -> None:
    block = report(tmp_path, prediction()).json("a0")
    units = block["text"].encode("utf-16-le")
    quoted = {}
    for start, end, number in block["pieces"]:
        kind = block["marks"][number][0]
        quoted.setdefault((kind, number), []).append(units[2 * start : 2 * end].decode("utf-16-le"))
    joined = {(kind, "".join(parts)) for (kind, _), parts in quoted.items()}
    assert ("headline", "Velia shelled Orsk") in joined
    assert ("stance", "on Monday. Dorland condemned") in joined
    assert ("event", "Velia shelled Orsk on Monday.") in joined


# Overview


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-22T10:00:00+01:00", "2026-11-22"),
        ("2026-11", "2026-11-01"),
        ("2026", "2026-01-01"),
        ("yesterday", None),
        ("2026-13-40", None),
        ("", None),
        (None, None),
    ],
)
def test_days(text: str | None, day: str | None) -> None:
    assert str(day_of(text)) == str(day)


@given(st.lists(st.dates(), min_size=1, max_size=5))
def test_the_time_axis_reaches_over_all_days_in_few_bars(days: list[Any]) -> None:
    _, bins = time_bins(days)
    assert bins == sorted(set(bins))
    assert bins[0] <= min(days)
    assert len(bins) <= max(MAX_BINS, 100)


def test_the_plots_count_articles(tmp_path: Path) -> None:
    others = [prediction(article=Article(text=TEXT, date=f"2026-{month:02}-01")) for month in range(1, 9)]
    undated = prediction(article=Article(text=TEXT))
    overview = write_report([*others, undated, PredictionError("m")], tmp_path / "report.html", limit=3)
    assert (overview.articles, overview.errors, overview.undated) == (9, 1, 1)
    assert overview.events == {"ASSAULT": 9, "ACCUSE": 9}
    assert overview.stances == {("Dorland", "Velia", "against"): 9}, "a cell without evidence says nothing"
    html = (tmp_path / "report.html").read_text()
    assert "The list holds the first 3 rows; 7 more" in html
    assert "Dorland toward Velia: favour 0, against 9, neutral 0" in html


def test_an_empty_corpus_has_a_page(tmp_path: Path) -> None:
    assert report(tmp_path).json("index")["rows"] == []
    assert Overview().html()


# Contrast (WCAG 2.2, 1.4.3 and 1.4.11)

PAIRS = [
    *[(front, back, 4.5) for back in ("ground", "panel") for front in ("text", "muted", "link", "headline")],
    *[("headline", back, 4.5) for back in ("event",)],
    ("event-text", "event", 4.5),
    ("favour-text", "favour", 4.5),
    ("favour-text", "favour-clear", 4.5),
    ("against-text", "against", 4.5),
    ("against-text", "against-clear", 4.5),
    ("mixed-text", "mixed", 4.5),
    ("warn-text", "warn", 4.5),
    ("tip-text", "tip", 4.5),
    *[(front, back, 3.0) for back in ("ground", "event") for front in ("stance", "summary", "focus")],
    ("edge", "ground", 3.0),
    ("bar", "panel", 3.0),
]


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_contrast(scheme: int) -> None:
    css = files("copydesk.inference").joinpath("templates", "report.css").read_text(encoding="utf-8")
    blocks = re.findall(r":root \{([^}]*)\}", css)
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", blocks[scheme]))
    poor = {}
    for front, back, least in PAIRS:
        low, high = sorted((_luminance(colours[front]), _luminance(colours[back])))
        if (ratio := (high + 0.05) / (low + 0.05)) < least:
            poor[front, back] = round(ratio, 2)
    assert not poor


# The command


def coded(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "coded.jsonl"
    path.write_text("".join(lines), encoding="utf-8")
    return path


def test_the_command_writes_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = coded(tmp_path, json_line(prediction().to_dict()), json_line(PredictionError("bad", line=2).to_dict()))
    target = tmp_path / "out.html"
    assert main(["report", str(path), "-o", str(target)]) == 0
    assert "1 articles, 1 errors" in capsys.readouterr().err
    assert Page(target.read_text()).json("a0")["text"] == TEXT


@pytest.mark.parametrize(
    "line",
    [
        "{broken\n",
        "[1]\n",
        '{"schema_version":"9.0"}\n',
        '{"schema_version":"1.0","article":{"text":5}}\n',
        '{"a":' * 100_000 + "\n",
        json_line({**prediction().to_dict(), "events": [{"label": "A"}]}),
        json_line({**prediction().to_dict(), "warnings": [[1]]}),
        "\x00\n",
    ],
)
def test_a_line_that_is_no_record_is_listed_as_an_error(tmp_path: Path, line: str) -> None:
    path = coded(tmp_path, json_line(prediction().to_dict()), line, json_line(prediction().to_dict()))
    target = tmp_path / "out.html"
    assert main(["report", str(path), "-o", str(target), "-q"]) == 1
    page = Page(target.read_text())
    assert [row[7] for row in page.json("index")["rows"]] == [4, 2, 4]
    assert page.json("a1")["place"] == f"{path}:2"


@pytest.mark.parametrize("wrong", ["missing.jsonl", "coded.csv", "same"])
def test_wrong_paths_are_refused(tmp_path: Path, wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = coded(tmp_path, json_line(prediction().to_dict()))
    (tmp_path / "coded.csv").write_text("kind\n")
    given_path, target = (path, path) if wrong == "same" else (tmp_path / wrong, tmp_path / "out.html")
    before = path.read_bytes()
    assert main(["report", str(given_path), "-o", str(target)]) == 2
    assert path.read_bytes() == before
    assert str(tmp_path) in capsys.readouterr().err


def test_parquet_is_read_too(tmp_path: Path) -> None:
    results = [prediction(), PredictionError("bad", line=2)]
    staged = coded(tmp_path, *(json_line(result.to_dict()) for result in results))
    convert_to_parquet(staged, tmp_path / "coded.parquet")
    assert list(read_results(tmp_path / "coded.parquet")) == results == list(read_results(staged))


def test_an_unwritable_target_leaves_nothing_behind(tmp_path: Path) -> None:
    target = tmp_path / ("x" * 253)
    assert main(["report", str(coded(tmp_path, "")), "-o", str(target)]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["coded.jsonl"]


# In a browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
browser = pytest.mark.browser


def dom(page: Path, fragment: str = "", *flags: str) -> str:
    """The page's DOM after its scripts have run."""
    command = [
        str(CHROMIUM),
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={page.parent / 'profile'}",
    ]
    done = subprocess.run(
        [*command, "--virtual-time-budget=3000", "--dump-dom", *flags, page.as_uri() + fragment],
        check=True,
        capture_output=True,
        timeout=100,
    )
    return done.stdout.decode()


@browser
@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_chromium_runs_nothing_that_a_record_brings(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    write_report([hostile(), prediction()], page, title="quiet")
    made = dom(page, "#article=0")
    assert "<title>quiet</title>" in made
    assert 'data-ready="' in made
    assert "<img" not in made
    assert made.count('class="row"') == 2


@browser
@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_chromium_marks_the_evidence(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    write_report([prediction(), PredictionError("the text is empty.", "Give some.")], page)
    made = dom(page, "#article=0")
    text = re.search(r'<div class="text[^>]*>(.*?)</div>', made, re.S)
    assert text
    spoken = re.sub(r'<span class="said".*?</span>', "", text[1])
    assert re.sub(r"<[^>]*>", "", spoken) == TEXT
    assert '<mark class="headline" data-mark="' in spoken
    assert ">Velia shelled Orsk</mark>" in spoken
    marked = re.findall(r'<mark class="(\w+)" data-mark="(\d+)"( tabindex="0")?', text[1])
    assert {kind for kind, _, _ in marked} == {"summary", "event", "stance", "headline"}
    stops = [number for _, number, stop in marked if stop]
    assert sorted(stops) == sorted({number for _, number, _ in marked}), "each highlight is one stop for the keyboard"
    assert "[Stance: Dorland → Velia: against, 0.80; evidence 0.90: " in text[1]
    assert "the text is empty. Give some." in dom(page, "#article=1")
