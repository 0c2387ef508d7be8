"""`creel invoke`: against a scripted Lambda for what goes wrong."""

import json

import pytest

from support.creel import ENVIRONMENT, S3_ENVIRONMENT, Process
from support.scripted_lambda import Reply, ScriptedLambda, function_error, refusal


@pytest.fixture
def functions():
    with ScriptedLambda() as server:
        server.handlers["echo"] = lambda event: event
        yield server


@pytest.fixture
def invoke(functions, tmp_path):
    """Runs the command against the scripted Lambda, with credentials."""

    def run(*arguments, given: bytes | None = None):
        environment = {**ENVIRONMENT, **S3_ENVIRONMENT, "HOME": str(tmp_path)}
        where = ["--endpoint-url", functions.url]
        result = Process(["invoke", *arguments, *where], environment, given=given, folder=tmp_path).finish()
        assert functions.bad_signatures == 0
        return result

    return run


def test_the_answer_is_printed(invoke):
    result = invoke("echo", "--payload", '{"a": [1, "ä"]}')
    assert (result.code, json.loads(result.stdout)) == (0, {"a": [1, "ä"]})
    assert result.stderr == ""


def test_the_payload_comes_from_a_file_or_standard_input(invoke, tmp_path):
    (tmp_path / "event.json").write_text('{"from": "file"}')
    assert json.loads(invoke("echo", "--payload", "@event.json").stdout) == {"from": "file"}
    assert json.loads(invoke("echo", "--payload", "-", given=b'{"from": "stdin"}').stdout) == {"from": "stdin"}


def test_without_a_payload_the_event_is_empty(invoke):
    assert json.loads(invoke("echo").stdout) == {}


def test_a_payload_that_is_no_json_is_not_sent(invoke, functions, tmp_path):
    (tmp_path / "event.json").write_text('{\n  "a": 1,\n  b: 2\n}')
    result = invoke("echo", "--payload", "@event.json")
    assert result.code == 2
    assert "event.json is not JSON: line 3, column 3" in result.stderr
    assert functions.requests == []


def test_the_log_goes_to_standard_error(invoke):
    result = invoke("echo", "--payload", "1", "--log")
    assert (result.stdout, result.stderr) == ("1\n", "START\nhello from the function\nEND\n")


def test_qualifier_and_client_context_are_sent(invoke, functions):
    invoke("echo", "--qualifier", "live", "--client-context", '{"custom": {}}')
    request = functions.requests[0]
    assert request.query == {"Qualifier": "live"}
    assert request.header("x-amz-client-context") == "eyJjdXN0b20iOiB7fX0="


def test_an_event_is_queued_and_a_dry_run_runs_nothing(invoke, functions):
    queued = invoke("echo", "--async")
    assert (queued.code, queued.stdout) == (0, "")
    assert "queued" in queued.stderr
    assert invoke("echo", "--dry-run").code == 0
    kinds = [request.header("x-amz-invocation-type") for request in functions.requests]
    assert kinds == ["Event", "DryRun"]


def test_an_error_of_the_function_is_shown_with_its_stack(invoke, functions):
    functions.handlers["bad"] = lambda _: function_error("ValueError", "no number", ["at parse", "at handler"])
    result = invoke("bad")
    assert result.code == 1
    assert "function bad failed: ValueError: no number\n    at parse\n    at handler" in result.stderr
    assert json.loads(result.stdout)["errorType"] == "ValueError"


@pytest.mark.parametrize(
    ("reply", "code", "words"),
    [
        (function_error("Sandbox.Timedout", "Task timed out after 1.00 seconds"), 1, "raise the function's time-out"),
        (function_error("Runtime.ExitError", "signal: killed"), 1, "look at the log"),
        (
            refusal(
                429,
                "TooManyRequestsException",
                {"Reason": "ReservedFunctionConcurrentInvocationLimitExceeded", "message": "Rate Exceeded."},
            ),
            1,
            "reserved concurrency",
        ),
        (refusal(403, "AccessDeniedException"), 2, "lambda:InvokeFunction"),
        (refusal(403, "UnrecognizedClientException"), 2, "check the access key"),
        (refusal(413, "RequestTooLargeException"), 2, "at most 6 MiB"),
        (refusal(500, "ServiceException"), 1, "try again"),
    ],
)
def test_what_went_wrong_comes_with_what_to_do(invoke, functions, reply, code, words):
    functions.handlers["f"] = lambda _: reply
    result = invoke("f")
    assert result.code == code
    assert words in result.stderr


def test_a_function_that_is_not_there_is_named(invoke):
    result = invoke("nobody")
    assert result.code == 1
    assert "call of function nobody at http://127.0.0.1" in result.stderr
    assert "check the function's name" in result.stderr


def test_a_call_ends_at_its_time_out(invoke, functions):
    functions.handlers["slow"] = lambda _: Reply(silent=True)
    result = invoke("slow", "--timeout", "200ms")
    assert result.code == 1
    assert "no answer came in time" in result.stderr


def test_nobody_there_is_said(tmp_path):
    environment = {**ENVIRONMENT, "HOME": str(tmp_path)}
    result = Process(["invoke", "f", "--endpoint-url", "http://127.0.0.1:1"], environment).finish()
    assert result.code == 1
    assert "call of function f at http://127.0.0.1:1" in result.stderr


def test_a_batch_is_answered_in_the_order_of_its_lines(invoke, functions, tmp_path):
    refused = iter([True, True])

    def handler(event):
        if event == 3:
            return function_error("Odd", "three")
        if event == 5 and next(refused, False):
            return refusal(429, "TooManyRequestsException")
        return event

    functions.handlers["f"] = handler
    (tmp_path / "events.jsonl").write_text("".join(f"{number}\n" for number in range(40)))
    result = invoke("f", "--batch", "events.jsonl", "--parallel", "8")

    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["line"] for line in lines] == list(range(1, 41))
    assert [line["payload"] for line in lines if "function_error" not in line] == [
        number for number in range(40) if number != 3
    ]
    assert lines[3]["function_error"] == "Unhandled"
    assert result.code == 1
    assert "40 calls: 39 answered, 1 failed in the function, 0 could not be made" in result.stderr


def test_a_batch_with_a_bad_line_is_not_begun(invoke, functions, tmp_path):
    (tmp_path / "events.jsonl").write_text("{}\n{oops\n")
    result = invoke("echo", "--batch", "events.jsonl")
    assert result.code == 2
    assert "events.jsonl:2 is not JSON: line 1, column 2" in result.stderr
    assert functions.requests == []


def test_an_answer_is_told_in_full_as_json(invoke):
    answer = json.loads(invoke("echo", "--payload", "[1]", "--json", "--log").stdout)
    assert answer == {
        "status": 200,
        "version": "$LATEST",
        "request_id": "request-1",
        "payload": [1],
        "log": "START\nhello from the function\nEND\n",
    }
