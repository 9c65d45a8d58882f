"""The tasks of ``copydesk evaluate``: from arguments and a table to a run whose columns and labels are checked."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass

from copydesk.configs.codebook import Codebook
from copydesk.configs.errors import InputError
from copydesk.models.schema import CLAIM_LABELS, POLARITIES, Span
from copydesk.training.evaluation import (
    Evaluation,
    Predictor,
    Run,
    evaluate_dyads,
    evaluate_events,
    evaluate_exclusive_events,
    evaluate_headlines,
)
from copydesk.training.gold_labels import GoldLabels, only_present, parse_mapping, read_gold
from copydesk.training.labelled_table import Table, read_table
from copydesk.training.stance_evaluation import (
    DIRECTIONS,
    POLARITY_ALIASES,
    evaluate_claims,
    evaluate_directed_stance,
    evaluate_stance,
    one_of,
)


@dataclass(frozen=True)
class Job:
    """A task with its columns read and checked, before the model is loaded.

    :param run: Asks the predictor and scores its answers.
    :param codebook: The labels chosen among; ``None`` for tasks with labels of their own.
    :param decision: How many labels a row is given.
    """

    run: Callable[[Predictor, Run], Evaluation]
    codebook: Codebook | None = None
    decision: str = "one label each"


def _events_job(args: argparse.Namespace, table: Table) -> Job:
    gold = _gold(args, table)
    table.texts(args.text)
    if args.exclusive or (gold.single and not args.multi_label):
        gold.one_each(table)
        return Job(
            lambda predictor, run: evaluate_exclusive_events(
                predictor, table, args.text, gold, present_only=args.present_only, run=run
            ),
            gold.codebook,
        )
    if args.present_only:
        gold = only_present(gold)
    return Job(
        lambda predictor, run: evaluate_events(predictor, table, args.text, gold, run=run),
        gold.codebook,
        decision="any number of labels, by their thresholds",
    )


def _dyads_job(args: argparse.Namespace, table: Table) -> Job:
    gold = _gold(args, table)
    gold.one_each(table)
    columns = (args.text, args.source, args.target)
    _check_filled(table, *columns)
    return Job(
        lambda predictor, run: evaluate_dyads(predictor, table, columns, gold, present_only=args.present_only, run=run),
        gold.codebook,
    )


def _stance_job(args: argparse.Namespace, table: Table) -> Job:
    mapping = {theirs.lower(): ours for theirs, ours in parse_mapping(args.map).items()}
    if args.pair:
        gold = one_of(table, args.label, DIRECTIONS, mapping)
        pair = (args.pair[0], args.pair[1])
        _check_filled(table, args.text, *pair)
        return Job(lambda predictor, run: evaluate_directed_stance(predictor, table, args.text, pair, gold, run=run))
    gold = one_of(table, args.label, POLARITIES, {**POLARITY_ALIASES, **mapping})
    _check_filled(table, args.text)
    targets: list[str] | list[Span] = _spans(table, *args.span) if args.span else table.texts(args.target)
    if args.holder:
        table.require(args.holder)
    holders = [row.get(args.holder) or None for row in table.rows] if args.holder else None
    voice = "of the text's own voice" if holders is None else f"of the holder in {args.holder!r}"
    unread = "; the column 'holder' was not read (--holder holder)" if not holders and "holder" in table.columns else ""
    return Job(
        lambda predictor, run: evaluate_stance(predictor, table, args.text, targets, gold, holders=holders, run=run),
        decision=f"one label each, {voice}{unread}",
    )


def _claims_job(args: argparse.Namespace, table: Table) -> Job:
    mapping = {theirs.lower(): ours for theirs, ours in parse_mapping(args.map).items()}
    gold = one_of(table, args.label, CLAIM_LABELS, mapping)
    bodies = _joined(table, read_table(args.bodies), args.key, args.text) if args.bodies else table.texts(args.text)
    claims = table.texts(args.claim)
    return Job(lambda predictor, run: evaluate_claims(predictor, bodies, claims, gold, run=run))


def _headline_job(args: argparse.Namespace, table: Table) -> Job:
    _check_filled(table, args.text, args.headline)
    return Job(
        lambda predictor, run: evaluate_headlines(predictor, table, args.text, args.headline, args.bytes, run=run),
        decision="",
    )


def columns_of_text(args: argparse.Namespace) -> list[str]:
    """The columns that a task reads texts from, none of which may be empty in a row."""
    match args.task:
        case "dyads":
            return [args.text, args.source, args.target]
        case "stance":
            return [args.text, *(args.pair or args.span or [args.target])]
        case "claims":
            return [args.claim, args.key if args.bodies else args.text]
        case "headline":
            return [args.text, args.headline]
    return [args.text]


def _check_filled(table: Table, *columns: str) -> None:
    """Check that the columns exist and have no empty cell."""
    for column in columns:
        table.texts(column)


def _gold(args: argparse.Namespace, table: Table) -> GoldLabels:
    """The right labels in the words of the codebook, which is that of the labels found for ``--codebook -``."""
    codebook = None if args.codebook == "-" else Codebook.load(args.codebook)
    return read_gold(table, args.label, codebook, mapping=parse_mapping(args.map), separator=args.separator)


def _spans(table: Table, start: str, end: str) -> list[Span]:
    """The target's offsets in each row.

    :raises InputError: If one is no whole number.
    """
    spans = []
    for number, *cells in zip(table.numbers, table.texts(start), table.texts(end), strict=True):
        try:
            spans.append((int(cells[0]), int(cells[1])))
        except ValueError:
            raise InputError(
                f"row {number} has the span {tuple(cells)!r}.",
                remedy="Give whole numbers, code points from 0.",
                source=table.path,
            ) from None
    return spans


def _joined(table: Table, bodies: Table, key: str, text: str) -> list[str]:
    """The body of each row, from a table of their own.

    :raises InputError: If a row's key is not among the bodies.
    """
    body_of = dict(zip(bodies.texts(key), bodies.texts(text), strict=True))
    keys = table.texts(key)
    if missing := [one for one in keys if one not in body_of]:
        raise InputError(
            f"{key} {missing[0]!r} is not in {bodies.path}.", remedy="Give the table that has it.", source=table.path
        )
    return [body_of[one] for one in keys]


JOBS: dict[str, Callable[[argparse.Namespace, Table], Job]] = {
    "events": _events_job,
    "dyads": _dyads_job,
    "stance": _stance_job,
    "claims": _claims_job,
    "headline": _headline_job,
}
"""What each task makes of its arguments and its table.

Each raises a CopydeskError for a missing column, an empty cell or an unknown label.
"""
