"""The web server: ``POST /predict`` with its OpenAPI document, and a page to paste an article into.

Nothing that it serves comes from another site, so that it works without a network; FastAPI's own ``/docs`` would load its
scripts from a CDN. Article text reaches the page as JSON only and is set as text, never as HTML; the content security policy
names the page's one script and one style by their hashes, so that nothing else runs even if that should fail.
"""

import asyncio
import base64
import hashlib
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from copydesk import __version__
from copydesk.configs.codebook import shipped_names
from copydesk.configs.errors import CopydeskError
from copydesk.inference import serve_problems as problems
from copydesk.inference.options import PredictOptions, load_codebook
from copydesk.inference.predictor import ArticlePredictor
from copydesk.inference.record_schema import published_schema
from copydesk.inference.records import PredictionError, Result
from copydesk.inference.serve_desk import BusyError, Limits, NotReadyError, ServedDesk, TooSlowError
from copydesk.inference.serve_problems import BodyGate, Problem, ProblemError
from copydesk.inference.serve_requests import OneArticle, PredictRequest
from copydesk.models.schema import Article

RETRY_SECONDS = 10
"""What a client that comes too early or too late is told to wait: a model loads in about that time."""

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_REFS = "#/components/schemas/"

OnFailure = Callable[[Exception], None]


def create_app(
    desk: ArticlePredictor | Callable[[], ArticlePredictor],
    limits: Limits | None = None,
    *,
    on_load_failure: OnFailure | None = None,
) -> FastAPI:
    """The application.

    :param desk: A loaded predictor; or a function that loads one, which the server calls while it answers ``/health`` already.
    :param limits: What one request may cost; the defaults of :class:`Limits` if ``None``.
    :param on_load_failure: Called with the error if the loading fails.
    """
    served = ServedDesk(desk, limits or Limits())

    async def load() -> None:
        try:
            await served.load()
        except Exception as error:
            if on_load_failure:
                on_load_failure(error)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        loading = asyncio.create_task(load())
        yield
        loading.cancel()
        served.close()

    app = FastAPI(
        title="copydesk",
        version=__version__,
        description="Reads news articles: what happened, who stands where, and the headline, each with the words that prove it.",
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        middleware=[Middleware(BodyGate, limits=served.limits)],
        exception_handlers={
            ProblemError: problems.on_problem,
            CopydeskError: problems.on_copydesk_error,
            RequestValidationError: problems.on_invalid,
            HTTPException: problems.on_http_error,
            Exception: problems.on_crash,
        },
    )
    _add_pages(app)
    _add_state(app, served)
    _add_predict(app, served)
    _document(app)
    return app


def _add_pages(app: FastAPI) -> None:
    for path, template in (("/", "serve.html"), ("/docs", "serve_docs.html")):
        html = files("copydesk.inference").joinpath("templates", template).read_text(encoding="utf-8")
        app.add_api_route(path, _page(html), include_in_schema=False, response_class=HTMLResponse)


def _page(html: str) -> Callable[[], HTMLResponse]:
    headers = _HEADERS | {"Content-Security-Policy": content_security_policy(html)}
    return lambda: HTMLResponse(html, headers=headers)


def content_security_policy(html: str) -> str:
    """The policy that lets a page run its own inline scripts and styles, by their hashes, and ask its own server; nothing else.

    :param html: A page of ours. Its ``<script>`` and ``<style>`` tags have no attributes.
    """
    sources = " ".join
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {sources(_hashes(html, 'script'))}",
            f"style-src {sources(_hashes(html, 'style'))}",
            "connect-src 'self'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


def _hashes(html: str, tag: str) -> list[str]:
    inline = (part.partition(f"</{tag}>")[0] for part in html.split(f"<{tag}>")[1:])
    return [f"'sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}'" for code in inline]


def _add_state(app: FastAPI, served: ServedDesk) -> None:
    @app.get("/health", summary="Whether the server is alive", tags=["state"])
    async def health() -> dict[str, str]:
        return {"status": "alive", "copydesk": __version__}

    @app.get("/ready", summary="Whether the model is loaded", tags=["state"], responses=_problems(503))
    async def ready() -> dict[str, str]:
        if served.predictor is None:
            raise _not_ready(served)
        suite = served.predictor.suite
        return {"status": "ready", "model": suite.name, "model_hash": suite.content_hash}

    @app.get("/codebooks", summary="The codebooks that can be named in a request", tags=["predict"])
    def codebooks() -> list[dict[str, str | int]]:
        books = [load_codebook(name) for name in shipped_names()]
        return [
            {"name": book.name, "version": book.version, "labels": len(book.labels), "description": book.description}
            for book in books
        ]


def _add_predict(app: FastAPI, served: ServedDesk) -> None:
    limits = served.limits

    @app.post(
        "/predict",
        summary="Read one article or a batch",
        tags=["predict"],
        description=(
            'One article is given with its fields at the top (`{"text": …}`) and gives its record. A batch is given as '
            '`{"articles": [{"text": …}, …]}` and gives `{"results": […]}`, one record for each article, in order: a '
            "prediction, or an error that says what is wrong with that article.\n\n"
            f"Limits: {limits.body_bytes:,} bytes, {limits.articles} articles, {limits.article_chars:,} characters an article, "
            f"{limits.wait_seconds:g} seconds of waiting and {limits.run_seconds:g} of reading."
        ),
        response_class=JSONResponse,
        responses={
            200: {"description": "The record, or the records."},
            **_problems(400, 408, 413, 415, 422, 500, 503, 504),
        },
    )
    async def predict(body: PredictRequest) -> JSONResponse:
        options = body.options()
        if isinstance(body, OneArticle):
            article = body.article()
            if refusal := _too_long(article, limits):
                raise ProblemError(413, f"{refusal.message} {refusal.remedy}")
            record = await _ask(served, lambda model, _: _read_one(model, article, options))
            return JSONResponse(record, headers=_HEADERS)
        if len(body.articles) > limits.articles:
            raise ProblemError(
                413,
                f"The batch has {len(body.articles)} articles; this server takes {limits.articles} at a time. "
                "Send the rest in another request; a corpus is read with: copydesk predict.",
            )
        rows = [_too_long(article, limits) or article for article in (item.article() for item in body.articles)]
        records = await _ask(served, lambda model, stop: _read_all(model, rows, options, stop))
        return JSONResponse({"results": records}, headers=_HEADERS)


async def _ask(served: ServedDesk, job: Any) -> Any:
    """:meth:`ServedDesk.ask`, with its refusals as problems."""
    try:
        return await served.ask(job)
    except NotReadyError:
        raise _not_ready(served) from None
    except BusyError:
        raise ProblemError(
            503, "The model is busy with other requests. Try again in a moment.", retry_after=RETRY_SECONDS
        ) from None
    except TooSlowError:
        raise ProblemError(
            504,
            f"Reading took longer than {served.limits.run_seconds:g} seconds. Send fewer or shorter articles at a time, or "
            "start the server with a longer --timeout.",
        ) from None


def _not_ready(served: ServedDesk) -> ProblemError:
    if served.failure is not None:
        return ProblemError(503, f"The model could not be loaded: {served.failure}")
    return ProblemError(503, "The model is still loading. Try again in a moment.", retry_after=RETRY_SECONDS)


def _read_one(model: ArticlePredictor, article: Article, options: PredictOptions) -> dict[str, Any]:
    """The article's record; what is wrong with it is raised."""
    return model.predict(
        article,
        options.codebook,
        options.targets,
        options.headline_chars,
        summary_sentences=options.summary_sentences,
        exclusive=options.exclusive,
    ).to_dict()


def _read_all(
    model: ArticlePredictor, rows: list[Article | PredictionError], options: PredictOptions, stop: threading.Event
) -> list[dict[str, Any]]:
    """A record for each row. One article at a time, so that an abandoned batch stops soon."""
    results: list[Result] = []
    for row in rows:
        if stop.is_set():
            break
        results += model.predict_pool([row], options)
    return [result.to_dict() for result in results]


def _too_long(article: Article, limits: Limits) -> PredictionError | None:
    if len(article.text) <= limits.article_chars:
        return None
    return PredictionError(
        message=f"the text has {len(article.text):,} characters; this server takes {limits.article_chars:,} an article.",
        remedy="If it holds several articles, send each as its own.",
        id=article.id,
    )


def _problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems that a route may answer with, for the OpenAPI document."""
    schema = {"schema": {"$ref": f"{_REFS}Problem"}}
    return {
        status: {"description": problems.TITLES[status], "content": {problems.MEDIA_TYPE: schema}}
        for status in statuses
    }


def _document(app: FastAPI) -> None:
    """Put the published schema of the record, and that of a problem, into the OpenAPI document."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = generate()
            document["components"]["schemas"] |= _record_schemas() | {
                "Problem": Problem.model_json_schema(ref_template=f"{_REFS}{{model}}")
            }
            answer = document["paths"]["/predict"]["post"]["responses"]["200"]
            answer["content"] = {
                "application/json": {"schema": {"oneOf": [{"$ref": f"{_REFS}Prediction"}, {"$ref": f"{_REFS}Results"}]}}
            }
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend the document


def _record_schemas() -> dict[str, Any]:
    published = published_schema()
    prediction, error = published["oneOf"]
    results = {
        "type": "object",
        "description": "One record for each article of a batch, in order.",
        "properties": {"results": {"type": "array", "items": {"oneOf": [prediction, {"$ref": f"{_REFS}ErrorRecord"}]}}},
        "required": ["results"],
        "additionalProperties": False,
    }
    moved: dict[str, Any] = _moved({**published["$defs"], "ErrorRecord": error, "Results": results})
    return moved


def _moved(schema: Any) -> Any:
    """The schema with its references turned to where OpenAPI keeps schemas."""
    if isinstance(schema, dict):
        return {
            key: value.replace("#/$defs/", _REFS) if key == "$ref" else _moved(value) for key, value in schema.items()
        }
    return [_moved(item) for item in schema] if isinstance(schema, list) else schema
