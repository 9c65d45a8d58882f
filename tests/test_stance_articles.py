"""Our own short articles (``data/stance_articles.toml``): the cells that a careful reader would fill in."""

import tomllib
from pathlib import Path

import pytest

from copydesk.models.actors import read_actors
from copydesk.models.attribution import RuleAttributor
from copydesk.models.cue_polarity import CuePolarity, cue
from copydesk.models.segmenter import read_article
from copydesk.models.stance import StanceDesk
from copydesk.models.statements import Account
from copydesk.models.suite import AGAINST, FAVOUR, INDIFFERENT, PolarityQuery

ARTICLES = tomllib.loads((Path(__file__).parent / "data" / "stance_articles.toml").read_text(encoding="utf-8"))[
    "articles"
]
LEAST_RIGHT = 0.85
"""Share of cells that verbs and word order alone must get right; 0.886 when it was measured."""


def query(text: str, holder: str, target: str) -> PolarityQuery:
    def places(words: str) -> tuple[tuple[int, int], ...]:
        start = text.index(words)
        return ((start, start + len(words)),)

    return PolarityQuery(text, target, places(target), holder, places(holder))


def test_rules_alone_read_most_cells_of_our_articles() -> None:
    desk = StanceDesk(RuleAttributor(), CuePolarity())
    right = total = 0
    for article in ARTICLES:
        targets = list(dict.fromkeys(target for _, target, _ in article["cells"]))
        table = desk.table(read_article(article["text"]), targets)
        given = {(one.holder or "", one.target): one.polarity for one in table.stances}
        right += sum(given.get((holder, target)) == polarity for holder, target, polarity in article["cells"])
        total += len(article["cells"])
    assert total == 70
    assert right / total >= LEAST_RIGHT


@pytest.mark.parametrize(
    ("text", "holder", "target", "column"),
    [
        ("Peru, which has a base there, stood by Chile and threatened Bolivia.", "Peru", "Bolivia", AGAINST),
        ("Peru stood by Chile and threatened Bolivia.", "Peru", "Chile", FAVOUR),
        ("Peru, which Chile accuses of arming Bolivia, spoke.", "Peru", "Bolivia", None),
        ("Peru, which Chile accuses of arming Bolivia, spoke.", "Chile", "Peru", AGAINST),
        ("Peru accused Chile of attacking Bolivia.", "Peru", "Chile", AGAINST),
        ("Peru accused Chile of attacking Bolivia.", "Peru", "Bolivia", None),
        ("Peru condemned the shelling of Chile.", "Peru", "Chile", None),
        ("Chile was praised by Peru.", "Peru", "Chile", FAVOUR),
        ("Chile was praised by Peru.", "Chile", "Peru", None),
        ("Peru has not condemned Chile.", "Peru", "Chile", INDIFFERENT),
        ("Peru said it respected Chile but that Bolivia was wrong.", "Peru", "Bolivia", None),
        ("Peru demanded that Chile and Bolivia observe the truce.", "Peru", "Chile", INDIFFERENT),
    ],
)
def test_the_verb_beside_the_target_decides(text: str, holder: str, target: str, column: int | None) -> None:
    assert cue(query(text, holder, target)) == column


ISLANDS = """Marenia said that its troops had left the reef. Tolvas, which has no army, denied it.

Marenia's foreign minister, Ilse Corran, met the president of Tolvas, Anton Brevik, on Sunday. Both sides were calm.

Kestria, which trades with Tolvas, said that it stood by its ally. Its envoy, Petra Hallam, flew home.
"""


def test_names_that_no_lexicon_has_are_states_by_what_they_own() -> None:
    book = read_actors(read_article(ISLANDS))
    assert {name: book.kinds[name] for name in ("Marenia", "Tolvas")} == {"Marenia": "country", "Tolvas": "country"}
    assert book.kinds["Kestria"] == "organisation"


def test_who_holds_an_office_speaks_for_its_owner() -> None:
    book = read_actors(read_article(ISLANDS))
    assert book.side_of["Ilse Corran"] == "Marenia"
    assert book.side_of["Anton Brevik"] == "Tolvas"
    assert book.side_of["Petra Hallam"] == "Kestria"


def test_its_ally_is_the_other_one_named_before_it() -> None:
    book = read_actors(read_article(ISLANDS))
    (ally,) = [one for one in book.mentions if one.via == "ally"]
    assert ally.actor == "Tolvas"


def test_nobody_holds_a_view_of_himself_under_another_name() -> None:
    desk = StanceDesk(RuleAttributor(), CuePolarity())
    stance = desk.toward(
        read_article("Norway accused Sweden. Oslo said Norwegian boats were hit by Sweden."), "Oslo", "Norway"
    )
    assert (stance.polarity, stance.reason) == ("neutral", "holder and target are one actor")


def test_it_is_the_body_that_opens_the_sentence_before_not_the_person_who_spoke_last() -> None:
    text = "Grace Wanjiru said that Omolo had lied. Harvest Bank welcomed this. It said that Omolo had robbed the poor."
    document = read_article(text)
    account = Account(read_actors(document), RuleAttributor().attribute(document))
    by_source = {
        text[one.content[0][0] : one.content[0][1]]: names
        for one, names in zip(account.attributions, account.sources, strict=True)
    }
    assert by_source["that Omolo had robbed the poor"] == ("Harvest Bank",)
