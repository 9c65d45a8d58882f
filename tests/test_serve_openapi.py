"""The web server answers as its OpenAPI document says: schemathesis makes requests from the document and checks the answers."""

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from tiny_suite import tiny_suite

pytest.importorskip("fastapi", reason="needs: pip install 'copydesk[serve]'")
pytest.importorskip("schemathesis", reason="needs: pip install schemathesis")

import schemathesis

from copydesk import ArticlePredictor
from copydesk.inference.serve import create_app

SERVER = create_app(ArticlePredictor(tiny_suite()))

REFUSALS = ["2xx", "401", "403", "404", "409", "413", "5xx"]
"""Answers that a request which fits the document may get. A batch may fit it and be too large for this server: 413."""


async def application(scope: Any, receive: Any, send: Any) -> None:
    """The server without its start and end: schemathesis goes through both for each request, and an ended server is closed."""
    if scope["type"] != "lifespan":
        await SERVER(scope, receive, send)
        return
    for _ in range(2):
        await send({"type": f"{(await receive())['type']}.complete"})


API = schemathesis.openapi.from_asgi(
    "/openapi.json",
    application,
    config=schemathesis.Config.from_dict({"checks": {"positive_data_acceptance": {"expected-statuses": REFUSALS}}}),
)


@API.parametrize()
@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),  # A failing request is shown as found; making it small takes minutes.
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_as_the_document_says(case: Any) -> None:
    """Status, content type and body of the answer; wrong requests are refused, right ones are not, nothing crashes."""
    case.call_and_validate()


def test_the_document_lists_every_path() -> None:
    assert set(API.raw_schema["paths"]) == {"/predict", "/health", "/ready", "/codebooks"}
