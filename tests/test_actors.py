import tomllib
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copydesk.configs.actors import actor_lexicon
from copydesk.models.actors import ActorBook, read_actors, text_spans
from copydesk.models.mentions import find_names, lexicon_actor
from copydesk.models.segmenter import read_article

CLASH = (Path(__file__).parent / "data" / "border_clash.txt").read_text(encoding="utf-8")


def book_of(text: str) -> ActorBook:
    return read_actors(read_article(text))


def test_the_lexicon_knows_every_member_of_the_united_nations() -> None:
    countries = actor_lexicon().countries
    with_code = [one for one in countries if one.code]
    assert len(with_code) >= 193
    assert len({one.code for one in with_code}) == len(with_code)
    for code in ("AM", "AZ", "TR", "CD", "CI", "KP", "TL", "FM", "ST", "VA"):
        assert any(one.code == code for one in countries), code


def test_no_name_of_the_lexicon_means_two_countries() -> None:
    seen: dict[str, str] = {}
    for country in actor_lexicon().countries:
        for form in {country.name, *country.demonyms, country.capital, *country.seats, *country.aliases} - {""}:
            assert seen.setdefault(form, country.name) == country.name, f"{form} means {seen[form]} and {country.name}"


def test_every_lexicon_file_is_plain_toml() -> None:
    for name in ("countries", "organisations", "actor_terms", "attribution", "polarity"):
        text = (files("copydesk.configs") / "lexicons" / f"{name}.toml").read_text(encoding="utf-8")
        assert tomllib.loads(text)


@pytest.mark.parametrize(
    ("name", "actor"),
    [
        ("armenian", "Armenia"),
        (" Yerevan ", "Armenia"),
        ("Azeri", "Azerbaijan"),
        ("azerbaijani", "Azerbaijan"),
        ("BAKU", "Azerbaijan"),
        ("the Kremlin", "Russia"),
        ("U.S.", "United States"),
        ("Downing  Street", "United Kingdom"),
        ("N.   Korea", "North Korea"),
        ("the Netherlands", "Netherlands"),
        ("Daesh", "Islamic State"),
        ("GOP", "Republican Party"),
    ],
)
def test_any_name_of_a_known_actor_finds_it(name: str, actor: str) -> None:
    found = lexicon_actor(name)
    assert found is not None
    assert found[0] == actor


def test_a_country_and_all_that_speaks_for_it_are_one_actor() -> None:
    book = book_of(
        "Armenia rejected the claim. The Armenian defence ministry said it was false. Yerevan called for talks. "
        "Armenia's Security Council will meet. Armenian troops stayed put."
    )
    (armenia,) = [actor for actor in book.actors if actor.name == "Armenia"]
    assert len(armenia.mentions) >= 5
    assert {"Armenian defence ministry", "Yerevan", "Armenia's Security Council", "Armenian troops"} <= set(
        armenia.aliases
    )
    assert book.actors[0].name == "Armenia"


def test_a_surname_is_the_person_introduced_with_it() -> None:
    book = book_of(
        "Russian President Vladimir Putin met reporters. Putin said no. Mr. Putin left. President Putin is back."
    )
    (putin,) = [actor for actor in book.actors if actor.kind == "person"]
    assert putin.name == "Vladimir Putin"
    assert len(putin.mentions) == 4
    assert book.side_of["Vladimir Putin"] == "Russia"


def test_two_people_of_one_surname_stay_apart() -> None:
    book = book_of(
        "Nora Vale spoke first. Ms. Vale praised the plan, Nora Vale's office said. "
        "Her brother Peter Vale disagreed. Vale called it a mistake."
    )
    people = {actor.name: actor for actor in book.actors if actor.kind == "person"}
    assert set(people) == {"Nora Vale", "Peter Vale"}
    text = book.document.text
    assert text.rindex("Vale called") in [start for start, _ in people["Peter Vale"].mentions]


@pytest.mark.parametrize(
    ("text", "person", "side"),
    [
        ("Kremlin spokesman Dmitry Peskov said so. Peskov left.", "Dmitry Peskov", "Russia"),
        ("Armen Vardan, the secretary of Armenia's Security Council, said so.", "Armen Vardan", "Armenia"),
        ("French Foreign Minister Jean Morel and Defence Minister Ana Roux met.", "Ana Roux", "France"),
        ("Japan's Prime Minister Aiko Mori resigned.", "Aiko Mori", "Japan"),
    ],
)
def test_people_speak_for_the_side_whose_office_they_hold(text: str, person: str, side: str) -> None:
    assert book_of(text).side_of[person] == side


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Paris mayor Ana Roux criticised the president. Roux left.", "Ana Roux"),
        ("Jordan Vale praised the plan.", "Jordan Vale"),
        ("Chile's opposition accused the minister. The Chilean opposition will march.", "Chile opposition"),
    ],
)
def test_whoever_speaks_for_others_than_the_country_is_an_actor_of_its_own(text: str, name: str) -> None:
    book = book_of(text)
    assert [actor.name for actor in book.actors] == [name]
    assert name not in book.side_of


def test_a_first_name_that_is_a_country_is_one_elsewhere() -> None:
    book = book_of("Jordan's King Karim Vale met the envoy. Jordan condemned the raid. Jordan and Egypt agreed.")
    assert {actor.name for actor in book.actors} == {"Karim Vale", "Jordan", "Egypt"}
    assert book.side_of["Karim Vale"] == "Jordan"


def test_an_article_before_a_surname_does_not_split_a_person() -> None:
    book = book_of("Gen Karim al-Vale spoke. Mr Vale left. Al-Vale was back on Monday.")
    assert [actor.name for actor in book.actors] == ["Karim al-Vale"]


def test_a_capital_is_a_place_after_a_preposition_and_a_government_elsewhere() -> None:
    book = book_of("A bomb went off in Kabul. Kabul blamed nobody.")
    (kabul,) = book.of("Afghanistan")
    assert kabul.start == book.document.text.index("Kabul blamed")


def test_a_feature_of_the_map_is_no_actor() -> None:
    book = book_of("Ships shelled the Kerch Strait. The Kerch Strait was shut, Anna Bridge said in Tahrir Square.")
    assert {mention.actor for mention in book.named} == {"Anna Bridge"}


def test_the_two_sides_are_the_pair_that_the_article_names_together() -> None:
    book = book_of(CLASH)
    assert book.opponents == ("Ecuador", "Peru")
    both = [one for one in book.mentions if one.via == "both sides"]
    assert {one.actor for one in both} == {"Ecuador", "Peru"}
    assert {book.document.text[one.start : one.end] for one in both} >= {"both countries", "the two countries"}
    assert {one.actor for one in book.mentions if one.via == "other side"} == {"Ecuador", "Peru"}


def test_an_organisation_answers_to_the_acronym_that_the_article_explains() -> None:
    book = book_of("The Free Harbour Movement (FHM) won a seat. FHM said it was glad.")
    (movement,) = [actor for actor in book.actors if actor.name == "Free Harbour Movement"]
    assert "FHM" in movement.aliases


def test_pronouns_refer_only_where_one_person_fits() -> None:
    alone = book_of("Nora Vale resigned. She gave no reason.")
    assert [one.via for one in alone.of("Nora Vale")] == ["person", "pronoun"]
    several = book_of("Nora Vale met Jana Roth. She gave no reason.")
    assert not [one for one in several.mentions if one.via == "pronoun"]


@pytest.mark.parametrize("name", ["Peru", "peruvian", " lima ", "PERU", "Marta Salinas", "Salinas", "pablo  andrade"])
def test_a_users_name_finds_the_actor_whatever_its_form(name: str) -> None:
    assert book_of(CLASH).find(name) in {"Peru", "Marta Salinas", "Pablo Andrade"}


@pytest.mark.parametrize("name", ["Brazilian Football Club", "Norway", "Zed", ""])
def test_a_name_that_the_article_lacks_finds_nothing(name: str) -> None:
    assert book_of(CLASH).find(name) is None


def test_topics_are_found_as_whole_words_over_any_white_space() -> None:
    document = read_article("Water rights matter. The water\nrights of farmers; waterrights do not.")
    spans = text_spans(document, "water  rights")
    assert [document.text[a:b].lower().split() for a, b in spans] == [["water", "rights"]] * len(spans)
    assert len(spans) >= 1
    assert text_spans(document, "   ") == ()


def test_names_stripped_of_their_last_letter_are_found() -> None:
    document = read_article("Congress met in Bern with Swiss officials.")
    assert [document.text[a:b] for a, b in text_spans(document, "Congre")] == ["Congress"]
    assert text_spans(document, "Swi") == ()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            (
                *(
                    "The",
                    "Armenian",
                    "defence",
                    "ministry",
                    "'",
                    "’s",
                    "President",
                    "Vladimir",
                    "Putin",
                    "Gov",
                    ".",
                    ",",
                    "-",
                ),
                *(
                    "(",
                    ")",
                    "and",
                    "both",
                    "sides",
                    "he",
                    "IBM",
                    "Security",
                    "said",
                    "“",
                    "”",
                    "\u202e",
                    "é",
                    "한",
                    "\u0301",
                ),
                *("in", "Baku", "Prime", "Minister", "the", "of"),
            )
        ),
        max_size=25,
    )
)
def test_mentions_are_ascending_and_inside_their_sentences(words: list[str]) -> None:
    document = read_article(" ".join(words))
    book = read_actors(document)
    starts = [one.start for one in book.mentions]
    assert starts == sorted(starts)
    sentences = [sentence.span for sentence in document.sentences]
    for mention in book.mentions:
        assert any(start <= mention.start < mention.end <= end for start, end in sentences)
    assert len(find_names(document)) >= len({actor.name for actor in book.actors if actor.kind == "country"})
