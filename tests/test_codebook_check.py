"""The codebook check finds each fault on its line, and nothing in a codebook that has none."""

import time
import tomllib
from importlib.resources import as_file, files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.configs.codebook import Codebook, shipped_names
from copydesk.configs.codebook_check import check_file, check_text
from copydesk.configs.errors import CodebookError
from copydesk.configs.toml_places import toml_lines

SOUND = """\
name = "mine"
threshold = 0.4

[[labels]]
id = "strike"
definition = "Workers stop working."
hypotheses = [
  "Workers went on strike.",
  "A union called its members out.",
]
dyad = ["<S> went on strike against <T>."]
counter = ["A missile strike hit the town."]

[[labels]]
id = "wildcat_strike"
parent = "strike"
hypotheses = ["Workers walked out without their union."]
"""


@pytest.mark.parametrize("name", shipped_names())
def test_the_shipped_codebooks_have_no_fault(name: str) -> None:
    with as_file(files("copydesk.configs").joinpath("codebooks", f"{name}.toml")) as path:
        assert check_file(path) == []


def test_a_sound_codebook_has_no_fault() -> None:
    assert check_text(SOUND) == []


FAULTS = [
    # what is written in place of what, on which line the finding stands, its severity, words of its message and remedy
    ('id = "wildcat_strike"', 'id = "strike"', 15, "error", ["'strike'", "line 5", "Rename"]),
    ('parent = "strike"', 'parent = "strik"', 16, "error", ["'strik'", "'wildcat_strike'", "Did you mean 'strike'"]),
    ('"A union called its members out."', '"Workers went on strike."', 9, "error", ["repeats", "line 8"]),
    ('"A union called its members out."', '"The workers went on a strike"', 9, "warning", ["repeats", "line 8"]),
    ('"A union called its members out."', '"  "', 9, "error", ["empty"]),
    ('"A missile strike hit the town."', '"Workers went on strike."', 12, "error", ["repeats", "line 8"]),
    ("<S> went", "<s> went", 11, "error", ["<s>", "Did you mean <S>"]),
    ("<S> went", "{S} went", 11, "error", ["{S}", "Did you mean <S>"]),
    ("<S> went", "<Source> went", 11, "error", ["<Source>", "Did you mean <S>"]),
    ("<S> went", "< S> went", 11, "error", ["< S>", "Did you mean <S>"]),
    ("<S> went", "<S went", 11, "error", ["<S", "Did you mean <S>"]),
    ("against <T>", "against <target>", 11, "error", ["<target>", "Did you mean <T>"]),
    ("against <T>", "against {traget}", 11, "error", ["{traget}", "Did you mean {target}"]),
    ("<S> went", "They went", 11, "error", ["without <S>"]),
    ("against <T>", "against them", 11, "warning", ["without <T>"]),
    ('"Workers went on strike."', '"<S> went on strike."', 8, "error", ["dyad statements only", "hypotheses"]),
    ("threshold = 0.4", "threshold = 40", 2, "error", ["40", "0 to 1"]),
    ("threshold = 0.4", 'threshold = "high"', 2, "error", ["threshold"]),
    ("threshold = 0.4", "treshold = 0.4", 2, "error", ["treshold", "Did you mean 'threshold'"]),
    ("definition =", "defintion =", 6, "error", ["defintion", "Did you mean 'definition'"]),
    ("definition =", "notes =", 6, "error", ["notes", "Known keys"]),
    ('id = "strike"\n', "", 4, "error", ["id is missing"]),
    ('hypotheses = ["Workers walked out without their union."]', "", 14, "warning", ["neither hypotheses"]),
    ('id = "strike"\n', 'id = "strike"\nparent = "wildcat_strike"\n', 6, "error", ["own ancestor"]),
    ('name = "mine"', 'name = "mine', 1, "error", ["Not valid TOML"]),
    ("  \"Workers went on strike.\",\n", '  "Workers went on strike."\n', 9, "error", ["Not valid TOML", "comma"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('name = "x"\n', "1: labels is missing. Write [[labels]]"),
        ('name = "x"\nlabels = []\n', "2: There is no label. Write [[labels]]"),
        ('name = "x"\nlabels = ["strike"]\n', "2: labels.0 is 'strike', not a table. Write [[labels]]"),
        (
            'name = "x"\n[[labels]]\nid = "a"\nhypotheses = "It rained."\n',
            "4: labels.0.hypotheses is 'It rained.', not a list. Write ['It rained.'].",
        ),
    ],
)
def test_a_codebook_of_another_shape_is_told_once_and_how_to_write_it(text: str, message: str) -> None:
    (finding,) = check_text(text)
    assert f"{finding.line}: {finding.message} {finding.remedy}".startswith(message)


def test_a_statement_that_two_of_another_label_come_near_is_told_once() -> None:
    twice = SOUND.replace('"A union called its members out."', '"The workers went on strike."')
    findings = check_text(
        twice.replace('parent = "strike"\n', "").replace(
            "Workers walked out without their union.", "Workers went on strike."
        )
    )
    assert [finding.line for finding in findings] == [9, 16]


def test_a_list_of_labels_is_checked_as_a_list(tmp_path: Path) -> None:
    file = tmp_path / "mine.txt"
    file.write_text("# ours\nstrike\nflood\n Strike\n", encoding="utf-8")
    (finding,) = check_file(file)
    assert (finding.line, finding.severity) == (4, "error")
    assert "'Strike' stands on line 2 too" in finding.message
    file.write_text("# ours\n", encoding="utf-8")
    assert [finding.message for finding in check_file(file)] == ["There is no label."]
    file.write_text("strike\nflood\n", encoding="utf-8")
    assert check_file(file) == []


@pytest.mark.parametrize(("sound", "faulty", "line", "severity", "words"), FAULTS)
def test_each_fault_is_found_on_its_line(sound: str, faulty: str, line: int, severity: str, words: list[str]) -> None:
    assert SOUND.count(sound) >= 1
    findings = check_text(SOUND.replace(sound, faulty, 1))
    said = [f"{finding.message} {finding.remedy}" for finding in findings if finding.line == line]
    assert any(all(word in one for word in words) for one in said), findings
    assert severity in {finding.severity for finding in findings if finding.line == line}


def test_what_the_check_calls_an_error_of_form_does_not_load(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    for sound, faulty in [('parent = "strike"', 'parent = "x"'), ("definition =", "defintion =")]:
        file.write_text(SOUND.replace(sound, faulty), encoding="utf-8")
        assert [finding.severity for finding in check_file(file)] == ["error"]
        with pytest.raises(CodebookError):
            Codebook.load(file)


def test_all_faults_are_told_at_once_in_the_order_of_the_lines() -> None:
    faulty = SOUND.replace("0.4", "4").replace("<S>", "<s>").replace('parent = "strike"', 'parent = "x"')
    lines = [finding.line for finding in check_text(faulty)]
    assert lines == sorted(lines)
    assert {2, 11, 16} <= set(lines)


def test_a_statement_under_two_labels_is_found_but_a_sub_type_may_repeat_its_parent() -> None:
    stated = '"Workers walked out without their union."'
    repeated = SOUND.replace(stated, '"Workers went on strike."')
    assert check_text(repeated) == []  # wildcat_strike is a child of strike
    (finding,) = check_text(repeated.replace('parent = "strike"\n', ""))
    assert finding.line == 16
    assert "'strike' on line 8" in finding.message


def test_swapped_actors_are_not_a_repetition() -> None:
    assert check_text(SOUND.replace('<T>."]', '<T>.", "<T> went on strike against <S>."]')) == []


def test_a_bare_list_of_labels_is_sound() -> None:
    assert check_text('name = "bare"\nlabels = [{id = "strike"}, {id = "flood"}]\n') == []


def test_windows_line_ends_keep_the_lines(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_bytes(b"\xef\xbb\xbf" + SOUND.replace("<S>", "<s>").replace("\n", "\r\n").encode())
    assert [finding.line for finding in check_file(file)] == [11]


def test_bytes_that_are_not_utf8_are_found_on_their_line(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_bytes(b'name = "x"\n\n# caf\xe9\n')
    (finding,) = check_file(file)
    assert finding.line == 3
    assert "UTF-8" in finding.message


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CodebookError, match=r"nowhere\.toml"):
        check_file(tmp_path / "nowhere.toml")


@given(st.text())
def test_any_text_gives_findings_and_never_an_exception(text: str) -> None:
    findings = check_text(text)
    assert all(finding.line >= 1 and finding.message and finding.remedy for finding in findings)
    assert findings  # no such text is a codebook


@pytest.mark.parametrize("text", ["[" * 1_000_000, "a = " + "[" * 100_000, "a = " + '"' * 999_999, "<S" * 500_000])
def test_hostile_files_are_refused_quickly(text: str) -> None:
    begin = time.perf_counter()
    assert check_text(text)
    assert time.perf_counter() - begin < 10


def test_a_codebook_of_a_thousand_labels_is_checked_in_seconds() -> None:
    label = (
        '[[labels]]\nid = "label {0}"\nhypotheses = ["People of kind {0} did deed {1}.", "Deed {1} was done to {0}."]\n'
    )
    text = 'name = "big"\n' + "".join(label.format(f"k{number}", f"d{number}") for number in range(1000))
    begin = time.perf_counter()
    assert check_text(text) == []
    assert time.perf_counter() - begin < 10


TOML = '''\
# places of all sorts
title = "a # b" # c
"quoted key" = 'it"s'
dotted.key = [1, 2, # two
  3]
long = """
one \\""" two
"""
after = true
inline = { x = [
  "y",
], z = 1 }

[table]
raw = \'\'\'
]] "
\'\'\'
[[rows]]
id = 1
[[rows]]
id = 2
  [[rows.inner]]
  at = 1979-05-27T07:32:00Z
'''


def test_toml_lines_knows_where_everything_stands() -> None:
    assert tomllib.loads(TOML)  # the scanner's promise is for valid TOML
    lines = toml_lines(TOML)
    assert lines["title",] == 2
    assert lines["quoted key",] == 3
    assert [lines["dotted", "key", at] for at in range(3)] == [4, 4, 5]
    assert lines["long",] == 6
    assert lines["after",] == 9
    assert lines["inline", "x", 0] == 11
    assert lines["inline", "z"] == 12
    assert lines["table", "raw"] == 15
    assert lines["rows", 0, "id"] == 19
    assert lines["rows", 1, "id"] == 21
    assert lines["rows", 1, "inner", 0, "at"] == 23
