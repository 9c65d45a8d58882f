"""Event tagging on the development sets: by what is told; without a teller by similarity alone, verified within the budget, and
exhaustively, side by side.

    python benchmarks/events.py ../shared/data/events --limit 600
    python benchmarks/events.py ../shared/data/events --model path/or/id --set masakhanews --context previous
    python benchmarks/events.py ../shared/data/events --fit --write models/embedded/reader
    python benchmarks/events.py ../shared/data/events --model a/reader/that/saw/none --set plover --folds 5

``--fit`` fits the calibration of labels judged each by itself on the even rows of each set whose texts no reader of ours was
trained on, and reports on the odd rows before and after. ``--folds`` fits it for each set by itself, by cross-validation over its
texts, so that a reader from elsewhere is judged at its own scale. ``--write`` puts it into the ``heads.json`` of a folder.
The shipped reader was trained on the training years of current_events and on most sentences of plover, so those two tell how it
does on what it knows; masakhanews, india_police and the event types are new to it. So are ``sentences`` and ``beginnings``, of
ordinary news with verdicts of ours (training/event_verdicts.py), but for the few weights that half of the sentences fit.
With a teller beside the reader (models/teller.py) the fit is kept as ``told_events``; ``--no-teller`` reads and fits without it.
"""

import argparse
import json
import math
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from copydesk.configs.codebook import Codebook, Label, shipped_names
from copydesk.models.calibration import Doubles, EventCalibration, Platt, Weights, fit_choice, fit_logistic, sigmoid
from copydesk.models.document import Document
from copydesk.models.event_tagger import Family, Reading, RetrieveVerifyTagger
from copydesk.models.second_opinion import OpinionWeights
from copydesk.models.segmenter import read_article
from copydesk.models.transformer import embedded_folder, load_transformer
from copydesk.training.event_verdicts import VERDICTS, Verdict, ids_by_reference, read_verdicts
from copydesk.training.metrics import Scores, multi_label_scores, single_label_scores
from copydesk.training.reader_model import note_scores

POLICE = Codebook(
    name="police",
    description="What police do in a sentence, in the words of IndiaPoliceEvents (Halterman et al., 2021).",
    labels=(
        Label(id="kill", hypotheses=("Police killed someone.", "Police shot people dead.")),
        Label(id="arrest", hypotheses=("Police arrested someone.", "Police detained people.")),
        Label(id="fail", hypotheses=("Police failed to intervene.", "Police stood by and did nothing.")),
        Label(
            id="force", hypotheses=("Police used force or violence.", "Police fired tear gas or charged with batons.")
        ),
        Label(id="any_action", hypotheses=("Police did something.", "Police acted, deployed or took measures.")),
    ),
)
UNVERIFIED = (-8.0, -6.0, -4.0, -3.0, -2.0)
"""Values tried for the odds that stand in for an unverified label."""
NOT_FITTED = frozenset({"stories", "beginnings"})
"""Sets that no calibration is fitted to: the texts of the one train the shipped reader, the other has the sentences of
``sentences`` again."""
ARTICLES = frozenset({"masakhanews", "stories"})
"""Sets of whole articles, with some 27 and 9 sentences each."""
FIT_ARTICLES = 100
"""Of which a fit reads so many, so that it takes minutes."""
FIT_SENTENCES = 10_000
"""Of the sentences with verdicts a fit reads as many: few labels are told by more than one in fifty."""
OPINION_ROWS = 3000
"""Rows on which the linear model's weight is fitted and judged, half and half."""
OWN = Path(__file__).parents[1] / "tests" / "data"
VERDICTS_CODEBOOK = "plover"
"""The codebook that our verdicts on sentences are of; where there is a teller, it gets weights of its own."""
LEAST_SENTENCES = 3
"""Of an article's beginning."""
BALANCE_ROWS = 400
"""Rows of each set in a fit, so that no set outvotes another."""


@dataclass(frozen=True)
class DevSet:
    """A development set as documents with their labels.

    :param exclusive: Whether each document has exactly one label.
    :param gold: The labels of each document; several where they are not exclusive.
    :param asked: The labels that there is a verdict on, of each document; all by default.
    """

    name: str
    codebook: Codebook
    exclusive: bool
    documents: Sequence[Document]
    gold: Sequence[frozenset[str]]
    asked: Sequence[frozenset[str]] | None = None

    def every(self, step: int, start: int) -> "DevSet":
        """Every ``step``-th document from ``start`` on."""
        return self.some(range(start, len(self.documents), step))

    def some(self, rows: Sequence[int]) -> "DevSet":
        """Some of the documents."""
        return replace(
            self,
            documents=[self.documents[row] for row in rows],
            gold=[self.gold[row] for row in rows],
            asked=None if self.asked is None else [self.asked[row] for row in rows],
        )

    def bits(self) -> NDArray[np.bool_]:
        """Whether document i has label j, shape (n, labels)."""
        return np.array([[one in labels for one in self.codebook.ids] for labels in self.gold])

    def known(self) -> NDArray[np.bool_]:
        """Whether there is a verdict on label j of document i, shape (n, labels)."""
        if self.asked is None:
            return np.ones((len(self.gold), len(self.codebook.ids)), dtype=bool)
        return np.array([[one in labels for one in self.codebook.ids] for labels in self.asked])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the event tables")
    parser.add_argument("--model", help="a folder or a Hub id; the embedded reader by default")
    parser.add_argument("--retriever")
    parser.add_argument("--verifier")
    parser.add_argument("--context", default="none", choices=("none", "previous", "lead"))
    parser.add_argument("--set", action="append", choices=tuple(SETS), help="default: all")
    parser.add_argument(
        "--limit", type=int, default=600, help="rows of a set at most; a fit reads all sentences with verdicts"
    )
    parser.add_argument("--no-exhaustive", action="store_true", help="leave out the slow reference")
    parser.add_argument("--no-modality", action="store_true", help="by what sentences are about alone")
    parser.add_argument("--no-teller", action="store_true", help="without the teller beside the reader")
    parser.add_argument("--fit", action="store_true", help="fit the calibration first")
    parser.add_argument(
        "--folds", type=int, default=0, help="cross-validate the calibration of labels judged by themselves"
    )
    parser.add_argument("--write", type=Path, help="model folder that the fitted calibration goes to")
    parser.add_argument("--pooling", type=float, help="temperature of the soft maximum over a label's texts")
    parser.add_argument("--whole", type=float, help="weight of an article's mean among exclusive labels")
    options = parser.parse_args()

    tagger = chosen_tagger(options)
    names = [name for name in options.set or SETS if not (options.fit and name in NOT_FITTED)]
    most = {name: min(FIT_ARTICLES, options.limit) for name in ARTICLES} | {"sentences": FIT_SENTENCES}
    limits = {name: most.get(name, options.limit) if options.fit else options.limit for name in names}
    sets = [SETS[name](options.data, limits[name]) for name in names]
    if options.fit:
        probing = probed(tagger, told=not options.no_teller)
        readings = {one.name: probing.read(one.documents, one.codebook) for one in sets}
        calibration = fitted(tagger.calibration, halves(sets, readings, 0))
        if "current_events" in names:
            calibration = replace(calibration, opinions=fitted_opinions(options.data, tagger))
        print(json.dumps(asdict(calibration), indent=2))
        for one, own in halves(sets, readings, 1):
            report(one, "before", judge_readings(one, own, tagger))
            report(one, "after", judge_readings(one, own, tagger.calibrated(calibration)))
        if options.write:
            write(options.write, calibration, "told_events" if calibration.many.told else "events")
        return
    for one in sets:
        for way, reader in ways_of(tagger, exhaustive=not options.no_exhaustive).items():
            if options.folds and not one.exclusive:
                fold = reader if way == "similarity" else probed(reader, told=not options.no_teller)
                report(one, way, judge_folds(one, fold, options.folds))
                continue
            read = reader.read(one.documents, one.codebook, exclusive=one.exclusive)
            report(one, way, judge_readings(one, read, reader, exclusive=one.exclusive))


def chosen_tagger(options: argparse.Namespace) -> RetrieveVerifyTagger:
    """The tagger that the options ask for."""
    suite = load_transformer(
        options.model, retriever=options.retriever, verifier=options.verifier, context=options.context
    )
    tagger = suite.events
    assert isinstance(tagger, RetrieveVerifyTagger)
    if options.no_teller:
        tagger = tagger.calibrated(untold(Path(options.model) if options.model else embedded_folder()))
    if options.no_modality:
        tagger = tagger.without_modality()
    if options.pooling:
        tagger = tagger.calibrated(replace(tagger.calibration, temperature=options.pooling))
    if options.whole is not None:
        one = replace(tagger.calibration.one, whole=options.whole)
        tagger = tagger.calibrated(replace(tagger.calibration, one=one))
    return tagger


def ways_of(tagger: RetrieveVerifyTagger, *, exhaustive: bool) -> dict[str, RetrieveVerifyTagger]:
    """The ways that are told apart: with a teller one, since nothing is verified beside it."""
    if tagger.calibration.many.told:
        return {"told": tagger}
    many, one = (replace(weights, odds=0.0) for weights in (tagger.calibration.many, tagger.calibration.one))
    ways = {"similarity": tagger.calibrated(replace(tagger.calibration, many=many, one=one)), "retrieved": tagger}
    return ways | ({"exhaustive": tagger.exhaustively()} if exhaustive else {})


def probed(tagger: RetrieveVerifyTagger, *, told: bool) -> RetrieveVerifyTagger:
    """The tagger with the teller switched on, or else with verification, so that its readings have what they say."""
    many = replace(tagger.calibration.many, odds=float(not told), told=float(told))
    return tagger.calibrated(replace(tagger.calibration, many=many, own={}))


def untold(folder: Path) -> EventCalibration:
    """A reader's calibration for reading without its teller."""
    return EventCalibration.read(
        json.loads((folder / "heads.json").read_text(encoding="utf-8"))["calibration"]["events"]
    )


def halves(
    sets: Sequence["DevSet"], readings: Mapping[str, Sequence[Reading]], start: int
) -> list[tuple["DevSet", Sequence[Reading]]]:
    """Every second document of each set, from ``start`` on, with its reading."""
    return [(one.every(2, start), readings[one.name][start::2]) for one in sets]


def write(folder: Path, calibration: EventCalibration, name: str) -> None:
    """Put a calibration into a model's ``heads.json`` under a name; the rest of it stays."""
    before = json.loads((folder / "heads.json").read_text(encoding="utf-8")).get("calibration", {})
    note_scores(folder, {"calibration": {**before, name: asdict(calibration)}})


def report(dev: DevSet, way: str, scores: Scores) -> None:
    """Print one line of figures."""
    shown = "  ".join(
        f"{name} {figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]"
        for name, figure in scores.overall.items()
        if figure.value is not None
    )
    print(f"{dev.name:18} {way:11} n={len(dev.documents):4}  {shown}  ECE {scores.ece:.3f}", flush=True)


def judge_readings(
    dev: DevSet, readings: Sequence[Reading], tagger: RetrieveVerifyTagger, *, exclusive: bool = False
) -> Scores:
    """The figures of one way on one set: of the exclusive answer, or of each label by itself."""
    if exclusive:
        tags = [found[0] for found in tagger.decide(readings, dev.codebook, exclusive=True)]
        return single_label_scores(
            [next(iter(labels)) for labels in dev.gold],
            [tag.label for tag in tags],
            np.array([tag.score for tag in tags]),
        )
    return judged(dev, label_scores(dev, readings, tagger))


def judge_folds(dev: DevSet, tagger: RetrieveVerifyTagger, folds: int) -> Scores:
    """The figures of each label by itself, its calibration fitted on the other folds; each text stands in one of them."""
    readings = tagger.read(dev.documents, dev.codebook)
    scores = np.zeros((len(dev.documents), len(dev.codebook.ids)))
    for fold in range(folds):
        rest = [number for number in range(len(readings)) if number % folds != fold]
        calibration = fitted(tagger.calibration, [(dev.some(rest), [readings[one] for one in rest])])
        held = dev.every(folds, fold)
        scores[fold::folds] = label_scores(held, readings[fold::folds], tagger.calibrated(calibration))
    return judged(dev, scores)


def label_scores(dev: DevSet, readings: Sequence[Reading], tagger: RetrieveVerifyTagger) -> Doubles:
    """The score of each document and label, shape (n, labels)."""
    labels = tuple(label.model_copy(update={"threshold": 0.0}) for label in dev.codebook.labels)
    every = Codebook(name=dev.codebook.name, labels=labels)
    column = {label: number for number, label in enumerate(every.ids)}
    scores = np.zeros((len(dev.documents), len(column)))
    for row, found in enumerate(tagger.decide(readings, every)):
        for tag in found:
            scores[row, column[tag.label]] = tag.score
    return scores


def judged(dev: DevSet, scores: Doubles) -> Scores:
    """The figures of scores at the codebook's thresholds; where there is no verdict, nothing is given."""
    thresholds = np.array([dev.codebook.threshold_of(label) for label in dev.codebook.labels])
    scores = np.where(dev.known(), scores, 0.0)
    return multi_label_scores(dev.bits() & dev.known(), scores >= thresholds, scores, dev.codebook.ids)


def fitted(base: EventCalibration, sets: Sequence[tuple[DevSet, Sequence[Reading]]]) -> EventCalibration:
    """Weights for both decisions, fitted on all sets together."""
    choices = [(dev, readings) for dev, readings in sets if dev.exclusive]
    one = _fit_one(choices, base.one) if choices else base.one
    verified = any(reading.odds for _, readings in sets for reading in readings)
    tried = [_fit_many(sets, replace(base, one=one), value) for value in (UNVERIFIED if verified else (0.0,))]
    return min(tried, key=lambda pair: pair[1])[0]


def fitted_opinions(data: Path, tagger: RetrieveVerifyTagger) -> Mapping[str, OpinionWeights]:
    """Weights of the linear model's word on the desks, fitted on the even rows; what they bring is said of the odd ones."""
    desk = _current_events(data, OPINION_ROWS)
    counts = Counter(row["category"] for row in _table(data / "current_events_train.parquet", 10**6))
    prior = {label: round(math.log(counts[label] / counts.total()), 4) for label in desk.codebook.ids}
    asking = tagger.calibrated(replace(tagger.calibration, opinions={"desk": OpinionWeights(0.0, 1.0, prior)}))
    readings = asking.read(desk.documents, desk.codebook, exclusive=True)
    kept = [(one, labels) for one, labels in zip(readings, desk.gold, strict=True) if one.opinion is not None]
    features = [
        np.column_stack([tagger.calibration.one.article(one.similarity), np.asarray(one.opinion)])
        for one, _ in kept[::2]
    ]
    near, word = fit_choice(features, [desk.codebook.ids.index(next(iter(labels))) for _, labels in kept[::2]])
    found = {"desk": OpinionWeights(round(float(near), 4), round(float(word), 4), prior)}
    for way, opinions in (("reader alone", {}), ("with opinion", found)):
        judge = tagger.calibrated(replace(tagger.calibration, opinions=opinions))
        odd = desk.every(2, 1)
        report(odd, way, judge_readings(odd, readings[1::2], judge, exclusive=True))
    return found


def _fit_one(choices: Sequence[tuple[DevSet, Sequence[Reading]]], base: Weights) -> Weights:
    """By similarity alone: among exclusive labels the small verifier lost on held-out rows (docs/event_tagging.md)."""
    features: list[NDArray[np.float64]] = []
    gold: list[int] = []
    for dev, readings in choices:
        for reading, labels in list(zip(readings, dev.gold, strict=True))[:BALANCE_ROWS]:
            features.append(base.article(reading.similarity)[:, None])
            gold.append(dev.codebook.ids.index(next(iter(labels))))
    return replace(base, similarity=round(float(fit_choice(features, gold)[0]), 4), odds=0.0)


def _fit_many(
    labels: Sequence[tuple[DevSet, Sequence[Reading]]], base: EventCalibration, unverified: float
) -> tuple[EventCalibration, float]:
    """By each label's likeliest proof; then each shipped codebook's own scaling, or weights."""
    told = any(reading.told is not None for _, readings in labels for reading in readings)
    names = ("similarity", "share", "told" if told else "odds")
    features: list[Doubles] = []
    gold: list[NDArray[np.bool_]] = []
    owner: list[str] = []  # the codebook of each row of ``design``
    balanced: list[bool] = []  # whether the row has a say in the weights, and not in its codebook's scaling alone
    for dev, readings in labels:
        family, known = Family(dev.codebook), dev.known()
        for row, (reading, bits) in enumerate(zip(readings, dev.bits(), strict=True)):
            if not reading.pieces:  # no prose, nothing to fit to
                continue
            proof = _proof(reading, family, base)
            found = np.column_stack([one[proof] for one in _evidence(reading, family, base, unverified)])
            features.append(found[known[row]])
            gold.append(bits[known[row]])
            owner += [dev.codebook.name] * len(gold[-1])
            balanced += [row < BALANCE_ROWS] * len(gold[-1])
    design, truth, weighed = np.concatenate(features), np.concatenate(gold), np.array(balanced)
    bias, slopes = fit_logistic(design[weighed], truth[weighed])
    weights = _without_constant(slopes, features)
    logits = bias + design @ np.array(weights)
    chance = np.clip(sigmoid(logits[weighed]), 1e-9, 1 - 1e-9)
    loss = -float(np.mean(np.where(truth[weighed], np.log(chance), np.log(1 - chance))))
    own, scaled = dict[str, Weights](), dict[str, Platt]()
    for name in sorted(set(owner) & set(shipped_names())):
        rows = np.array(owner) == name
        if name == VERDICTS_CODEBOOK and told:
            own_bias, own_slopes = fit_logistic(design[rows], truth[rows])
            own[name] = Weights(
                round(own_bias, 4), **dict(zip(names, _without_constant(own_slopes, features), strict=True))
            )
            continue
        own_bias, own_slope = fit_logistic(logits[rows, None], truth[rows])
        scaled[name] = Platt(round(own_bias, 4), round(float(own_slope[0]), 4))
    blank = dict.fromkeys(("similarity", "share", "odds", "told"), 0.0)
    many = replace(base.many, bias=round(bias, 4), **blank | dict(zip(names, weights, strict=True)))
    return replace(base, unverified=unverified, many=many, own=own, codebooks=scaled), loss


def _evidence(reading: Reading, family: Family, base: EventCalibration, unverified: float) -> list[Doubles]:
    """What ``many`` weighs, each of shape (pieces, labels): the last is what is told, or without a teller what is verified."""
    share = family.log_shares(reading.similarity, base.temperature)
    return [reading.similarity, share, reading.all_odds(unverified) if reading.told is None else reading.told]


def _proof(reading: Reading, family: Family, base: EventCalibration) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Each label's likeliest piece, by what it tells where there is a teller, else by that by which it is retrieved first."""
    likely = family.nearness(reading.similarity, base.temperature) if reading.told is None else reading.told
    return np.argmax(likely, axis=0), np.arange(likely.shape[1])


def _without_constant(weights: NDArray[np.float64], features: Sequence[NDArray[np.float64]]) -> list[float]:
    """Rounded, and 0 for a feature that never varied."""
    varies = np.concatenate(features).std(axis=0) > 0
    return [round(float(weight), 4) if moves else 0.0 for weight, moves in zip(weights, varies, strict=True)]


def _table(path: Path, limit: int, seed: int = 0) -> list[dict[str, Any]]:
    from datasets import load_dataset

    table = load_dataset("parquet", data_files=str(path), split="train").shuffle(seed=seed)
    return [dict(row) for row in table.select(range(min(limit, len(table))))]


def _current_events(data: Path, limit: int) -> DevSet:
    rows = _table(data / "current_events_dev.parquet", limit)
    return _dev(
        "current_events",
        Codebook.load("desk"),
        True,
        [row["text"] for row in rows],
        [{row["category"]} for row in rows],
    )


def _masakhanews(data: Path, limit: int) -> DevSet:
    rows = _table(data / "masakhanews_dev.parquet", limit)
    book = Codebook.from_labels(sorted({row["category"] for row in rows}))
    return _dev("masakhanews", book, True, [row["text"] for row in rows], [{row["category"]} for row in rows])


def _police(data: Path, limit: int) -> DevSet:
    rows = _table(data / "india_police_dev.parquet", limit)
    gold = [{label for label in POLICE.ids if row[label]} for row in rows]
    return _dev("india_police", POLICE, False, [row["text"] for row in rows], gold)


def _plover(data: Path, limit: int) -> DevSet:
    """Sentences with the roots of all their dyads; a root that no dyad names may hold too, so precision is a lower bound."""
    roots: dict[str, set[str]] = {}
    for row in _table(data / "plover_train.parquet", 10_000):
        roots.setdefault(row["sentence"], set()).add(row["root"])
    chosen = list(roots)[:limit]
    return _dev("plover", Codebook.load("plover15"), False, chosen, [roots[text] for text in chosen])


def _sentences(data: Path, limit: int) -> DevSet:
    """Sentences of ordinary news with our verdicts on the types of PLOVER that they tell; most tell none."""
    verdicts = [one for one in read_verdicts(VERDICTS, data.parent) if one.is_dev and one.is_whole]
    random.Random(0).shuffle(verdicts)
    chosen = verdicts[:limit]
    return _verdicts("sentences", [one.text for one in chosen], [[one] for one in chosen])


def _beginnings(data: Path, limit: int) -> DevSet:
    """The beginnings of articles of which each sentence has such verdicts."""
    articles: dict[tuple[str, int], list[Verdict]] = {}
    for one in read_verdicts(VERDICTS, data.parent):
        if one.is_dev and one.is_whole:
            articles.setdefault((one.table, one.row), []).append(one)
    chosen = [found for found in articles.values() if len(found) >= LEAST_SENTENCES][:limit]
    return _verdicts("beginnings", ["\n".join(one.text for one in found) for found in chosen], chosen)


def _verdicts(name: str, texts: Sequence[str], verdicts: Sequence[Sequence[Verdict]]) -> DevSet:
    """Texts with the verdicts on their sentences: what one tells the text tells, and where one is doubtful nothing is known."""
    book = Codebook.load(VERDICTS_CODEBOOK)
    ids = ids_by_reference(book)
    gold, asked = [], []
    for found in verdicts:
        held = {ids[label] for one in found for label in one.held}
        gold.append(held)
        asked.append(frozenset(book.ids) - {ids[label] for one in found for label in one.doubtful} | held)
    return replace(_dev(name, book, False, texts, gold), asked=asked)


def _stories(data: Path, limit: int) -> DevSet:
    rows = _table(data / "plover_synthetic.parquet", limit)
    return _dev(
        "stories", Codebook.load("plover"), True, [row["text"] for row in rows], [{row["label"]} for row in rows]
    )


def _event_types(_: Path, limit: int) -> DevSet:
    """Our own sentences under 29 bare names."""
    return _own("event_types", Codebook.from_labels(Codebook.load(OWN / "event_types.toml").ids), limit)


def _described_types(_: Path, limit: int) -> DevSet:
    """The same under names with one description each."""
    return _own("event_types_told", Codebook.load(OWN / "event_types.toml"), limit)


def _own(name: str, book: Codebook, limit: int) -> DevSet:
    rows = [json.loads(line) for line in (OWN / "event_types.jsonl").read_text(encoding="utf-8").splitlines()][:limit]
    return _dev(name, book, True, [row["text"] for row in rows], [{row["label"]} for row in rows])


SETS: Mapping[str, Callable[[Path, int], DevSet]] = {
    "current_events": _current_events,
    "masakhanews": _masakhanews,
    "india_police": _police,
    "plover": _plover,
    "sentences": _sentences,
    "beginnings": _beginnings,
    "stories": _stories,
    "event_types": _event_types,
    "event_types_told": _described_types,
}


def _dev(name: str, codebook: Codebook, exclusive: bool, texts: Sequence[str], gold: Sequence[set[str]]) -> DevSet:
    return DevSet(name, codebook, exclusive, [read_article(text) for text in texts], [frozenset(one) for one in gold])


if __name__ == "__main__":
    main()
