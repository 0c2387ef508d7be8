"""An HTTP/1.1 server on raw sockets, in a thread of its own, that keeps a record of what reaches it.

A subclass says in `answer` what is sent, byte by byte if it wants to: this is for peers that misbehave.
"""

import asyncio
import contextlib
import dataclasses
import ssl
import threading
import time
import urllib.parse

HEAD_LIMIT = 1 << 20


@dataclasses.dataclass
class Request:
    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes = b""
    # The how manieth of this method and target it is, from 1.
    ordinal: int = 0
    # When it had arrived, by time.monotonic().
    at: float = 0.0

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> dict[str, str]:
        return dict(urllib.parse.parse_qsl(self.target.partition("?")[2], keep_blank_values=True))

    def header(self, name: str, default: str | None = None) -> str | None:
        for field, value in self.headers:
            if field.lower() == name.lower():
                return value
        return default


class Exchange:
    """One request, and the means to answer it."""

    def __init__(self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self.request = request
        self.reader = reader
        self.writer = writer
        self.keep_alive = request.header("connection", "").lower() != "close"

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def head(self, status: int, headers: dict[str, str]) -> None:
        lines = [f"HTTP/1.1 {status} Answer", *(f"{name}: {value}" for name, value in headers.items())]
        await self.send("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n")

    async def respond(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        fields = {"Content-Length": str(len(body)), **(headers or {})}
        await self.head(status, fields)
        if self.request.method != "HEAD":
            await self.send(body)

    def close(self) -> None:
        """Ends the connection once this answer is out."""
        self.keep_alive = False

    def cut(self) -> None:
        """Ends the connection at once, with a reset."""
        self.keep_alive = False
        self.writer.transport.abort()

    async def wait_for(self, event: asyncio.Event) -> None:
        """Waits for an event, and fails like a broken connection if the client goes away meanwhile."""
        waits = [asyncio.ensure_future(event.wait()), asyncio.ensure_future(self.reader.read(1))]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            if waits[1].done():
                raise ConnectionResetError("the client has gone")
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    async def until_gone(self) -> None:
        """Waits until the client has ended the connection."""
        with contextlib.suppress(ConnectionError):
            while await self.reader.read(65536):
                pass
        self.keep_alive = False


class HttpServer:
    """Use as a context manager: it listens on a port of its own as long as the block lasts."""

    def __init__(self, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None):
        self.host = host
        self.port = 0
        self.requests: list[Request] = []
        self.open_connections = 0
        self.peak_connections = 0
        self.accepted_connections = 0
        self.now_answering = 0
        self.peak_answering = 0
        self._bugs: list[BaseException] = []
        self._tls = tls
        self._lock = threading.Condition()
        self._ordinals: dict[tuple[str, str], int] = {}
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task] = set()
        self._thread = threading.Thread(target=self._run, name=f"{type(self).__name__} {host}", daemon=True)
        self._listening = threading.Event()

    # For tests, from any thread.

    def __enter__(self):
        self._thread.start()
        if not self._listening.wait(10):
            raise RuntimeError(f"no server on {self.host}")
        return self

    def __exit__(self, *_) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        if self._bugs:
            raise AssertionError(f"the test's own server at {self.address} is at fault") from self._bugs[0]

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"

    def url(self, path: str) -> str:
        scheme = "https" if self._tls else "http"
        return f"{scheme}://{self.address}/{path.lstrip('/')}"

    def requests_of(self, path: str, method: str = "GET") -> list[Request]:
        with self._lock:
            return [request for request in self.requests if request.method == method and request.path == path]

    def wait_until(self, condition, seconds: float = 30) -> None:
        """Waits until `condition()` holds; it is looked at whenever something happens at this server."""
        deadline = time.monotonic() + seconds
        with self._lock:
            while not condition():
                left = deadline - time.monotonic()
                if left <= 0:
                    raise AssertionError(f"did not happen within {seconds} s at {self.address}")
                self._lock.wait(min(left, 0.5))

    def wait_until_idle(self, seconds: float = 30) -> None:
        """Waits until no connection is open: everything that was sent has been taken in."""
        self.wait_until(lambda: self.open_connections == 0, seconds)

    # For subclasses, on the server's thread.

    async def answer(self, exchange: Exchange) -> None:
        raise NotImplementedError

    def happened(self) -> None:
        """Tells those that wait that something has changed."""
        with self._lock:
            self._lock.notify_all()

    # The server.

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        server = await asyncio.start_server(
            self._connection, self.host, 0, ssl=self._tls, limit=HEAD_LIMIT, backlog=4096
        )
        self.port = server.sockets[0].getsockname()[1]
        self._listening.set()
        await self._stop.wait()
        server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self._tasks.add(task)
        with self._lock:
            self.accepted_connections += 1
            self.open_connections += 1
            self.peak_connections = max(self.peak_connections, self.open_connections)
            self._lock.notify_all()
        try:
            while await self._one_exchange(reader, writer):
                pass
        except (
            ConnectionError,
            TimeoutError,
            asyncio.IncompleteReadError,
            asyncio.CancelledError,
            ssl.SSLError,
        ):
            pass
        except Exception as bug:
            self._bugs.append(bug)
        finally:
            writer.close()
            with self._lock:
                self.open_connections -= 1
                self._lock.notify_all()
            self._tasks.discard(task)

    async def _one_exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        request = await self._read_request(reader, writer)
        if request is None:
            return False
        with self._lock:
            key = (request.method, request.target)
            request.ordinal = self._ordinals[key] = self._ordinals.get(key, 0) + 1
            self.requests.append(request)
            request.at = time.monotonic()
            self.now_answering += 1
            self.peak_answering = max(self.peak_answering, self.now_answering)
            self._lock.notify_all()
        exchange = Exchange(request, reader, writer)
        try:
            await self.answer(exchange)
        finally:
            with self._lock:
                self.now_answering -= 1
                self._lock.notify_all()
        return exchange.keep_alive

    async def _read_request(self, reader, writer) -> Request | None:
        try:
            head = await reader.readexactly(1)
            if head == b"\x16":  # Somebody wants to speak TLS.
                writer.write(b"HTTP/1.1 400 Speak HTTP here\r\nConnection: close\r\n\r\n")
                return None
            head += await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return None
        first, *lines = head.decode("latin-1").split("\r\n")[:-2]
        method, target, _ = first.split(" ")
        headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
        request = Request(method, target, headers)
        if request.header("expect", "").lower() == "100-continue":
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if request.header("transfer-encoding"):
            raise AssertionError("a request with chunks: S3 refuses those")
        request.body = await reader.readexactly(int(request.header("content-length", "0")))
        return request
