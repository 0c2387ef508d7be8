"""creel demo: the whole system on one machine, with sites of its own."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

import pytest

from support.creel import BINARY, ENVIRONMENT, PATIENCE, ROOT

SAMPLES = ROOT / "examples/samples"
LINK = re.compile(r"Open (http://[^/]+)/#token=(\S+)")
EXPECTED_FAILURES = {
    "forbidden",
    "not_an_image",
    "not_found",
    "opted_out",
    "placeholder",
    "redirected",
    "truncated",
}


def demo(folder: pathlib.Path, *arguments, listen="127.0.0.1:0", **environment):
    return subprocess.run(
        [BINARY.absolute(), "demo", "--listen", listen, *map(str, arguments)],
        cwd=folder,
        env={**ENVIRONMENT, **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def samples() -> dict[str, bytes]:
    return {str(path.relative_to(SAMPLES)): path.read_bytes() for path in SAMPLES.glob("*/*")}


def stored_in(folder: pathlib.Path) -> list[bytes]:
    images = folder / "creel-data/demo/images"
    return [path.read_bytes() for path in images.rglob("*") if path.is_file() and path.name != "lock"]


def started_by(pid: int) -> set[int]:
    """The processes that a process has started and that are still there, with theirs."""
    found: set[int] = set()
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            name, rest = path.read_text().rsplit(")", 1)
            if int(rest.split()[1]) == pid and "Z" not in rest.split()[0]:
                child = int(name.split(" ", 1)[0])
                found |= {child} | started_by(child)
    return found


class Demo:
    """A `creel demo` that stays up."""

    def __init__(self, folder: pathlib.Path, *arguments):
        self._errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [BINARY.absolute(), "demo", *map(str, arguments)],
            cwd=folder,
            env=ENVIRONMENT,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        self.printed = ""
        for line in self.process.stdout:
            self.printed += line
            if found := LINK.search(line):
                self.url, self.token = found.groups()
                return
        raise AssertionError(f"no link, code {self.process.wait(PATIENCE)}\n{self.printed}{self.errors}")

    @property
    def errors(self) -> str:
        return os.pread(self._errors.fileno(), 1 << 20, 0).decode()

    def get(self, path: str):
        request = urllib.request.Request(self.url + path, headers={"Authorization": f"Bearer {self.token}"})
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.read()

    def stored(self) -> list[dict]:
        return json.loads(self.get("/images?state=stored&limit=200"))["items"]

    def stop(self, number=signal.SIGINT) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        self.printed += self.process.stdout.read()
        return code


@pytest.fixture
def running(tmp_path):
    """Starts demos, and ends them all."""
    with contextlib.ExitStack() as demos:

        def start(*arguments) -> Demo:
            demo = Demo(tmp_path, *arguments)
            demos.callback(demo.stop, signal.SIGKILL)
            return demo

        yield start


def test_once_stores_every_sample_and_fails_the_broken_ones_for_their_reason(tmp_path):
    result = demo(tmp_path, "--once", "--json")
    assert result.returncode == 0, result.stdout + result.stderr
    summary = json.loads(result.stdout)
    assert summary["ok"] and summary["problems"] == []
    assert [source["type"] for source in summary["sources"]] == ["imgur", "feed", "json", "list"]
    assert sum(source["stored"] for source in summary["sources"]) == len(samples())
    assert {failure["kind"] for failure in summary["failures"]} == EXPECTED_FAILURES
    assert all(failure["expected"] for failure in summary["failures"])
    assert sorted(stored_in(tmp_path)) == sorted(samples().values())
    assert result.stderr == ""


def test_once_sends_the_pictures_through_the_function(tmp_path):
    assert demo(tmp_path, "--once").returncode == 0
    log = (tmp_path / "creel-data/demo/function.log").read_text()
    assert log.count("REPORT RequestId:") >= len(samples()) / 4


def test_the_summary_for_people_names_sources_and_failures(tmp_path):
    result = demo(tmp_path, "--once")
    assert result.returncode == 0, result.stdout + result.stderr
    for words in ("Paper worlds on Imgur", "Aquarium diary", "Shapes and numbers", "Sky and ink", "All as it must be"):
        assert words in result.stdout
    for kind in EXPECTED_FAILURES:
        assert re.search(rf"^{kind} .* yes ", result.stdout, re.MULTILINE), kind


def test_it_can_be_run_again_and_begins_afresh_then(tmp_path):
    assert demo(tmp_path, "--once").returncode == 0
    note = tmp_path / "creel-data/demo/note.txt"
    note.write_text("mine")
    assert demo(tmp_path, "--once").returncode == 0
    assert sorted(stored_in(tmp_path)) == sorted(samples().values())
    assert note.read_text() == "mine"


def test_proxies_of_the_environment_do_not_matter(tmp_path):
    proxies = {name: "http://127.0.0.1:9" for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY")}
    result = demo(tmp_path, "--once", "--json", **proxies)
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_page_answers_and_pictures_come_in(running):
    demo = running("--listen", "127.0.0.1:0")
    assert json.loads(demo.get("/healthz"))
    assert len(json.loads(demo.get("/sources"))["items"]) == 4
    deadline = time.monotonic() + PATIENCE
    first = []
    while len(first) < 5:
        assert time.monotonic() < deadline, demo.errors
        first = demo.stored()
    later = first
    while len(later) <= len(first):
        assert time.monotonic() < deadline, demo.errors
        later = demo.stored()
    picture = later[0]
    assert demo.get(f"/images/{picture['id']}/content") in samples().values()


def test_the_api_wants_the_token_of_the_link(running):
    demo = running("--listen", "127.0.0.1:0")
    demo.token = "another"
    with pytest.raises(urllib.error.HTTPError) as refused:
        demo.get("/images")
    assert refused.value.code == 401


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_all_of_its_processes(running, number):
    demo = running("--listen", "127.0.0.1:0")
    deadline = time.monotonic() + PATIENCE
    while not demo.stored():
        assert time.monotonic() < deadline, demo.errors
    processes = started_by(demo.process.pid)
    assert processes
    assert demo.stop(number) == 0
    assert "Stopped." in demo.printed
    assert demo.errors == ""
    assert not [pid for pid in processes if pathlib.Path(f"/proc/{pid}").exists()]
    with pytest.raises(urllib.error.URLError):
        demo.get("/healthz")


def test_a_port_that_is_in_use_is_not_used(running):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = "127.0.0.1:%d" % taken.getsockname()[1]
        demo = running("--listen", address)
        assert f"{address} is in use" in demo.printed
        assert demo.url != f"http://{address}"
        assert json.loads(demo.get("/healthz"))


def test_two_do_not_work_in_one_folder(running, tmp_path):
    first = running("--listen", "127.0.0.1:0")
    second = demo(tmp_path, "--once")
    assert second.returncode == 2
    assert "in use" in second.stderr and "--data" in second.stderr
    assert json.loads(first.get("/healthz"))


def test_a_catalog_of_somebody_else_is_left_alone(tmp_path):
    folder = tmp_path / "serve"
    folder.mkdir()
    (folder / "creel.db").write_text("precious")
    result = demo(tmp_path, "--once", "--data", folder)
    assert result.returncode == 2
    assert "--data" in result.stderr
    assert (folder / "creel.db").read_text() == "precious"


def test_others_cannot_be_let_in(tmp_path):
    result = demo(tmp_path, "--once", listen="0.0.0.0:0")
    assert result.returncode == 2
    assert "127.0.0.1" in result.stderr


def test_json_is_for_once_alone(tmp_path):
    assert demo(tmp_path, "--json").returncode == 2


def test_a_copied_program_alone_has_its_function(tmp_path):
    program = tmp_path / "bin/creel"
    program.parent.mkdir()
    shutil.copy(BINARY, program)
    done = subprocess.run(
        [program, "package", "--output", "own.zip"],
        cwd=tmp_path,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "own.zip").read_bytes() == (BINARY.parent / "creel-function.zip").read_bytes()
