"""Flags, exit codes, the summary, the report, the log and the progress."""

import hashlib
import json
import os
import pty
import re
import subprocess

import pytest

from support import images
from support.creel import BINARY, ENVIRONMENT, run_creel

DEFAULTS = {
    "--concurrency": "256",
    "--per-host": "32",
    "--retries": "5",
    "--timeout": "60s",
    "--max-bytes": "64MiB",
    "--memory": "256MiB",
    "--key-mode": "named",
    "--if-exists": "overwrite",
    "--accept": "image/*",
}
OTHER_FLAGS = [
    "--to",
    "--format",
    "--folder",
    "--header",
    "--state",
    "--report",
    "--json",
    "--no-progress",
    "--dry-run",
    "--retry-failed",
    "--allow-private-network",
    "--threads",
    "--ignore-opt-out",
    "--endpoint-url",
    "--region",
    "--profile",
    "--log-format",
    "--log-level",
]


def test_help_names_every_flag_with_its_default():
    result = run_creel("mirror", "--help")

    assert result.code == 0
    for flag in OTHER_FLAGS:
        assert re.search(rf"{flag}\b", result.stdout), flag
    for flag, default in DEFAULTS.items():
        # The flag's own paragraph: up to the next flag.
        paragraph = re.search(rf"{flag}\b.*?(?=\n\s*-|\Z)", result.stdout, re.DOTALL)
        assert paragraph and default in paragraph.group(), flag


def test_help_of_the_program_names_its_commands():
    result = run_creel("--help")

    assert result.code == 0 and "mirror" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "name", "words"),
    [
        ([], "creel", "no command is given"),
        (["miror", "urls.txt"], "creel", "there is no command 'miror'; did you mean 'mirror'?"),
        (["--to", "pictures"], "creel", "there is no option '--to' before a command"),
        (["image"], "creel image", "no command is given"),
        (["source", "lsit"], "creel source", "there is no command 'lsit'; did you mean 'list'?"),
        (["--bogus", "source", "list"], "creel", "there is no option '--bogus' before a command"),
        (["image", "--url", "http://127.0.0.1:9", "remove", "5"], "creel image", "there is no option '--url' before a command"),
        (["source", "--data", "elsewhere", "list"], "creel source", "there is no option '--data' before a command"),
        (["source", "foo", "list"], "creel source", "there is no command 'foo'"),
    ],
)
def test_a_command_that_there_is_not_is_named_with_those_that_there_are(arguments, name, words):
    result = run_creel(*arguments)
    first, commands, *_ = result.stderr.splitlines()
    assert (result.code, first) == (2, f"{name}: {words}")
    assert {"mirror" if name == "creel" else "list"} <= set(commands.removeprefix("Commands: ").split(", "))
    assert "jq-filter" not in commands


def test_the_version_is_told():
    result = run_creel("--version")

    assert result.code == 0 and re.search(r"\d+\.\d+\.\d+", result.stdout)


@pytest.mark.parametrize(
    "flag, value",
    [
        ("--concurrency", "0"),
        ("--concurrency", "-1"),
        ("--concurrency", "many"),
        ("--per-host", "0"),
        ("--per-host", "x"),
        ("--retries", "-1"),
        ("--retries", "x"),
        ("--timeout", "soon"),
        ("--timeout", "0"),
        ("--timeout", "-5s"),
        ("--max-bytes", "lots"),
        ("--max-bytes", "64Mib5"),
        ("--memory", "x"),
        ("--key-mode", "pretty"),
        ("--if-exists", "ask"),
        ("--header", "NoColon"),
        ("--header", "Host: example.com"),
        ("--header", "Content-Length: 5"),
        ("--header", "Transfer-Encoding: chunked"),
        ("--header", "Connection: close"),
        ("--header", "X-A: b\r\nX-C: d"),
        ("--header", "Bad Name: x"),
        ("--retry-failed", "nonsense"),
        ("--format", "xml"),
        ("--threads", "0"),
        ("--threads", "x"),
        ("--log-format", "xml"),
        ("--log-level", "loud"),
        ("--folder", "../up"),
        ("--folder", "/etc"),
        ("--folder", "a//b"),
        ("--no-such-flag", "x"),
        ("--endpoint-url", "not a url"),
    ],
)
def test_a_wrong_value_is_wrong_usage_and_is_named(job, origin, flag, value):
    urls = job.list([origin.url("image/900/x.png")])
    arguments = ["mirror", urls, "--to", job.to, "--state", job.state, "--allow-private-network", flag, value]
    if flag == "--endpoint-url":
        arguments[arguments.index("--to") + 1] = "s3://bucket/prefix"

    result = run_creel(*arguments, folder=job.folder)

    assert result.code == 2, result.stderr
    assert flag in result.stderr or value in result.stderr
    assert origin.requests == []


@pytest.mark.parametrize("to", ["s3://", "s3:///prefix", "ftp://host/x", "https://host/x", ""])
def test_a_destination_that_is_none_is_wrong_usage(job, origin, to):
    result = run_creel(
        "mirror",
        job.list([origin.url("image/900/x.png")]),
        "--to",
        to,
        "--state",
        job.state,
        folder=job.folder,
    )

    assert result.code == 2, result.stderr
    assert origin.requests == []


def test_no_destination_and_no_list_are_wrong_usage(job):
    assert run_creel("mirror", job.list([])).code == 2
    assert run_creel("mirror", "--to", job.to).code == 2
    assert run_creel("no-such-command").code == 2
    assert run_creel().code in (0, 2)


def test_a_folder_that_cannot_be_written_is_said_once(job, origin):
    job.to = "/proc/creel"

    result = job.run(job.list([origin.url(f"image/900/{number}.png") for number in range(20)]))

    assert result.code in (1, 2)
    assert len(re.findall("/proc/creel", result.stderr)) <= 2
    assert len(result.stderr.splitlines()) <= 4, result.stderr


def test_an_empty_list_is_done_at_once(job):
    result = job.run(job.list(["# nothing"]))

    assert result.code == 0
    assert (result.summary["total"], result.summary["stored"]) == (0, 0)


def test_the_summary_adds_up(job, origin):
    good = [origin.url(f"image/{900 + number}/{number}.png") for number in range(4)]
    bad = [origin.url("status/404/a.png"), origin.url("status/404/b.png"), origin.url("html/c.png")]

    result = job.run(job.list([*good, *bad]))

    summary = result.summary
    assert result.code == 1
    assert set(summary) == {
        "total",
        "stored",
        "already",
        "failed",
        "bytes",
        "seconds",
        "images_per_second",
        "failures",
    }
    assert (summary["total"], summary["stored"], summary["already"], summary["failed"]) == (7, 4, 0, 3)
    assert summary["failures"] == {"not_found": 2, "not_an_image": 1}
    assert summary["bytes"] == sum(900 + number for number in range(4))
    assert 0 < summary["seconds"] < 60 and summary["images_per_second"] > 0


def test_the_report_has_a_line_an_image(job, origin):
    good, bad = origin.url("image/900/a.png"), origin.url("status/404/b.png")

    result = job.run(job.list([good, bad]))

    body = images.png("a.png", 900)
    line = result.of(good)
    assert {
        name: line[name]
        for name in ("status", "size", "content_type", "sha256", "width", "height", "attempts")
    } == {
        "status": "stored",
        "size": 900,
        "content_type": "image/png",
        "sha256": hashlib.sha256(body).hexdigest(),
        "width": images.PNG_WIDTH,
        "height": images.PNG_HEIGHT,
        "attempts": 1,
    }
    assert job.stored()[line["key"]] == body
    assert 0 <= line["seconds"] < 30
    assert line.get("error") is None
    failed = result.of(bad)
    assert (failed["status"], failed["error"]["type"]) == ("failed", "not_found")
    assert "404" in failed["error"]["message"]
    assert len(result.report) == 2


def test_every_line_of_a_list_is_in_the_report(job, origin):
    urls = [origin.url(f"image/900/{number}.png") for number in range(300)]

    result = job.run(job.list(urls))

    assert sorted(line["url"] for line in result.report) == sorted(urls)


def test_without_json_a_table_for_people_comes(job, origin):
    urls = job.list([origin.url("image/900/a.png"), origin.url("status/404/b.png")])

    result = run_creel(
        "mirror", urls, "--to", job.to, "--state", job.state, "--allow-private-network", "--no-progress"
    )

    said = result.stdout + result.stderr
    assert result.code == 1
    assert re.search(r"stored\D+1\b", said) and re.search(r"not_found\D+1\b", said)


def test_a_dry_run_asks_nobody_and_stores_nothing(job, origin):
    urls = job.list([origin.url("image/900/a.png"), origin.url("image/900/b.png"), "not a url"])

    result = job.run(urls, "--dry-run")

    assert origin.requests == []
    assert not job.to.exists() or job.stored() == {}
    assert result.summary["total"] == 3
    assert result.failures == {"bad_url": 1}

    assert job.run(urls).summary["stored"] == 2


def test_headers_of_the_job_go_with_every_request(job, origin):
    urls = job.list([origin.url("image/900/a.png"), origin.url("image/900/b.png")])

    assert job.run(urls, "--header", "X-Key: a: b", "--header", "Referer: http://example.com/").code == 0
    for request in origin.requests:
        assert request.header("x-key") == "a: b"
        assert request.header("referer") == "http://example.com/"


def test_the_log_can_be_json_lines(job, origin):
    result = job.run(
        job.list(["not a url", origin.url("status/404/x.png")]),
        "--log-format",
        "json",
        "--log-level",
        "debug",
    )

    lines = [json.loads(line) for line in result.stderr.splitlines()]
    assert lines and all("message" in line and "level" in line for line in lines)


def test_the_log_can_be_turned_off(job, origin):
    result = job.run(job.list([origin.url("image/900/x.png"), "not a url"]), "--log-level", "off")

    assert result.summary["stored"] == 1
    assert result.stderr == ""


def test_on_a_pipe_progress_is_a_plain_line_now_and_then(job, origin):
    urls = [origin.url("image/900/a.png"), origin.url("held/go/900/b.png")]
    arguments = [
        "mirror",
        job.list(urls),
        "--to",
        job.to,
        "--state",
        job.state,
        "--allow-private-network",
        "--json",
    ]
    from support.creel import Process

    process = Process(arguments, ENVIRONMENT)
    process.wait_for(lambda: len(origin.requests) == 2)
    process.wait_for(lambda: re.search(r"1/2\b.*/s.*\n", process.stderr()))
    origin.open("go")
    result = process.finish()

    assert result.code == 0
    assert "\r" not in result.stderr and "\x1b" not in result.stderr
    assert result.summary["stored"] == 2


def test_on_a_terminal_progress_is_one_line_that_changes(job, origin):
    urls = [origin.url("image/900/a.png"), origin.url("status/404/c.png"), origin.url("held/go/900/b.png")]
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [BINARY, "mirror", job.list(urls), "--to", job.to, "--state", job.state, "--allow-private-network"],
        stdin=subprocess.DEVNULL,
        stdout=slave,
        stderr=slave,
        env={**ENVIRONMENT, "TERM": "xterm"},
        close_fds=True,
    )
    os.close(slave)
    seen = b""
    opened = False
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:
            break
        if not piece:
            break
        seen += piece
        # Done, failures by kind, speed.
        if not opened and re.search(rb"2/3[^\n]*/s[^\n]*not_found", seen):
            origin.open("go")
            opened = True
    os.close(master)

    assert process.wait(30) == 1
    assert opened and b"\r" in seen, seen.decode(errors="replace")
    assert re.search(rb"stored\D+2\b", seen)


def test_a_report_in_a_folder_that_is_not_there_is_refused_before_anything_is_fetched(job, origin):
    result = run_creel(
        "mirror",
        job.list([origin.url("image/900/a.png")]),
        "--to",
        job.to,
        "--state",
        job.state,
        "--allow-private-network",
        "--report",
        job.folder / "none" / "report.jsonl",
    )

    assert result.code == 2
    assert origin.requests == []
