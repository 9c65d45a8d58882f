"""What may go from a sentence and what may not, on sentences of our own."""

import pytest

from copydesk.models.compression import token_spans
from copydesk.models.deletions import deletions
from copydesk.models.link_chrome import linked
from copydesk.models.phrases import parse
from copydesk.training.headline_names import collocations, people


def _proposed(sentence: str) -> set[str]:
    read = parse(sentence)
    return {" ".join(read.words[one.start : one.end]) for one in deletions(read)}


@pytest.mark.parametrize(
    ("sentence", "gone"),
    [
        ("The company will rebuild the new coastal airport in June.", "new coastal"),
        ("Norland Foods completed its $4.2 billion purchase of a dairy.", "$4.2 billion"),
        ("A deal between the two ministries to regulate ferries will lapse.", "between the two ministries to regulate ferries"),
        ("Harbour Bank and other lenders may raise their fees in June.", "and other lenders"),
        ("The group wants rules for schools and nurseries in rural counties.", "and nurseries"),
        ("Four miners were killed in a tunnel on Friday.", "were"),
        ("Northline is preparing a bid for the rail operator.", "is"),
        ("Hillary Clinton visited the flooded villages on Monday.", "Hillary"),
        ("The mayor defended her policy on housing.", "her"),
        ("The port will reopen in May, two officials said.", "two"),
        ("Ada Moss, the head of a unit that oversees charities, struck a defiant tone.",
         ", the head of a unit that oversees charities ,"),
        ("As the council considers a tax, other towns and cities are lining up to help.", "As the council considers a tax ,"),
        ("The yuan has risen against the euro and this appreciation will hurt exporters.",
         "and this appreciation will hurt exporters"),
        ("Shares in Dover Metals & Co Inc fell sharply.", "& Co"),
        ("Oil giants Halden Corp and Norvik Plc said sales rose.", "Oil giants"),
        ("Vice Chairman and President Jim Moss opened the plant.", "Vice Chairman and President Jim"),
        ("Regulators said in a report released on Friday they have no proof.", "in a report released on Friday"),
        ("The ministry said in a statement that the port is safe.", "in a statement"),
        ("The pier will close, according to unpublished harbour records.", "unpublished harbour"),
        ("The pier will close, harbour officials and union leaders said.", "harbour officials and"),
        ("Several lenders including Harbour Bank and Northline have begun talks.", "including Harbour Bank and Northline"),
        ("Japan's Norvik Foods will close a plant in May.", "Japan's"),
        ("Ada Moss, fresh from a win in Oslo, now faces a trial.", ", fresh from a win in Oslo ,"),
        ("Days after the vote, Moss resigned in Oslo.", "Days after the vote ,"),
        ("A letter that had prompted his exit as chief was found in May.", "that had prompted his exit as chief"),
        ("Norvik Bank is in talks with the state.", "is"),
        ("Halden Corp (HLD.N) is selling a mill.", "is"),
        ("The union is ready to strike.", "is"),
        ("Chairman Ben Moss opened the plant.", "Ben"),
        ("(Norvik) – The council voted for a new pier.", "( Norvik ) –"),
        ("Leonard Moss, the founder and chairman of Norvik & Co, agreed to resign.",
         ", the founder and chairman of Norvik & Co ,"),
        ("The leaders will agree at a summit on Thursday to cut tariffs.", "at a summit on Thursday"),
        ("The head of Ford Motor Co F.N. complained about tariffs.", "F.N."),
        ("Experts such as Kirk Moss and Ada Webb would agree.", "such as Kirk Moss and Ada Webb"),
        ("- The mayor opened the bridge on Monday.", "-"),
        ("In a bitter campaign, just a few voters say they are happy.", "In a bitter campaign ,"),
        ("NEW HAVEN (Pier.example) - The pier closed in May.", "NEW HAVEN ( Pier.example ) -"),
        ("The meeting, held in Oslo, a port, has drawn crowds.", ", a port"),
        ("Ada Moss, the former boss of Norvik (NRV.N) who led it to ruin, began her trial.",
         ", the former boss of Norvik ( NRV.N ) who led it to ruin ,"),
        ("Moss has chosen Ada Webb, a lawyer and a writer, as his deputy.", ", a lawyer and a writer ,"),
        ("A red crane has been unveiled to mark the port's first year.", "has been"),
        ("The Harbour Energy Agency (HEA) said prices will fall.", "Harbour Energy Agency ("),
        ("Crews at a plant of Norvik, its main rival, went on strike.", "at a plant of Norvik , its main rival ,"),
    ],
)  # fmt: skip
def test_it_may_go(sentence: str, gone: str) -> None:
    assert gone in _proposed(sentence)


@pytest.mark.parametrize(
    ("sentence", "kept"),
    [
        ("The city sold the real estate fund to a rival.", "real"),
        ("A former minister opened the trade fair.", "former"),
        ("The ministry won approval for its sixth reactor.", "sixth"),
        ("It was one of the most radical reforms in decades.", "radical"),
        ("She gave a speech outlining plans for the harbour.", "speech outlining"),
        ("The staff member resigned over the leak.", "staff"),
        ("Michelle Obama opened the school garden.", "Michelle"),
        ("The decision came a week before the vote.", "a"),
        ("One of the sources confirmed a sale.", "the"),
        ("The minister arrived before the envoy was scheduled to speak.", "was"),
        ("Officials believe the ferry was overloaded by its crew.", "was"),
        ("Critics raised a storm over the pitch for a national brand.", "over the pitch"),
        ("Residents want justice for the boy shot by an officer there.", "for the boy"),
        ("The ministry will build a U.S.-led air base.", "- led air base"),
        ("Premier Wen Jiabao opened the dam.", "Premier Wen"),
        ("Two of its subsidiaries sued a rival.", "its"),
        ("The mayor is optimistic Oslo will get aid.", "optimistic"),
        ("Norvik Bank is the city's second largest private employer.", "largest"),
        ("Next week marks the first convention of the party.", "Next week"),
        ("She keeps the role on a permanent basis.", "permanent"),
        ("The bank may consider a wider trading band.", "wider"),
        ("There are weeks when the port is closed.", "when the port is closed"),
        ("European Council President Herman Van Rompuy called a meeting.", "Herman Van"),
        ("The retailer was hurt by weak sales of coats.", "weak"),
        ("Shares rose two percent in after-hours trading.", "trading"),
        ("The rules would prevent the irresponsible lending of banks.", "irresponsible"),
        ("Growth will slow, with inflation staying above target.", "staying above target"),
        ("All of the region's main ports are closed.", "the region's"),
        ("The firm posted much better-than-feared profit in May.", "better-than-feared"),
        ("U.S.-led talks on the pact are stuck.", "led"),
        ("The panel discussed how responsive workers are.", "responsive"),
        ("Attorney General Ada Moss sued three banks.", "General Ada"),
        ("The attack has been blamed on its president.", "its"),
        ("The diner chain Ruby Tuesday Inc posted a loss in May.", "Tuesday"),
        ("Each weekday morning, our Norvik team, led by Ada Moss, sends a letter.", ", our Norvik team ,"),
        ("The man was shot multiple times inside his home.", "multiple"),
        ("Aides in recent months have questioned the deal.", "recent"),
        ("A broker's worst nightmare came true in May.", "A broker's"),
        ("Norvik and Ada Moss's joint bid includes a loan.", "Ada Moss's"),
        ("The study deemed the name an insult to sailors.", "an"),
        ("The ruling denied him his right to a trial.", "his"),
        ("Winning the vote is no small feat for the mayor.", "small"),
        ("The council won a decade worth of aid.", "a decade"),
        ("Today is the big one, with six ports voting.", "Today"),
        ("Moss will set aside her family's presidential legacy.", "aside her family's"),
        ("It was the most-watched debate ever.", "most-watched"),
        ("Norvik must decide in the coming days.", "coming"),
        ("Building materials groups Norvik and Moss enjoyed gains.", "materials groups"),
        (
            "Norvik private equity fund Lone Pier LP.UL is in talks to sell a bank.",
            "Norvik private equity fund Lone Pier",
        ),
        ("The bank said it was considering listing Norvik Lines in Oslo.", "listing"),
        ("The Northern Post Journal first reported news of talks.", "Northern Post Journal"),
        (
            "The firm released a film in which she is seen alleging the bank hid a report.",
            "in which she is seen alleging the bank",
        ),
    ],
)
def test_it_must_stay(sentence: str, kept: str) -> None:
    assert kept not in _proposed(sentence)


@pytest.mark.parametrize(
    ("sentence", "cut"),
    [
        ("Police said they had arrested two men suspected of throwing paint.", "suspected of throwing paint"),
        ("The minister appears isolated and weak after a year of strikes.", "after a year of strikes"),
        ("Lending grew faster than expected in June.", "in June"),
        ("The talks may have ended with a deal.", "with a deal"),
        ("The port showed no signs of opening up even after the storm.", "even after the storm"),
        ("The country must cut its deficit or risk a default.", "or risk a default"),
        ("The mayor said that the bridge is safe and that it will reopen.", "and that it will reopen"),
        ("The council should lift sanctions it imposed on a bank.", "it imposed on a bank"),
        ("The chairman defended the bonus due to be paid to the chief.", "due to be paid to the chief"),
        ("Relief work intensified in Norvik as the region reels from a quake.", "as the region reels from a quake"),
        ("The economy grew faster than first reported in May.", "in May"),
        ("The council published a list of ferries that it would ban.", "that it would ban"),
        ("The firm has halted talks on the disputed Norvik gas block, which is now closed.",
         "on the disputed Norvik gas block , which is now closed"),
        ("The union called for action to save jobs and wages and maintain the port.", "and maintain the port"),
        ("Two regional banks plan to repay their loans, a sign of health.", ", a sign of health"),
        ("The council found no sign of faults that threaten the dam.", "that threaten the dam"),
        ("The firm is delaying its public offering due to bad weather.", "due to bad weather"),
        ("Profit more than tripled as sales grew.", "as sales grew"),
        ("The airlines vowed on Monday to fight a lawsuit over their fares.", "over their fares"),
        ("Deputies ignored demands that they revive the tax.", "that they revive the tax"),
        ("The state sued Kirk Moss and several members of his family.", "and several members of his family"),
        ("The mill reported a loss and lower sales in May.", "and lower sales in May"),
        ("The minister said the outlook is grim, and that the port will close.", ", and that the port will close"),
        ("Profits doubled thanks to high prices.", "thanks to high prices"),
        ("Delight at the plan to relieve lenders fizzled out on Monday with experts saying it is weak.",
         "with experts saying it is weak"),
        ("The firm gave a disappointing forecast that promised little.", "that promised little"),
        ("The fund cut its forecast for the port to zero and warned of risks.", "and warned of risks"),
        ("Seven northern nations adjourned crucial talks and left Oslo.", "and left Oslo"),
    ],
)  # fmt: skip
def test_the_rest_may_go(sentence: str, cut: str) -> None:
    assert cut in _proposed(sentence)


@pytest.mark.parametrize(
    ("sentence", "rest"),
    [
        ("The bank will raise from rivals much of the money it needs.", "much of the money it needs"),
        ("The mayor told reporters the bridge will close.", "the bridge will close"),
        ("The firm plans to sell the mill and the yard closed.", "sell the mill"),
        ("The council questioned the need for the port to grow.", "to grow"),
        ("The court upheld an award won by a widow.", "by a widow"),
        ("The boy learned all the skills he needs.", "he needs"),
        ("Here are words from leaders, ministers and other guests.", "and other guests"),
        ("The state is giving a plan to save the port a push.", "to save the port a push"),
        ("The city hailed its secretary of state.", "of state"),
        ("Norvik accounts for two-fifths of the sales.", "of the sales"),
        ("There is no reason to doubt he has faithfully told it.", "faithfully"),
        ("In the past year alone, the port has closed.", "In the past year"),
        ("There is no reason for the port to close in May.", "for the port to close in May"),
        ("The speech came days after the vote.", "after the vote"),
        ("Stocks fell, putting the index near its low.", "near its low"),
        ("The house voted on Monday to avert a strike.", "to avert a strike"),
        ("The state accused the bank of hiding the value of mortgage backed bonds.", "of hiding the value of mortgage"),
        ("Moss sat down with Norvik's Face the Nation.", "the"),
        ("The number of people filing claims fell in May.", "filing claims"),
        ("Ada Moss unveiled her biggest bet ever on Monday.", "biggest"),
        ("The state named Norvik a tax haven.", "a"),
        ("Moss has emerged as the likely winner.", "as the likely winner"),
        ("Data showed weak activity right across the region.", "across the region"),
        (
            "She spoke of data issued on Monday that showed confidence weakened in May.",
            "on Monday that showed confidence",
        ),
        ("Moss told the navy to shoot down and destroy the boats.", "and destroy the boats"),
        (
            "He had some successes, including the first bill of the year, Resolution 1, which passed.",
            ", including the first bill of the year ,",
        ),
        ("Norvik is a magnet for makers, with the $12.4 billion market expected to grow.", "expected to grow"),
        ("Rates jumped to their highest levels since December.", "since December"),
        ("The theft is well worth throwing him in jail.", "throwing him in jail"),
        ("Housing and Urban Development Secretary Ada Moss found faults.", "Urban Development Secretary Ada"),
        ("Investors backed the board, with the lowest level of support at 78 percent.", "at 78 percent"),
        ("The bank cut its rate to combat faltering growth.", "faltering"),
        ("The camp hoped to win regardless of the cost.", "of the cost"),
        ("Profits doubled thanks to high prices.", "to high prices"),
        (
            "Norvik reported revenue that fell short of forecasts as sales in its core business slowed.",
            "that fell short of forecasts as sales in its core business",
        ),
        ("The loan helped the fund gain ground in June.", "gain ground in June"),
        ("The economy grew faster than first reported in May.", "reported in May"),
        ("The mayor denied the claim that the pier had closed.", "that the pier had closed"),
        ("The mayor told residents that the pier would close.", "that the pier would close"),
        ("The strike is one of the reasons it failed.", "it failed"),
        ("The mill cut its reliance on imported grain.", "on imported grain"),
        ("The tycoon flew from one port to another.", "to another"),
        ("The mayor replied at once, a rebuke to the many critics.", "to the many critics"),
        (
            "The firm sent its data to the Food and Drug Administration for a stent it sells.",
            "and Drug Administration for a stent it sells",
        ),
        ("Copper rose above a mark for the first time since March.", "since March"),
        ("Norvik slumped to its first quarterly loss in two years.", "in two years"),
        (
            "There seems to be no reason for the usual, lingering doubt among growers.",
            ", lingering doubt among growers",
        ),
        ("The debate was a lively, if not sharp, discussion of taxes.", ", if not sharp , discussion of taxes"),
        (
            "Moss was charged with one count of fraud, a charge that carries years in prison.",
            "that carries years in prison",
        ),
        ("The law gives states the right to set fees.", "to set fees"),
        ("The order may bring relief to owners of boats.", "to owners of boats"),
        ("The goal of the talks is to promote strong, sustainable growth.", ", sustainable growth"),
        ("The dealers moved the money to a Canadian holding company.", "holding company"),
        ("Silver fell on profit taking, traders said.", "taking"),
        ("The camp is trying to keep the attacks at bay.", "at bay"),
        ("Many rivals have hurled themselves into the race.", "into the race"),
        ("The vote was swayed in large part by young people.", "by young people"),
    ],
)
def test_the_rest_must_stay(sentence: str, rest: str) -> None:
    assert rest not in _proposed(sentence)


def test_a_list_of_links_glued_into_a_sentence_is_left_out() -> None:
    links = "Nancy WebbOn The Money | Senate weighs port bill MORE"
    sentence = f"Speaker Nancy Webb {links} (D-Ohio) said Tuesday she will not stage a vote."
    read = parse(sentence)
    assert " ".join(read.words).startswith("Speaker Nancy Webb ( D-Ohio ) said")
    assert all(sentence[start:end] == word for (start, end), word in zip(read.spans, read.words, strict=True))
    spans = token_spans(read, [True] * len(read))
    assert sentence[slice(*spans[0])] == "Speaker Nancy Webb"
    assert len(spans) == 2


def test_more_alone_is_no_list_of_links() -> None:
    assert linked(["They", "want", "MORE", "from", "McAdam", "than", "McAdam", "gives"]) == []


def test_a_pair_that_stands_together_by_habit_is_a_term() -> None:
    others = [
        f"the big w{letter}rd and big n{letter}me of a big town".split() for letter in "abcdefghijklmnopqrstuvwxyz"
    ]
    found = set(collocations([*others * 8, *[["they", "sold", "real", "estate"]] * 8]))
    assert ("real", "estate") in found
    assert ("big", "town") not in found


def test_a_surname_that_several_people_have_is_shared() -> None:
    said = [
        "Minister",
        "Anna",
        "Stone",
        "said",
        ".",
        "Minister",
        "Paul",
        "Stone",
        "said",
        ".",
        "Senator",
        "Paul",
        "Reed",
        "said",
        ".",
        "Senator",
        "Anna",
        "Webb",
        "said",
        ".",
    ]
    learnt = people([said] * 4)
    assert learnt["first"] == ["Anna", "Paul"]
    assert learnt["shared"] == ["Stone"]
    assert learnt["usual"] == {"Reed": "Paul", "Webb": "Anna"}
