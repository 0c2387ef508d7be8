"""A scripted Lambda Runtime API: hands out events, and keeps what the function answers.

One thread a connection; `next` waits in its thread until there is an event.
"""

import base64
import contextlib
import dataclasses
import json
import queue
import socket
import threading
import time
import uuid

# Longest that anything here is waited for before it counts as hanging.
PATIENCE = 30

ARN = "arn:aws:lambda:us-east-1:123456789012:function:hello"


@dataclasses.dataclass
class Request:
    """A request as it came over the wire."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    trailers: dict[str, str]
    # Which connection it came on, from 1.
    connection: int
    at: float

    @property
    def json(self):
        return json.loads(self.body)


@dataclasses.dataclass
class Answer:
    """What a function made of an event."""

    kind: str  # "response" or "error"
    request: Request

    @property
    def json(self):
        return self.request.json

    @property
    def body(self) -> bytes:
        return self.request.body

    @property
    def headers(self) -> dict[str, str]:
        return self.request.headers

    @property
    def error_type(self) -> str:
        """Of the header, or of the trailer where the error came in the middle of a stream."""
        name = "lambda-runtime-function-error-type"
        return self.request.trailers.get(name) or self.headers.get(name, "")

    @property
    def error_in_trailer(self) -> dict:
        return json.loads(base64.b64decode(self.request.trailers["lambda-runtime-function-error-body"]))


class Invocation:
    """An event that was handed out, and the way to its answer."""

    def __init__(self, event: bytes, headers: dict[str, str]):
        self.event = event
        self.headers = headers
        self.id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.answers: queue.Queue[Answer] = queue.Queue()
        self.taken = threading.Event()

    def answer(self) -> Answer:
        return self.answers.get(timeout=PATIENCE)


class RuntimeApi:
    """`scripted` is a list of (status, body) for the next posts of answers, instead of 202; status None cuts the
    connection."""

    def __init__(self):
        self.scripted: list[tuple[int | None, dict]] = []
        self.requests: list[Request] = []
        self.init_errors: queue.Queue[Request] = queue.Queue()
        self.extensions: queue.Queue[Request] = queue.Queue()
        self.extension_waits = threading.Event()
        # One a call of `next`, as it comes in.
        self.asked: queue.Queue[Request] = queue.Queue()
        self._events: queue.Queue[Invocation | None] = queue.Queue()
        self._invocations: dict[str, Invocation] = {}
        self._gone = threading.Event()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self):
        self._acceptor = threading.Thread(target=self._accept)
        self._acceptor.start()
        return self

    def __exit__(self, *_):
        self._gone.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        for _ in self._threads:
            self._events.put(None)
        for thread in [self._acceptor, *self._threads]:
            thread.join(PATIENCE)
            assert not thread.is_alive(), "a connection of the scripted Runtime API hangs"

    def send(self, event, seconds: float = 30, **headers: str) -> Invocation:
        """Queues an event; `headers` go with it, with - for _ in their names, and without those that are ""."""
        fields = {
            "Lambda-Runtime-Aws-Request-Id": str(uuid.uuid4()),
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + seconds) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": ARN,
            "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1",
            "Content-Type": "application/json",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        invocation = Invocation(body, {name: value for name, value in fields.items() if value})
        with self._lock:
            self._invocations[invocation.id] = invocation
        self._events.put(invocation)
        return invocation

    def call(self, event, **options) -> Answer:
        return self.send(event, **options).answer()

    # The wire.

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._connections += 1
                self._open.add(connection)
                thread = threading.Thread(target=self._serve, args=(connection, self._connections))
                self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket, number: int):
        try:
            with connection.makefile("rb") as stream:
                while request := _read_request(stream, number):
                    with self._lock:
                        self.requests.append(request)
                    reply = self._reply(request)
                    if reply is None:
                        return
                    connection.sendall(reply)
                    if request.headers.get("connection") == "close":
                        return
        except (ConnectionError, ValueError):
            # The function has gone, which a test may want.
            pass
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()

    def _reply(self, request: Request) -> bytes | None:
        match request.path.split("/")[1:]:
            case ["2018-06-01", "runtime", "invocation", "next"]:
                return self._next(request)
            case ["2018-06-01", "runtime", "invocation", request_id, ("response" | "error") as kind]:
                return self._take_answer(request, request_id, kind)
            case ["2018-06-01", "runtime", "init", "error"]:
                self.init_errors.put(request)
                return _reply(202, {"status": "OK"})
            case ["2020-01-01", "extension", "register"]:
                self.extensions.put(request)
                return _reply(200, {"functionName": "hello"}, {"Lambda-Extension-Identifier": "extension-1"})
            case ["2020-01-01", "extension", "event", "next"]:
                self.extension_waits.set()
                self._gone.wait()
                return None
        return _reply(404, {"errorType": "NotFound", "errorMessage": request.path})

    def _next(self, request: Request) -> bytes | None:
        self.asked.put(request)
        invocation = self._events.get()
        if invocation is None:
            return None
        invocation.taken.set()
        return _reply(200, invocation.event, invocation.headers)

    def _take_answer(self, request: Request, request_id: str, kind: str) -> bytes | None:
        with self._lock:
            invocation = self._invocations.get(request_id)
            status, body = self.scripted.pop(0) if self.scripted else (202, {"status": "OK"})
        if status is None:
            return None
        if invocation is None:
            return _reply(400, {"errorType": "InvalidRequestID", "errorMessage": "Invalid request ID"})
        if status == 202:
            invocation.answers.put(Answer(kind, request))
        return _reply(status, body)


def _read_request(stream, connection: int) -> Request | None:
    line = stream.readline()
    if not line:
        return None
    method, path, _ = line.decode("latin-1").split(" ", 2)
    headers = _read_fields(stream)
    trailers: dict[str, str] = {}
    if headers.get("transfer-encoding") == "chunked":
        body = b""
        while size := int(stream.readline(), 16):
            body += stream.read(size)
            assert stream.readline() == b"\r\n"
        trailers = _read_fields(stream)
    else:
        length = int(headers.get("content-length", "0"))
        body = stream.read(length)
        if len(body) < length:
            return None
    return Request(method, path, headers, body, trailers, connection, time.monotonic())


def _read_fields(stream) -> dict[str, str]:
    fields = {}
    while (line := stream.readline()) not in (b"\r\n", b""):
        name, _, value = line.decode("latin-1").partition(":")
        fields[name.strip().lower()] = value.strip()
    return fields


def _reply(status: int, body, headers: dict[str, str] | None = None) -> bytes:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    fields = {"Content-Length": str(len(content)), **(headers or {})}
    lines = [f"HTTP/1.1 {status} Answer", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + content
