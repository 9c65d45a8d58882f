"""The web server as programs meet it: answers, refusals, limits of size and time."""

import asyncio
import json
import logging
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from tiny_suite import FAULT, REFUSAL, TinyEvents, tiny_suite

from copydesk import Article, ArticlePredictor, Prediction
from copydesk.configs.errors import ModelError
from copydesk.inference.cli import main
from copydesk.inference.record_schema import published_schema

pytest.importorskip("fastapi", reason="needs: pip install 'copydesk[serve]'")

from fastapi.testclient import TestClient

from copydesk.inference.serve import content_security_policy, create_app
from copydesk.inference.serve_desk import BusyError, Limits, ServedDesk

TEXT = (
    "The army of Velia shelled the town of Orsk on Monday. Velia accused Dorland of it. Dorland condemned the attack."
)
LIMITS = Limits(body_bytes=50_000, articles=4, article_chars=2_000, waiting=2)


@pytest.fixture
def client(tiny: ArticlePredictor) -> Iterator[TestClient]:
    with TestClient(create_app(tiny, LIMITS), raise_server_exceptions=False) as opened:
        yield opened


def refused(answer: Any, status: int) -> dict[str, Any]:
    """The problem in an answer, checked for its form."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    said: dict[str, Any] = answer.json()
    assert said["status"] == status
    assert said["title"]
    assert said["detail"]
    return said


# Answers


def test_one_article_gives_the_record_that_python_gives(client: TestClient, tiny: ArticlePredictor) -> None:
    asked = {"text": TEXT, "id": "a1", "source": "HNS", "targets": ["Velia", "Dorland"], "headline_chars": 40}
    answer = client.post("/predict", json=asked)
    assert answer.status_code == 200
    record = answer.json()
    Draft202012Validator(published_schema()).validate(record)
    article = Article(TEXT, id="a1", source="HNS")
    assert Prediction.from_dict(record) == tiny.predict(article, targets=["Velia", "Dorland"], headline_chars=40)


def test_a_batch_gives_one_record_for_each_article_in_order(client: TestClient) -> None:
    texts = [TEXT, "", f"{TEXT} {REFUSAL}", "x" * 2_001]
    batch = [{"text": text, "id": str(number)} for number, text in enumerate(texts)]
    records = client.post("/predict", json={"articles": batch}).json()["results"]
    for record in records:
        Draft202012Validator(published_schema()).validate(record)
    assert records[0]["article"]["id"] == "0"
    assert [record["error"]["id"] for record in records[1:]] == ["1", "2", "3"]
    for words, record in zip(["empty", "will not read", "2,000"], records[1:], strict=True):
        assert words in record["error"]["message"]


def test_labels_of_ones_own(client: TestClient) -> None:
    record = client.post("/predict", json={"text": TEXT, "codebook": ["shelled town", "flood"]}).json()
    assert record["provenance"]["codebook"] == "labels"
    assert [event["label"] for event in record["events"]] == ["shelled town"]


def test_state(client: TestClient) -> None:
    assert client.get("/health").json()["status"] == "alive"
    assert client.get("/ready").json() == {"status": "ready", "model": "tiny", "model_hash": "0123456789abcdef"}
    assert "plover" in {book["name"] for book in client.get("/codebooks").json()}


# Refusals


@pytest.mark.parametrize(
    ("asked", "pointer", "words"),
    [
        ({}, "#/text", "missing"),
        ([], "#", "JSON object"),
        ({"text": 3}, "#/text", "string"),
        ({"text": TEXT, "txet": 1}, "#/txet", "no such field"),
        ({"text": TEXT, "a/b~": 1}, "#/a~1b~0", "no such field"),
        ({"text": TEXT, "\ud800": 1}, "#", "unicode"),
        ({"articles": []}, "#/articles", "at least 1"),
        ({"articles": [{"text": TEXT}, {"text": None}]}, "#/articles/1/text", "string"),
        ({"text": TEXT, "codebook": "plovr"}, "#/codebook", "plover15"),
        ({"text": TEXT, "codebook": "/etc/passwd"}, "#/codebook", "no codebook"),
        ({"text": TEXT, "codebook": "pyproject.toml"}, "#/codebook", "no codebook"),
        ({"text": TEXT, "codebook": []}, "#/codebook", "1 to 200"),
        ({"text": TEXT, "targets": ["Velia", " "]}, "#/targets/1", "blank"),
        ({"text": TEXT, "headline_chars": 0}, "#/headline_chars", "greater"),
        ({"text": TEXT, "exclusive": "yes"}, "#/exclusive", "boolean"),
        ({"text": TEXT, "title": "\udc00"}, "#/title", "unicode"),
    ],
)
def test_a_wrong_value_is_named_with_its_place(client: TestClient, asked: Any, pointer: str, words: str) -> None:
    answer = client.post("/predict", content=json.dumps(asked), headers={"Content-Type": "application/json"})
    said = refused(answer, 422)
    assert said["errors"][0]["pointer"] == pointer
    assert words in said["errors"][0]["detail"]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"text": " \n"}, "the text is empty"),
        ({"text": "\ud800 half"}, "surrogate"),
        ({"text": TEXT, "codebook": ["a", "a "]}, "stands twice"),
        ({"text": f"{TEXT} {REFUSAL}"}, "Give it something else."),
    ],
)
def test_what_copydesk_refuses_says_what_to_do(client: TestClient, asked: Any, words: str) -> None:
    answer = client.post("/predict", content=json.dumps(asked), headers={"Content-Type": "application/json"})
    assert words in refused(answer, 422)["detail"]


def test_a_fault_of_ours_is_500_and_tells_nothing_of_the_inside(client: TestClient) -> None:
    said = refused(client.post("/predict", json={"text": f"{TEXT} {FAULT}"}), 500)
    assert "fell over" not in said["detail"]
    assert client.post("/predict", json={"text": TEXT}).status_code == 200


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe\xfa", b"[" * 20_000, b'{"text": ' + b"9" * 5_000 + b"}"])
def test_what_is_no_json_is_400(client: TestClient, body: bytes) -> None:
    refused(client.post("/predict", content=body, headers={"Content-Type": "application/json"}), 400)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", None])
def test_a_form_of_another_site_cannot_post(client: TestClient, kind: str | None) -> None:
    """Browsers send these without asking; JSON they ask about first, and get no leave."""
    headers = {"Content-Type": kind} if kind else {}
    assert (
        "application/json"
        in refused(client.post("/predict", content=json.dumps({"text": TEXT}), headers=headers), 415)["detail"]
    )
    preflight = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    assert "access-control-allow-origin" not in client.options("/predict", headers=preflight).headers


def test_unknown_paths_and_methods(client: TestClient) -> None:
    refused(client.get("/../../etc/passwd"), 404)
    assert refused(client.get("/predict"), 405)
    assert client.get("/predict").headers["allow"] == "POST"


# Limits of size


def test_a_body_that_is_too_large_is_refused_by_its_announced_length_and_by_what_comes(client: TestClient) -> None:
    headers = {"Content-Type": "application/json"}
    assert "50,000 bytes" in refused(client.post("/predict", content=b" " * 50_001, headers=headers), 413)["detail"]
    streamed = (b" " * 1_000 for _ in range(100))
    assert "50,000 bytes" in refused(client.post("/predict", content=streamed, headers=headers), 413)["detail"]


def test_too_many_articles_and_too_long_a_one(client: TestClient) -> None:
    assert "5 articles" in refused(client.post("/predict", json={"articles": [{"text": TEXT}] * 5}), 413)["detail"]
    assert "2,000" in refused(client.post("/predict", json={"text": "x" * 2_001}), 413)["detail"]


# Limits of time, with a model that reads until it is let go


class Held(TinyEvents):
    """Events of the tiny model, given only when the test lets it."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.started = threading.Semaphore(0)
        self.read = 0

    def tag(self, *asked: Any, **options: Any) -> Any:
        self.read += 1
        self.started.release()
        assert self.let_go.wait(30)
        return super().tag(*asked, **options)


Held_ = tuple[Held, Callable[[Limits], TestClient]]


@pytest.fixture
def held() -> Iterator[Held_]:
    events = Held()
    desk = ArticlePredictor(replace(tiny_suite(), events=events))
    yield events, lambda limits: TestClient(create_app(desk, limits))
    events.let_go.set()


def test_the_server_answers_while_the_model_reads(held: Held_) -> None:
    events, serve = held
    with serve(LIMITS) as client, ThreadPoolExecutor() as others:
        reading = others.submit(client.post, "/predict", json={"text": TEXT})
        assert events.started.acquire(timeout=10)
        assert client.get("/health").status_code == 200
        assert client.get("/ready").status_code == 200
        events.let_go.set()
        assert reading.result(10).status_code == 200


def test_a_request_that_reads_too_long_gets_504_and_stops_soon(held: Held_) -> None:
    events, serve = held
    with serve(replace(LIMITS, run_seconds=0.2)) as client:
        said = refused(client.post("/predict", json={"articles": [{"text": TEXT}] * 4}), 504)
        assert "--timeout" in said["detail"]
        events.let_go.set()
        assert client.post("/predict", json={"text": TEXT}).status_code == 200
    assert events.read == 2, "the three articles that nobody waits for any more are not read"


def test_a_request_that_waits_too_long_or_behind_too_many_gets_503(held: Held_) -> None:
    events, serve = held
    with serve(replace(LIMITS, waiting=1, wait_seconds=1)) as client, ThreadPoolExecutor() as others:
        reading = others.submit(client.post, "/predict", json={"text": TEXT})
        assert events.started.acquire(timeout=10)
        asked = [others.submit(client.post, "/predict", json={"text": TEXT}) for _ in range(3)]
        for answer in asked:
            assert "busy" in refused(answer.result(10), 503)["detail"]
            assert int(answer.result().headers["retry-after"]) > 0
        events.let_go.set()
        assert reading.result(10).status_code == 200
        assert client.post("/predict", json={"text": TEXT}).status_code == 200


def test_requests_at_the_same_time_each_get_their_own_answer(client: TestClient) -> None:
    with ThreadPoolExecutor(3) as others:
        asked = [others.submit(client.post, "/predict", json={"text": TEXT, "id": str(number)}) for number in range(3)]
        answers = [one.result(10) for one in asked]
    assert [answer.status_code for answer in answers] == [200] * 3, [answer.text for answer in answers]
    assert [answer.json()["article"]["id"] for answer in answers] == ["0", "1", "2"]


def test_a_free_model_takes_one_request_beside_those_that_may_wait(tiny: ArticlePredictor) -> None:
    """All of them come before the first has the model, as they may on a busy machine."""

    async def ask(requests: int) -> list[Any]:
        desk = ServedDesk(tiny, LIMITS)
        try:
            for _ in range(2):  # the second round finds the count as the first did
                numbers = [desk.ask(lambda _, __, number=number: number) for number in range(requests)]
                answers = await asyncio.gather(*numbers, return_exceptions=True)
            return answers
        finally:
            desk.close()

    assert asyncio.run(ask(1 + LIMITS.waiting)) == [0, 1, 2]
    assert isinstance(asyncio.run(ask(2 + LIMITS.waiting))[-1], BusyError)


# Loading


def test_ready_is_said_only_once_the_model_is_loaded(tiny: ArticlePredictor) -> None:
    go_on = threading.Event()

    def load() -> ArticlePredictor:
        assert go_on.wait(30)
        return tiny

    with TestClient(create_app(load, LIMITS)) as client:
        assert client.get("/health").status_code == 200
        assert "loading" in refused(client.get("/ready"), 503)["detail"]
        assert "loading" in refused(client.post("/predict", json={"text": TEXT}), 503)["detail"]
        go_on.set()
        until = time.monotonic() + 10
        while client.get("/ready").status_code != 200:
            assert time.monotonic() < until
        assert client.post("/predict", json={"text": TEXT}).status_code == 200


def test_a_model_that_cannot_be_loaded_is_told() -> None:
    def load() -> ArticlePredictor:
        raise ModelError("there is no model 'x'.")

    told: list[Exception] = []
    with TestClient(create_app(load, LIMITS, on_load_failure=told.append)) as client:
        until = time.monotonic() + 10
        while not told:
            assert time.monotonic() < until
        assert "there is no model 'x'" in refused(client.get("/ready"), 503)["detail"]


# The pages


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_pages_need_nothing_from_elsewhere_and_allow_only_their_own_script(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert not re.search(r"https?://|//[a-z]+\.", answer.text)
    policy = answer.headers["content-security-policy"]
    assert policy == content_security_policy(answer.text)
    assert "unsafe" not in policy
    assert policy.count("'sha256-") == 2
    for sink in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert sink not in answer.text
    assert not re.search(r"<[^>]+\s(on\w+|style)=", answer.text)


# The command


def test_the_command_serves_and_stops(tmp_path: Any) -> None:
    words = [sys.executable, "-m", "copydesk.inference", "serve", "--port", "0", "--model", "baseline"]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True, cwd=tmp_path) as server:
        assert server.stderr
        greeting = server.stderr.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+/", greeting)
        assert found, greeting
        try:
            until = time.monotonic() + 60
            while True:
                try:
                    with urllib.request.urlopen(found[0] + "ready", timeout=5) as answer:
                        assert json.load(answer)["model"] == "baseline"
                        break
                except OSError:
                    assert time.monotonic() < until
                    time.sleep(0.2)
        finally:
            server.send_signal(signal.SIGINT)
        _, rest = server.communicate(timeout=30)
    assert (server.returncode, "Traceback" in rest) == (0, False), rest


def test_the_command_says_what_it_cannot_do(capsys: pytest.CaptureFixture[str]) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert main(["serve", "--port", str(taken.getsockname()[1])]) == 2
    assert "--port" in capsys.readouterr().err
    assert main(["serve", "--host", "no.such.host.invalid"]) == 2
    assert "--host" in capsys.readouterr().err
    assert main(["serve", "--port", "0", "--model", "no such model"]) == 2
    assert "there is no model 'no such model'" in capsys.readouterr().err
    assert main(["serve", "--host", "0.0.0.0", "--port", "0", "--model", "no such model"]) == 2
    assert "warning" in capsys.readouterr().err


def test_the_command_leaves_the_logging_of_the_process_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """A handler of uvicorn's that stayed would write to a stream that was closed long ago."""
    before = {name: list(logging.getLogger(name).handlers) for name in ("", "uvicorn", "uvicorn.error")}
    assert main(["serve", "--port", "0", "--model", "no such model"]) == 2
    assert {name: logging.getLogger(name).handlers for name in before} == before
    assert "no such model" in capsys.readouterr().err


def test_without_the_extra_the_command_says_what_to_install(tmp_path: Any) -> None:
    (tmp_path / "uvicorn.py").write_text("raise ImportError('No module named uvicorn')")
    words = [sys.executable, "-m", "copydesk.inference", "serve"]
    done = subprocess.run(
        words, env={**os.environ, "PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "pip install 'copydesk[serve]'" in done.stderr
    assert "Traceback" not in done.stderr
