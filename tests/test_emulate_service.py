"""Concurrency, events, versions, faults, reload, and the start and end of `creel emulate`."""

import concurrent.futures
import json
import pathlib
import signal
import subprocess
import time

import botocore.exceptions
import pytest

from support.creel import BINARY, ENVIRONMENT, PATIENCE
from support.emulator import await_that
from support.python_function import ECHO, bootstrap, python_zip, zip_bytes

# Waits until the test makes the file that the event names, so that a test decides how long an invocation lasts.
GATED = """
def handle(event, call):
    if isinstance(event, dict) and "gate" in event:
        print("entered", flush=True)
        while not os.path.exists(event["gate"]):
            time.sleep(0.005)
    return os.getpid()
"""

TEMPORARY = pathlib.Path("/tmp")


@pytest.fixture
def gate(request):
    path = TEMPORARY / f"creel-test-gate-{id(request)}"
    yield path
    path.unlink(missing_ok=True)


def refused(call, *arguments, **named):
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        call(*arguments, **named)
    return raised.value.response


def test_more_invocations_than_allowed_are_throttled(emulators, gate):
    emulator = emulators.start("--concurrency", "2", handler=GATED)
    with concurrent.futures.ThreadPoolExecutor() as threads:
        running = [threads.submit(emulator.invoke, payload={"gate": str(gate)}) for _ in range(2)]
        await_that(lambda: emulator.log.count("entered") == 2)
        response = refused(emulator.invoke, payload={})
        gate.touch()
        assert len({answer.result()["json"] for answer in running}) == 2
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert response["Error"]["Code"] == "TooManyRequestsException"
    assert response["Error"]["Message"] == "Rate Exceeded."
    assert response["Reason"] == "ConcurrentInvocationLimitExceeded"
    assert response["ResponseMetadata"]["HTTPHeaders"]["retry-after"] == "1"
    assert emulator.invoke(payload={})["StatusCode"] == 200


def test_a_function_has_what_is_reserved_for_it(emulators):
    emulators.zip(python_zip(ECHO))
    (emulators.folder / "creel.toml").write_text(
        '[[function]]\nname = "none"\nhandler = "h"\nzip = "function.zip"\nreserved_concurrency = 0\ncreate_role = true\n'
    )
    emulator = emulators.start("--config", "creel.toml")
    response = refused(emulator.invoke, "none", payload={})
    assert response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"


def test_functions_come_from_a_configuration_file(emulators):
    emulators.zip(python_zip("def handle(event, call):\n    return dict(os.environ)\n"))
    (emulators.folder / "creel.toml").write_text(
        """
[[function]]
name = "one"
handler = "first"
zip = "function.zip"
memory = "300MiB"
environment = { COLOUR = "red" }
alias = "prod"
create_role = true

[[function]]
name = "two"
handler = "second"
zip = "function.zip"
create_role = true
"""
    )
    emulator = emulators.start("--config", "creel.toml")
    one, two = (emulator.invoke(name, payload={})["json"] for name in ("one", "two"))
    assert (one["_HANDLER"], one["COLOUR"], one["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]) == ("first", "red", "300")
    assert (two["_HANDLER"], two["AWS_LAMBDA_FUNCTION_NAME"]) == ("second", "two")
    by_alias = emulator.invoke("one", payload={}, Qualifier="prod")
    assert by_alias["ExecutedVersion"] == "1"
    assert by_alias["json"]["AWS_LAMBDA_FUNCTION_VERSION"] == "1"


def test_several_zips_are_several_functions(emulators):
    first = emulators.zip(python_zip("def handle(event, call):\n    return 1\n"), "first")
    second = emulators.zip(python_zip("def handle(event, call):\n    return 2\n"), "second.v2")
    emulator = emulators.start(first, second)
    assert emulator.invoke("first")["json"] == 1
    assert emulator.invoke("second-v2")["json"] == 2


def test_a_process_may_have_several_invocations_at_once(emulators, gate):
    loop = bootstrap("def handle(event, call):\n    return 0\n").rsplit("init()\nwhile True:", 1)[0]
    emulator = emulators.start(
        "--max-concurrency-per-environment",
        "3",
        zip=zip_bytes(
            {
                "bootstrap": loop
                + """
import threading
def work():
    link = http.client.HTTPConnection(API)
    def ask(method, path, body=None):
        link.request(method, path, body)
        answer = link.getresponse()
        return dict(answer.getheaders()), answer.read()
    while True:
        headers, body = ask("GET", BASE + "invocation/next")
        event = json.loads(body)
        print("entered", flush=True)
        while not os.path.exists(event["gate"]):
            time.sleep(0.005)
        ask("POST", BASE + "invocation/" + headers["Lambda-Runtime-Aws-Request-Id"] + "/response", str(os.getpid()))
for n in range(int(os.environ["AWS_LAMBDA_MAX_CONCURRENCY"])):
    threading.Thread(target=work).start()
"""
            }
        ),
    )
    with concurrent.futures.ThreadPoolExecutor() as threads:
        running = [threads.submit(emulator.invoke, payload={"gate": str(gate)}) for _ in range(3)]
        await_that(lambda: emulator.log.count("entered") == 3)
        gate.touch()
        assert len({answer.result()["json"] for answer in running}) == 1


# Events.


def test_an_event_is_taken_and_done_later(emulators, gate):
    emulator = emulators.start(handler=GATED)
    answer = emulator.invoke(payload={"gate": str(gate)}, InvocationType="Event")
    assert (answer["StatusCode"], answer["body"]) == (202, b"")
    assert "ExecutedVersion" not in answer
    await_that(lambda: "entered" in emulator.log)
    gate.touch()
    await_that(lambda: f"REPORT RequestId: {answer['ResponseMetadata']['RequestId']}" in emulator.log)


def test_the_old_way_to_send_an_event_works(emulators):
    emulator = emulators.start(handler=ECHO)
    answer = emulator.lambda_.invoke_async(FunctionName="function", InvokeArgs=b"{}")
    assert answer["Status"] == 202
    await_that(lambda: "REPORT" in emulator.log)


def test_an_event_that_fails_is_tried_twice_more_and_then_written_down(emulators, tmp_path):
    dead = tmp_path / "dead.jsonl"
    emulator = emulators.start(
        *["--event-retry-delay", "10ms", "--dead-letter", dead],
        handler='def handle(event, call):\n    call.error("Function.Bad", "no")\n',
    )
    answer = emulator.invoke(payload={"n": 7}, InvocationType="Event")
    request_id = answer["ResponseMetadata"]["RequestId"]
    await_that(lambda: dead.exists() and dead.read_text().endswith("\n"))
    record = json.loads(dead.read_text())
    assert record["requestContext"] == {
        "requestId": request_id,
        "functionArn": "arn:aws:lambda:us-east-1:123456789012:function:function:$LATEST",
        "condition": "RetriesExhausted",
        "approximateInvokeCount": 3,
    }
    assert record["requestPayload"] == {"n": 7}
    assert record["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}
    assert record["responsePayload"]["errorMessage"] == "no"
    assert emulator.log.count(f"START RequestId: {request_id} ") == 3


def test_an_event_waits_while_there_is_no_place(emulators, gate):
    emulator = emulators.start("--concurrency", "1", "--event-retry-delay", "10ms", handler=GATED)
    with concurrent.futures.ThreadPoolExecutor() as threads:
        running = threads.submit(emulator.invoke, payload={"gate": str(gate)})
        await_that(lambda: "entered" in emulator.log)
        request_id = emulator.invoke(payload={}, InvocationType="Event")["ResponseMetadata"]["RequestId"]
        gate.touch()
        running.result()
    await_that(lambda: f"REPORT RequestId: {request_id}" in emulator.log)


# Faults.


def test_every_invocation_may_be_a_cold_start(emulators):
    emulator = emulators.start("--fault", "cold-start", handler=GATED)
    assert len({emulator.invoke(payload={})["json"] for _ in range(3)}) == 3


def test_every_nth_invocation_may_be_throttled(emulators):
    emulator = emulators.start("--fault", "throttle=3", handler=ECHO)
    assert [emulator.invoke(payload=n)["json"] for n in (1, 2)] == [1, 2]
    assert refused(emulator.invoke, payload=3)["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert emulator.invoke(payload=4)["json"] == 4


def test_an_answer_may_be_cut_in_the_middle(emulators):
    emulator = emulators.start("--fault", "kill-response=2", handler=ECHO)
    assert emulator.invoke(payload="x".join('""'))["json"] == "x"
    with pytest.raises((botocore.exceptions.HTTPClientError, botocore.exceptions.ResponseStreamingError)):
        emulator.invoke(payload=["x" * 1000])


def test_an_invocation_may_be_delivered_twice(emulators):
    emulator = emulators.start("--fault", "duplicate=2", handler=ECHO)
    emulator.invoke(payload=1)
    request_id = emulator.invoke(payload=2)["ResponseMetadata"]["RequestId"]
    await_that(lambda: emulator.log.count(f"REPORT RequestId: {request_id}") == 2)


def test_an_invocation_may_be_late(emulators):
    emulator = emulators.start("--fault", "delay=150ms", handler=ECHO)
    begun = time.monotonic()
    emulator.invoke(payload=1)
    assert time.monotonic() - begun >= 0.15


def test_a_header_asks_for_a_fault_of_one_invocation(emulators):
    emulator = emulators.start(handler=ECHO)

    def asks(params, **_):
        params["headers"]["X-Creel-Fault"] = "throttle"

    emulator.lambda_.meta.events.register("before-call.lambda.Invoke", asks)
    assert refused(emulator.invoke, payload=1)["ResponseMetadata"]["HTTPStatusCode"] == 429
    emulator.lambda_.meta.events.unregister("before-call.lambda.Invoke", asks)
    assert emulator.invoke(payload=1)["json"] == 1


# Life of the processes.


def state_of(pid: int) -> str:
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "gone"


def test_processes_may_be_frozen_between_invocations(emulators):
    emulator = emulators.start("--freeze", handler=GATED)
    pid = emulator.invoke(payload={})["json"]
    await_that(lambda: state_of(pid) == "T")
    assert emulator.invoke(payload={})["json"] == pid
    await_that(lambda: state_of(pid) == "T")


def test_a_new_zip_is_new_code_and_what_runs_ends_on_the_old(emulators, gate):
    emulator = emulators.start(handler=GATED)
    with concurrent.futures.ThreadPoolExecutor() as threads:
        running = threads.submit(emulator.invoke, payload={"gate": str(gate)})
        await_that(lambda: "entered" in emulator.log)
        emulators.zip(python_zip('def handle(event, call):\n    return "new"\n'))
        await_that(lambda: "new code" in emulator.log)
        assert emulator.invoke(payload={})["json"] == "new"
        gate.touch()
        old = running.result()["json"]
    assert isinstance(old, int)
    await_that(lambda: state_of(old) == "gone")


def test_a_new_zip_that_is_none_leaves_the_old_code(emulators):
    emulator = emulators.start(handler=ECHO)
    emulators.zip(b"no zip")
    await_that(lambda: "cannot be used" in emulator.log)
    assert emulator.invoke(payload=1)["json"] == 1


EXTENSION = """
import signal, threading
def init():
    status, headers, body = send("POST", "/2020-01-01/extension/register", json.dumps({"events": EVENTS}),
                                 {"Lambda-Extension-Name": "inner"})
    assert status == 200, body
    ids = {"Lambda-Extension-Identifier": headers["Lambda-Extension-Identifier"]}
    def listen():
        link = http.client.HTTPConnection(API)
        while True:
            link.request("GET", "/2020-01-01/extension/event/next", headers=ids)
            print("event", link.getresponse().read().decode(), flush=True)
    def on_term(number, frame):
        print("clearing up", flush=True)
        time.sleep(0.05)
        sys.exit(0)
    signal.signal(signal.SIGTERM, on_term)
    threading.Thread(target=listen, daemon=True).start()

def handle(event, call):
    return 1
"""


def test_an_extension_is_told_of_the_end_and_may_clear_up(emulators):
    emulator = emulators.start(handler=EXTENSION.replace("EVENTS", '["INVOKE", "SHUTDOWN"]'))
    emulator.invoke(payload={})
    await_that(lambda: '"eventType":"INVOKE"' in emulator.log)
    assert emulator.stop() == 0
    assert "clearing up" in emulator.log
    assert '"eventType":"SHUTDOWN","shutdownReason":"spindown"' in emulator.log


def test_without_an_extension_there_is_no_warning(emulators):
    emulator = emulators.start(
        handler="""
import signal
def init():
    signal.signal(signal.SIGTERM, lambda number, frame: print("clearing up", flush=True))
def handle(event, call):
    return 1
"""
    )
    emulator.invoke(payload={})
    emulator.stop()
    assert "clearing up" not in emulator.log


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_everything(emulators, gate, number):
    emulator = emulators.start(handler=GATED)
    pid = emulator.invoke(payload={})["json"]
    with concurrent.futures.ThreadPoolExecutor() as threads:
        running = threads.submit(emulator.invoke, payload={"gate": str(gate)})
        await_that(lambda: "entered" in emulator.log)
        folder = pathlib.Path(f"/proc/{pid}/cwd").resolve().parents[1]
        assert emulator.stop(number) == 0
        assert running.result()["FunctionError"] == "Unhandled"
    assert state_of(pid) == "gone"
    assert not folder.exists()


def test_nothing_outlives_an_emulator_that_is_killed(emulators, gate):
    emulator = emulators.start(
        handler="""
import subprocess
def handle(event, call):
    return [os.getpid(), subprocess.Popen(["sleep", "600"]).pid]
"""
    )
    pids = emulator.invoke(payload={})["json"]
    folder = pathlib.Path(f"/proc/{pids[0]}/cwd").resolve().parents[1]
    emulator.stop(signal.SIGKILL)
    await_that(lambda: all(state_of(pid) in "gone Z" for pid in pids))
    await_that(lambda: not folder.exists())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_no_daemon_outlives_the_emulator(emulators, number):
    emulator = emulators.start(
        handler="""
import subprocess
def handle(event, call):
    return subprocess.Popen(["sleep", "600"], start_new_session=True).pid
"""
    )
    pid = emulator.invoke(payload={})["json"]
    emulator.stop(number)
    await_that(lambda: state_of(pid) in "gone Z")


def test_it_says_where_it_listens_and_how_to_call_it(emulators):
    emulator = emulators.start(handler=ECHO)
    await_that(lambda: any("curl" in line for line in emulator.started))
    told = "".join(emulator.started)
    assert f"creel invoke function --endpoint-url {emulator.url}" in told


def fail(*arguments) -> subprocess.CompletedProcess:
    return subprocess.run(
        [str(BINARY), "emulate", *map(str, arguments)], env=ENVIRONMENT, capture_output=True, text=True, timeout=PATIENCE
    )


def test_a_busy_port_is_an_error(emulators):
    port = emulators.start(handler=ECHO).url.rsplit(":", 1)[1]
    ended = fail("--port", port, emulators.folder / "function.zip")
    assert ended.returncode == 2
    assert f"cannot listen on 127.0.0.1 port {port}" in ended.stderr


def test_a_zip_that_is_not_there_or_none_is_an_error(tmp_path):
    ended = fail("--port", "0", tmp_path / "nothing.zip")
    assert (ended.returncode, "nothing.zip: it cannot be read" in ended.stderr) == (2, True)
    (tmp_path / "text.zip").write_text("text")
    ended = fail("--port", "0", tmp_path / "text.zip")
    assert (ended.returncode, "text.zip" in ended.stderr) == (2, True)


def test_a_folder_is_no_zip(tmp_path):
    ended = fail(tmp_path)
    assert ended.returncode == 2
    assert "it is a folder" in ended.stderr


def test_a_time_out_beyond_the_services_is_an_error(tmp_path):
    ended = fail(tmp_path / "a.zip", "--timeout", "20m")
    assert ended.returncode == 2
    assert "at most 15m" in ended.stderr


def test_a_zip_without_a_bootstrap_is_an_error(tmp_path):
    (tmp_path / "empty.zip").write_bytes(zip_bytes({"main.py": "pass"}))
    ended = fail("--port", "0", tmp_path / "empty.zip")
    assert ended.returncode == 2
    assert "has no file 'bootstrap' at its top" in ended.stderr


@pytest.mark.parametrize("flag", [["--fault", "fire"], ["--fault", "throttle=0"], ["--env", "NOVALUE"], ["--memory", "0"]])
def test_wrong_flags_are_refused(tmp_path, flag):
    ended = fail(*flag, tmp_path / "x.zip")
    assert ended.returncode == 2
    assert flag[0] in ended.stderr
