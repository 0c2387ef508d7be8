"""Runs `creel serve` and talks to it over HTTP, as its users do."""

import contextlib
import http.client
import json
import pathlib
import queue
import re
import signal
import subprocess
import tempfile
import threading
import time
import urllib.parse

from support.creel import BINARY, ENVIRONMENT, PATIENCE

READY = re.compile(r"(http://[0-9.:a-z\[\]]+:\d+)")


class Events:
    """The server-sent events of a backend, as they come."""

    def __init__(self, backend: "Backend"):
        self._connection = http.client.HTTPConnection(backend.address, timeout=PATIENCE)
        self._connection.request("GET", "/events", headers=backend.headers)
        self._answer = self._connection.getresponse()
        assert self._answer.status == 200, self._answer.read()
        self._queue: queue.Queue = queue.Queue()
        self.all: list[tuple[str, dict]] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        kind, data = "message", []
        with contextlib.suppress(OSError, ValueError, AttributeError, http.client.HTTPException):
            for line in self._answer:
                text = line.decode().rstrip("\n")
                if text.startswith("event:"):
                    kind = text[6:].strip()
                elif text.startswith("data:"):
                    data.append(text[5:].strip())
                elif not text and data:
                    self._queue.put((kind, json.loads("\n".join(data))))
                    kind, data = "message", []
        self._queue.put(None)

    def next(self, seconds: float = PATIENCE) -> tuple[str, dict] | None:
        """The next event; nothing once the stream has ended."""
        event = self._queue.get(timeout=seconds)
        if event is not None:
            self.all.append(event)
        return event

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._connection.sock.shutdown(2)
        self._connection.close()


class Backend:
    """A running `creel serve`. Use `restart` after its end to start it again over the same data."""

    def __init__(self, data: pathlib.Path, *arguments, environment: dict | None = None, private=True, limits_fail=False):
        """With `limits_fail`, a file that grows beyond a limit of the process fails the write, instead of ending it."""
        self.data = data
        self._restores_signals = not limits_fail
        self._arguments = [str(argument) for argument in arguments]
        if private:
            self._arguments.append("--allow-private-network")
        self._environment = {**ENVIRONMENT, **(environment or {})}
        self._token = ""
        self.start()

    def start(self) -> None:
        self._log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [str(BINARY), "serve", "--data", str(self.data), "--listen", "127.0.0.1:0", *self._arguments],
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=self._environment,
            cwd=self.data.parent,
            # Python ignores SIGXFSZ, and a child that restores nothing does the same.
            restore_signals=self._restores_signals,
        )
        self.printed: list[str] = []
        self.url = self._read_url()
        self.address = self.url.removeprefix("http://")
        self._reader = threading.Thread(target=self._read_rest, args=(self.process,), daemon=True)
        self._reader.start()

    def _read_url(self) -> str:
        for line in self.process.stdout:
            self.printed.append(line.decode())
            if found := READY.search(self.printed[-1]):
                return found.group(1)
        raise AssertionError(f"the backend did not start, code {self.process.wait(PATIENCE)}:\n{self.log}")

    def _read_rest(self, process) -> None:
        for line in process.stdout:
            self.printed.append(line.decode())

    @property
    def log(self) -> str:
        self._log.seek(0)
        return self._log.read().decode()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)

    def stop(self, number=signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return code

    def token(self, scope="write") -> str:
        done = subprocess.run(
            [str(BINARY), "token", "--data", str(self.data), "--scope", scope, "--ttl", "1d", *self._config()],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            env=self._environment,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def _config(self) -> list[str]:
        if "--config" not in self._arguments:
            return []
        place = self._arguments.index("--config")
        return self._arguments[place : place + 2]

    @property
    def headers(self) -> dict[str, str]:
        self._token = self._token or self.token()
        return {"Authorization": f"Bearer {self._token}"}

    # The API.

    def call(self, method: str, path: str, body=None, headers: dict | None = None):
        """Status, headers and body as they come."""
        connection = http.client.HTTPConnection(self.address, timeout=PATIENCE)
        try:
            fields = {**self.headers, **(headers or {})}
            data = None
            if body is not None:
                data = json.dumps(body).encode()
                fields["Content-Type"] = "application/json"
            connection.request(method, path, body=data, headers=fields)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def json(self, method: str, path: str, body=None, expect: int | None = None):
        status, _, data = self.call(method, path, body)
        if expect is not None:
            assert status == expect, f"{method} {path}: {status}\n{data.decode()}"
        return json.loads(data) if data else None

    def get(self, path: str, **query):
        target = path + ("?" + urllib.parse.urlencode(query) if query else "")
        return self.json("GET", target, expect=200)

    def add_source(self, name: str, kind: str, url: str | None = None, settings=None, **more) -> dict:
        body = {"name": name, "type": kind, "settings": settings or {}, "interval": 3600, "start": True, **more}
        if url is not None:
            body["url"] = url
        return self.json("POST", "/sources", body, expect=201)

    def source(self, number: int) -> dict:
        return self.get(f"/sources/{number}")

    def images(self, **query) -> list[dict]:
        """All images of a filter, over all pages."""
        items, cursor = [], None
        while True:
            page = self.get("/images", limit=200, **query, **({"cursor": cursor} if cursor else {}))
            items += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return items

    def events(self) -> Events:
        return Events(self)

    def wait_until(self, condition, seconds: float = PATIENCE) -> None:
        """Waits until `condition()` holds; it is looked at whenever the backend tells of something, which it does
        once a second at least."""
        deadline = time.monotonic() + seconds
        events = self.events()
        try:
            while not condition():
                left = deadline - time.monotonic()
                assert left > 0, f"did not happen within {seconds} s\n{self.log[-5000:]}"
                with contextlib.suppress(queue.Empty):
                    assert events.next(min(left, 5)) is not None, f"the backend ended\n{self.log[-5000:]}"
        finally:
            events.close()

    def wait_for_quiet(self, seconds: float = PATIENCE) -> None:
        """Waits until every source has been polled and no image waits any more."""

        def is_quiet() -> bool:
            sources = self.get("/sources")["items"]
            if any(
                source["state"] in ("fetching", "stopping") or source["last_poll"] is None
                for source in sources
                if source["type"] != "direct" and source["state"] != "stopped"
            ):
                return False
            return not self.images(state="pending") and not self.images(state="storing")

        self.wait_until(is_quiet, seconds)
