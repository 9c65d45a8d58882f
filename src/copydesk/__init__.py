"""copydesk reads news articles and says what happened, who stands where and what the headline is, with the words that prove it.

The public names live here and load on first use, so that ``import copydesk`` stays cheap (PEP 562).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from copydesk.configs.codebook import Codebook, Label
    from copydesk.inference.predictor import ArticlePredictor
    from copydesk.inference.records import PredictionError
    from copydesk.models.schema import (
        Article,
        ClaimStance,
        DyadCode,
        EventTag,
        Evidence,
        Headline,
        Prediction,
        Stance,
    )

__version__ = "0.1.0"

_HOME = {
    "ArticlePredictor": "copydesk.inference.predictor",
    "Codebook": "copydesk.configs.codebook",
    "Label": "copydesk.configs.codebook",
    "PredictionError": "copydesk.inference.records",
    "Article": "copydesk.models.schema",
    "ClaimStance": "copydesk.models.schema",
    "DyadCode": "copydesk.models.schema",
    "Evidence": "copydesk.models.schema",
    "EventTag": "copydesk.models.schema",
    "Headline": "copydesk.models.schema",
    "Prediction": "copydesk.models.schema",
    "Stance": "copydesk.models.schema",
}

__all__ = [
    "Article",
    "ArticlePredictor",
    "ClaimStance",
    "Codebook",
    "DyadCode",
    "EventTag",
    "Evidence",
    "Headline",
    "Label",
    "Prediction",
    "PredictionError",
    "Stance",
    "__version__",
]


def __getattr__(name: str) -> Any:
    if home := _HOME.get(name):
        return getattr(import_module(home), name)
    raise AttributeError(f"module 'copydesk' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
