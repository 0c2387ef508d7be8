"""`creel emulate`, called with boto3, running functions that speak the Runtime API by themselves."""

import base64
import json
import re

import botocore.exceptions
import pytest

from support.python_function import ECHO, SHELL_ECHO, zip_bytes

TELL_ALL = """
def handle(event, call):
    return {"headers": call.headers, "environment": dict(os.environ), "folder": os.getcwd(), "user": os.getuid(),
            "files": sorted(os.listdir("/proc/self/fd")), "process": os.getpid()}
"""


def refusal(call, *arguments, **named):
    """The error that boto3 raises, as (status, code, message, headers)."""
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        call(*arguments, **named)
    response = raised.value.response
    return (
        response["ResponseMetadata"]["HTTPStatusCode"],
        response["Error"]["Code"],
        response["Error"]["Message"],
        response,
    )


def test_a_function_is_invoked_and_answers(emulators):
    emulator = emulators.start(handler=ECHO)
    answer = emulator.invoke(payload={"a": [1, 2.5, "ü"]})
    assert answer["StatusCode"] == 200
    assert answer["json"] == {"a": [1, 2.5, "ü"]}
    assert answer["ExecutedVersion"] == "$LATEST"
    assert "FunctionError" not in answer
    headers = answer["ResponseMetadata"]["HTTPHeaders"]
    assert re.fullmatch(r"[0-9a-f-]{36}", headers["x-amzn-requestid"])
    assert headers["x-amzn-trace-id"].startswith("Root=1-")


def test_a_shell_script_is_a_function_too(emulators):
    emulator = emulators.start(zip=zip_bytes({"bootstrap": SHELL_ECHO}))
    assert emulator.invoke(payload={"n": 1})["json"] == {"shell": {"n": 1}}
    assert emulator.invoke(payload={"n": 2})["json"] == {"shell": {"n": 2}}


def test_a_call_without_a_payload_is_an_empty_event(emulators):
    assert emulators.start(handler=ECHO).invoke()["json"] == {}


def test_the_invocation_has_the_headers_of_the_service(emulators):
    emulator = emulators.start(handler=TELL_ALL)
    context = base64.b64encode(b'{"custom": {"k": "v"}}').decode()
    answer = emulator.invoke(payload={}, ClientContext=context, TenantId="blue")
    headers = answer["json"]["headers"]
    assert headers["Lambda-Runtime-Aws-Request-Id"] == answer["ResponseMetadata"]["RequestId"]
    assert headers["Lambda-Runtime-Invocation-Id"]
    assert headers["Lambda-Runtime-Invoked-Function-Arn"] == "arn:aws:lambda:us-east-1:123456789012:function:function"
    assert re.fullmatch(
        r"Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=[01]", headers["Lambda-Runtime-Trace-Id"]
    )
    assert json.loads(headers["Lambda-Runtime-Client-Context"]) == {"custom": {"k": "v"}}
    assert headers["Lambda-Runtime-Aws-Tenant-Id"] == "blue"
    assert int(headers["Lambda-Runtime-Deadline-Ms"]) > 1_700_000_000_000


def test_the_process_finds_the_environment_of_the_service(emulators):
    emulator = emulators.start("--memory", "300MiB", "--handler", "my.handler", "--env", "COLOUR=blue", handler=TELL_ALL)
    told = emulator.invoke(payload={})["json"]
    variables = told["environment"]
    assert variables["_HANDLER"] == "my.handler"
    assert variables["COLOUR"] == "blue"
    assert variables["LAMBDA_TASK_ROOT"] == told["folder"]
    assert variables["LAMBDA_RUNTIME_DIR"] == "/var/runtime"
    assert re.fullmatch(r"127\.0\.0\.1:\d+", variables["AWS_LAMBDA_RUNTIME_API"])
    assert variables["AWS_LAMBDA_FUNCTION_NAME"] == "function"
    assert variables["AWS_LAMBDA_FUNCTION_VERSION"] == "$LATEST"
    assert variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "300"
    assert variables["AWS_LAMBDA_INITIALIZATION_TYPE"] == "on-demand"
    assert variables["AWS_LAMBDA_LOG_GROUP_NAME"] == "/aws/lambda/function"
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", variables["AWS_LAMBDA_LOG_STREAM_NAME"])
    assert variables["AWS_REGION"] == variables["AWS_DEFAULT_REGION"] == "us-east-1"
    assert variables["AWS_XRAY_CONTEXT_MISSING"] == "LOG_ERROR"
    assert variables["TZ"] == ":UTC"
    assert variables["LANG"] == "en_US.UTF-8"
    assert "/var/lang/bin" in variables["PATH"]
    assert {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "LD_LIBRARY_PATH"} <= set(variables)
    assert "AWS_EXECUTION_ENV" not in variables
    assert "HOME" not in variables
    # Standard input, output and error, the link to the Runtime API, and the folder that is being listed.
    assert len(told["files"]) == 5


def test_the_process_has_the_limits_of_the_service(emulators):
    emulator = emulators.start(
        handler="""
import resource
def handle(event, call):
    return {name: resource.getrlimit(getattr(resource, "RLIMIT_" + name)) for name in ("NOFILE", "STACK", "CORE")}
"""
    )
    limits = emulator.invoke(payload={})["json"]
    assert limits == {"NOFILE": [1024, 1024], "STACK": [8 << 20, 8 << 20], "CORE": [0, 0]}


def test_an_environment_is_used_again(emulators):
    emulator = emulators.start(handler=TELL_ALL)
    assert len({emulator.invoke(payload={})["json"]["process"] for _ in range(3)}) == 1


def test_the_tail_of_the_log_comes_with_the_answer(emulators):
    emulator = emulators.start(handler='def handle(event, call):\n    print("x" * 10, flush=True)\n    return 1\n')
    answer = emulator.invoke(payload={}, LogType="Tail")
    request_id = answer["ResponseMetadata"]["RequestId"]
    lines = base64.b64decode(answer["LogResult"]).decode().splitlines()
    assert lines[0] == f"START RequestId: {request_id} Version: $LATEST"
    assert lines[1] == "xxxxxxxxxx"
    assert lines[2] == f"END RequestId: {request_id}"
    assert re.fullmatch(
        rf"REPORT RequestId: {request_id}\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\tMemory Size: 256 MB\t"
        r"Max Memory Used: [1-9]\d* MB\tInit Duration: \d+\.\d\d ms\t",
        lines[3],
    )
    again = base64.b64decode(emulator.invoke(payload={}, LogType="Tail")["LogResult"]).decode()
    assert "Init Duration" not in again
    assert "LogResult" not in emulator.invoke(payload={})
    assert f"START RequestId: {request_id}" in emulator.log


def test_the_tail_is_the_last_4_kib(emulators):
    emulator = emulators.start(handler='def handle(event, call):\n    print("y" * 9000, flush=True)\n    return 1\n')
    tail = base64.b64decode(emulator.invoke(payload={}, LogType="Tail")["LogResult"])
    assert len(tail) == 4096
    assert b"START" not in tail
    assert b"REPORT" in tail


def test_a_dry_run_runs_nothing(emulators):
    emulator = emulators.start(handler=ECHO)
    answer = emulator.invoke(InvocationType="DryRun")
    assert answer["StatusCode"] == 204
    assert answer["body"] == b""
    assert "START" not in emulator.log


def test_an_unknown_function_is_not_found(emulators):
    emulator = emulators.start(handler=ECHO)
    status, code, message, response = refusal(emulator.invoke, name="nobody")
    assert (status, code) == (404, "ResourceNotFoundException")
    assert message == "Function not found: arn:aws:lambda:us-east-1:123456789012:function:nobody"
    assert response["ResponseMetadata"]["HTTPHeaders"]["x-amzn-errortype"] == "ResourceNotFoundException"
    assert response["Type"] == "User"


def test_a_function_of_another_region_is_not_reachable(emulators):
    emulator = emulators.start(handler=ECHO)
    status, _, message, _ = refusal(emulator.invoke, name="arn:aws:lambda:eu-west-1:123456789012:function:function")
    assert status == 404
    assert message == "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')"


@pytest.mark.parametrize(
    "name",
    [
        "function",
        "function:$LATEST",
        "123456789012:function:function",
        "arn:aws:lambda:us-east-1:123456789012:function:function",
        "arn:aws:lambda:us-east-1:123456789012:function:function:$LATEST",
    ],
)
def test_a_function_is_found_by_name_and_arn(emulators, name):
    assert emulators.start(handler=ECHO).invoke(name, 1)["json"] == 1


def test_a_qualifier_may_stand_beside_the_name(emulators):
    emulator = emulators.start(handler=TELL_ALL)
    told = emulator.invoke(payload={}, Qualifier="$LATEST")["json"]
    assert told["headers"]["Lambda-Runtime-Invoked-Function-Arn"].endswith(":function:function:$LATEST")
    status, code, _, _ = refusal(emulator.invoke, payload={}, Qualifier="nothing")
    assert (status, code) == (404, "ResourceNotFoundException")


def test_a_payload_that_is_no_json_is_refused(emulators):
    emulator = emulators.start(handler=ECHO)
    status, code, message, _ = refusal(emulator.invoke, payload=b"{'a'")
    assert (status, code) == (400, "InvalidRequestContentException")
    assert message.startswith("Could not parse request body into json: Could not parse payload into json: ")


def test_payloads_have_the_limits_of_the_service(emulators):
    emulator = emulators.start(handler="def handle(event, call):\n    return len(event)\n")
    largest = b'"' + b"x" * (6_291_556 - 2) + b'"'
    assert emulator.invoke(payload=largest)["json"] == 6_291_554
    status, code, message, _ = refusal(emulator.invoke, payload=largest + b" ")
    assert (status, code) == (413, "RequestTooLargeException")
    assert message == (
        "6291557 byte payload is too large for the RequestResponse invocation type (limit 6291556 bytes)"
    )
    status, code, message, _ = refusal(
        emulator.invoke, payload=b'"' + b"x" * (1 << 20) + b'"', InvocationType="Event"
    )
    assert (status, code) == (413, "RequestTooLargeException")
    assert "Event invocation type (limit 1048576 bytes)" in message


def test_an_answer_that_is_too_large_is_an_error_of_the_function(emulators):
    emulator = emulators.start(
        handler="""
def handle(event, call):
    if event["bytes"] == 0:
        return last
    globals()["last"] = call.post("response", b"x" * event["bytes"])[0::2]
    globals()["last"] = [last[0], json.loads(last[1])]
"""
    )
    answer = emulator.invoke(payload={"bytes": 6_291_557})
    assert answer["FunctionError"] == "Unhandled"
    assert answer["json"] == {
        "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
        "errorType": "Function.ResponseSizeTooLarge",
    }
    told = emulator.invoke(payload={"bytes": 0})["json"]
    assert told == [
        413,
        {
            "errorMessage": "Exceeded maximum allowed payload size (6291556 bytes).",
            "errorType": "RequestEntityTooLarge",
        },
    ]
