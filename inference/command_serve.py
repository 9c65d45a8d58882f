"""``copydesk serve``: a page to try it, and ``POST /predict`` for programs."""

import argparse
import ipaddress
import socket
import sys
from typing import TYPE_CHECKING

from copydesk.configs.errors import ConfigError
from copydesk.configs.model_choice import ModelChoice, add_model_arguments
from copydesk.inference.terminal import visible

if TYPE_CHECKING:
    from copydesk.inference.cli import LoadPredictor

HOST, PORT = "127.0.0.1", 8000

MAX_CONNECTIONS = 64
"""Open connections; more than can wait for the model, so that ``/health`` is answered while they do."""
SHUTDOWN_SECONDS = 5

_EPILOG = """examples:
  copydesk serve                          then open http://127.0.0.1:8000/ in a browser
  copydesk serve --model baseline --port 9000
  curl http://127.0.0.1:8000/predict -H 'Content-Type: application/json' \\
       -d '{"text": "Police arrested 14 men in Orsk on Monday.", "codebook": "plover"}'

  /          the page            /docs     what programs can ask     /openapi.json  the same for tools
  /health    alive?              /ready    model loaded?             /codebooks     which there are

needs: pip install 'copydesk[serve]'

exit codes:
  0    stopped
  2    wrong usage, the address can't be had or the model can't be loaded
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.usage = "copydesk serve [--host ADDRESS] [--port N] [--model NAME] [options]"
    parser.epilog = _EPILOG
    parser.add_argument(
        "--host", default=HOST, metavar="ADDRESS", help="where to listen (%(default)s: this machine only)"
    )
    parser.add_argument("--port", type=_port, default=PORT, metavar="N", help="0 takes a free one (%(default)s)")
    add_model_arguments(parser)
    limits = parser.add_argument_group("limits of one request")
    limits.add_argument("--max-mb", type=_positive, default=4, metavar="N", help="megabytes of its body (%(default)s)")
    limits.add_argument("--max-articles", type=_positive, default=32, metavar="N", help="articles (%(default)s)")
    limits.add_argument(
        "--max-chars", type=_positive, default=100_000, metavar="N", help="characters of an article (%(default)s)"
    )
    limits.add_argument("--timeout", type=_positive, default=120, metavar="N", help="seconds of reading (%(default)s)")


def run(args: argparse.Namespace, load_predictor: "LoadPredictor") -> int:
    """Run the command and return its exit code.

    :raises ConfigError: If the extra isn't installed or the address can't be had.
    :raises ModelError: If the model can't be loaded.
    """
    try:
        import uvicorn

        from copydesk.inference.serve import create_app
    except ImportError as error:
        raise ConfigError(
            f"serving needs the extra 'serve' ({error}).", remedy="Run: pip install 'copydesk[serve]'."
        ) from error
    from copydesk.inference.serve_desk import Limits

    failures: list[Exception] = []

    def give_up(error: Exception) -> None:
        failures.append(error)
        server.should_exit = True

    app = create_app(
        lambda: ModelChoice.of(args).load(load_predictor),
        Limits(
            body_bytes=args.max_mb * 2**20,
            articles=args.max_articles,
            article_chars=args.max_chars,
            run_seconds=args.timeout,
        ),
        on_load_failure=give_up,
    )
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            # uvicorn would configure the logging of the whole process: close everybody's handlers and add its own, which
            # hold on to whatever stream is the standard error at that moment. The command line has its handler already.
            log_config=None,
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            limit_concurrency=MAX_CONNECTIONS,
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        )
    )
    with _listen(args.host, args.port) as listening:
        _greet(listening)
        try:
            server.run(sockets=[listening])
        except KeyboardInterrupt:  # Ctrl-C is how it is stopped; uvicorn raises it again after its orderly end.
            print("copydesk: stopped.", file=sys.stderr)
    if failures:
        raise failures[0]
    return 0


def _listen(host: str, port: int) -> socket.socket:
    """A socket bound to the address, before the model is loaded: a port that is taken is known at once.

    :raises ConfigError: If it can't be had.
    """
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(address[:2], family=family, backlog=128)
    except OSError as error:
        raise ConfigError(
            f"can't listen on {host}:{port}: {error.strerror or error}.",
            remedy="Choose another --port, or an address of this machine as --host.",
        ) from error


def _greet(listening: socket.socket) -> None:
    host, port = listening.getsockname()[:2]
    name = f"[{host}]" if ":" in host else host
    print(
        f"copydesk: http://{visible(name)}:{port}/ is the page, /docs is for programs; Ctrl-C stops.", file=sys.stderr
    )
    if not ipaddress.ip_address(host).is_loopback:
        print(
            "copydesk: warning: whoever reaches this machine can use it. There is no password and no encryption: put a "
            f"server that has both in front of it, or leave --host at {HOST}.",
            file=sys.stderr,
        )


def _port(value: str) -> int:
    number = int(value)
    if not 0 <= number <= 65_535:
        raise argparse.ArgumentTypeError(f"{value} is no port: give 0 to 65535")
    return number


def _positive(value: str) -> int:
    number = int(value)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{value} is not a whole number from 1")
    return number
