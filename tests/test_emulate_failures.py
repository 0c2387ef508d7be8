"""What `creel emulate` makes of functions that fail, each with the words that the service was recorded with."""

import base64
import json
import re
import tempfile

from support.emulator import await_that
from support.python_function import ECHO, bootstrap, zip_bytes


def error_of(answer) -> dict:
    assert answer["StatusCode"] == 200
    assert answer["FunctionError"] == "Unhandled"
    return answer["json"]


def tail_of(answer) -> str:
    return base64.b64decode(answer["LogResult"]).decode()


def test_an_error_is_passed_on_as_it_is(emulators):
    emulator = emulators.start(
        handler='def handle(event, call):\n    call.error("Function.BadInput", "no such thing")\n'
    )
    assert error_of(emulator.invoke(payload={})) == {
        "errorType": "Function.BadInput",
        "errorMessage": "no such thing",
        "stackTrace": [],
    }
    # The process goes on.
    assert error_of(emulator.invoke(payload={}))["errorMessage"] == "no such thing"


def test_a_function_that_takes_too_long_is_killed(emulators):
    emulator = emulators.start(
        "--timeout",
        "2s",
        handler="def handle(event, call):\n    time.sleep(event['seconds'])\n    return os.getpid()\n",
    )
    first = emulator.invoke(payload={"seconds": 0})["json"]
    answer = emulator.invoke(payload={"seconds": 600}, LogType="Tail")
    request_id = answer["ResponseMetadata"]["RequestId"]
    assert error_of(answer) == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {request_id} Error: Task timed out after 2.00 seconds",
    }
    tail = tail_of(answer)
    assert f"{request_id} Task timed out after 2.00 seconds" in tail
    assert "Duration: 2000.00 ms\tBilled Duration: 2000 ms" in tail
    assert "Status: timeout" in tail
    second = emulator.invoke(payload={"seconds": 0})["json"]
    assert isinstance(first, int) and isinstance(second, int) and second != first


def test_a_process_that_ends_is_an_exit_error(emulators):
    emulator = emulators.start(handler="def handle(event, call):\n    os._exit(event['code'])\n")
    for code, words in ((127, "Runtime exited with error: exit status 127"), (0, "Runtime exited without providing a reason")):
        answer = emulator.invoke(payload={"code": code})
        request_id = answer["ResponseMetadata"]["RequestId"]
        assert error_of(answer) == {
            "errorType": "Runtime.ExitError",
            "errorMessage": f"RequestId: {request_id} Error: {words}",
        }


def test_a_process_that_crashes_names_the_signal(emulators):
    emulator = emulators.start(handler="def handle(event, call):\n    os.kill(os.getpid(), event['signal'])\n")
    for number, words in ((11, "signal: segmentation fault"), (9, "signal: killed"), (6, "signal: aborted")):
        answer = emulator.invoke(payload={"signal": number}, LogType="Tail")
        assert error_of(answer)["errorMessage"].endswith(f"Error: Runtime exited with error: {words}")
        assert "Status: error\tError Type: Runtime.ExitError" in tail_of(answer)


def test_what_a_function_has_started_ends_with_it(emulators):
    emulator = emulators.start(
        handler="""
import subprocess
def handle(event, call):
    child = subprocess.Popen(["sleep", "600"])
    call.post("response", str(child.pid))
    os._exit(3)
"""
    )
    child = emulator.invoke(payload={})["json"]
    emulator.invoke(payload={})
    assert not is_running(child)


def is_running(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_function_over_its_memory_is_killed(emulators):
    emulator = emulators.start(
        "--memory",
        "64MiB",
        handler="def handle(event, call):\n    held = bytearray(event['bytes'])\n    time.sleep(600 if held else 0)\n    return 1\n",
    )
    assert emulator.invoke(payload={"bytes": 0})["json"] == 1
    answer = emulator.invoke(payload={"bytes": 200 << 20}, LogType="Tail")
    request_id = answer["ResponseMetadata"]["RequestId"]
    assert error_of(answer) == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {request_id} Error: Runtime exited with error: signal: killed",
    }
    used = re.search(r"Memory Size: 64 MB\tMax Memory Used: (\d+) MB", tail_of(answer))
    assert int(used.group(1)) > 64
    assert "Error Type: Runtime.OutOfMemory" in tail_of(answer)


def test_memory_is_that_of_all_its_processes(emulators):
    emulator = emulators.start(
        "--memory",
        "96MiB",
        handler="""
import subprocess
def handle(event, call):
    subprocess.run([sys.executable, "-S", "-c", "held = bytearray(200 << 20)\\nimport time\\ntime.sleep(600)"])
    return 1
""",
    )
    answer = emulator.invoke(payload={})
    assert error_of(answer)["errorMessage"].endswith("signal: killed")


def test_an_error_at_the_start_is_passed_on(emulators):
    emulator = emulators.start(
        handler="""
def init():
    body = json.dumps({"errorType": "Runtime.NoSuchHandler", "errorMessage": "there are a and b", "stackTrace": []})
    send("POST", BASE + "init/error", body, {"Lambda-Runtime-Function-Error-Type": "Runtime.NoSuchHandler"})
    sys.exit(1)

def handle(event, call):
    return 1
"""
    )
    answer = emulator.invoke(payload={}, LogType="Tail")
    assert error_of(answer)["errorType"] == "Runtime.NoSuchHandler"
    assert error_of(answer)["errorMessage"] == "there are a and b"
    tail = tail_of(answer)
    assert re.match(r"INIT_REPORT Init Duration: \d+\.\d\d ms\tPhase: init\tStatus: error\tError Type: Runtime\.", tail)


def test_a_process_that_ends_at_the_start_is_an_exit_error(emulators):
    emulator = emulators.start(zip=zip_bytes({"bootstrap": "#!/bin/sh\necho no luck >&2\nexit 7\n"}))
    answer = emulator.invoke(payload={}, LogType="Tail")
    assert error_of(answer)["errorType"] == "Runtime.ExitError"
    assert error_of(answer)["errorMessage"].endswith("Error: Runtime exited with error: exit status 7")
    assert "no luck" in tail_of(answer)


def test_a_start_that_takes_too_long_is_tried_again_in_the_invocation(emulators):
    mark = f"/tmp/creel-test-mark-{id(emulators)}"
    emulator = emulators.start(
        "--init-timeout",
        "2s",
        handler=f"""
def init():
    try:
        os.close(os.open("{mark}", os.O_CREAT | os.O_EXCL, 0o666))
    except FileExistsError:
        os.unlink("{mark}")
        return
    time.sleep(600)

def handle(event, call):
    return "at last"
""",
    )
    answer = emulator.invoke(payload={}, LogType="Tail")
    tail = tail_of(answer)
    assert re.match(r"INIT_REPORT Init Duration: [2-9]\d{3}\.\d\d ms\tPhase: init\tStatus: timeout\nSTART RequestId", tail)
    assert answer["json"] == "at last"


def test_a_start_that_never_ends_is_a_timeout_of_the_invocation(emulators):
    emulator = emulators.start(
        "--init-timeout", "100ms", "--timeout", "200ms", handler="def init():\n    time.sleep(600)\n\ndef handle(event, call):\n    return 1\n"
    )
    assert error_of(emulator.invoke(payload={}))["errorType"] == "Sandbox.Timedout"


def test_a_bootstrap_that_cannot_be_executed_is_an_invalid_entrypoint(emulators):
    emulator = emulators.start(zip=zip_bytes({"bootstrap": bootstrap(ECHO)}, mode=0o644))
    answer = emulator.invoke(payload={})
    assert error_of(answer)["errorType"] == "Runtime.InvalidEntrypoint"
    assert re.fullmatch(
        r"RequestId: \S+ Error: fork/exec \S+/bootstrap: permission denied", error_of(answer)["errorMessage"]
    )
    assert "not executable" in emulator.log


def test_a_bootstrap_for_another_machine_is_an_invalid_entrypoint(emulators):
    emulator = emulators.start(zip=zip_bytes({"bootstrap": b"\x7fELF\x02\x01\x01" + bytes(57)}))
    answer = emulator.invoke(payload={})
    assert error_of(answer)["errorType"] == "Runtime.InvalidEntrypoint"
    assert error_of(answer)["errorMessage"].endswith("exec format error")


def test_the_runtime_api_refuses_what_is_out_of_turn(emulators):
    """The function itself tries what it may not, and answers with what it was told."""
    emulator = emulators.start(
        handler="""
def handle(event, call):
    told = {}
    def tell(name, status, headers, body):
        told[name] = [status, json.loads(body)]
    tell("wrong id", *send("POST", BASE + "invocation/nobody/response", b"1"))
    tell("stale attempt", *send("POST", f"{BASE}invocation/{call.id}/response", b"1", {"Lambda-Runtime-Invocation-Id": "old"}))
    tell("init error late", *send("POST", BASE + "init/error", b"{}"))
    tell("next again", *send("GET", BASE + "invocation/next"))
    status, headers, body = send("POST", f"{BASE}invocation/{call.id}/response", json.dumps(told),
                                 {"Lambda-Runtime-Invocation-Id": call.headers["Lambda-Runtime-Invocation-Id"]})
    call.answered = True
    told["answer"] = [status, json.loads(body)]
    tell("twice", *send("POST", f"{BASE}invocation/{call.id}/response", b"1"))
    print(json.dumps({"after": told["answer"], "twice": told["twice"]}), flush=True)
"""
    )
    answer = emulator.invoke(payload={"a": 1}, LogType="Tail")
    told = answer["json"]
    assert told["wrong id"] == [400, {"errorMessage": "Invalid request ID", "errorType": "InvalidRequestID"}]
    assert told["stale attempt"] == [400, {"errorMessage": "Invalid request ID", "errorType": "InvalidRequestID"}]
    assert told["init error late"] == [
        403,
        {
            "errorMessage": "State transition from Running to InitError failed for runtime. "
            "Error: State transition is not allowed",
            "errorType": "InvalidStateTransition",
        },
    ]
    # It is told of its invocation once more.
    assert told["next again"] == [200, {"a": 1}]
    logged = json.loads(next(line for line in tail_of(answer).splitlines() if line.startswith("{")))
    assert logged["after"] == [202, {"status": "OK"}]
    assert logged["twice"][0] == 403
    assert "from RuntimeResponseSentState to InvocationResponse failed" in logged["twice"][1]["errorMessage"]


def test_an_unknown_response_mode_is_refused(emulators):
    emulator = emulators.start(
        handler="""
def handle(event, call):
    status, headers, body = call.post("response", b"1", {"Lambda-Runtime-Function-Response-Mode": "sideways"})
    print(status, body.decode(), flush=True)
"""
    )
    answer = emulator.invoke(payload={}, LogType="Tail")
    assert error_of(answer)["errorType"] == "Runtime.InvalidResponseModeHeader"
    assert '400 {"errorMessage":"Invalid function response mode","errorType":"InvalidFunctionResponseMode"}' in tail_of(answer)


def test_a_process_that_ends_while_it_has_nothing_to_do_is_replaced(emulators):
    emulator = emulators.start(
        handler="""
import threading
def end_with(gate):
    while os.path.exists(gate):
        time.sleep(0.005)
    os._exit(1)
def handle(event, call):
    if "gate" in event:
        threading.Thread(target=end_with, args=[event["gate"]]).start()
    return os.getpid()
"""
    )
    with tempfile.NamedTemporaryFile(dir="/tmp") as gate:
        first = emulator.invoke(payload={"gate": gate.name})["json"]
        assert is_running(first)
    await_that(lambda: not is_running(first))
    second = emulator.invoke(payload={})
    assert "FunctionError" not in second
    assert second["json"] != first
