"""A web server as the web is: the first part of a path says how it (mis)behaves. The catalogue is below, one function
a behaviour, e.g. `/image/1000/a.png` for a whole PNG of 1,000 bytes and `/status/404/a.png` for a dead link.
"""

import asyncio
import datetime
import email.utils
import gzip
import urllib.parse

from support import images
from support.http_server import Exchange, HttpServer

BEHAVIOURS = {}
PIECE = 64 * 1024


def behaviour(function):
    BEHAVIOURS[function.__name__.replace("_", "-")] = function
    return function


class Origin(HttpServer):
    """Threads: `open` and `allow` may be called from any."""

    def __init__(self, host: str = "127.0.0.1", tls=None):
        super().__init__(host, tls)
        self._open_gates: set[str] = set()
        self._allowed: int | None = None
        self.images_sent = 0
        # What `/list-of/NAME` answers, put there by the test.
        self.lists: dict[str, bytes] = {}
        self._changed: asyncio.Event | None = None

    def open(self, gate: str) -> None:
        """Lets those go on that wait at `/held/GATE/...` and those to come."""
        self._open_gates.add(gate)
        self._wake()

    def allow(self, count: int | None) -> None:
        """How many more images `/image/...` sends before it lets its clients wait; None for as many as are wanted."""
        self._allowed = count
        self._wake()

    def image(self, path: str) -> bytes:
        """The bytes that `/image/SIZE/NAME` and `/held/GATE/SIZE/NAME` stand for."""
        *_, size, name = path.strip("/").split("/")
        return images.png(name, int(size))

    def _wake(self) -> None:
        def wake():
            self._changes().set()
            self._changed = None

        self._loop.call_soon_threadsafe(wake)

    def _changes(self) -> asyncio.Event:
        self._changed = self._changed or asyncio.Event()
        return self._changed

    async def until_open(self, exchange: Exchange, gate: str) -> None:
        while gate not in self._open_gates:
            await exchange.wait_for(self._changes())

    async def until_allowed(self, exchange: Exchange) -> None:
        while self._allowed is not None and self._allowed <= 0:
            await exchange.wait_for(self._changes())
        if self._allowed is not None:
            self._allowed -= 1

    async def answer(self, exchange: Exchange) -> None:
        parts = [urllib.parse.unquote(part) for part in exchange.request.path.strip("/").split("/")]
        function = BEHAVIOURS.get(parts[0])
        if function is None:
            await exchange.respond(404, b"no such behaviour", {"Content-Type": "text/plain"})
        else:
            await function(self, exchange, *parts[1:])

    async def send_image(self, exchange: Exchange, size: str, name: str, headers: dict | None = None) -> None:
        await exchange.respond(
            200, images.png(name, int(size)), {"Content-Type": "image/png", **(headers or {})}
        )
        self.images_sent += 1
        self.happened()


# What works.


@behaviour
async def image(origin, exchange, size, name):
    await origin.until_allowed(exchange)
    await origin.send_image(exchange, size, name)


@behaviour
async def held(origin, exchange, gate, size, name):
    """Waits until the test opens the gate."""
    await origin.until_open(exchange, gate)
    await origin.send_image(exchange, size, name)


@behaviour
async def held_body(origin, exchange, gate, size, name):
    """Sends the headers and half the body, and the rest when the test opens the gate."""
    body = images.png(name, int(size))
    await exchange.head(200, {"Content-Type": "image/png", "Content-Length": size})
    await exchange.send(body[: len(body) // 2])
    await origin.until_open(exchange, gate)
    await exchange.send(body[len(body) // 2 :])


@behaviour
async def file(origin, exchange, kind, name):
    """The same few bytes of a type, whatever the name."""
    await exchange.respond(200, getattr(images, kind.upper()), {"Content-Type": "image/jpeg"})


@behaviour
async def same(origin, exchange, size, content, name):
    """Images of one content under many names."""
    await exchange.respond(200, images.png(content, int(size)), {"Content-Type": "image/png"})


@behaviour
async def dated(origin, exchange, seconds, name):
    """An empty list of a server whose clock is so many seconds ahead."""
    now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=int(seconds))
    headers = {"Content-Type": "text/plain", "Date": email.utils.format_datetime(now, usegmt=True)}
    await exchange.respond(200, b"", headers)


@behaviour
async def list_of(origin, exchange, name):
    """What the test put into `lists`."""
    await exchange.respond(200, origin.lists[name], {"Content-Type": "text/plain"})


@behaviour
async def chunked(origin, exchange, size, name):
    """No length: in chunks."""
    body = images.png(name, int(size))
    await exchange.head(200, {"Content-Type": "image/png", "Transfer-Encoding": "chunked"})
    for start in range(0, len(body), PIECE):
        piece = body[start : start + PIECE]
        await exchange.send(b"%x\r\n%b\r\n" % (len(piece), piece))
    await exchange.send(b"0\r\n\r\n")


@behaviour
async def until_close(origin, exchange, size, name):
    """No length: the body ends where the connection does."""
    await exchange.head(200, {"Content-Type": "image/png", "Connection": "close"})
    await exchange.send(images.png(name, int(size)))
    exchange.close()


@behaviour
async def gzipped(origin, exchange, name):
    body = gzip.compress(images.SVG)
    await exchange.respond(200, body, {"Content-Type": "image/svg+xml", "Content-Encoding": "gzip"})


@behaviour
async def closes_idle(origin, exchange, size, name):
    """Ends the connection after each answer without having said so."""
    await origin.send_image(exchange, size, name)
    exchange.close()


@behaviour
async def headers(origin, exchange, name, value, size, file_name):
    """An image with one header of the test's choice."""
    await origin.send_image(exchange, size, file_name, {name: value})


# What fails.


@behaviour
async def status(origin, exchange, code, name):
    await exchange.respond(int(code), images.HTML, {"Content-Type": "text/html"})


@behaviour
async def status_retry_after(origin, exchange, code, seconds, name):
    await exchange.respond(int(code), b"later", {"Retry-After": seconds})


@behaviour
async def failing(origin, exchange, times, code, size, name):
    """Fails the first times, then works."""
    if exchange.request.ordinal <= int(times):
        await exchange.respond(int(code), b"later")
    else:
        await origin.send_image(exchange, size, name)


@behaviour
async def retry_after(origin, exchange, code, seconds, size, name):
    """Asks once to come back in some seconds."""
    if exchange.request.ordinal == 1:
        await exchange.respond(int(code), b"later", {"Retry-After": seconds})
    else:
        await origin.send_image(exchange, size, name)


@behaviour
async def retry_after_date(origin, exchange, code, seconds, size, name):
    if exchange.request.ordinal == 1:
        when = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=int(seconds))
        await exchange.respond(
            int(code), b"later", {"Retry-After": email.utils.format_datetime(when, usegmt=True)}
        )
    else:
        await origin.send_image(exchange, size, name)


@behaviour
async def truncated(origin, exchange, size, name):
    """Ends the connection with half the body out."""
    body = images.png(name, int(size))
    await exchange.head(200, {"Content-Type": "image/png", "Content-Length": size})
    await exchange.send(body[: len(body) // 2])
    exchange.close()


@behaviour
async def truncated_once(origin, exchange, size, name):
    if exchange.request.ordinal == 1:
        await truncated(origin, exchange, size, name)
    else:
        await origin.send_image(exchange, size, name)


@behaviour
async def cut(origin, exchange, size, name):
    """Resets the connection in the middle of the body."""
    body = images.png(name, int(size))
    await exchange.head(200, {"Content-Type": "image/png", "Content-Length": size})
    await exchange.send(body[: len(body) // 2])
    exchange.cut()


@behaviour
async def cut_chunks(origin, exchange, size, name):
    """Ends the connection before the last chunk."""
    body = images.png(name, int(size))
    await exchange.head(200, {"Content-Type": "image/png", "Transfer-Encoding": "chunked"})
    await exchange.send(b"%x\r\n%b\r\n" % (len(body) // 2, body[: len(body) // 2]))
    exchange.close()


@behaviour
async def hang_up(origin, exchange, name):
    """Ends the connection without an answer."""
    exchange.close()


@behaviour
async def too_long(origin, exchange, size, name):
    """Sends more than its header says."""
    body = images.png(name, int(size))
    await exchange.head(200, {"Content-Type": "image/png", "Content-Length": str(len(body) - 100)})
    await exchange.send(body)
    exchange.close()


@behaviour
async def html(origin, exchange, name):
    await exchange.respond(200, images.HTML, {"Content-Type": "image/png"})


@behaviour
async def json(origin, exchange, name):
    await exchange.respond(200, images.JSON, {"Content-Type": "image/png"})


@behaviour
async def empty(origin, exchange, name):
    await exchange.respond(200, b"", {"Content-Type": "image/png"})


@behaviour
async def drip(origin, exchange, size, name):
    """A byte every 200 ms: never idle, never done."""
    body = images.png(name, int(size))
    await exchange.head(200, {"Content-Type": "image/png", "Content-Length": size})
    for position in range(len(body)):
        await exchange.send(body[position : position + 1])
        await asyncio.sleep(0.2)


@behaviour
async def endless(origin, exchange, name):
    """Begins as an image and never ends."""
    body = images.png(name, PIECE)
    await exchange.head(200, {"Content-Type": "image/png", "Connection": "close"})
    while True:
        await exchange.send(body)


@behaviour
async def big_header(origin, exchange, size, name):
    """Says that it is bigger than it may be."""
    await exchange.head(200, {"Content-Type": "image/png", "Content-Length": size})
    await exchange.send(images.png(name, PIECE))
    await exchange.until_gone()


@behaviour
async def stall_before_headers(origin, exchange, name):
    await exchange.until_gone()


@behaviour
async def stall_after_headers(origin, exchange, size, name):
    await exchange.head(200, {"Content-Type": "image/png", "Content-Length": size})
    await exchange.until_gone()


@behaviour
async def opt_out_and_stall(origin, exchange, name):
    await exchange.head(200, {"Content-Type": "image/png", "Content-Length": "5000", "X-Robots-Tag": "noai"})
    await exchange.until_gone()


@behaviour
async def stall_in_body(origin, exchange, size, name):
    body = images.png(name, int(size))
    await exchange.head(200, {"Content-Type": "image/png", "Content-Length": size})
    await exchange.send(body[: len(body) // 2])
    await exchange.until_gone()


@behaviour
async def bomb(origin, exchange, name):
    """A quarter of a megabyte that unfolds to a thousand times as much."""
    await exchange.respond(
        200, images.svg_bomb(), {"Content-Type": "image/svg+xml", "Content-Encoding": "gzip"}
    )


@behaviour
async def broken_gzip(origin, exchange, name):
    garbage = b"\x1f\x8b\x08\x00garbage" * 20
    await exchange.respond(200, garbage, {"Content-Type": "image/png", "Content-Encoding": "gzip"})


@behaviour
async def header_bomb(origin, exchange, name):
    """Headers without end."""
    await exchange.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        await exchange.send(b"X-More: " + b"x" * 8000 + b"\r\n")


@behaviour
async def not_http(origin, exchange, name):
    await exchange.send(b"220 mail.example.com ESMTP ready\r\n\r\n")
    exchange.close()


# Redirects.


@behaviour
async def redirect(origin, exchange, times, size, name):
    """So many redirects, then the image."""
    left = int(times)
    if left == 0:
        await origin.send_image(exchange, size, name)
    else:
        await exchange.respond(302, b"", {"Location": f"/redirect/{left - 1}/{size}/{name}"})


@behaviour
async def redirect_loop(origin, exchange, name):
    await exchange.respond(301, b"", {"Location": exchange.request.path})


@behaviour
async def redirect_to(origin, exchange, target, name):
    """To the URL in the path, percent-encoded."""
    await exchange.respond(302, b"", {"Location": target})


@behaviour
async def redirect_nowhere(origin, exchange, name):
    """A redirect that does not say where to."""
    await exchange.respond(302, b"")


@behaviour
async def removed(origin, exchange, name=""):
    """As image hosts answer for deleted pictures."""
    await exchange.respond(302, b"", {"Location": "/removed.png"})


async def removed_png(origin, exchange):
    await exchange.respond(200, images.png("removed", 503), {"Content-Type": "image/png"})


BEHAVIOURS["removed.png"] = removed_png
