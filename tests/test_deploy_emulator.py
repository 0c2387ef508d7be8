"""`creel deploy` and `creel invoke` against `creel emulate`: from a zip to a function that answers, and back."""

import json
import urllib.request

import pytest

from support.creel import ENVIRONMENT, ROOT, Process
from support.python_function import python_zip, write_zip

ROLE = "arn:aws:iam::123456789012:role/worker"

CONFIG = f"""
[deploy]
zip = "f.zip"
role = "{ROLE}"

[[function]]
name = "f"
timeout = 30
smoke = {{ smoke = true }}
"""

ANSWERS = """
import os

def handle(event, call):
    if event == "fail":
        return call.error("Function.Wrong", "it was told to")
    if event == "sleep":
        time.sleep(60)
    print("hello from the function", flush=True)
    return {"version": "VERSION", "event": event, "key": os.environ.get("KEY")}
"""

FAILS = """
def handle(event, call):
    return call.error("Function.Broken", "this build is no good")
"""


@pytest.fixture
def emulator(emulators):
    return emulators.start(handler=ANSWERS.replace("VERSION", "first"))


@pytest.fixture
def creel(emulator, tmp_path):
    """Runs a command against the emulator, without an AWS account."""

    def run(*arguments, given: bytes | None = None):
        environment = {**ENVIRONMENT, "HOME": str(tmp_path)}
        command = [*arguments, "--endpoint-url", emulator.url]
        return Process(command, environment, given=given, folder=tmp_path).finish()

    return run


@pytest.fixture
def deploy(creel, tmp_path):
    """Deploys a handler as the function `f`."""
    (tmp_path / "creel.toml").write_text(CONFIG)

    def run(handler: str, *more):
        write_zip(tmp_path / "f.zip", python_zip(handler))
        # The runtime has no Python; this machine has.
        return creel("deploy", "--yes", "--force", *more)

    return run


def answer_of(result) -> dict:
    assert result.code == 0, result.stderr
    return json.loads(result.stdout)


def test_a_function_is_deployed_tried_out_and_called(creel, deploy):
    result = deploy(ANSWERS.replace("VERSION", "one"))
    assert result.code == 0, result.stderr
    assert result.stdout == "f: created, live is version 1\n"
    assert "smoke test: answered" in result.stderr
    assert answer_of(creel("invoke", "f:live", "--payload", "1"))["version"] == "one"


def test_a_new_version_takes_over_and_a_rollback_brings_the_old_one_back(creel, deploy):
    assert deploy(ANSWERS.replace("VERSION", "one")).code == 0
    assert deploy(ANSWERS.replace("VERSION", "two")).stdout == "f: changed, live is version 2\n"
    assert answer_of(creel("invoke", "f", "--qualifier", "live"))["version"] == "two"

    assert creel("deploy", "--rollback", "--yes").stdout == "f: live is version 1\n"
    assert answer_of(creel("invoke", "f", "--qualifier", "live"))["version"] == "one"
    assert answer_of(creel("invoke", "f"))["version"] == "two"


def test_a_version_that_fails_its_smoke_test_is_taken_back(creel, deploy):
    assert deploy(ANSWERS.replace("VERSION", "one")).code == 0
    result = deploy(FAILS)
    assert result.code == 1
    assert "the smoke test of f failed: Function.Broken: this build is no good" in result.stderr
    assert "the alias live is back at version 1" in result.stderr
    assert answer_of(creel("invoke", "f:live"))["version"] == "one"


def test_what_is_deployed_already_is_left_alone(deploy):
    handler = ANSWERS.replace("VERSION", "one")
    assert deploy(handler).code == 0
    assert deploy(handler).stdout == "f: unchanged, nothing was uploaded, live is version 1\n"


def test_roles_and_logs_are_passed_over_where_there_are_none(deploy, tmp_path):
    text = CONFIG.replace(f'role = "{ROLE}"', "create_role = true\nlog_retention_days = 7")
    (tmp_path / "creel.toml").write_text(text)
    result = deploy(ANSWERS)
    assert result.code == 0, result.stderr
    assert "the endpoint has no roles" in result.stderr
    assert "the endpoint keeps no logs" in result.stderr
    assert "unchanged" in deploy(ANSWERS).stdout


def test_a_public_url_answers(deploy, tmp_path):
    (tmp_path / "creel.toml").write_text(CONFIG + 'url = "none"\n')
    result = deploy(ANSWERS.replace("VERSION", "one"), "--json")
    assert result.code == 0, result.stderr
    url = json.loads(result.stdout)["functions"][0]["url"]
    with urllib.request.urlopen(url, timeout=30) as response:
        assert json.load(response)["version"] == "one"


def test_the_sample_is_deployed_as_it_stands(creel):
    """creel's own functions, out of their own zip: both answer, and a second run has nothing to do."""
    sample = ["deploy", "--config", ROOT / "examples/creel.toml", "--zip", ROOT / "build/release/creel-function.zip"]
    result = creel(*sample, "--yes")
    assert result.code == 0, result.stderr
    assert result.stderr.count("smoke test: answered with status 200") == 2
    assert creel(*sample, "--yes").stdout.count("unchanged, nothing was uploaded") == 2

    answer = answer_of(creel("invoke", "fetch-store-image:live", "--payload", '{"requests": []}'))
    assert answer["body"] == {"ok": True, "results": []}


# creel invoke


def test_a_call_shows_answer_and_log(creel):
    result = creel("invoke", "function", "--payload", '{"a": 1}', "--log")
    assert answer_of(result)["event"] == {"a": 1}
    assert "hello from the function" in result.stderr
    assert "REPORT RequestId:" in result.stderr


def test_an_error_of_the_function_is_shown(creel):
    result = creel("invoke", "function", "--payload", '"fail"')
    assert result.code == 1
    assert "function function failed: Function.Wrong: it was told to" in result.stderr


def test_a_function_out_of_time_is_told_what_to_do(creel, deploy, tmp_path):
    (tmp_path / "creel.toml").write_text(CONFIG.replace("timeout = 30", "timeout = 1"))
    assert deploy(ANSWERS).code == 0
    result = creel("invoke", "f", "--payload", '"sleep"')
    assert result.code == 1
    assert "Task timed out after 1.00 seconds" in result.stderr
    assert "raise the function's time-out" in result.stderr


def test_a_throttled_call_is_told_what_to_do(creel, deploy, tmp_path):
    (tmp_path / "creel.toml").write_text(
        CONFIG.replace("smoke = { smoke = true }", "smoke = false\nreserved_concurrency = 0")
    )
    assert deploy(ANSWERS).code == 0
    result = creel("invoke", "f")
    assert result.code == 1
    assert "ReservedFunctionConcurrentInvocationLimitExceeded" in result.stderr
    assert "reserved concurrency" in result.stderr


def test_a_function_that_is_not_there_is_named(creel):
    result = creel("invoke", "nobody")
    assert result.code == 1
    assert "function:nobody" in result.stderr


def test_events_and_dry_runs_are_taken(creel):
    assert "queued" in creel("invoke", "function", "--async").stderr
    assert creel("invoke", "function", "--dry-run").code == 0


def test_a_batch_is_answered_in_order(creel, tmp_path):
    (tmp_path / "events.jsonl").write_text("".join(f"{number}\n" for number in range(100)))
    result = creel("invoke", "function", "--batch", "events.jsonl", "--parallel", "4")
    assert result.code == 0, result.stderr
    assert [json.loads(line)["payload"]["event"] for line in result.stdout.splitlines()] == list(range(100))
