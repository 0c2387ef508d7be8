"""The runtime library as other projects get it: installed, found by CMake, built into the example, and run against a
scripted Runtime API."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess

import pytest

from support.creel import BINARY, ENVIRONMENT, ROOT
from support.runtime_api import ARN, PATIENCE, RuntimeApi

BUILD = pathlib.Path(os.environ.get("CREEL_BUILD", ROOT / "build/release"))
COMPILER = "clang++-19"

# Handlers of every form; the example has but one.
FORMS = ROOT / "tests/lambda_forms"


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    """Where creel's library is installed."""
    folder = tmp_path_factory.mktemp("prefix")
    run("cmake", "--build", BUILD, "--target", "creel_lambda")
    run("cmake", "--install", BUILD, "--component", "lambda", "--prefix", folder)
    return folder


def build_project(source, prefix, folder):
    run(
        *("cmake", "-S", source, "-B", folder, "-G", "Ninja"),
        *(f"-DCMAKE_CXX_COMPILER={COMPILER}", f"-DCMAKE_PREFIX_PATH={prefix}"),
    )
    run("cmake", "--build", folder)
    return folder


@pytest.fixture(scope="module")
def hello(prefix, tmp_path_factory):
    return build_project(ROOT / "examples/hello-lambda", prefix, tmp_path_factory.mktemp("hello")) / "hello/bootstrap"


@pytest.fixture(scope="module")
def forms(prefix, tmp_path_factory):
    return build_project(FORMS, prefix, tmp_path_factory.mktemp("forms")) / "forms/bootstrap"


@pytest.fixture
def api():
    with RuntimeApi() as server:
        yield server


class Environment:
    """The execution environment of a function: its process, and what it logs."""

    def __init__(self, program, api, handler, **variables):
        self.process = subprocess.Popen(
            [program],
            env={"AWS_LAMBDA_RUNTIME_API": api.address, "_HANDLER": handler, **variables},
            stderr=subprocess.PIPE,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def end(self):
        """Waits for the end. Returns the exit code and the log."""
        _, log = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, log.decode()

    def log_until(self, text):
        lines = []
        for line in self.process.stderr:
            lines.append(line.decode().rstrip("\n"))
            if text in lines[-1]:
                break
        return lines


def test_example_answers(hello, api):
    with Environment(hello, api, "hello"):
        answer = api.call({"name": "Ada"})
    assert (answer.kind, answer.json) == ("response", {"greeting": "Hello, Ada!"})


def test_example_is_under_twenty_lines():
    assert len((ROOT / "examples/hello-lambda/hello.cpp").read_text().splitlines()) < 20


def test_example_runs_under_the_emulator(hello, tmp_path):
    package = tmp_path / "hello.zip"
    run(BINARY, "package", "--bootstrap", hello, "--output", package, env=ENVIRONMENT)
    emulator = subprocess.Popen(
        [BINARY, "emulate", package, "--port", "0"], env=ENVIRONMENT, stdout=subprocess.PIPE, text=True
    )
    try:
        url = re.search(r"http://\S+", emulator.stdout.readline()).group()
        answer = run(
            *(BINARY, "invoke", "hello", "--endpoint-url", url, "--payload", '{"name": "Ada"}'), env=ENVIRONMENT
        )
    finally:
        emulator.terminate()
        emulator.communicate(timeout=PATIENCE)
    assert json.loads(answer) == {"greeting": "Hello, Ada!"}


def test_program_is_one_static_stripped_file(hello):
    assert "INTERP" not in run("readelf", "--program-headers", hello)
    assert ".symtab" not in run("readelf", "--sections", "--wide", hello)
    assert hello.stat().st_size < 2_000_000
    assert hello.with_name("bootstrap.debug").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may change the root directory")
def test_program_runs_in_an_empty_root(hello, api, tmp_path):
    shutil.copy(hello, tmp_path / "bootstrap")
    os.chmod(tmp_path, 0o755)
    variables = {"AWS_LAMBDA_RUNTIME_API": api.address, "_HANDLER": "hello"}
    process = subprocess.Popen(["chroot", tmp_path, "/bootstrap"], env={**ENVIRONMENT, **variables})
    try:
        assert api.call({"name": "Ada"}).json == {"greeting": "Hello, Ada!"}
    finally:
        process.kill()
        process.wait()


def test_list_names_the_handlers(forms):
    names = run(forms, "--list").splitlines()
    assert names[:2] == ["echo", "echo-later"]


def test_outside_lambda_it_says_what_it_is(hello):
    done = subprocess.run([hello], env={}, capture_output=True, text=True)
    assert done.returncode == 2
    assert "is an AWS Lambda function" in done.stderr
    assert "creel emulate" in done.stderr
    assert "hello" in done.stderr


def test_unusable_address_of_the_service_is_named(hello):
    done = subprocess.run([hello], env={"AWS_LAMBDA_RUNTIME_API": "nowhere"}, capture_output=True, text=True)
    assert done.returncode == 1
    assert "AWS_LAMBDA_RUNTIME_API is 'nowhere'" in done.stderr


def test_unknown_handler_is_an_init_error(forms, api):
    with Environment(forms, api, "ecko") as environment:
        report = api.init_errors.get(timeout=PATIENCE)
        assert environment.end()[0] == 1
    assert report.headers["lambda-runtime-function-error-type"] == "Runtime.NoSuchHandler"
    assert report.json["errorType"] == "Runtime.NoSuchHandler"
    assert "'ecko'; this program has: echo, echo-later" in report.json["errorMessage"]


def test_failed_start_is_an_init_error(forms, api):
    with Environment(forms, api, "echo", START="fails") as environment:
        report = api.init_errors.get(timeout=PATIENCE)
        assert environment.end()[0] == 1
    assert report.json["errorMessage"] == "no bucket is configured"
    assert report.headers["lambda-runtime-function-error-type"] == "Runtime.ConfigInvalid"


def test_crashed_start_is_an_init_error(forms, api):
    with Environment(forms, api, "echo", START="crashes") as environment:
        report = api.init_errors.get(timeout=PATIENCE)
        assert environment.end()[0] == -signal.SIGSEGV
    assert report.json["errorType"] == "Runtime.SegmentationFault"


@pytest.mark.parametrize("handler", ["echo", "echo-later", "echo-typed", "echo-elsewhere", "echo-streams"])
def test_every_form_answers(forms, api, handler):
    with Environment(forms, api, handler):
        for number in range(3):
            assert api.call({"number": number}).json == {"number": number}


def test_context_holds_all_that_the_service_says(forms, api):
    variables = {
        "AWS_LAMBDA_FUNCTION_NAME": "greeter",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/greeter",
        "AWS_LAMBDA_LOG_STREAM_NAME": "2026/01/01/[$LATEST]abc",
    }
    with Environment(forms, api, "context", **variables):
        invocation = api.send(
            None,
            seconds=60,
            Lambda_Runtime_Invocation_Id="attempt-1",
            Lambda_Runtime_Client_Context='{"custom":{"a":"b"}}',
            Lambda_Runtime_Cognito_Identity='{"cognitoIdentityId":"id","cognitoIdentityPoolId":"pool"}',
            Lambda_Runtime_Aws_Tenant_Id="tenant-1",
        )
        answer = invocation.answer()
    assert answer.headers["lambda-runtime-invocation-id"] == "attempt-1"
    told = answer.json
    assert 55_000 < told.pop("remaining") <= 60_000
    assert told == {
        "request_id": invocation.id,
        "invocation_id": "attempt-1",
        "function_arn": ARN,
        "trace_id": invocation.headers["Lambda-Runtime-Trace-Id"],
        "trace_variable": invocation.headers["Lambda-Runtime-Trace-Id"],
        "client_context": {"custom": {"a": "b"}},
        "cognito_identity": ["id", "pool"],
        "tenant_id": "tenant-1",
        "function": ["greeter", "$LATEST", 256, "/aws/lambda/greeter", "2026/01/01/[$LATEST]abc"],
    }


def test_exception_is_reported_with_type_message_and_stack(forms, api):
    with Environment(forms, api, "throw"):
        answer = api.call({}, Lambda_Runtime_Invocation_Id="attempt-1")
        assert answer.kind == "error"
        assert answer.headers["lambda-runtime-invocation-id"] == "attempt-1"
        assert answer.error_type == "Function.OutOfRange"
        assert answer.json["errorType"] == "std::out_of_range"
        assert answer.json["errorMessage"] == "there is nothing there"
        assert answer.json["stackTrace"]
        # It goes on with the next.
        assert api.call({}).kind == "error"


def test_stack_of_a_stripped_program_becomes_names(forms, api):
    with Environment(forms, api, "throw"):
        frame = api.call({}).json["stackTrace"][0]
    offset = re.fullmatch(r"bootstrap\+(0x[0-9a-f]+)", frame).group(1)
    assert "throw_out_of_range" in run("addr2line", "-Cfe", forms.with_name("bootstrap.debug"), offset)


def test_stack_of_a_program_with_symbols_has_names(forms, api):
    with Environment(forms.with_name("bootstrap.debug"), api, "throw"):
        assert "throw_out_of_range" in api.call({}).json["stackTrace"][0]


def test_error_of_its_own_type_is_kept(forms, api):
    with Environment(forms, api, "refuse"):
        answer = api.call({})
    assert (answer.error_type, answer.json["errorType"]) == ("Function.Refused", "Function.Refused")


@pytest.mark.parametrize(
    ("event", "message"), [(b"{bad", "the event is not JSON"), (b"{}", "the event does not have the form")]
)
def test_unusable_event_is_an_error(forms, api, event, message):
    with Environment(forms, api, "twice"):
        answer = api.call(event)
    assert answer.error_type == "Runtime.UnmarshalError"
    assert message in answer.json["errorMessage"]


CRASHES = {
    "SIGSEGV": "Runtime.SegmentationFault",
    "SIGABRT": "Runtime.Aborted",
    "SIGBUS": "Runtime.BusError",
    "SIGFPE": "Runtime.ArithmeticError",
    "SIGILL": "Runtime.IllegalInstruction",
}


@pytest.mark.parametrize("name", CRASHES)
def test_fatal_signal_is_reported_before_the_end(forms, api, name):
    with Environment(forms, api, "raise") as environment:
        answer = api.call(int(getattr(signal, name)), Lambda_Runtime_Invocation_Id="attempt-1")
        code, log = environment.end()
    assert answer.kind == "error"
    assert answer.headers["lambda-runtime-invocation-id"] == "attempt-1"
    assert answer.error_type == answer.json["errorType"] == CRASHES[name]
    assert name in answer.json["errorMessage"]
    assert answer.json["stackTrace"]
    assert code == -getattr(signal, name)
    assert re.search(rf"\tFATAL\t{CRASHES[name]}: ", log)


@pytest.mark.parametrize("handler", ["crash", "crash-later", "overflow"])
def test_crash_names_the_function(forms, api, handler):
    with Environment(forms.with_name("bootstrap.debug"), api, handler) as environment:
        answer = api.call({})
        assert environment.end()[0] == -signal.SIGSEGV
    assert answer.error_type == "Runtime.SegmentationFault"
    assert "at address 0x" in answer.json["errorMessage"]
    assert any("deep" in frame or "crash" in frame for frame in answer.json["stackTrace"])


def test_exception_that_nothing_catches_is_reported(forms, api):
    with Environment(forms, api, "loose-exception") as environment:
        answer = api.call({})
        assert environment.end()[0] == -signal.SIGABRT
    assert answer.json["errorType"] == "std::runtime_error"
    assert answer.json["errorMessage"].startswith("nothing catches this")
    assert answer.error_type == "Function.RuntimeError"


def test_crash_is_reported_to_all_invocations_under_way(forms, api):
    with Environment(forms, api, "crash-or-wait", AWS_LAMBDA_MAX_CONCURRENCY="3") as environment:
        waiting = [api.send({"wait": True}) for _ in range(2)]
        environment.log_until("waiting")
        environment.log_until("waiting")
        crashed = api.call({})
        others = [invocation.answer() for invocation in waiting]
        environment.end()
    assert crashed.json["errorMessage"].startswith("signal: segmentation fault")
    for other in others:
        assert other.kind == "error"
        assert other.json["errorMessage"].startswith("the process ended because of another invocation: ")


def test_answer_that_is_too_large_is_the_services_error(forms, api):
    with Environment(forms, api, "repeat"):
        assert api.call(6_291_556 - 2).kind == "response"
        answer = api.call(6_291_556 - 1)
    assert answer.kind == "error"
    assert answer.json == {
        "errorType": "Function.ResponseSizeTooLarge",
        "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
        "stackTrace": [],
    }


def test_answer_that_the_service_finds_too_large_is_an_error(forms, api):
    with Environment(forms, api, "echo"):
        api.scripted = [(413, {"errorType": "RequestEntityTooLarge", "errorMessage": "Exceeded maximum"})]
        assert api.call({}).error_type == "Function.ResponseSizeTooLarge"


@pytest.mark.parametrize("status", [None, 503, 429])
def test_answer_is_sent_again_until_it_is_taken(forms, api, status):
    with Environment(forms, api, "echo"):
        api.scripted = [(status, {})] * 3
        assert api.call({"a": 1}).json == {"a": 1}
        assert api.call({"a": 2}).json == {"a": 2}


@pytest.mark.parametrize(("status", "kind"), [(400, "InvalidRequestID"), (403, "InvalidStateTransition")])
def test_refused_answer_is_logged_and_the_next_event_served(forms, api, status, kind):
    with Environment(forms, api, "echo") as environment:
        api.scripted = [(status, {"errorType": kind, "errorMessage": "stale"})]
        refused = api.send({"secret": "payload"})
        assert api.call({"a": 2}).json == {"a": 2}
        lines = environment.log_until(kind)
    assert refused.id in lines[-1]
    assert "payload" not in "".join(lines)


def test_service_that_cannot_go_on_ends_the_process(forms, api):
    with Environment(forms, api, "echo") as environment:
        api.scripted = [(500, {"errorType": "ContainerError", "errorMessage": "broken"})]
        api.send({})
        code, log = environment.end()
    assert code == 1
    assert "ContainerError: broken" in log


@pytest.mark.parametrize("handler", ["stream", "stream-later"])
def test_streamed_response(forms, api, handler):
    with Environment(forms, api, handler):
        for _ in range(2):
            answer = api.call({}, Lambda_Runtime_Invocation_Id="attempt-1")
            assert answer.kind == "response"
            assert answer.headers["lambda-runtime-function-response-mode"] == "streaming"
            assert answer.headers["transfer-encoding"] == "chunked"
            assert answer.headers["content-type"] == "application/vnd.awslambda.http-integration-response"
            assert answer.headers["lambda-runtime-invocation-id"] == "attempt-1"
            prelude, _, body = answer.body.partition(b"\0" * 8)
            assert json.loads(prelude) == {"statusCode": 201, "headers": {"X-Made": "here"}, "cookies": ["a=1"]}
            assert body == b"one two"
            assert answer.request.trailers == {}


@pytest.mark.parametrize("handler", ["stream", "stream-later"])
def test_error_in_mid_stream_goes_into_trailers(forms, api, handler):
    with Environment(forms, api, handler):
        answer = api.call({"fail": "late"})
        assert answer.kind == "response"
        assert answer.body.endswith(b"one two")
        assert answer.error_type == "Function.Refused"
        assert answer.error_in_trailer["errorType"] == "Function.Refused"
        assert answer.error_in_trailer["errorMessage"] == "no more"
        assert api.call({}).error_type == ""


def test_error_before_the_stream_is_an_ordinary_one(forms, api):
    with Environment(forms, api, "stream"):
        answer = api.call({"fail": "early"})
    assert (answer.kind, answer.error_type) == ("error", "Function.Refused")


def test_events_are_asked_for_as_many_at_a_time_as_may_run(forms, api):
    with Environment(forms, api, "meet", AWS_LAMBDA_MAX_CONCURRENCY="4"):
        asked = [api.asked.get(timeout=PATIENCE) for _ in range(4)]
        assert len({request.connection for request in asked}) == 4
        # Each waits for the three others.
        for invocation in [api.send({}) for _ in range(4)]:
            assert invocation.answer().json == {"trace_variable": None}


def test_handler_is_told_before_the_deadline(forms, api):
    with Environment(forms, api, "until-cancelled"):
        left = api.call({}, seconds=6).json["left"]
    assert 0 < left <= 300


def test_shutdown_hook_gets_its_extension_and_runs(forms, api):
    with Environment(forms, api, "echo", HOOK="yes") as environment:
        registration = api.extensions.get(timeout=PATIENCE)
        assert registration.json == {"events": []}
        assert registration.headers["lambda-extension-name"]
        assert api.extension_waits.wait(PATIENCE)
        assert api.call({"a": 1}).json == {"a": 1}
        environment.process.send_signal(signal.SIGTERM)
        code, log = environment.end()
    assert code == 0
    assert "closing" in log


def test_shutdown_hook_runs_while_a_handler_blocks(forms, api):
    with Environment(forms, api, "block-for-ever", HOOK="yes") as environment:
        api.send({})
        environment.log_until("blocking")
        environment.process.send_signal(signal.SIGTERM)
        code, log = environment.end()
    assert code == 0
    assert "closing" in log


def test_no_extension_without_a_hook(forms, api):
    with Environment(forms, api, "echo"):
        api.call({})
    assert api.extensions.empty()


def test_log_lines_carry_the_request(forms, api):
    with Environment(forms, api, "log") as environment:
        invocation = api.send({"secret": "payload"})
        invocation.answer()
        lines = environment.log_until("last line")
    assert len(lines) == 3
    for line, rest in zip(lines, ["INFO\twith context", "WARN\twithout context", "INFO\tlast line"], strict=True):
        assert re.fullmatch(rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{3}}Z\t{invocation.id}\t{rest}", line)


def test_log_in_json(forms, api):
    with Environment(forms, api, "log", AWS_LAMBDA_LOG_FORMAT="JSON", AWS_LAMBDA_LOG_LEVEL="WARN") as environment:
        invocation = api.send({})
        invocation.answer()
        api.scripted = [(400, {})]
        api.send({})
        lines = [json.loads(line) for line in environment.log_until("refused")]
    assert lines[0].pop("timestamp").endswith("Z")
    assert lines[0] == {"level": "WARN", "requestId": invocation.id, "message": "without context"}
    assert "with context" not in [line["message"] for line in lines]


def test_what_a_handler_prints_comes_at_once(forms, api, tmp_path):
    with (tmp_path / "out").open("wb") as out:
        variables = {"AWS_LAMBDA_RUNTIME_API": api.address, "_HANDLER": "print"}
        process = subprocess.Popen([forms], env=variables, stdout=out)
        try:
            api.call({})
        finally:
            process.kill()
            process.wait()
    assert (tmp_path / "out").read_text() == "printed\n"




def test_guide_shows_the_example():
    guide = (ROOT / "docs/guide/write-a-function.md").read_text()
    assert (ROOT / "examples/hello-lambda/hello.cpp").read_text() in guide
