"""Turns the rows of a labelled table into training examples, one function a kind of table.

Every function takes some rows and a random generator and returns examples. It is called anew on each pass, so that what is drawn
at random (a passage, a paraphrase, the negatives) differs from pass to pass: that is what makes unseen labels work.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from copydesk.configs.codebook import Codebook, Label
from copydesk.configs.recipe_reader import AdapterName, TaskRecipe
from copydesk.models.attribution_tags import TAGS, tag_spans, windows
from copydesk.models.document import Sentence
from copydesk.models.dyads import fill_statement
from copydesk.models.marking import mark_pair, mark_spans
from copydesk.models.passage import relevant_sentences
from copydesk.models.schema import Span
from copydesk.models.segmenter import read_article
from copydesk.models.suite import Attribution
from copydesk.training.confusions import Confusions
from copydesk.training.examples import (
    ENTAILMENT_HEAD,
    NONE_HOLDS,
    Anchor,
    Choice,
    Example,
    Match,
    Pair,
    Tags,
    Twin,
    label_index,
)
from copydesk.training.headline_alignment import KeepLabel, aligned_keep_labels, compression_keep_labels
from copydesk.training.tables import Row

LABEL_NAME_RATE = 0.25
"""How often a label is stated by its bare name or definition, so that users' labels without hypotheses work too."""
CHOICE_RATE = 0.2
"""Share of event examples that are learnt listwise by the cross-encoder; the rest by their embedding, which is far cheaper."""
PASSAGE_SENTENCES = 3
"""Longest passage of an article that an event example reads, in sentences: labels stand for sentences at run time."""
MANY_LABELS = 30
"""Above it a label is stated by one statement a pool, not two: a batch encodes every label's statements beside its texts."""
CLAIM_WORDS = 80
"""Words of the body that are read with a claim, about 110 word pieces."""
UNRELATED_RATE = 0.12
"""Share of FNC's unrelated pairs that are kept: three quarters of its rows, and the easiest."""
WORDS_TO_PIECES = 1.45
"""Word pieces per white-space word of news text, measured on PolNeAR; windows for training are cut with it."""
SWAP_RATE = 0.5
"""How often a dyad is also asked the other way round; such an example costs one encoder row, the dyad itself five."""
KEEP_CHARS = 400
"""Longest sentence for the keep head, in characters."""
REMEMBERED = 1 << 15
"""Texts whose sentences, or alignment, are kept for the next pass; cutting a lead anew takes 1.7 ms."""


@dataclass
class Context:
    """What an adapter needs beside the rows.

    :param task: Its recipe.
    :param codebook: The labels, for the adapters that match labels.
    :param bodies: Article bodies by id, as sentences, for ``claims``.
    :param fixed: Development rows: take the same passage and wording each time.
    :param confusions: Draw the wrong candidates of a listwise example by these; ``None`` draws all alike.
    """

    task: TaskRecipe
    codebook: Codebook | None = None
    bodies: Mapping[Any, Sequence[str]] = field(default_factory=dict)
    fixed: bool = False
    confusions: Confusions | None = None


Adapter = Callable[[Sequence[Row], Context, random.Random], list[Example]]


def entailment(rows: Sequence[Row], _: Context, __: random.Random) -> list[Example]:
    """Natural language inference: premise, hypothesis, label."""
    return [
        Pair(ENTAILMENT_HEAD, row["premise"], row["hypothesis"], label_index(ENTAILMENT_HEAD, row["label"]))
        for row in rows
    ]


def entailed_pairs(rows: Sequence[Row], _: Context, __: random.Random) -> list[Example]:
    """The entailed pairs of a table of inference as texts that mean the same (Gao et al., 2021)."""
    return [Twin(row["premise"], row["hypothesis"]) for row in rows if row["label"] == "entailment"]


def events(rows: Sequence[Row], context: Context, rng: random.Random) -> list[Example]:
    """Event types: text, label (an id of the codebook)."""
    codebook = _codebook(context)
    index = {label: number for number, label in enumerate(codebook.ids)}
    statements = tuple(_statements(label, context, rng) for label in codebook.labels)
    found: list[Example] = []
    for row in rows:
        gold = index[row["label"]]
        text = row["text"] if context.fixed else passage(row["text"], rng)
        if not context.fixed and rng.random() < CHOICE_RATE:
            family = {row["label"], codebook.by_id[row["label"]].parent}
            others = [n for n, label in enumerate(codebook.ids) if label not in family]
            picked = [gold, *_negatives(gold, others, context, rng)]
            found.append(Choice(text, tuple(rng.choice(statements[n]) for n in picked), 0))
        else:
            found.append(Match(text, statements, gold))
    return found


def headline_lead(rows: Sequence[Row], _: Context, rng: random.Random) -> list[Example]:
    """Published headlines and the text under them: headline, lead."""
    found: list[Example] = []
    for row in rows:
        sentences = _sentences(row["lead"])
        if sentences and len(row["headline"]) > 10:
            start = rng.choice((0, 0, 0, min(1, len(sentences) - 1)))
            found.append(Twin(row["headline"], " ".join(one.text for one in sentences[start : start + 2])))
    return found


def anchor(rows: Sequence[Row], context: Context, rng: random.Random) -> list[Example]:
    """Sentences under a headline and statements of a codebook's labels, to keep the base's sense of likeness: lead."""
    codebook = _codebook(context)
    found: list[Example] = []
    for row in rows:
        sentences = _sentences(row["lead"])
        if sentences:
            found.append(Anchor(rng.choice(sentences).text))
            found.append(Anchor(rng.choice(rng.choice(codebook.labels).statements)))
    return found


def dyads(rows: Sequence[Row], context: Context, rng: random.Random) -> list[Example]:
    """Who did what to whom: sentence, source, target, label. Learnt listwise over hypotheses about the two actors.

    The wrong hypotheses are other labels of this dyad and, now and then, the right label with the actors swapped. Asked the other
    way round, what the source did to the target is learnt not to hold, unless the label is mutual.
    """
    codebook = _codebook(context)
    index = {label: number for number, label in enumerate(codebook.ids)}
    found: list[Example] = []
    for row in rows:
        gold = index[row["label"]]
        marked = mark_pair(row["sentence"], row["source"], row["target"])
        others = [n for n in range(len(codebook.labels)) if n != gold]
        if not context.fixed:
            others = _negatives(gold, others, context, rng)
        picked = sorted([gold, *others])
        options = [_dyad_statement(codebook.labels[n], row, context, rng) for n in picked]
        if not context.fixed and rng.random() < 0.1:
            swapped = {"source": row["target"], "target": row["source"]}
            options[rng.choice([n for n, label in enumerate(picked) if label != gold])] = _dyad_statement(
                codebook.labels[gold], swapped, context, rng
            )
        found.append(Choice(marked, tuple(options), picked.index(gold)))
        if not context.fixed and row["label"] not in context.task.mutual and rng.random() < SWAP_RATE:
            swapped = {"source": row["target"], "target": row["source"]}
            claim = _dyad_statement(codebook.labels[gold], swapped, context, rng)
            turned = mark_pair(row["sentence"], row["target"], row["source"])
            found.append(Choice(turned, (claim,), NONE_HOLDS))
    return found


def polarity(rows: Sequence[Row], _: Context, __: random.Random) -> list[Example]:
    """Sentiment toward one mention: sentence, mention, start, end, label (positive, negative, neutral)."""
    names = {"positive": "favour", "negative": "against", "neutral": "neutral"}
    return [
        Pair(
            "polarity",
            mark_spans(row["sentence"], first=[(row["start"], row["end"])]),
            row["mention"],
            label_index("polarity", names[row["label"]]),
        )
        for row in rows
    ]


def topic_stance(rows: Sequence[Row], _: Context, __: random.Random) -> list[Example]:
    """Stance toward a topic: text, target, label (favour, against, neutral)."""
    return [Pair("polarity", row["text"], row["target"], label_index("polarity", row["label"])) for row in rows]


def directed(rows: Sequence[Row], context: Context, rng: random.Random) -> list[Example]:
    """Sentiment between two entities with its direction: sentence, p, q, label.

    In training the pair is turned round half of the time, with its label, so that the direction is learnt and not the order.
    """
    mirror = {"p_positive_to_q": "q_positive_to_p", "p_negative_to_q": "q_negative_to_p"}
    mirror |= {after: before for before, after in mirror.items()} | {"neutral": "neutral"}
    found: list[Example] = []
    for row in rows:
        p, q, label = row["p"], row["q"], row["label"]
        if not context.fixed and rng.random() < 0.5:
            p, q, label = q, p, mirror[label]
        found.append(
            Pair(
                "directed",
                mark_pair(row["sentence"], p, q),
                f"{p.strip()} ; {q.strip()}",
                label_index("directed", label),
            )
        )
    return found


def claims(rows: Sequence[Row], context: Context, rng: random.Random) -> list[Example]:
    """Stance of a body toward a claim (FNC-1): headline, body_id, label."""
    found: list[Example] = []
    for row in rows:
        if row["label"] == "unrelated" and rng.random() > UNRELATED_RATE:
            continue
        body = context.bodies[row["body_id"]]
        chosen = relevant_sentences(body, row["headline"], CLAIM_WORDS)
        passage = " ".join(body[number] for number in chosen)
        found.append(Pair("claim", passage, row["headline"], label_index("claim", row["label"])))
    return found


def attribution(rows: Sequence[Row], _: Context, __: random.Random) -> list[Example]:
    """Who said what: text, attributions (each a source, cue and content as lists of {start, end, text})."""
    found: list[Example] = []
    for row in rows:
        sentences = _sentences(row["text"])
        spans = tag_spans(
            Attribution(source=_spans(one["source"]), cue=_spans(one["cue"]), content=_spans(one["content"]))
            for one in row["attributions"]
        )
        lengths = [int(len(one.text.split()) * WORDS_TO_PIECES) + 2 for one in sentences]
        for first, last in windows(sentences, lengths, overlap=0):
            start, end = sentences[first].start, sentences[last - 1].end
            inside = [
                (max(one.start, start) - start, min(one.end, end) - start, TAGS.index(f"B-{one.role}"))
                for one in spans
                if one.start < end and one.end > start
            ]
            found.append(Tags("attribution", row["text"][start:end], tuple(inside)))
    return found


def compressions(rows: Sequence[Row], _: Context, __: random.Random) -> list[Example]:
    """Which words a compression by deletion keeps: sentence, compression."""
    labelled = ((row["sentence"], compression_keep_labels(row["sentence"], row["compression"])) for row in rows)
    return [_keep(sentence, [(a, b, int(kept)) for a, b, kept in labels]) for sentence, labels in labelled if labels]


def headline_words(rows: Sequence[Row], _: Context, rng: random.Random) -> list[Example]:
    """Which words of its lead a published headline keeps: headline, lead.

    A soft target is drawn as 0 or 1 anew on each pass, which trains on its expectation.
    """
    found: list[Example] = []
    for row in rows:
        sentence, labels = _best_aligned(row["lead"], row["headline"])
        if labels and len(sentence) <= KEEP_CHARS:
            found.append(_keep(sentence, [(a, b, int(rng.random() < target)) for a, b, target in labels]))
    return found


ADAPTERS: dict[AdapterName, Adapter] = {
    "entailment": entailment,
    "entailed_pairs": entailed_pairs,
    "events": events,
    "headline_lead": headline_lead,
    "anchor": anchor,
    "dyads": dyads,
    "polarity": polarity,
    "directed": directed,
    "topic_stance": topic_stance,
    "claims": claims,
    "attribution": attribution,
    "compressions": compressions,
    "headline_words": headline_words,
}

COLUMNS: dict[AdapterName, tuple[str, ...]] = {
    "entailment": ("premise", "hypothesis", "label"),
    "entailed_pairs": ("premise", "hypothesis", "label"),
    "events": ("text", "label"),
    "headline_lead": ("headline", "lead"),
    "anchor": ("lead",),
    "dyads": ("sentence", "source", "target", "label"),
    "polarity": ("sentence", "mention", "start", "end", "label"),
    "directed": ("sentence", "p", "q", "label"),
    "topic_stance": ("text", "target", "label"),
    "claims": ("headline", "body_id", "label"),
    "attribution": ("text", "attributions"),
    "compressions": ("sentence", "compression"),
    "headline_words": ("headline", "lead"),
}
"""The columns that each adapter reads, after the recipe's renaming."""
MAY_BE_EMPTY: dict[AdapterName, tuple[str, ...]] = {"directed": ("p", "q")}
"""Those of them that may be empty: a few entities were lost at the source of the directed pairs."""


def _codebook(context: Context) -> Codebook:
    if context.codebook is None:
        raise TypeError(f"task {context.task.name!r} was set up without its codebook")
    return context.codebook


def _negatives(gold: int, others: list[int], context: Context, rng: random.Random) -> list[int]:
    """The wrong labels that a listwise example compares."""
    count = min(context.task.candidates - 1, len(others))
    return context.confusions.draw(gold, others, count, rng) if context.confusions else rng.sample(others, count)


def _statements(label: Label, context: Context, rng: random.Random) -> tuple[str, ...]:
    """What stands for a label in one pool of examples: all its statements on dev, two at random or its bare name in training."""
    if context.fixed:
        return label.statements
    if rng.random() < LABEL_NAME_RATE:
        return (rng.choice([label.name, label.definition or label.name]),)
    wanted = 2 if len(_codebook(context).labels) <= MANY_LABELS else 1
    return tuple(rng.sample(label.statements, min(wanted, len(label.statements))))


def _dyad_statement(label: Label, row: Row, context: Context, rng: random.Random) -> str:
    """The label's composite hypothesis, which its codebook lists first; in training sometimes another one."""
    template = label.dyad[0]
    if not context.fixed and rng.random() < LABEL_NAME_RATE:
        template = rng.choice(label.dyad)
    return fill_statement(template, row["source"], row["target"])


def passage(text: str, rng: random.Random) -> str:
    """One to three neighbouring sentences, the lead most often: what a label of a whole article is proved by."""
    sentences = _sentences(text)
    if len(sentences) <= 1:
        return text
    first = 0 if rng.random() < 0.6 else rng.randrange(len(sentences))
    return " ".join(one.text for one in sentences[first : first + rng.randint(1, PASSAGE_SENTENCES)])


def _spans(rows: Sequence[Mapping[str, int]]) -> tuple[Span, ...]:
    return tuple((int(row["start"]), int(row["end"])) for row in rows)


def _keep(sentence: str, labels: Sequence[tuple[int, int, int]]) -> Tags:
    return Tags("keep", sentence, tuple(labels), default=None)


@lru_cache(REMEMBERED)
def _sentences(text: str) -> Sequence[Sentence]:
    return read_article(text).sentences


@lru_cache(REMEMBERED)
def _best_aligned(lead: str, headline: str) -> tuple[str, list[KeepLabel] | None]:
    """The first of the lead's opening sentences that the headline can be aligned with."""
    for sentence in _sentences(lead)[:3]:
        if labels := aligned_keep_labels(sentence.text, headline):
            return sentence.text, labels
    return "", None
