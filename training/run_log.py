"""What a training says while it runs: progress with an ETA on the screen, figures in a JSONL file, a plot at the end."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from copydesk.training.disk import FREE_AND_GO_ON, writing
from copydesk.training.reader_tasks import Task

Scores = Mapping[str, Mapping[str, float]]


@dataclass
class RunLog:
    """The log of one run.

    :param path: The JSONL file; lines are added, so that a resumed run goes on in it.
    """

    path: Path

    def __post_init__(self) -> None:
        if self.path.is_file() and self.path.read_bytes()[-1:] not in (b"", b"\n"):
            with writing("the metrics", self.path, FREE_AND_GO_ON), self.path.open("a", encoding="utf-8") as file:
                file.write("\n")  # a full disk or a kill cut the last line off; what follows is not to be glued to it

    def say(self, text: str) -> None:
        """A line on the screen.

        :raises ModelError: If standard output is a file on a full disk.
        """
        with writing("the progress", Path("standard output"), FREE_AND_GO_ON):
            print(text, flush=True)

    def progress(self, done: int, total: int, rate: float, tasks: Sequence[Task]) -> None:
        """Losses after ``done`` of ``total`` steps at ``rate`` seconds a step."""
        losses = {task.recipe.name: round(task.loss, 4) for task in tasks if task.drawn}
        self._write({"step": done, "seconds_per_step": round(rate, 3), "loss": losses})
        shown = "  ".join(f"{name} {loss:.2f}" for name, loss in losses.items())
        self.say(f"step {done}/{total}  {rate * (total - done) / 60:.0f} min left  {shown}")

    def scores(self, done: int, scores: Scores) -> None:
        """Dev scores after ``done`` steps."""
        self._write({"step": done, "dev": scores})
        for name, one in scores.items():
            figures = f"macro-F1 {one['macro_f1']:.3f}, accuracy {one['accuracy']:.3f}"
            self.say(f"  dev {name}: {figures} ({one['examples']:.0f} examples)")

    def plot(self, target: Path) -> None:
        """Losses and dev scores over the steps as an SVG, where matplotlib is installed; without it says so.

        :raises ModelError: If it can't be written.
        """
        try:
            from matplotlib.figure import Figure
        except ImportError:
            self.say("no plot: install matplotlib (pip install 'copydesk[train]') to have one")
            return
        lines = list(self._records())
        figure = Figure(figsize=(10, 4), layout="constrained")
        for axes, key, title in zip(
            figure.subplots(1, 2), ("loss", "dev"), ("training loss", "dev macro-F1"), strict=True
        ):
            curves: dict[str, list[tuple[int, float]]] = {}
            for line in lines:
                for name, value in line.get(key, {}).items():
                    curves.setdefault(name, []).append((line["step"], value if key == "loss" else value["macro_f1"]))
            for name, points in curves.items():
                axes.plot(*zip(*points, strict=True), label=name, marker="." if key == "dev" else "")
            axes.set(title=title, xlabel="step")
            if curves:
                axes.legend(fontsize="x-small")
        with writing("the plot", target, "Free some space. The model is whole; only its plot is missing."):
            figure.savefig(target)

    def _write(self, record: dict[str, Any]) -> None:
        with writing("the metrics", self.path, FREE_AND_GO_ON), self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")

    def _records(self) -> Iterator[dict[str, Any]]:
        """What was written, but for a line that a full disk or a kill cut off."""
        for line in self.path.read_text(encoding="utf-8").splitlines():
            try:
                yield json.loads(line)
            except json.JSONDecodeError:
                continue


@dataclass
class EarlyStopping:
    """Stops when the mean of the tasks' dev macro-F1 has not risen for a while.

    :param patience: Evaluations without a better mean after which to stop; 0 never stops.
    :param best: The best mean so far; below any score before the first evaluation.
    :param since: Evaluations since then.
    """

    patience: int
    best: float = -1.0
    since: int = 0

    def is_over(self, scores: Scores) -> bool:
        """Take note of an evaluation and tell whether to stop."""
        mean = sum(one["macro_f1"] for one in scores.values()) / max(1, len(scores))
        self.best, self.since = (mean, 0) if mean > self.best else (self.best, self.since + 1)
        return 0 < self.patience <= self.since
