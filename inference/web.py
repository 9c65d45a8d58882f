"""Web pages as articles: fetching one by its URL, and taking the article out of its HTML with trafilatura (extra ``web``).

A URL may come from a table or a form that somebody else filled in, so fetching is guarded against being led into the user's
own network (server-side request forgery): the host's addresses are looked up once, each must be public, and the connection
goes to the address that was checked. Redirects pass the same gate.
"""

import http.client
import ipaddress
import socket
import ssl
from typing import Any
from urllib.parse import urljoin, urlsplit

from copydesk import __version__
from copydesk.configs.errors import InputError
from copydesk.models.schema import Article

TIMEOUT_SECONDS = 20.0
MAX_REDIRECTS = 5
"""News sites take one or two; a loop must end."""

MAX_TAGS = 60_000
"""Most tags of a page. Heavy news pages have 10,000; extraction takes time with the square of repeated ones, and a page of 10 MB
made of one repeated paragraph kept it busy for minutes."""

_REDIRECTS = {301, 302, 303, 307, 308}


def article_of(html: bytes, *, name: str, url: str | None = None) -> Article:
    """The article in a page, with its title, date, author, site and address as far as the page tells them.

    :param html: The page's bytes; their encoding is found from them.
    :param name: The input's name, which becomes the article's id.
    :param url: Where the page is from.
    :raises InputError: If trafilatura isn't installed, the page is a bomb or no article is found in it.
    """
    try:
        from trafilatura import bare_extraction
    except ImportError as error:
        raise InputError(
            "reading HTML needs the extra 'web'.", remedy="Run: pip install 'copydesk[web]'.", source=name
        ) from error
    if html.count(b"<") > MAX_TAGS:
        raise InputError(f"the page has more than {MAX_TAGS:,} tags.", remedy="Save its text instead.", source=name)
    page: Any = bare_extraction(html, url=url, include_comments=False, include_tables=False, with_metadata=True)
    text = getattr(page, "text", None)
    if not text or not text.strip():
        raise InputError(
            "no article was found in the page.",
            remedy="Is it an article, and not a front page or a login?",
            source=name,
        )
    return Article(
        text=text,
        id=name,
        title=page.title or None,
        source=page.sitename or page.hostname or None,
        date=page.date or None,
        url=page.url or url,
        author=page.author or None,
    )


def fetch(url: str, *, max_bytes: int, allow_private: bool = False) -> bytes:
    """The bytes of a page.

    :param url: http or https.
    :param max_bytes: Most that is read.
    :param allow_private: Private, loopback and other addresses that aren't public are allowed.
    :raises InputError: If the address isn't allowed, the page can't be had or is too large.
    """
    address = url
    for _ in range(MAX_REDIRECTS + 1):
        status, location, body = _get(address, max_bytes, allow_private, source=url)
        if status in _REDIRECTS and location:
            address = urljoin(address, location)
            continue
        if status != 200:
            raise InputError(f"the server answers {status}.", remedy="Open it in a browser to see why.", source=url)
        return body
    raise InputError(f"more than {MAX_REDIRECTS} redirects.", remedy="Give the page's final address.", source=url)


def _get(address: str, max_bytes: int, allow_private: bool, *, source: str) -> tuple[int, str | None, bytes]:
    """One request: status, where it redirects to, and the body."""
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InputError(f"{address!r} is no http or https address.", remedy="Check the URL.", source=source)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        ip = _checked_address(parts.hostname, port, allow_private, source)
        connection = _connection(parts.scheme, parts.hostname, port, ip)
        try:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("GET", target, headers={"User-Agent": f"copydesk/{__version__}", "Accept": "text/html"})
            response = connection.getresponse()
            body = response.read(max_bytes + 1)
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise InputError(
            f"can't be fetched: {error}.", remedy="Check the URL and the network.", source=source
        ) from error
    if len(body) > max_bytes:
        raise InputError(
            f"the page has more than {max_bytes // 2**20} MB.", remedy="Save its text instead.", source=source
        )
    return response.status, response.getheader("Location"), body


def _checked_address(host: str, port: int, allow_private: bool, source: str) -> str:
    """The address to connect to; every address that the name has must be allowed.

    :raises InputError: If one is not public.
    """
    addresses = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for address in addresses:
        if not allow_private and not is_public(address):
            raise InputError(
                f"{host} is not a public address."
                if host == address
                else f"{host} is {address}, which is not a public address.",
                remedy="If you mean a server of your own, allow it with --allow-private.",
                source=source,
            )
    return addresses[0]


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet, also where an IPv6 address wraps an IPv4 one."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        wrapped = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if wrapped is not None:
            return is_public(str(wrapped))
    return ip.is_global and not ip.is_multicast


def _connection(scheme: str, host: str, port: int, ip: str) -> http.client.HTTPConnection:
    """A connection to ``ip`` that speaks to ``host``: a second look-up could give another address (DNS rebinding)."""
    connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
    sock = socket.create_connection((ip, port), timeout=TIMEOUT_SECONDS)
    connection.sock = (
        ssl.create_default_context().wrap_socket(sock, server_hostname=host) if scheme == "https" else sock
    )
    return connection
