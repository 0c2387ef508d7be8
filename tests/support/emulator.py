"""Runs `creel emulate` and calls it with boto3."""

import contextlib
import json
import pathlib
import re
import signal
import subprocess
import tempfile
import threading
import time
import urllib.request

import boto3
import botocore.config

from support.creel import BINARY, ENVIRONMENT, PATIENCE
from support.python_function import python_zip, write_zip

READY = re.compile(r"emulated at (http://\S+)")


def await_that(what, words="it did not come about") -> None:
    """Waits until `what()` holds; it is looked at again and again."""
    end = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < end, words
        time.sleep(0.005)


class Emulator:
    """An emulator on a port of its own. Its log grows in `log`."""

    def __init__(self, arguments: list, folder: pathlib.Path, environment: dict | None = None):
        self._log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [str(BINARY), "emulate", "--port", "0", *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=self._log,
            env={**ENVIRONMENT, **(environment or {})},
            cwd=folder,
        )
        self.started = []
        self.url = self._read_url()
        # Whatever else it prints must not block it.
        self._reader = threading.Thread(target=self._read_rest, daemon=True)
        self._reader.start()

    def _read_url(self) -> str:
        for line in self.process.stdout:
            self.started.append(line.decode())
            if found := READY.search(self.started[-1]):
                return found.group(1)
        raise AssertionError(f"the emulator did not start, code {self.process.wait(PATIENCE)}:\n{self.log}")

    def _read_rest(self) -> None:
        for line in self.process.stdout:
            self.started.append(line.decode())

    @property
    def log(self) -> str:
        """All that it has written to standard error so far."""
        self._log.seek(0)
        return self._log.read().decode()

    @property
    def lambda_(self):
        return client(self.url)

    def invoke(self, name="function", payload=None, **more) -> dict:
        """Invokes it; the answer with `Payload` read and, if it is JSON, parsed as `json`."""
        if payload is not None:
            more["Payload"] = payload if isinstance(payload, (bytes, str)) else json.dumps(payload)
        answer = self.lambda_.invoke(FunctionName=name, **more)
        answer["body"] = answer["Payload"].read()
        with contextlib.suppress(ValueError):
            answer["json"] = json.loads(answer["body"])
        return answer

    def get(self, path: str, **headers) -> urllib.request.Request:
        request = urllib.request.Request(self.url + path, headers=headers)
        return urllib.request.urlopen(request, timeout=PATIENCE)

    def stop(self, number=signal.SIGINT) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return code


_clients: dict[str, object] = {}


def client(url: str):
    """One for each emulator: making them takes boto3 long. It tries once, and waits as long as it takes."""
    if url not in _clients:
        _clients[url] = boto3.client(
            "lambda",
            endpoint_url=url,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=botocore.config.Config(
                retries={"total_max_attempts": 1}, read_timeout=PATIENCE, max_pool_connections=64, proxies={}
            ),
        )
    return _clients[url]


class Emulators:
    """Starts emulators, and ends them all."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self._running: list[Emulator] = []

    def zip(self, content: bytes, name: str = "function") -> pathlib.Path:
        return write_zip(self.folder / f"{name}.zip", content)

    def start(self, *arguments, handler: str | None = None, zip: bytes | None = None, **more) -> Emulator:
        """An emulator of the function `function`, which is a Python handler or a zip, or of what the arguments name."""
        arguments = list(arguments)
        if handler is not None:
            zip = python_zip(handler)
        if zip is not None:
            arguments.append(self.zip(zip))
        emulator = Emulator(arguments, self.folder, **more)
        self._running.append(emulator)
        return emulator

    def stop(self) -> None:
        for emulator in self._running:
            emulator.stop()
