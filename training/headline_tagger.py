"""Learns the word-class tagger of the headline decoder from untagged news, and writes its table.

    python -m copydesk.training.headline_tagger --data ../shared/data --out models/embedded/headline/tagger.json

No parser and no tagged corpus is needed: the closed classes are listed by hand, the open ones are told apart by their company.
A form that follows "will" or "could" is a verb, one that stands between an article and a preposition a noun; the counts give
each form a first distribution over word classes. Hard expectation-maximisation of a first-order hidden Markov model with this
dictionary (Merialdo 1994, "Tagging English text with a probabilistic model") then settles which class it is in which context.
"""

import argparse
import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from copydesk.models.tagger import OPEN, TAGS, Tagger, closed_tag
from copydesk.models.words import word_spans

MIN_COUNT = 4
"""A form seen less often is tagged by its suffix: its own counts would be noise."""
NAME_SHARE = 0.9
"""Forms that are capitalised more often than this are names; they need no entry, since an unknown capitalised word is one."""
EM_SENTENCES = 12_000
"""Paragraphs tagged in each round of expectation-maximisation, about half a million words; more did not change the table."""
EM_ROUNDS = 3
SUFFIX_LENGTH = 3

_IRREGULAR = """
become:became:become begin:began:begun bind:bound:bound bite:bit:bitten bleed:bled:bled blow:blew:blown
break:broke:broken bring:brought:brought build:built:built burn:burnt:burnt buy:bought:bought catch:caught:caught
choose:chose:chosen come:came:come cost:cost:cost cut:cut:cut deal:dealt:dealt dig:dug:dug draw:drew:drawn
drink:drank:drunk drive:drove:driven eat:ate:eaten fall:fell:fallen feed:fed:fed feel:felt:felt fight:fought:fought
find:found:found flee:fled:fled fly:flew:flown forbid:forbade:forbidden forget:forgot:forgotten freeze:froze:frozen
get:got:got give:gave:given go:went:gone grow:grew:grown hang:hung:hung hear:heard:heard hide:hid:hidden hit:hit:hit
hold:held:held hurt:hurt:hurt keep:kept:kept know:knew:known lay:laid:laid lead:led:led leave:left:left lend:lent:lent
let:let:let lie:lay:lain lose:lost:lost make:made:made mean:meant:meant meet:met:met pay:paid:paid put:put:put
quit:quit:quit read:read:read ride:rode:ridden ring:rang:rung rise:rose:risen run:ran:run say:said:said see:saw:seen
seek:sought:sought sell:sold:sold send:sent:sent set:set:set shake:shook:shaken shoot:shot:shot show:showed:shown
shrink:shrank:shrunk shut:shut:shut sing:sang:sung sink:sank:sunk sit:sat:sat sleep:slept:slept slide:slid:slid
speak:spoke:spoken spend:spent:spent split:split:split spread:spread:spread stand:stood:stood steal:stole:stolen
stick:stuck:stuck strike:struck:struck swear:swore:sworn sweep:swept:swept swim:swam:swum swing:swung:swung
take:took:taken teach:taught:taught tear:tore:torn tell:told:told think:thought:thought throw:threw:thrown
understand:understood:understood undergo:underwent:undergone wake:woke:woken wear:wore:worn win:won:won
withdraw:withdrew:withdrawn write:wrote:written uphold:upheld:upheld overthrow:overthrew:overthrown
overcome:overcame:overcome bid:bid:bid cast:cast:cast bet:bet:bet broadcast:broadcast:broadcast hurt:hurt:hurt
rid:rid:rid foresee:foresaw:foreseen mislead:misled:misled seek:sought:sought slay:slew:slain outdo:outdid:outdone
undertake:undertook:undertaken
"""
_SPEAKERS = frozenset({"he", "she", "they", "we", "i", "who", "it"})


def main(argv: Sequence[str] | None = None) -> None:
    """Learn the table and write it.

    :param argv: Command-line arguments; those of the process by default.
    """
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="the folder of the development tables")
    parser.add_argument("--out", type=Path, required=True, help="the JSON file to write")
    arguments = parser.parse_args(argv)
    table = learn_tagger(list(_paragraphs(arguments.data)))
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(table, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


def learn_tagger(paragraphs: Sequence[Sequence[str]]) -> dict[str, object]:
    """The table of :class:`copydesk.models.tagger.Tagger`.

    :param paragraphs: Tokens of one paragraph each.
    :return: ``emission`` (form to tag to log probability), ``suffix`` (the same by ending), ``transition`` (log probabilities,
        in the order of ``TAGS``).
    """
    counts = Counter(token.lower() for paragraph in paragraphs for token in paragraph)
    capitals = Counter(
        token.lower()
        for paragraph in paragraphs
        for token in paragraph[1:]
        if token[:1].isupper() and not token.isupper()
    )
    priors = _dictionary(paragraphs, counts, capitals)
    table = _table(priors, counts, _flat_transitions())
    sample = [p for p in paragraphs[:: max(1, len(paragraphs) // EM_SENTENCES)] if 8 <= len(p) <= 200]
    for _ in range(EM_ROUNDS):
        tagger = Tagger(table)
        pairs: Counter[tuple[str, str]] = Counter()
        seen: dict[str, Counter[str]] = defaultdict(Counter)
        for paragraph in sample:
            tags = tagger.tag(paragraph)
            pairs.update(zip(("PU", *tags), (*tags, "PU"), strict=True))
            for token, tag in zip(paragraph, tags, strict=True):
                if tag in OPEN:
                    seen[token.lower()][tag] += 1
        table = _table(_refined(priors, seen), counts, _transitions(pairs))
    return table


def _paragraphs(data: Path) -> Iterator[list[str]]:
    from datasets import load_dataset

    for name, column in (
        ("headlines/news_train", "lead"),
        ("events/current_events_train", "text"),
        ("attribution/polnear_train", "text"),
    ):
        table = load_dataset("parquet", data_files=str(data / f"{name}.parquet"), split="train")
        for text in table[column]:
            for paragraph in text.split("\n"):
                _, _, body = paragraph.rpartition("(Reuters) - ")
                if len(body) >= 40:
                    yield [body[start:end] for start, end in word_spans(body)]


def _dictionary(
    paragraphs: Iterable[Sequence[str]], counts: Mapping[str, int], capitals: Mapping[str, int]
) -> dict[str, dict[str, float]]:
    """A distribution over the open classes for each frequent form, from the words beside it."""
    verb: Counter[str] = Counter()
    noun: Counter[str] = Counter()
    modifier: Counter[str] = Counter()
    predicate: Counter[str] = Counter()
    for paragraph in paragraphs:
        for left, token, right in zip(["", *paragraph], paragraph, [*paragraph[1:], ""], strict=False):
            form = token.lower()
            if closed_tag(form) is not None or not token[0].islower():
                continue
            before, after = closed_tag(left.lower()), closed_tag(right.lower())
            ends = after in {"IN", "PU", "MD", "BE", "HV", "CC", "TH", "RL", "SB", "TO"} or not right
            if before in {"MD", "DO"}:
                verb[form] += 10
            elif before == "TO":
                verb[form] += 4
            elif left.lower() in _SPEAKERS:
                verb[form] += 8
            elif before in {"DT", "PS"} or left.lower().endswith("'s"):
                (noun if ends else modifier)[form] += 10
            elif before == "BE" and ends:
                predicate[form] += 10
            elif before == "IN" and ends:
                noun[form] += 6
    bases = {form for form in verb if verb[form] >= 10 and verb[form] > 0.04 * counts[form]}
    irregular = _irregular_forms()
    return {
        form: distribution
        for form, count in counts.items()
        if count >= MIN_COUNT
        and form[0].isalpha()
        and closed_tag(form) is None
        and (
            distribution := _distribution(
                form, verb, noun, modifier, predicate, bases, irregular, capitals[form] / count
            )
        )
    }


def _distribution(
    form: str,
    verb: Mapping[str, int],
    noun: Mapping[str, int],
    modifier: Mapping[str, int],
    predicate: Mapping[str, int],
    bases: set[str],
    irregular: Mapping[str, set[str]],
    capital: float,
) -> dict[str, float]:
    v, n, m, p = (table.get(form, 0) + 0.5 for table in (verb, noun, modifier, predicate))
    weights: dict[str, float] = defaultdict(float)
    if form.endswith("ly") and n < 2 * (v + m + p):
        weights["RB"] = 4 * (v + m + p + n)
        weights["JJ"] = m
    elif form in irregular:
        for tag in irregular[form]:
            weights[tag] += v + p + 2
        weights["NN"], weights["JJ"] = n, 0.3 * m
    elif form.endswith("ed") and (not form.endswith("eed") or form[:-1] in bases):
        weights["VD"], weights["VN"], weights["JJ"] = 2 * v + 5, p + 5, 0.3 * m
        weights["NN"] = n if n > 5 * (v + p + m) else 0.0
    elif form.endswith("ing"):
        weights["VG"], weights["NN"], weights["JJ"] = p + 5 + v, n, 0.3 * m
    elif form.endswith("s") and not form.endswith(("ss", "us", "is")):
        based = next((base for base in (form[:-1], form[:-2], form[:-3] + "y") if base in bases), None)
        weights["NS"] = n + 0.2 * m
        if based is not None:
            weights["VZ"] = 4 * v + 0.3 * verb.get(based, 0) * n / (noun.get(based, 0) + n + 1) + 1
            weights["VZ"] = max(weights["VZ"], 0.15 * weights["NS"])
    else:
        weights["NN"], weights["JJ"] = n + 0.2 * m, 0.8 * m + p
        if form in bases:
            weights["VB"] = v
    total = sum(weights.values())
    kept = {tag: weight / total for tag, weight in weights.items() if weight > 0.02 * total}
    return {**kept, "NP": max(capital, 0.001)}


def _irregular_forms() -> dict[str, set[str]]:
    forms: dict[str, set[str]] = defaultdict(set)
    for row in _IRREGULAR.split():
        base, past, participle = row.split(":")
        forms[base].add("VB")
        forms[past].add("VD")
        forms[participle].add("VN")
    return forms


def _refined(
    priors: Mapping[str, Mapping[str, float]], seen: Mapping[str, Mapping[str, int]]
) -> dict[str, dict[str, float]]:
    """The priors moved toward what the tagger saw; the prior counts as ten sightings, and no class is brought back or lost."""
    refined = {}
    for form, prior in priors.items():
        total = sum(seen[form].values()) if form in seen else 0
        refined[form] = {
            tag: (10 * share + (seen[form][tag] if total else 0)) / (10 + total) for tag, share in prior.items()
        }
    return refined


def _table(
    priors: Mapping[str, Mapping[str, float]], counts: Mapping[str, int], transition: list[list[float]]
) -> dict[str, object]:
    """Emissions as log P(tag | form) - log P(tag), which is log P(form | tag) up to a constant of the form."""
    mass: dict[str, float] = defaultdict(float)
    suffixes: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for form, prior in priors.items():
        for tag, share in prior.items():
            mass[tag] += counts[form] * share
            if tag != "NP":
                suffixes[form[-SUFFIX_LENGTH:]][tag] += share
    total = sum(mass.values())
    log_mass = {tag: math.log(mass[tag] / total) for tag in mass}
    emission = {
        form: {tag: round(math.log(share) - log_mass[tag], 2) for tag, share in prior.items() if share >= 0.002}
        for form, prior in sorted(priors.items())
        if prior["NP"] < NAME_SHARE
    }
    suffix = {
        ending: {
            tag: round(math.log(weight / sum(tags.values())) - log_mass[tag], 2)
            for tag, weight in tags.items()
            if weight >= 0.03 * sum(tags.values())
        }
        for ending, tags in sorted(suffixes.items())
        if sum(tags.values()) >= 5
    }
    return {"emission": emission, "suffix": suffix, "transition": transition}


def _flat_transitions() -> list[list[float]]:
    """Where expectation-maximisation starts: nothing is known but what English rules out or all but requires."""
    rare = {
        ("DT", tag) for tag in ("VZ", "VD", "VB", "IN", "PU", "BE", "HV", "MD", "TO", "SB", "DT", "PR", "PO", "CC")
    } | {("PS", tag) for tag in ("VZ", "VD", "VB", "IN", "PU", "BE", "HV", "MD", "TO", "SB", "DT", "PR", "PO", "CC")}
    rare |= {("PZ", tag) for tag in ("VZ", "VD", "VB", "DT", "PR", "PO", "BE", "MD")}
    rare |= {("IN", tag) for tag in ("VB", "VZ", "VD", "MD", "BE")} | {
        ("JJ", tag) for tag in ("VZ", "VD", "VB", "DT", "MD")
    }
    rare |= {("MD", tag) for tag in ("NN", "NS", "VZ", "VD", "VN", "DT", "JJ", "IN", "VG")}
    rare |= {("HV", tag) for tag in ("VZ", "VD", "VB")} | {("BE", tag) for tag in ("VZ", "VD", "VB")}
    rare |= {("PR", tag) for tag in ("NN", "NS", "JJ", "VN", "VG", "NP")} | {("TO", tag) for tag in ("VZ", "VD", "VN")}
    rare |= {("NN", tag) for tag in ("VB", "DT", "PR", "JJ")} | {("NS", tag) for tag in ("VZ", "DT", "JJ", "NN")}
    likely = {
        ("MD", "VB"),
        ("TO", "VB"),
        ("DT", "NN"),
        ("DT", "JJ"),
        ("JJ", "NN"),
        ("JJ", "NS"),
        ("BE", "VN"),
        ("HV", "VN"),
    }
    likely |= {
        ("PR", "VD"),
        ("PR", "VZ"),
        ("NP", "VD"),
        ("NP", "VZ"),
        ("BE", "VG"),
        ("NN", "IN"),
        ("NS", "IN"),
        ("NN", "PU"),
    }
    likely |= {
        ("NN", "VD"),
        ("NN", "VZ"),
        ("NS", "VD"),
        ("NS", "VB"),
        ("NP", "NP"),
        ("DO", "VB"),
        ("NG", "VB"),
        ("NG", "VN"),
    }
    rows = [[5.0 if (a, b) in likely else 0.05 if (a, b) in rare else 1.0 for b in TAGS] for a in TAGS]
    return [[round(math.log(weight / sum(row)), 3) for weight in row] for row in rows]


def _transitions(pairs: Mapping[tuple[str, str], int]) -> list[list[float]]:
    rows = [[pairs.get((a, b), 0) + 1.0 for b in TAGS] for a in TAGS]
    return [[round(math.log(weight / sum(row)), 3) for weight in row] for row in rows]


if __name__ == "__main__":
    main()
