"""Web pages: the article in them, and addresses that must not be reached."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from copydesk import Article
from copydesk.configs.errors import InputError
from copydesk.inference import web
from copydesk.inference.inputs import read_rows
from copydesk.inference.sources import InputOptions

trafilatura = pytest.importorskip("trafilatura")

PARAGRAPHS = [
    "The army of Velia shelled the border town of Orsk on Monday, killing three people and wounding nine others.",
    "Dorland condemned the attack and asked for a ceasefire; its foreign minister will travel to the capital next week.",
    "Observers said that the shelling was the heaviest since the truce that both sides signed two years ago.",
]
PAGE = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Velia shells Orsk - The Desk</title>
<meta property="og:site_name" content="The Desk"><meta name="author" content="Ann Writer">
<meta property="article:published_time" content="2026-11-20T08:00:00Z">
<meta property="og:title" content="Velia shells Orsk"></head>
<body><nav><a href="/">Home</a><a href="/news">News</a></nav><article><h1>Velia shells Orsk</h1>
{"".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)}</article>
<script>alert('no')</script><footer>Subscribe to our newsletter. All rights reserved.</footer></body></html>""".encode()


class Server(BaseHTTPRequestHandler):
    """Pages by path."""

    def do_GET(self) -> None:
        pages: dict[str, tuple[int, dict[str, str], bytes]] = {
            "/story": (200, {"Content-Type": "text/html"}, PAGE),
            "/moved": (302, {"Location": "/story"}, b""),
            "/loop": (302, {"Location": "/loop"}, b""),
            "/inward": (302, {"Location": "http://169.254.169.254/latest/meta-data"}, b""),
            "/file": (302, {"Location": "file:///etc/passwd"}, b""),
            "/huge": (200, {}, b"x" * 50_000),
        }
        status, headers, body = pages.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def only(name: str, **options: Any) -> Any:
    (row,) = read_rows([name], InputOptions(**options))
    return row.content


def test_an_html_file_gives_its_article(tmp_path: Path) -> None:
    file = tmp_path / "story.html"
    file.write_bytes(PAGE)
    article = only(str(file))
    assert isinstance(article, Article)
    assert all(paragraph in article.text for paragraph in PARAGRAPHS)
    assert not any(chrome in article.text for chrome in ("alert", "newsletter", "Home"))
    assert (article.title, article.author, article.source) == ("Velia shells Orsk", "Ann Writer", "The Desk")
    assert article.date == "2026-11-20"
    assert article.id == str(file)


@pytest.mark.parametrize("html", [b"", b"<html></html>", b"plain words", b"<" * 50_000, b"<div>" * 20_000])
def test_a_page_without_an_article_is_said(tmp_path: Path, html: bytes) -> None:
    file = tmp_path / "story.html"
    file.write_bytes(html)
    content = only(str(file))
    assert "no article was found" in content.message


def test_an_html_bomb_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    file = tmp_path / "bomb.html"
    file.write_bytes(b"<html><body>" + b"<p>The same words again and again.</p>" * 150_000)
    assert "more than 60,000 tags" in only(str(file)).message


def test_a_url_is_fetched_through_redirects(site: str) -> None:
    article = only(f"{site}/moved", allow_private=True)
    assert PARAGRAPHS[0] in article.text
    assert article.id == f"{site}/moved"


@pytest.mark.parametrize(
    ("path", "message"),
    [("/gone", "answers 404"), ("/loop", "more than 5 redirects"), ("/file", "no http or https address")],
)
def test_what_can_not_be_had_is_said(site: str, path: str, message: str) -> None:
    assert message in only(site + path, allow_private=True).message


def test_a_huge_page_is_not_read(site: str) -> None:
    with pytest.raises(InputError, match="more than"):
        web.fetch(f"{site}/huge", max_bytes=10_000, allow_private=True)


def test_the_own_machine_is_not_reached(site: str) -> None:
    error = only(f"{site}/story")
    assert "127.0.0.1 is not a public address" in error.message
    assert "--allow-private" in error.remedy


def test_a_redirect_inward_is_not_followed(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first hop is let through as if it were public; the second must be stopped by its address."""
    monkeypatch.setattr(web, "is_public", lambda address: address == "127.0.0.1")
    assert "169.254.169.254 is not a public address" in only(f"{site}/inward").message


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1",
        "::1", "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1", "2002:7f00:1::", "255.255.255.255", "ff02::1",
    ],
)  # fmt: skip
def test_private_addresses(address: str) -> None:
    assert not web.is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses(address: str) -> None:
    assert web.is_public(address)


def test_a_name_that_changes_its_address_is_connected_to_the_checked_one(
    site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the second answer of a hostile name server is never asked for."""
    port = int(site.rpartition(":")[2])
    asked: list[str] = []

    def answer(host: str, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(web, "is_public", lambda _: True)
    with monkeypatch.context() as patch:
        patch.setattr(web.socket, "getaddrinfo", answer)
        body = web.fetch(f"http://rebinding.example:{port}/story", max_bytes=10**6)
    assert body == PAGE
    assert asked.count("rebinding.example") == 1
