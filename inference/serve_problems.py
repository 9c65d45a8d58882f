"""Errors of the web server as problem details (RFC 9457), and the gate that large and slow request bodies don't pass."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from copydesk.configs.errors import CopydeskError
from copydesk.inference.serve_desk import Limits
from copydesk.inference.serve_requests import BATCH, ONE

MEDIA_TYPE = "application/problem+json"
MOST_FAULTS = 20
"""Faults listed of one request; who sends 10,000 wrong items needs no 10,000 messages."""

TITLES = {
    400: "The request can't be read",
    404: "There is no such page",
    405: "That method isn't offered here",
    408: "The request took too long to arrive",
    413: "The request is too large",
    415: "The body isn't JSON",
    422: "The request has a wrong value",
    500: "copydesk failed",
    503: "copydesk can't answer now",
    504: "The answer took too long",
}


class Fault(BaseModel):
    """One wrong value of a request."""

    pointer: str = Field(description="Where it stands in the body: a JSON pointer, such as #/articles/0/text.")
    detail: str = Field(description="What is wrong with it.")


class Problem(BaseModel):
    """What is wrong, and what to do (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[Fault] = []


class ProblemError(Exception):
    """Raised in a route; answered as a problem.

    :param status: HTTP status.
    :param detail: What is wrong and what to do.
    :param retry_after: Seconds after which another try makes sense.
    """

    def __init__(self, status: int, detail: str, *, retry_after: int | None = None) -> None:
        self.status = status
        self.detail = detail
        self.headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        super().__init__(detail)


def problem(
    status: int, detail: str, *, errors: Sequence[Fault] = (), headers: dict[str, str] | None = None
) -> JSONResponse:
    """A problem as a response."""
    body = Problem(title=TITLES.get(status, "Error"), status=status, detail=detail, errors=list(errors))
    return JSONResponse(body.model_dump(), status, headers, MEDIA_TYPE)


async def on_problem(_: Request, error: Exception) -> JSONResponse:
    """Answer a :class:`ProblemError`."""
    assert isinstance(error, ProblemError)
    return problem(error.status, error.detail, headers=error.headers)


async def on_copydesk_error(_: Request, error: Exception) -> JSONResponse:
    """Answer a fault in what the client gave."""
    assert isinstance(error, CopydeskError)
    return problem(422, f"{error.message} {error.remedy}".strip())


async def on_http_error(_: Request, error: Exception) -> JSONResponse:
    """Answer what the framework refuses: an unknown path or method, a body that can't be parsed."""
    assert isinstance(error, HTTPException)
    details = {
        400: "The body is no JSON that can be read, or it is nested too deeply. See /docs for what it should be.",
        404: "See /docs for what there is.",
        405: "See /docs for which method each path takes.",
    }
    return problem(
        error.status_code, details.get(error.status_code, str(error.detail)), headers=dict(error.headers or {})
    )


async def on_invalid(request: Request, error: Exception) -> JSONResponse:
    """Answer a body that isn't as ``/docs`` says. Its values are not sent back: they may be huge, or half a character."""
    assert isinstance(error, RequestValidationError)
    if "json" not in request.headers.get("content-type", ""):
        return problem(415, "Send JSON, with the header Content-Type: application/json.")
    found = error.errors()
    if any(one["type"] == "json_invalid" for one in found):
        return problem(400, "The body is not valid JSON. Check its quotation marks and commas, and send it as UTF-8.")
    faults = [Fault(pointer=_pointer(one["loc"]), detail=_sentence(one)) for one in found[:MOST_FAULTS]]
    more = f" ({len(found) - 1} more faults.)" if len(found) > 1 else ""
    return problem(422, f"{faults[0].pointer}: {faults[0].detail}{more} See /docs.", errors=faults)


async def on_crash(_: Request, __: Exception) -> JSONResponse:
    """Answer a bug of ours. The server logs it with its traceback; the client learns no more than that there was one."""
    return problem(500, "This is a bug in copydesk: please report it with the request and the server's log.")


class BodyGate:
    """ASGI middleware that takes the body in before the application sees the request, and refuses it if it is too large or slow.

    :param app: The application behind it.
    :param limits: Its ``body_bytes`` and ``body_seconds`` count.
    """

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self.app = app
        self.limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body: bytes | None
        try:
            async with asyncio.timeout(self.limits.body_seconds):
                body = await self._body(scope, receive)
        except TimeoutError:
            slow = (
                f"The body did not arrive within {self.limits.body_seconds:g} seconds. Send it faster, or less of it."
            )
            await problem(408, slow, headers={"Connection": "close"})(scope, receive, send)
            return
        if body is None:
            large = (
                f"The body has more than {self.limits.body_bytes:,} bytes. Send fewer or shorter articles at a time; "
                "a corpus is read with: copydesk predict."
            )
            await problem(413, large, headers={"Connection": "close"})(scope, receive, send)
            return
        await self.app(scope, _replay(body, receive), send)

    async def _body(self, scope: Scope, receive: Receive) -> bytes | None:
        """The whole body; ``None`` if it is larger than allowed, by its announced length or by what came."""
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if announced.isdigit() and int(announced[:20]) > self.limits.body_bytes:
            return None
        body = bytearray()
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > self.limits.body_bytes:
                return None
        return bytes(body)


def _replay(body: bytes, receive: Receive) -> Receive:
    """A ``receive`` that gives the body once, and then what the connection gives (that the client went away)."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return waiting.pop() if waiting else await receive()

    return replayed


def _pointer(place: Sequence[Any]) -> str:
    """pydantic's place as a JSON pointer into the body. A field's name comes from the client: any length, any half character."""
    parts = [str(part)[:100] for part in place if part not in {"body", ONE, BATCH}]
    escaped = "".join(f"/{part.replace('~', '~0').replace('/', '~1')}" for part in parts)
    return f"#{escaped}".encode(errors="replace").decode()


_SENTENCES = {
    "missing": "It is missing.",
    "string_pattern_mismatch": "It is blank.",
    "extra_forbidden": "There is no such field.",
    "model_attributes_type": "It should be a JSON object.",
    "model_type": "It should be a JSON object.",
}


def _sentence(fault: Mapping[str, Any]) -> str:
    """pydantic's message as a sentence, plainer where its own speaks of Python."""
    words = str(fault["msg"]).removeprefix("Value error, ")
    return _SENTENCES.get(fault["type"], f"{words[:1].upper()}{words[1:500].rstrip('.')}.")
