"""Fixtures that several test modules share."""

import importlib.util
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import settings

HERE = Path(__file__).parent

# No test asks the network. The Hub's client reads this when it is first imported, and without it tries for 20 seconds.
os.environ["HF_HUB_OFFLINE"] = "1"

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A job in the background of a script ignores Ctrl-C, and so would the commands that the tests start and interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _load(name: str) -> ModuleType:
    """A helper module beside the tests, importable by name from then on (pytest's importlib mode has no path for it)."""
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


for helper in ("tiny_checkpoints", "tiny_runs", "word_scorers", "tiny_suite", "keyword_desk"):
    _load(helper)

# A time limit for each generated example would fail on a busy machine, and says nothing about what is tested.
settings.register_profile("copydesk", deadline=None)
settings.load_profile("copydesk")


@pytest.fixture(scope="session")
def tiny() -> Any:
    """A predictor over the tiny model."""
    from tiny_suite import tiny_suite

    from copydesk import ArticlePredictor

    return ArticlePredictor(tiny_suite())


@pytest.fixture(scope="session")
def baseline() -> Iterator[Any]:
    """A predictor over the baseline that ships with copydesk."""
    from copydesk import ArticlePredictor

    return ArticlePredictor.from_pretrained("baseline")
