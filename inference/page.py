"""A prediction as a readable page in the terminal."""

from collections.abc import Iterator, Mapping, Sequence

from rich import box
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from copydesk.inference.records import PredictionError, Result
from copydesk.inference.terminal import visible
from copydesk.models.schema import Evidence, Prediction, Stance

ARTICLE_VOICE = "the article itself"

_QUOTES = tuple("\"“”'‘’«„")
"""What starts with one of these is shown as it stands, without quotation marks of ours."""

# Each polarity has a sign besides its colour, for those who see no colours and for pages that carry none.
_SIGNS: Mapping[str, tuple[str, str]] = {
    "favour": ("+", "green"),
    "against": ("−", "red"),
    "neutral": ("·", "dim"),
}


def print_page(result: Result, console: Console) -> None:
    """Print one result, as wide as the console."""
    console.print(Group(*_error(result) if isinstance(result, PredictionError) else _blocks(result)))


def _blocks(prediction: Prediction) -> Iterator[RenderableType]:
    yield _headline(prediction)
    if prediction.summary:
        yield from _section("Summary")
        for sentence in prediction.summary:
            yield _quote(sentence, quoted=False)
    yield from _section("What happened", prediction.provenance.codebook)
    yield from _events(prediction)
    if prediction.stances:
        yield from _section("Who stands where")
        yield from _stances(prediction.stances)
    if prediction.warnings:
        yield from _section("Warnings", style="yellow")
        for warning in prediction.warnings:
            yield _item(Text("! ", style="bold yellow"), Text(visible(warning)))
    made = prediction.provenance
    yield Text(
        f"\ncopydesk {made.copydesk} · model {visible(made.model)} {made.model_hash[:8]} · codebook {visible(made.codebook)} "
        f"{visible(made.codebook_version)} · language {prediction.language}\n",
        style="dim",
    )


def _headline(prediction: Prediction) -> RenderableType:
    article = prediction.article
    line = prediction.headline.text if prediction.headline else "(no prose to make a headline of)"
    facts = [article.source, article.date, article.author, article.id]
    subtitle = " · ".join(visible(fact) for fact in facts if fact)
    return Panel(
        Text(visible(line), style="bold"),
        subtitle=Text(subtitle, style="dim", no_wrap=True, overflow="ellipsis") if subtitle else None,
        subtitle_align="left",
        box=box.HEAVY,
        border_style="cyan",
    )


def _section(title: str, note: str = "", style: str = "cyan") -> Iterator[RenderableType]:
    yield Text.assemble("\n", (title, f"bold {style}"), (f"  {visible(note)}" if note else "", "dim"))


def _events(prediction: Prediction) -> Iterator[RenderableType]:
    if not prediction.events:
        yield Text("  No event type of the codebook reaches its threshold.", style="dim")
    for tag in prediction.events:
        name = visible(tag.name or tag.label)
        label = f" {visible(tag.label)}" if tag.label.lower() != name.lower() else ""
        child = f" › {visible(tag.child)}" if tag.child else ""
        modality = "" if tag.modality == "happened" else f" ({tag.modality})"
        yield Text.assemble(
            "  ", (name, "bold"), (label, "dim"), child, (modality, "italic"), (f"  {tag.score:.2f}", "cyan")
        )
        for proof in tag.evidence:
            yield _quote(proof)


def _stances(stances: Sequence[Stance]) -> Iterator[RenderableType]:
    """Holders × targets, each cell with the number of its proof, and the proofs below."""
    holders = list(dict.fromkeys(stance.holder for stance in stances))
    # The article's own rows name the targets in the order that they were asked in.
    own = [stance.target for stance in stances if stance.holder is None]
    targets = list(dict.fromkeys((*own, *(stance.target for stance in stances))))
    cells = {(stance.holder, stance.target): stance for stance in stances}
    proven = [stance for stance in stances if stance.evidence]
    numbers = {id(stance): number for number, stance in enumerate(proven, start=1)}
    table = Table(box=box.SIMPLE_HEAD, header_style="bold")
    table.add_column("who \\ toward")
    for target in targets:
        table.add_column(visible(target))
    for holder in holders:
        row = [cells.get((holder, target)) for target in targets]
        table.add_row(
            Text(visible(holder or ARTICLE_VOICE), style="" if holder else "italic"),
            *(_cell(stance, numbers.get(id(stance))) for stance in row),
        )
    yield table
    for stance in proven:
        sign, style = _SIGNS[stance.polarity]
        who = f"{visible(stance.holder or ARTICLE_VOICE)} → {visible(stance.target)}"
        yield Text.assemble((f"  [{numbers[id(stance)]}] ", "dim"), who, (f"  {sign} {stance.polarity}", style))
        yield _quote(stance.evidence[0])


def _cell(stance: Stance | None, number: int | None) -> Text:
    if stance is None:
        return Text("")
    sign, style = _SIGNS[stance.polarity]
    if number is None:
        return Text(f"{sign} {visible(stance.reason)}", style="dim")
    return Text.assemble((f"{sign} {stance.polarity} {stance.score:.2f}", style), (f" [{number}]", "dim"))


def _quote(proof: Evidence, *, quoted: bool = True) -> RenderableType:
    words = visible(proof.text)
    if quoted and not words.startswith(_QUOTES):
        words = f"“{words}”"
    return _item(Text("    "), Text(words, style="italic" if quoted else ""))


def _item(mark: Text, text: Text) -> RenderableType:
    """A line with its mark, wrapped under itself."""
    grid = Table.grid(padding=0)
    grid.add_column(no_wrap=True)
    grid.add_column()
    grid.add_row(Text.assemble("  ", mark) if mark.plain.strip() else mark, text)
    return grid


def _error(error: PredictionError) -> Iterator[RenderableType]:
    place = f"{error.input}:{error.line}" if error.line is not None else error.input
    title = Text(visible(place or error.id or "no prediction"))
    yield Panel(Text(f"{visible(error.message)}\n{visible(error.remedy)}".strip()), title=title, border_style="red")
