"""The guarantees, on sentences of our own: each check finds its damage, and no headline does any."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from word_scorers import ready_gaps

from copydesk.models.compression import compressions, gapped_compressions, joined
from copydesk.models.deletions import deletions
from copydesk.models.document import Document, Mark, Sentence
from copydesk.models.guards import CHECKS, is_allowed, sentence_violations, violations
from copydesk.models.phrases import Parse, parse
from copydesk.models.schema import Article, Headline

DATA = Path(__file__).parent / "data"
LIMITS = (40, 75)


def _cases(name: str) -> list[dict[str, object]]:
    lines = (DATA / f"headline_{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


CASES = [(name, case) for name in ("negation", "attribution", "numbers") for case in _cases(name)]
IDS = [f"{name}-{number}" for number, (name, _) in enumerate(CASES)]


def _keeping(read: Parse, words: Sequence[str]) -> list[bool]:
    """Keep exactly these words, in order, as the first match."""
    wanted, kept = list(words), []
    for word in read.words:
        hit = bool(wanted) and word == wanted[0]
        kept.append(hit)
        if hit:
            wanted.pop(0)
    assert not wanted, f"{wanted} is no subsequence of {read.text!r}"
    return kept


def _without(read: Parse, words: Sequence[str]) -> list[bool]:
    """Keep all but these words (each time they stand there)."""
    return [word not in words for word in read.words]


@pytest.mark.parametrize("name", ["negation", "attribution", "numbers"])
def test_there_are_fifty_sentences_each(name: str) -> None:
    assert len({case["sentence"] for case in _cases(name)}) >= 50


@pytest.mark.parametrize(("name", "case"), CASES, ids=IDS)
def test_dropping_the_word_is_found(name: str, case: dict[str, object]) -> None:
    read = parse(str(case["sentence"]))
    words = [str(word) for word in case["then"]]  # type: ignore[attr-defined]
    problems = sentence_violations(read, _without(read, words))
    assert any(problem.startswith((name, "verbs")) for problem in problems), problems


@pytest.mark.parametrize("case", [case for _, case in CASES], ids=IDS)
def test_no_headline_drops_the_word(case: dict[str, object]) -> None:
    """Even a scorer that wants the word gone can't get it out while what it governs stays."""
    read = parse(str(case["sentence"]))
    words = {str(word) for word in case["then"]}  # type: ignore[attr-defined]
    hostile = np.array([0.0 if word in words else 1.0 for word in read.words], dtype=np.float32)
    for keep in (hostile, np.full(len(read), 0.3, dtype=np.float32)):
        for limit in LIMITS:
            by_rules = compressions(read, keep, max_chars=limit, count=3)
            for one in by_rules + gapped_compressions(read, keep, ready_gaps(read), max_chars=limit, count=3):
                kept = {word for word, flag in zip(read.words, one.kept, strict=True) if flag}
                assert str(case["if"]) not in kept or words <= kept, joined(read, one.kept)


@pytest.mark.parametrize(
    ("kind", "sentence", "kept"),
    [
        ("attribution", "Norvik has held talks with its lenders, a spokesman said.", "Norvik held talks"),
        ("attribution", "Norvik is in talks to buy Aldane, the newspaper said.", "Norvik in talks to buy Aldane"),
        ("attribution", "Norvik is failing to pay its lenders, the bank said on Monday.", "Norvik failing to pay its lenders"),
        ("attribution", "Moss said on Monday the krone's role in trade was over.", "Moss said the krone's role"),
        ("attribution", "The ministry said in a statement it had closed the port.", "The ministry said in a statement"),
        ("verbs", "Norvik said on Monday it has expanded its talks with Aldane.", "Norvik said expanded its talks"),
        ("ends", "The campaign gave out the data hours after she was asked.", "The campaign gave out the data hours"),
        ("hedges", "Police arrested the alleged leader of the gang on Monday.", "Police arrested the leader of the gang"),
        ("hedges", "The minister may resign after the vote on Friday.", "The minister resign"),
        ("hedges", "The bank will pay the fine if the court agrees.", "The bank will pay the fine the court agrees"),
        ("verbs", "The army said rebels who held the bridge shot a farmer.", "The army said rebels a farmer"),
        ("verbs", "Smith, who beat Jones in the final, lost the rematch.", "Smith beat Jones"),
        ("verbs", "Although it rained all day, the match went ahead.", "Although it rained all day"),
        ("ends", "The council raised the tax on petrol and diesel.", "The council raised the tax on petrol and"),
        ("ends", "The council raised the tax of the port city.", "The council raised the tax of"),
        ("ends", "The army shelled the town as troops advanced.", "The army shelled the town as"),
        ("ends", "The army shelled the town in the hills.", "The army shelled the"),
        ("ends", "But the army shelled the town in the hills.", "But the army shelled the town"),
        ("brackets", 'The mayor called the plan "a gift to builders" on Monday.', 'The mayor called the plan "a gift'),
        ("brackets", "The group (founded in 1990) closed its office in May.", "The group (founded in 1990 closed its office"),
        ("pronouns", "The minister resigned because he had lied to the court.", "he had lied to the court"),
        ("pronouns", "Their leader fled the city on Sunday night.", "Their leader fled the city"),
        ("pronouns", "From Oslo, she flew on to Reykjavik.", "From Oslo, she flew on to Reykjavik"),
        ("attribution", "Mancall said that after the visits to the coast an illness killed many.",
         "Mancall said that after the visits"),
        ("verbs", "While growers back the goal, they doubt the plan, said Blunt.", "While growers back the goal, said Blunt"),
        ("complements", "The fund urged holders of Dover Gas Corp (DG.N) to sell.", "The fund urged holders of Dover Gas"),
        ("pronouns", "We will rebuild the bridge before the winter.", "We will rebuild the bridge"),
        ("pronouns", "This decision surprised many lawyers in the capital.", "This decision surprised many lawyers"),
        ("pronouns", "The slump, he explained, matters to many families.", "The slump he explained matters to many families"),
        ("complements", "The union asked the court on Monday to hear its complaint.", "The union asked the court"),
        ("complements", "The bank does not expect the strike to affect its results.", "The bank does not expect the strike"),
        ("complements", "A jury found the broker Adam Reyes, 44, guilty of fraud.", "A jury found the broker Adam Reyes"),
        ("complements", "The state fought in court to keep the names of its partners hidden.",
         "The state fought in court to keep the names"),
        ("verbs", "Bank Medina, the lender that managed the funds, is seeking buyers.",
         "Bank Medina, the lender that managed the funds"),
        ("verbs", "Her statement, in response to reports that the regime had missiles, mirrored a threat.",
         "Her statement, in response to reports that the regime had missiles"),
        ("ends", "Several apparel and toy retailers beat forecasts in May.", "Several apparel beat forecasts"),
        ("ends", "The club signed an experienced keeper from Leeds.", "The club signed an keeper"),
        ("ends", "Silver rallied to its strongest level since the war.", "Silver rallied to its strongest"),
        ("attribution", "Two aides say that while the mayor is not running, he is tempted.",
         "Two aides say that while the mayor is not running"),
        ("attribution", "Europe has a long way to go, the minister was quoted as saying by a daily.",
         "Europe has a long way to go"),
        ("attribution", "The economy has fallen into a recession, Adam Gross told the Daily Times.",
         "The economy has fallen into a recession"),
        ("attribution", "The bank may lend again, Dover business daily and the Northern Post reported on Monday.",
         "The bank may lend again"),
        ("scope", "The plan will help the port, but only if the rail link is built.", "The plan will help the port"),
        ("scope", "For the owners, repairs are a choice only when tenants complain.", "For the owners, repairs are a choice"),
        ("scope", "The port will close its basin if the crane falls.", "The port will close its basin"),
        ("scope", "If the crane falls, the port will close its basin.", "the port will close its basin"),
        ("scope", "Norvik is worried the port can raise fees if it buys Aldane.", "Norvik is worried the port can raise fees"),
        ("scope", "The surplus narrowed to its lowest level in nearly a year in May.",
         "The surplus narrowed to its lowest level"),
        ("scope", "Silver closed out its worst week since June on Friday.", "Silver closed out its worst week"),
        ("scope", "The firm posted the biggest loss in more than two decades.", "The firm posted the biggest loss"),
        ("scope", "The mill makes more than half its overall sales in Norway.", "The mill makes more than half sales in Norway"),
        ("scope", "The mayor did better in the port in May than most expected.", "The mayor did better in the port in May"),
        ("ends", "Norvik is recalling 750 of its cars in May, the regulator said.", "Norvik is recalling, the regulator said"),
        ("ends", "The board is looking for a new director, a source said.", "The board is looking, a source said"),
        ("ends", "The port heaved a sigh of relief on Monday.", "The port heaved a sigh"),
        ("ends", "The mayor struck many as tired, said Gov.", "The mayor struck many as tired, said Gov."),
        ("complements", "The court cleared the way for a sale of the port.", "The court cleared the way"),
        ("complements", "Norvik named a banker from Oslo as its chairman.", "Norvik named a banker from Oslo"),
        ("attribution", "The mayor said on Sunday the harbour was too optimistic about its prospects when it grew.",
         "The mayor said optimistic about its prospects when it grew"),
        ("commas", "Moss, fresh from winning the vote, now moves to the port.", "Moss, moves to the port"),
        ("commas", "The mayor of Norvik, enraged by the strike, intends to sell it.", "The mayor, intends to sell it"),
        ("commas", "Workers at the mill of Norvik, the largest in the north, went on strike.", "Workers, went on strike"),
        ("clauses", "The mayor made clear on Sunday that he remains firmly behind the captain.",
         "The mayor made clear behind the captain"),
        ("attribution", "The owners' lawyers told the court that Norvik could be sold.", "The owners' lawyers told the court"),
        ("attribution", "The mayor said clashes at the port showed Norvik was not ready.", "The mayor said clashes at the port"),
        ("attribution", 'Norvik said in a statement: "We are aware of the leak in the basin."', "Norvik said in a statement"),
        ("attribution", 'The mayor told Norvik Daily: "There is a divide between the docks."', "The mayor told Norvik Daily"),
        ("ends", "Norvik and Aldane will largely sidestep the quota at a summit next week, a central bank adviser said.",
         "Norvik, a central bank adviser said"),
        ("ends", "Output rose in May, data released on Thursday showed.", "Output rose in May, data released showed"),
        ("ends", "Norvik is cutting programs scientists say are sound.", "Norvik is cutting programs scientists"),
        ("complements", "The court blocked Norvik from selling its port.", "The court blocked Norvik"),
        ("commas", 'The rate is at a "reasonable level," and it will not fall, the bank said.',
         'The rate is at a "reasonable level,", the bank said'),
        ("numbers", "The kingdom can raise output to 12 million barrels per day.",
         "The kingdom can raise output to 12 million barrels"),
        ("complements", "The summit did not set the pulse racing, but it may yet.", "The summit did not set the pulse"),
        ("negation", "The ban hurts not only farmers but also bakers.", "The ban hurts not only farmers"),
        ("pronouns", "Critics of the tax say its cost is high and it hurts ports.", "Critics say it hurts ports"),
        ("pronouns", "In May you'll find them at the port.", "you'll find them"),
        ("pronouns", "That's a lot for a small port to carry.", "That's a lot for a small port"),
        ("verbs", "Faced with a strike, and forced to cut jobs, the port closed.", "Faced with a strike, and forced to cut jobs"),
        ("numbers", "Norvik makes two of the world's ferries.", "Norvik makes two"),
        ("attribution", "The minister warned that any effort by the allies to close the sea would break the law.",
         "The minister warned any effort by the allies"),
        ("ends", "Moss was named Norvik's chief executive late in May.", "Moss was named Norvik's late"),
        ("clauses", "Shares sold off as talks to avert a crisis turned sour.", "Shares sold off as talks"),
        ("clauses", "Police said in a letter that, according to a study, the mill broke the law.",
         "Police said in a letter that according to a study"),
        ("ends", "The group deferred a 1.6 billion euro ($2.1 billion) project in May.", "The group deferred a 1.6 billion euro"),
        ("ends", "Norvik will vote in May, and the 'Yes' camp, led by three parties, has grown.",
         "Norvik will vote in May, and the 'Yes' camp"),
        ("verbs", "At a hearing, the doctor accused of fraud, for the first time, told his tale.", "the doctor accused of fraud"),
        ("verbs", "Notes handed to Norvik this week reveal that the port is closed.", "Notes handed to Norvik"),
        ("verbs", "The office declined to comment on reports Norvik Bank (NRV.N) was seeking aid.",
         "The office declined to comment on reports Norvik Bank"),
        ("verbs", "The head of Norvik said the orders clinched with Oslo would help.",
         "The head of Norvik said the orders clinched with Oslo"),
        ("ends", "Most of the talk was, understandably, about taxes.", "Most of the talk was,, about taxes"),
        ("clauses", "Moss said that starting in May the port will close.", "Moss said that starting in May"),
        ("complements", "Norvik signed a deal that compels the bank to pay Moss.", "Norvik signed a deal that compels the bank"),
        ("clauses", "Moss was no villain, because to those who knew her, she was a hero.",
         "Moss was no villain, because to those"),
        ("ends", "Moss said he wants a truce, but Webb said Sunday that his plan is weak.",
         "Moss said he wants a truce, but Webb said"),
        ("attribution", "Output slowed in May, a survey showed on Sunday, suggesting a slump.", "Output slowed in May"),
        ("ends", "Moss and his campaign argue that the vote is fair.", "Moss and argue that the vote is fair"),
        ("negation", "The port voted against a merger with a rival.", "The port voted"),
        ("complements", "The mill cut its reliance on imported grain in May.", "The mill cut its reliance"),
        ("complements", "Sales at the mill ended in line with forecasts.", "Sales at the mill ended in line"),
        ("complements", "The mayor announced plans on Monday to sell the port.", "The mayor announced plans"),
        ("complements", "The central bank is not ruling out a cut in rates.", "The central bank is not ruling"),
        ("ends", "The guard cut her off after a minute.", "The guard cut her"),
        ("complements", "The state accused the makers, notably Norvik, of bribery.", "The state accused the makers"),
        ("complements", "Norvik threw its support behind the bid.", "Norvik threw its support"),
        ("complements", 'The mayor urged graduates of the school to "never give up".', "The mayor urged graduates"),
        ("complements", "Ada Moss spent the morning in Oslo rattling off numbers.", "Ada Moss spent the morning"),
        ("complements", "The poll showed Moss pulling ahead of Webb.", "The poll showed Moss"),
        ("ends", "Will the port close in May?", "Will the port close in May"),
        ("attribution", "Webb found that in an average of polls, the lead of Moss has shrunk.", "the lead of Moss has shrunk"),
        ("complements", "Moss will contrast the plan with her own.", "Moss will contrast the plan"),
        ("ends", "The fee is not related to that plan.", "The fee is not related to that"),
        ("brackets", "Moss says, 'This is the worst storm in years.'", "Moss says, 'This is the worst storm"),
        ("clauses", "Travellers face delays as ground staff plan to strike.", "Travellers face delays as ground staff"),
        ("clauses", "The report confirms fears that last year's ban by Norvik would fail.",
         "The report confirms fears that last year's ban"),
        ("complements", "Norvik expects fees in both ports to be equally shared.", "Norvik expects fees"),
        ("ends", "A crash between a ferry train and a freight train closed the line.",
         "A crash between train and train closed the line"),
        ("ends", "Key facts: -- Moss joined the bank in May.", "Key facts: -- Moss joined the bank"),
        ("verbs", "Norvik, the Oslo-backed maker of boats, has hired a firm, a source said.",
         "Norvik, the Oslo-backed maker of boats, a source said"),
        ("ends", "Here are facts on the vote: * The court is split.", "Here are facts on the vote: * The court is split"),
        ("ends", "There is one problem: the port in the north is shut.", "There is one problem: the port in the north"),
        ("ends", "The crew was met with cheers in Oslo.", "The crew met"),
        ("ends", "The talks start today, and even before the vote, both sides argue.",
         "The talks start today, and even before the vote"),
        ("ends", "The port closed, but aside from one crane, the damage was small.",
         "The port closed, but aside from one crane"),
        ("agencies", "NEW HAVEN (Pier.example) - The pier closed in May.", "NEW HAVEN - The pier closed in May"),
        ("numbers", "The line ordered 20 Norvik (NRV.N) 777 jets on Monday.", "The line ordered 20 Norvik"),
        ("pronouns", "The bank would control it with a large stake.", "The bank would control it"),
        ("verbs", "Norvik, which said it is selling a mill, plans to cut jobs.", "Norvik, which said it is selling a mill"),
        ("verbs", "A broker who helped investors place money abroad failed to appear.",
         "A broker who helped investors place money"),
        ("verbs", "The meeting, held in the port city, has drawn crowds.", "The meeting, held in the port city"),
        ("clauses", "A study finds that, two weeks after the port opened, trade is growing.",
         "A study finds that, two weeks after the port opened"),
        ("clauses", "Webb explained that after the visits to the coast an illness spread.",
         "Webb explained that after the visits"),
        ("agencies", "PARIS (Reuters) - France won the cup on Sunday.", "PARIS (Reuters) - France won the cup"),
        ("numbers", "The bank will cut the $85 billion in grants by a tenth.", "The bank will cut the $85 billion"),
        ("numbers", "The bank will cut its $9 million a month of loans.", "The bank will cut its $9 million a month"),
        ("negation", "According to reports, Moss has not only quit her post, she lost her house in Oslo.",
         "According to reports, Moss has not only quit her post"),
        ("complements", "Moss asked Carl Webb, her acting general, if he could run the port.", "Moss asked Carl Webb"),
        ("complements", "We felt from the talks of the partners that they see the risk, Moss said.",
         "We felt from the talks, Moss said"),
        ("complements", "The slump in prices is pushing Norvik toward collapse.", "The slump in prices is pushing Norvik"),
        ("clauses", "Moss was a lifelong sailor, but when he left after a year, he never looked back.",
         "Moss was a lifelong sailor, but when he left after a year"),
        ("complements", "Norvik will try to convince the judge this week that Moss paid the fee.",
         "Norvik will try to convince the judge"),
        ("complements", "Moss urged the allies to assure Norvik, the largest creditor of the union, that its funds are safe.",
         "Moss urged the allies to assure Norvik"),
        ("complements", "Gains in the shares of mills were offset by losses at ports.",
         "Gains in the shares of mills were offset"),
        ("complements", "The pact allows Norvik, the largest bank in the north, to sell its mills.", "The pact allows Norvik"),
        ("complements", "The judge gave Norvik until May to file its answer.", "The judge gave Norvik"),
        ("verbs", "While Moss got a warning, and her letter was hidden for a day, Webb lost his seat.",
         "While Moss got a warning, and her letter was hidden"),
        ("verbs", "Hours after being repeatedly insulted by Moss, Carl Webb left the room.",
         "Hours after being repeatedly insulted by Moss"),
        ("brackets", 'Talks with the union are "at a standstill," Moss said.', 'Talks with the union are "," Moss said'),
        ("verbs", "(CNN) When Ada Moss walks onto the stage Sunday, she will look back.", "When Ada Moss walks onto the stage"),
        ("ends", "Norvik came out on top in the first of two trials.", "Norvik came out on top in the first"),
        ("ends", "Sales rose at stores open at least a year.", "Sales rose at stores open at least"),
        ("ends", "This looks like the year where Norvik wins the cup.", "This looks like the year"),
        ("ends", "The hunt for gold is not as easy as it was.", "The hunt for gold is not as easy"),
        ("complements", "The fine saddled the port with high costs.", "The fine saddled the port"),
        ("complements", "The offer enticed students to leave Norvik.", "The offer enticed students"),
        ("complements", "The pact is not compatible with the law.", "The pact is not compatible"),
        ("clauses", "Now that Moss has won a second term, will he reform the port?", "Now that Moss has won a second term"),
        ("negation", "The council's vote against the mill was close.", "council's vote was close"),
        ("verbs", "A red crane has been unveiled in Oslo.", "crane been unveiled in Oslo"),
        ("verbs", "Harbour Records of Oslo (HRO) delayed its vote in May.", "HRO its vote in May"),
        ("scope", "The town will not raise fees on bread in May.", "The town will not raise fees"),
        ("scope", "The mayor said she wasn't in talks with Norvik.", "The mayor said she wasn't in talks"),
        ("scope", "There is no reason for the port to close, the mayor said.", "There is no reason, the mayor said"),
        ("scope", "The number of miners seeking help fell in May.", "The number of miners fell in May"),
        ("scope", "The mill will double the number of shops in Oslo to 40.", "The mill will double the number of shops to 40"),
        ("scope", "The club has won all of its home matches since May.", "The club has won all of its home matches"),
        ("attribution", "Asking prices for boats have dropped in May, because of a lull in trade, says port site Norvik.",
         "Asking prices for boats have dropped in May"),
        ("ends", "Crews are expected at the funeral of a guard killed last month in a raid.",
         "Crews expected at the funeral killed in a raid"),
        ("clauses", "A count of polls has shown clearly that tin correlates more strongly with gold than silver.",
         "A count of polls has shown with gold"),
        ("ends", "The port is in talks, according to a person familiar with the matter.", "port in talks, according to person"),
        ("scope", "The bank will close its mill to save money if the talks fail.", "The bank will close its mill"),
        ("ends", "All of which makes the critics of Ada Moss seem unfair.",
         "All of which makes the critics of Ada Moss seem unfair"),
        ("ends", "The port had set the agenda for the meeting, a source said, and the reform of the docks did not appear.",
         "The port had set the agenda for the meeting, a source said, and the reform"),
        ("verbs", "Norvik is being sold to Aldane for a record price.", "Norvik sold to Aldane"),
        ("verbs", "Norvik had been planning a mill until the crash.", "Norvik planning a mill until the crash"),
        ("verbs", "The plan of the port is to cut 500 jobs.", "plan to cut 500 jobs"),
        ("verbs", "The trial was to start on Monday, but a juror fell ill.", "trial to start on Monday"),
        ("verbs", "Police were attacked and arrested 20 people in Oslo.", "Police attacked and arrested 20 people"),
        ("verbs", "Moss, who met a banker, a lawyer, was arrested in Oslo.", "Moss arrested in Oslo"),
        ("verbs", "Norvik has sued a bank that lost money and fired its chief.", "Norvik fired its chief"),
        ("verbs", "Moss had previously backed the deal.", "Moss backed the deal"),
        ("hedges", "The minister was falsely accused of fraud in Oslo.", "minister was accused of fraud"),
        ("attribution", "Food prices doubled in May, aid workers in the port said.", "Food prices doubled, aid said"),
        ("numbers", "The lake has lost 40 per cent of its water.", "lake has lost 40 cent of its water"),
        ("complements", "Moss called for an end to clashes between Norwegian and Danish crews.",
         "Moss called for end to clashes between Norwegian crews"),
        ("numbers", "Support for the mayor fell 20 percentage points in May.", "Support for the mayor fell 20 points"),
    ],
)  # fmt: skip
def test_each_kind_of_damage_is_found(kind: str, sentence: str, kept: str) -> None:
    read = parse(sentence)
    problems = sentence_violations(read, _keeping(read, [kept[a:b] for a, b in _spans(kept)]))
    assert any(problem.startswith(kind) for problem in problems), problems


@pytest.mark.parametrize(
    ("sentence", "kept"),
    [
        ("The harbour reopened on Monday after the storm.", "The harbour reopened"),
        ("The minister, who did not attend, sent a letter to the court.", "The minister sent a letter to the court"),
        ("Russia on Tuesday urged both sides to step back from war.", "Russia urged both sides to step back from war"),
        ("Two men were shot dead in the port city, police said on Friday.", "Two men were shot dead, police said"),
        ("The firm has signed a deal with its rival in Oslo.", "firm signed a deal with its rival"),
        ("The port will open its docks, reports said on Sunday against a backdrop of strikes.",
         "The port will open its docks, reports said"),
        ("Banning ads after dark has been a success in the port.", "Banning ads after dark has been a success"),
        ("Staples Inc., the world's largest office supplies retailer, reported a rise in profit.",
         "Staples reported a rise in profit"),
        ("The committee asked Carl Moss for details on his plan to sell the mill.",
         "The committee asked Carl Moss for details"),
        ("The trader earned $64.2 million last week by selling shares.", "The trader earned $64.2 million"),
        ("The group will on Friday issue a statement that is mild, a source said.",
         "The group will issue a statement, a source said"),
        ("The line needs a partner, Moss told Norvik Daily in an interview published on Monday.",
         "The line needs a partner, Moss told Norvik Daily"),
        ("Funds took a liking to Pando, according to filings published Thursday.",
         "Funds took a liking to Pando, according to filings"),
        ("Dutch office supplies firm Norvik said it was open.", "firm Norvik said it was open"),
        ("Barry Moss, a former swindler who claimed to have reformed, was charged on Monday.", "Moss was charged"),
        ("Will the port close in May?", "Will the port close?"),
        ("Moss quit as mayor of Norvik on Monday.", "Moss quit as mayor of Norvik"),
        ("The port may answer a question: did the council misread the law?", "The port may answer a question"),
        ("The union argued on Monday that the port is safe.", "union argued the port is safe"),
        ("Norvik Bank said it would close its mill.", "Norvik Bank said it would close mill"),
        ("Output rebounded in May, two surveys showed on Friday.", "Output rebounded in May, surveys showed"),
        ("The bank kept its rate low, rejecting calls for a cut.", "The bank kept its rate low"),
        ("WHAT TO WATCH: Norvik is expected to grow in May.", "WHAT TO WATCH: Norvik expected to grow in May"),
        ("The club said on Sunday that its striker had broken his foot.", "club said its striker had broken his foot"),
        ("The state spent the $2 billion on roads in May.", "The state spent the $2 billion on roads"),
        ("Moss felt pain in her foot after the match, which she lost.", "Moss felt pain in her foot"),
        ("Now that the port is open, ships can reach Norvik again.", "Now that the port is open, ships can reach Norvik"),
        ("Moss asked for a delay when she met the judge.", "Moss asked for a delay"),
        ("The minister persuaded the union that the port is safe.", "minister persuaded union the port is safe"),
        ("The port was sold by Norvik in May.", "The port was sold"),
        ("Prices in the port fell as much as 40 percent in May.", "Prices fell as much as 40 percent"),
        ('Moss called the plan "a good start" on Monday.', 'Moss called the plan "a good start"'),
        ("The port could close its basin if the crane falls.", "The port could close its basin"),
        ("The port asked if the crane will fall.", "The port asked if the crane will fall"),
        ("Silver rose to its highest level in January.", "Silver rose to its highest level"),
        ("The port will close its basin even if the crane is mended.", "The port will close its basin"),
        ("Output deepened its slide and fell in May, the bank said.", "Output deepened its slide and fell, the bank said"),
        ("The mayor told the court about his plan to sell the mill, which he said was old.",
         "The mayor told court about his plan"),
        ("Silver rose on Monday, as talks in the port went on, but calls for a cut are rare.",
         "Silver rose, but calls for a cut are rare"),
        ("The port gave its view, after a vote in May, a sign of doubt.", "The port gave its view, a sign of doubt"),
        ("The mayor, a former judge, sold the port.", "The mayor, a former judge, sold the port"),
        ("Norvik said on Monday: the port will close in May.", "Norvik said: the port will close in May"),
        ("The talks faltered on Monday over pay, the union said.", "The talks faltered, the union said"),
        ("The port is bigger than its rival in Norvik.", "The port is bigger than its rival"),
        ("Half of the mill's sales are in Norway.", "Half of mill's sales are in Norway"),
        ("A red crane has been unveiled to mark the port's first year.", "red crane unveiled to mark the port's first year"),
        ("Prices rose in May but stayed below a high of the year.", "Prices rose in May"),
        ("Inflation accelerated in May on higher food costs but stayed below its high.", "Inflation accelerated in May"),
        ("Output unexpectedly accelerated in May as mills shrugged off a strike, suggesting the cuts had little effect.",
         "Output accelerated as mills shrugged off a strike"),
        ("Rules used to set a value on boats held by banks need to be mended, the union said.",
         "Rules need to be mended, the union said"),
        ("A planned levy designed to keep Norvik and Aldane from leaving Oslo has some traders in doubt.",
         "planned levy has some traders in doubt"),
        ('A bridge in a port that gives people a "magical" view has been mended.', "A bridge has been mended"),
        ('A mayor said she expected ships to "play a part in the trade".', "mayor said she expected ships"
         ' to "play a part in the trade"'),
        ("A coach who has paid for a crew later discovered his father is a judge.", "coach discovered his father is a judge"),
        ("Norway is to propose a change in the law to let ships in if a storm is near.",
         "Norway is to propose a change in the law"),
        ("Moss and Dale have both caught a cold, so will miss the match.", "Moss and Dale have both caught a cold"),
        ("Port Democrats plan to quickly repeal the fee that passed in May and are warning the vote could take weeks.",
         "Port Democrats plan to repeal the fee"),
        ("Norvik will seek further plant cuts in Oslo, Carl Moss said.", "Norvik will seek further plant cuts, Moss said"),
        ("Norway promised on Friday to buy port zone bonds this month.", "Norway promised to buy port zone bonds"),
        ("Carl Moss flatly denied on Monday that he sold the mill, as crews were moved.", "Moss denied he sold the mill"),
        ("Silver rose after central banks injected cash into the market and traders bought tin.",
         "Silver rose after central banks injected cash into the market"),
        ("A court threw out an $800 million lawsuit against the mill on Monday.", "court threw out an $800 million lawsuit"),
        ("The port has filed a complaint in the Oslo court against its former mayor.", "port filed a complaint in Oslo court"),
        ("The port is in talks to sell its mill, according to a source familiar with the matter.",
         "port in talks to sell its mill, according to a source"),
        ("A former judge has sued the port, according to a lawsuit filed in Oslo.",
         "former judge has sued the port, according to a lawsuit"),
        ("About 100 crews at a plant of Norvik, its main rival, went on strike, the union said.",
         "About 100 crews went on strike, the union said"),
        ("Moss was ousted from his job Wednesday, leaving a host of doubts.", "Moss was ousted from his job"),
        ("A port expert claims he has found the crane.", "port expert claims he found the crane"),
        ("Moss was asked whether the strike had contributed to the loss.",
         "Moss was asked whether the strike contributed to the loss"),
        ("Norvik agreed to a $2 million buyout as its sales fell.", "Norvik agreed to a $2 million buyout"),
        ("A wave of data is set to hit the markets starting next week.", "wave of data is set to hit the markets"),
        ("The mayor set a pay cap on Monday for crews at firms getting aid.", "The mayor set a pay cap"),
        ("Norvik vowed on Monday to fight the suit by arguing its plan would help.", "Norvik vowed to fight the suit"),
        ("Stocks edged lower on Monday as a warning hurt the market.", "Stocks edged lower"),
        ("Harbour Records of Oslo (HRO) delayed its vote.", "HRO delayed its vote"),
        ("Prices will fall in May, the Harbour Energy Agency (HEA) said on Monday.", "Prices will fall, HEA said"),
        ("Norvik may extend its platform after it starts trading in May, sources close to the firm said.",
         "Norvik may extend its platform, sources close to the firm said"),
        ("Norvik Systems forecast revenue above its aim as demand stayed high.", "Norvik Systems forecast revenue above its aim"),
        ("The gunman in a fight that rocked Oslo on Monday has been named.", "gunman in a fight that rocked Oslo has been named"),
        ("The militant known as the Gull has been named in reports.", "The militant known as the Gull has been named"),
        ("Ada Moss rebuffs Harbour rumors that she sold the mill.", "Moss rebuffs Harbour rumors"),
        ("Moss unveiled a World War I statue in Oslo on Monday.", "Moss unveiled a World War I statue"),
        ("A crew has broken a 19-year silence and revealed a plan.", "crew has broken a 19-year silence"),
        ("A dog has been found abandoned at a port with a bag filled with tin.", "dog has been found abandoned at a port"),
        ("The plan was called into doubt, due to the lack of cranes.", "The plan was called into doubt"),
        ("Moss spent $300,000 at a Las Vegas hotel last month.", "Moss spent $300,000 at a Las Vegas hotel"),
        ("Plans to cut the target of the port were mended.", "Plans to cut the target were mended"),
        ("Crews of E*Trade went on strike on Monday.", "Crews of E*Trade went on strike"),
        ("The town will not close its mill at the port in May.", "The town will not close its mill"),
        ("Norvik will not raise its offer for the mill.", "Norvik will not raise its offer"),
        ('Norvik told the town not to use "tricks" for its mill.', 'Norvik told the town not to use "tricks"'),
        ("Police arrested five people on Monday.", "Police arrested five people"),
        ("A number of crews from Oslo went on strike.", "A number of crews went on strike"),
        ("The number of strikes in May rose.", "The number of strikes rose"),
        ("The council has finally approved a deal on the port.", "council finally approved a deal on the port"),
        ("Norvik is being sold to Aldane for a record price.", "Norvik being sold to Aldane"),
        ("Norvik has been planning a mill in Oslo.", "Norvik planning a mill in Oslo"),
        ("Norvik is to pay $3 million for Aldane.", "Norvik to pay $3 million for Aldane"),
        ("The minister is confident of a deal with the union.", "minister confident of a deal with the union"),
        ("Norway's largest firms are likely to cut their output.", "Norway's largest firms likely to cut their output"),
        ("Aldane Mills, the port's largest firm, is in talks with Norvik to sell its ships.",
         "Aldane Mills in talks with Norvik to sell ships"),
        ("Norvik moved a manager onto its board and announced a deal.", "Norvik announced a deal"),
        ("Food prices doubled in May, aid workers in the port said.", "Food prices doubled, aid workers said"),
    ],
)  # fmt: skip
def test_a_sound_headline_passes(sentence: str, kept: str) -> None:
    read = parse(sentence)
    assert sentence_violations(read, _keeping(read, [kept[a:b] for a, b in _spans(kept)])) == []


CUT = [
    "(New York) The publishers, the portions of whose fees that went to Moss were paid in May, signed the Norvik Act (NA).",
    "The Defence Act (DA) was struck down, and in May some arrangement, autonomy and systems were left as they had been.",
    *(str(case["sentence"]) for _, case in CASES),
]


@pytest.mark.parametrize("sentence", CUT, ids=range(len(CUT)))
def test_a_sentence_cut_anywhere_is_read(sentence: str) -> None:
    """A feed cuts texts off in the middle of anything, and a teaser begins there."""
    words = sentence.split()
    pieces = [words[:end] for end in range(1, len(words))] + [words[start:] for start in range(1, len(words))]
    for piece in [*pieces, *(words[start : start + 4] for start in range(len(words)))]:
        for text in (" ".join(piece), f"({' '.join(piece)})"):
            read = parse(text)
            found = [*deletions(read), None]
            for one in found[:6]:
                kept = [one is None or not one.start <= at < one.end for at in range(len(read))]
                assert isinstance(sentence_violations(read, kept), list)


def test_an_owner_whose_suffix_goes_keeps_its_apostrophe() -> None:
    read = parse("Norvik Motors Corp.'s plant in Oslo expects to grow.")
    kept = _keeping(read, ["Norvik", "Motors", "'", "s", "plant", "expects", "to", "grow"])
    assert joined(read, kept) == "Norvik Motors's plant expects to grow"


def test_an_aside_goes_with_either_of_its_commas() -> None:
    read = parse("The port gave its view, after a vote in May, a sign of doubt.")
    first, second = (at for at, word in enumerate(read.words) if word == ",")
    for gone in (range(first, second), range(first + 1, second + 1)):
        kept = [at not in gone and at < len(read) - 1 for at in range(len(read))]
        assert not any("commas" in problem for problem in sentence_violations(read, kept))


def test_is_allowed_agrees_with_the_list_of_violations() -> None:
    read = parse("The harbour did not reopen on Monday after the storm.")
    for cut in range(len(read)):
        kept = [index < cut for index in range(len(read))]
        assert is_allowed(read, kept) == (sentence_violations(read, kept) == [])
    assert len(CHECKS) == len({check.__name__ for check in CHECKS})


def _document(text: str, marks: tuple[Mark, ...] = ()) -> Document:
    start = max((mark.end for mark in marks), default=0)
    start += len(text[start:]) - len(text[start:].lstrip())
    return Document(Article(text), (Sentence(start, len(text), text[start:], 0),), marks)


def test_a_finished_headline_is_checked_against_its_article() -> None:
    text = "Storm closes harbour\n\nThe harbour was closed on Monday after the storm."
    document = _document(text, (Mark(0, 20, "title"),))
    at = text.index("The harbour")
    assert violations(document, Headline("The harbour was closed", ((at, at + 22),))) == []
    assert any(one.startswith("marks") for one in violations(document, Headline("Storm closes harbour", ((0, 20),))))
    assert any(
        one.startswith("words") for one in violations(document, Headline("The port was closed", ((at, at + 22),)))
    )
    backwards = Headline("was closed The harbour", ((at + 12, at + 22), (at, at + 11)))
    assert "spans: not ascending" in violations(document, backwards)
    assert "spans: empty or outside the text" in violations(document, Headline("", ()))


def _spans(text: str) -> list[tuple[int, int]]:
    return list(parse(text).spans)
