"""Runs the shipped program and reads what it says."""

import dataclasses
import json
import os
import pathlib
import re
import select
import signal
import subprocess
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("CREEL_BINARY", ROOT / "build/release/creel"))

# Longest that any run here may take before it counts as hanging.
PATIENCE = 120

# The program sees these variables and no other: no proxy, profile or credentials of the machine's user.
ENVIRONMENT = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "AWS_EC2_METADATA_DISABLED": "true"}

S3_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "AKIATESTTESTTEST",
    "AWS_SECRET_ACCESS_KEY": "test-secret-key",
    "AWS_REGION": "us-east-1",
}


@dataclasses.dataclass
class Result:
    """How a run ended."""

    code: int
    stdout: str
    stderr: str
    seconds: float
    peak_bytes: int
    report: list[dict]

    @property
    def summary(self) -> dict:
        """The one JSON object on standard output."""
        try:
            return json.loads(self.stdout)
        except ValueError:
            raise AssertionError(f"no summary; creel ended with code {self.code}\n{self.stderr}") from None

    @property
    def failures(self) -> dict:
        return self.summary["failures"]

    def of(self, url: str) -> dict:
        """The one report line of a URL."""
        lines = [line for line in self.report if line["url"] == url]
        assert len(lines) == 1, f"{len(lines)} lines for {url} in the report"
        return lines[0]

    def kind(self, url: str) -> str:
        """The failure's kind, or what became of the image instead."""
        line = self.of(url)
        return line["error"]["type"] if line["status"] == "failed" else line["status"]


class Process:
    """A run that goes on."""

    def __init__(
        self,
        arguments: list,
        environment: dict,
        report: pathlib.Path | None = None,
        given: bytes | None = None,
        folder: pathlib.Path | None = None,
        through: tuple = (),
    ):
        """`through`: a command that becomes the program which its last arguments name, as `unshare` does."""
        self._report = report
        self._started = time.monotonic()
        self._stdin, self._stdout, self._stderr = (tempfile.TemporaryFile() for _ in range(3))
        self._stdin.write(given or b"")
        self._stdin.seek(0)
        self._popen = subprocess.Popen(
            [*map(str, through), str(BINARY), *map(str, arguments)],
            stdin=self._stdin,
            stdout=self._stdout,
            stderr=self._stderr,
            env=environment,
            cwd=folder,
        )
        self._code: int | None = None
        self._seconds = 0.0
        self._peak_bytes = 0
        self._waiter = threading.Thread(target=self._wait, daemon=True)
        self._waiter.start()

    def _wait(self) -> None:
        # Not by rusage: what that tells includes the memory of the parent at the time of the fork.
        process = os.pidfd_open(self._popen.pid)
        ended = select.poll()
        ended.register(process, select.POLLIN)
        while True:
            self._peak_bytes = max(self._peak_bytes, _peak_bytes(self._popen.pid))
            if ended.poll(20):
                break
        os.close(process)
        self._seconds = time.monotonic() - self._started
        self._code = self._popen.wait()

    @property
    def running(self) -> bool:
        return self._waiter.is_alive()

    def signal(self, number: int) -> None:
        assert self.running, f"creel has ended already, with code {self._code}\n{self.stderr()}"
        os.kill(self._popen.pid, number)

    def kill(self) -> None:
        """SIGKILL, and waits until the process is gone."""
        self.signal(signal.SIGKILL)
        self._waiter.join(PATIENCE)

    def ends_within(self, seconds: float) -> bool:
        self._waiter.join(seconds)
        return not self.running

    def stderr(self) -> str:
        """What it has said on standard error so far."""
        return _text(self._stderr)

    def wait_for(self, condition, seconds: float = 30) -> None:
        """Waits until `condition()` holds; it is looked at again and again while the program runs."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert not self.ends_within(0.05), f"creel has ended, with code {self._code}\n{self.stderr()}"
            assert time.monotonic() < deadline, f"did not happen within {seconds} s\n{self.stderr()}"

    def finish(self, patience: float = PATIENCE) -> Result:
        """Waits for the end and fails if it does not come."""
        if not self.ends_within(patience):
            self.kill()
            raise AssertionError(f"still running after {patience} s\n{self.stderr()}")
        report = []
        if self._report and self._report.exists():
            report = [json.loads(line) for line in self._report.read_text().splitlines()]
        return Result(self._code, _text(self._stdout), self.stderr(), self._seconds, self._peak_bytes, report)


def _peak_bytes(pid: int) -> int:
    """The most resident memory so far; 0 for a process that is going."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found.group(1)) * 1024 if found else 0


def _text(file) -> str:
    return os.pread(file.fileno(), 1 << 26, 0).decode(errors="replace")


class Job:
    """`creel mirror` with a state and a destination that stay the same from run to run, so that it can be resumed."""

    def __init__(
        self, folder: pathlib.Path, to: str | pathlib.Path | None = None, environment: dict | None = None
    ):
        self.folder = folder
        self.to = to or folder / "pictures"
        # Flags that say how to reach the store.
        self.store: list[str] = []
        self.state = folder / "state.db"
        # A command to start the program through.
        self.through: tuple = ()
        self.environment = {**ENVIRONMENT, "HOME": str(folder), **(environment or {})}
        self._runs = 0

    def list(self, lines, name: str = "urls.txt") -> pathlib.Path:
        """Writes a list of URLs, a line each."""
        path = self.folder / name
        path.write_text("".join(f"{line}\n" for line in lines))
        return path

    def start(self, *arguments, private: bool = True, given: bytes | None = None) -> Process:
        """Begins a run. `private`: loopback addresses may be reached; `given`: its standard input."""
        self._runs += 1
        report = self.folder / f"report-{self._runs}.jsonl"
        fixed = [
            "mirror",
            "--to",
            self.to,
            "--state",
            self.state,
            "--report",
            report,
            "--json",
            "--no-progress",
        ]
        if private:
            fixed.append("--allow-private-network")
        return Process([*fixed, *self.store, *arguments], self.environment, report, given, through=self.through)

    def run(self, *arguments, private: bool = True, given: bytes | None = None) -> Result:
        return self.start(*arguments, private=private, given=given).finish()

    def stored(self) -> dict[str, bytes]:
        """What lies in the destination folder, by key; anything but the store's own lock included."""
        root = pathlib.Path(self.to)
        files = {str(path.relative_to(root)): path for path in sorted(root.rglob("*")) if path.is_file()}
        files.pop(".creel-unfinished/lock", None)
        return {key: path.read_bytes() for key, path in files.items()}


def run_creel(*arguments, folder: pathlib.Path | None = None) -> Result:
    """The program with these arguments and nothing else, in a working directory if need be."""
    return Process(list(arguments), ENVIRONMENT, folder=folder).finish()
