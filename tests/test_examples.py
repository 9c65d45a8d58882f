"""The two articles of ``make demo``: what is not their prose is marked, and every sentence of their prose is read."""

from pathlib import Path

import pytest

from copydesk import Article
from copydesk.models.segmenter import read_article

EXAMPLES = Path(__file__).parents[1] / "examples"
NOT_PROSE = {
    "strait.txt": {
        "title": "Marenia and Tolvas trade blame after night of shelling along the Sorrel Strait",
        "caption": "A patrol boat leaves the harbour at Port Aldane in Tolvas on Sunday.",
        "credit": "PHOTO: HARBOUR NEWS SERVICE",
        "dateline": "PORT ALDANE (HARBOUR NEWS) -",
        "promotion": "Sign up to our Morning Tide newsletter for the day's top stories.",
    },
    "pass.txt": {
        "title": "Osmere and rebels both claim the Ashkel Pass as aid convoy is turned back",
        "byline": "By Noor Ellery",
        "dateline": "HADRAN, Nov 20 (Meridian Press) -",
        "heading": "'We were told to go back'",
        "sign-off": "(Reporting by Noor Ellery in Hadran; Editing by Sam Otieno)",
        "furniture": "Read more: How the road to Lenn was lost",
    },
}


@pytest.mark.parametrize("name", NOT_PROSE)
def test_what_is_not_prose_is_marked_and_nothing_else(name: str) -> None:
    text = (EXAMPLES / name).read_text(encoding="utf-8")
    document = read_article(Article(text=text))
    marked = {mark.kind: text[mark.start : mark.end].strip() for mark in document.marks}
    assert marked == NOT_PROSE[name]
    prose = text
    for words in NOT_PROSE[name].values():
        prose = prose.replace(words, "")
    assert "".join("".join(sentence.text for sentence in document.sentences).split()) == "".join(prose.split())


@pytest.mark.parametrize("name", NOT_PROSE)
def test_the_articles_are_of_a_usual_length(name: str) -> None:
    assert 300 <= len((EXAMPLES / name).read_text(encoding="utf-8").split()) <= 450
