"""What a whole corpus says, counted article by article, and drawn as HTML and SVG without scripts."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from html import escape

from copydesk.inference.report_highlights import OWN_VOICE
from copydesk.models.schema import POLARITIES, Prediction

TOP_EVENTS = 12
TOP_ACTORS = 15
TOP_HOLDERS = 10
TOP_TARGETS = 8
"""Rows and columns of the plots: what a screen shows at once, and a phone with some scrolling."""

MAX_BINS = 72
"""Most bars along the time axis: on a phone's 360 pixels each still has some."""

_LEAN = 0.34
_CLEAR = 0.67
"""A holder's balance, (favour - against) / all statements, that is drawn as leaning and as clear: thirds of the scale."""


class Overview:
    """Counts over the predictions that are given to :meth:`add`. What it holds grows with names and days, not with articles."""

    def __init__(self) -> None:
        self.articles = 0
        self.errors = 0
        self.warned = 0
        self.repeats = 0
        self.undated = 0
        self.names: dict[str, str] = {}
        self.events: Counter[str] = Counter()
        self.events_on: Counter[tuple[str, date]] = Counter()
        self.articles_on: Counter[date] = Counter()
        self.actors: Counter[str] = Counter()
        self.kinds: dict[str, str] = {}
        self.stances: Counter[tuple[str | None, str, str]] = Counter()

    def add(self, prediction: Prediction) -> None:
        """Count one article."""
        self.articles += 1
        self.warned += bool(prediction.warnings)
        self.repeats += is_repeat(prediction)
        day = day_of(prediction.article.date)
        if day is None:
            self.undated += 1
        else:
            self.articles_on[day] += 1
        for tag in {tag.label: tag for tag in prediction.events}.values():
            self.names.setdefault(tag.label, tag.name or tag.label)
            self.events[tag.label] += 1
            if day is not None:
                self.events_on[tag.label, day] += 1
        for actor in {actor.name: actor for actor in prediction.actors}.values():
            self.actors[actor.name] += 1
            self.kinds.setdefault(actor.name, actor.kind)
        for stance in prediction.stances:
            if stance.evidence:
                self.stances[stance.holder, stance.target, stance.polarity] += 1

    def html(self) -> str:
        """The plots. Every text from a record is escaped."""
        return "".join((_figures(self), _events(self), _matrix(self), _actors(self)))


def day_of(text: str | None) -> date | None:
    """The day of an ISO 8601 date; the first of the month or year where no more is said, ``None`` where it is no date."""
    if not text:
        return None
    parts = text.strip()[:10]
    for filled in (parts, f"{parts}-01", f"{parts}-01-01"):
        try:
            return date.fromisoformat(filled)
        except ValueError:
            continue
    return None


def is_repeat(prediction: Prediction) -> bool:
    """Whether the run found that an earlier article told the same story."""
    return prediction.duplicate is not None and prediction.duplicate.first is not None


# Time

_Unit = tuple[str, Callable[[date], date], Callable[[date], date]]
"""A unit of the time axis: its name, the first day of the unit that a day is in, and the first day of the next unit."""


def _years(count: int) -> tuple[Callable[[date], date], Callable[[date], date]]:
    """The first day of each stretch of so many years. The calendar ends in 9999."""
    return (
        lambda day: date(max(1, day.year // count * count), 1, 1),
        lambda day: date(min(9999, (day.year // count + 1) * count), 1, 1),
    )


_UNITS: tuple[_Unit, ...] = (
    ("day", lambda day: day, lambda day: day + timedelta(days=1)),
    (
        "week",
        lambda day: date.fromordinal(max(1, day.toordinal() - day.weekday())),
        lambda day: day + timedelta(days=7),
    ),
    (
        "month",
        lambda day: day.replace(day=1),
        lambda day: day.replace(year=day.year + day.month // 12, month=day.month % 12 + 1),
    ),
    ("year", *_years(1)),
    ("decade", *_years(10)),
    ("century", *_years(100)),
)


def time_bins(days: Iterable[date]) -> tuple[str, list[date]]:
    """The time axis: the finest unit that needs no more than :data:`MAX_BINS` bars, and the first day of each bar.

    :param days: The days that it must reach over; at least one.
    """
    ordered = sorted(days)
    bins: list[date] = []
    for name, floor, after in _UNITS:
        bins = [floor(ordered[0])]
        last = floor(ordered[-1])
        try:
            while bins[-1] < last and len(bins) <= MAX_BINS * 2:
                bins.append(after(bins[-1]))
        except (OverflowError, ValueError):  # past the year 9999
            continue
        if len(bins) <= MAX_BINS or name == _UNITS[-1][0]:
            return name, bins
    return _UNITS[-1][0], bins


# Drawing


def _figures(overview: Overview) -> str:
    figures = [(overview.articles, "article", "articles")]
    days = sorted(overview.articles_on)
    figures += [(overview.errors, "error", "errors"), (overview.warned, "with a warning", "with warnings")]
    if overview.repeats:
        figures.append((overview.repeats, "repeat", "repeats"))
    items = [f"<li><b>{count:,}</b> {one if count == 1 else many}</li>" for count, one, many in figures]
    if days:
        items.append(f"<li><b>{days[0]}</b> to <b>{days[-1]}</b></li>")
    if overview.undated and days:
        items.append(f"<li><b>{overview.undated:,}</b> without a date</li>")
    return f'<ul class="figures">{"".join(items)}</ul>'


def _section(identity: str, title: str, note: str, content: str) -> str:
    return (
        f'<section class="plot" aria-labelledby="{identity}"><h2 id="{identity}">{title}</h2>'
        f'<p class="note">{note}</p>{content}</section>'
    )


def _events(overview: Overview) -> str:
    if not overview.events:
        return _section("over-time", "Events", "No event was found.", "")
    shown = overview.events.most_common(TOP_EVENTS)
    bins: list[date] = []
    note = "Articles by event type"
    if overview.articles_on:
        unit, bins = time_bins(overview.articles_on)
        note += f", one bar a {unit}; the rows share one scale"
        floor = next(floor for name, floor, _ in _UNITS if name == unit)
        binned = Counter[tuple[str, date]]()
        for (label, day), count in overview.events_on.items():
            binned[label, floor(day)] += count
        top = max((binned[label, start] for label, _ in shown for start in bins), default=1)
    left_out = len(overview.events) - len(shown)
    note += f". The {len(shown)} most frequent of {len(overview.events)} types." if left_out else "."
    rows = []
    for label, count in shown:
        name = escape(overview.names[label])
        chart = (
            _bars([binned[label, start] for start in bins], bins, max(top, 1), name)
            if bins
            else _bar(count, shown[0][1])
        )
        rows.append(f"<li>{_button('event', label, name)}{chart}<span class='count'>{count:,}</span></li>")
    axis = f'<p class="axis"><span>{bins[0]}</span><span>{bins[-1]}</span></p>' if len(bins) > 1 else ""
    title = "Events over time" if bins else "Events"
    return _section("over-time", title, note, f'<ul class="rows">{"".join(rows)}</ul>{axis}')


def _bars(counts: list[int], starts: list[date], top: int, name: str) -> str:
    """Columns in an SVG that stretches; ``name`` is escaped already."""
    most = max(range(len(counts)), key=counts.__getitem__)
    label = f"{name}: most from {starts[most]}, {counts[most]} articles" if counts[most] else f"{name}: undated"
    columns = "".join(
        f'<rect x="{place + 0.1:.1f}" width="0.8" y="{20 - height:.2f}" height="{height:.2f}">'
        f"<title>{starts[place]}: {count}</title></rect>"
        for place, count in enumerate(counts)
        if (height := 20 * count / top)
    )
    return (
        f'<svg class="bars" role="img" aria-label="{label}" viewBox="0 0 {len(counts)} 20" preserveAspectRatio="none">'
        f'<path class="ground" d="M0 19.9H{len(counts)}"/>{columns}</svg>'
    )


def _bar(count: int, top: int) -> str:
    return (
        '<svg class="bars" aria-hidden="true" viewBox="0 0 100 20" preserveAspectRatio="none">'
        f'<rect y="4" height="12" width="{100 * count / max(top, 1):.1f}"/></svg>'
    )


def _actors(overview: Overview) -> str:
    shown = overview.actors.most_common(TOP_ACTORS)
    if not shown:
        return _section("top-actors", "Top actors", "No actor was found.", "")
    rows = "".join(
        f"<li>{_button('actor', name, escape(name), escape(overview.kinds[name]))}{_bar(count, shown[0][1])}"
        f"<span class='count'>{count:,}</span></li>"
        for name, count in shown
    )
    note = f"Articles that name them. The {len(shown)} most frequent of {len(overview.actors):,}."
    return _section("top-actors", "Top actors", note, f'<ul class="rows">{rows}</ul>')


def _matrix(overview: Overview) -> str:
    holders: Counter[str | None] = Counter()
    targets: Counter[str] = Counter()
    for (holder, target, _), count in overview.stances.items():
        holders[holder] += count
        targets[target] += count
    if not targets:
        return _section("stances", "Who stands where", "No stance with evidence was found.", "")
    columns = [target for target, _ in targets.most_common(TOP_TARGETS)]
    head = "".join(f'<th scope="col">{escape(target)}</th>' for target in columns)
    body = "".join(
        f'<tr><th scope="row">{escape(holder or OWN_VOICE)}</th>'
        + "".join(_cell(overview, holder, target) for target in columns)
        + "</tr>"
        for holder, _ in holders.most_common(TOP_HOLDERS)
    )
    note = (
        f"Holders down, targets across: articles in <b>favour (+)</b>, <b>against (−)</b> and neutral (=). The "
        f"{min(len(holders), TOP_HOLDERS)} most frequent of {len(holders):,} holders, "
        f"{len(columns)} of {len(targets):,} targets."
    )
    table = f"<table><thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table>"
    scroller = f'<div class="scroll" tabindex="0" role="region" aria-labelledby="stances">{table}</div>'
    return _section("stances", "Who stands where", note, scroller)


def _cell(overview: Overview, holder: str | None, target: str) -> str:
    counts = [overview.stances[holder, target, polarity] for polarity in POLARITIES]
    total = sum(counts)
    if not total:
        return '<td class="none">·</td>'
    favour, against, _ = counts
    balance = (favour - against) / total
    side = "favour" if balance > 0 else "against"
    shade = f"{side} clear" if abs(balance) >= _CLEAR else side if abs(balance) >= _LEAN else "mixed"
    shown = " ".join(_signed(counts))
    told = ", ".join(f"{polarity} {count}" for polarity, count in zip(POLARITIES, counts, strict=True))
    name = escape(f"{holder or OWN_VOICE} toward {target}: {told}")
    return (
        f'<td class="{shade}"><button data-filter="stance" data-holder="{escape(holder or "")}" '
        f'data-own="{int(holder is None)}" data-target="{escape(target)}" aria-label="{name}" title="{name}">'
        f"{shown}</button></td>"
    )


def _signed(counts: list[int]) -> Iterator[str]:
    for sign, count in zip("+−=", counts, strict=True):
        if count:
            yield f"{sign}{count:,}"


def _button(kind: str, value: str, shown: str, note: str = "") -> str:
    """A button that filters the list; ``shown`` and ``note`` are escaped already."""
    extra = f" <small>{note}</small>" if note else ""
    return f'<button data-filter="{kind}" data-value="{escape(value)}" title="{shown}">{shown}{extra}</button>'
