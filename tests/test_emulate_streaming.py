"""Streamed answers and functions' own addresses."""

import base64
import json
import pathlib
import urllib.error
import urllib.request

import pytest

from support.python_function import ECHO, bootstrap, zip_bytes

STREAMER = """
def handle(event, call):
    trailers = None
    if event.get("fail"):
        body = base64.b64encode(json.dumps({"errorType": "Function.Broke", "errorMessage": "half way"}).encode()).decode()
        trailers = {"Lambda-Runtime-Function-Error-Type": "Function.Broke", "Lambda-Runtime-Function-Error-Body": body}
    call.stream((b"%d," % n for n in range(event["pieces"])), "text/plain", trailers)

import base64
"""


def events_of(emulator, name="function", **more):
    answer = emulator.lambda_.invoke_with_response_stream(FunctionName=name, **more)
    chunks, end = [], None
    for event in answer["EventStream"]:
        if "PayloadChunk" in event:
            chunks.append(event["PayloadChunk"]["Payload"])
        else:
            end = event["InvokeComplete"]
    return answer, chunks, end


def test_a_streamed_answer_comes_as_an_event_stream(emulators):
    emulator = emulators.start(handler=STREAMER)
    answer, chunks, end = events_of(emulator, Payload=b'{"pieces": 1000}', LogType="Tail")
    assert answer["StatusCode"] == 200
    assert answer["ExecutedVersion"] == "$LATEST"
    assert b"".join(chunks) == b"".join(b"%d," % n for n in range(1000))
    assert "ErrorCode" not in end
    assert b"REPORT RequestId" in base64.b64decode(end["LogResult"])


@pytest.fixture
def mark(request):
    path = pathlib.Path(f"/tmp/creel-test-mark-{id(request)}")
    yield path
    path.unlink(missing_ok=True)


def test_pieces_come_while_the_function_still_works(emulators, mark):
    """The function goes on only when the first piece has arrived, which the test says by a second invocation."""
    emulator = emulators.start(
        handler="""
import base64, threading
def handle(event, call):
    if event == "go":
        open("/tmp/" + os.environ["MARK"], "w").close()
        return 1
    def pieces():
        yield b"first"
        while not os.path.exists("/tmp/" + os.environ["MARK"]):
            time.sleep(0.01)
        yield b"second"
    call.stream(pieces())
""",
        *["--env", f"MARK={mark.name}"],
    )
    answer = emulator.lambda_.invoke_with_response_stream(FunctionName="function", Payload=b'"wait"')
    events = iter(answer["EventStream"])
    assert next(events)["PayloadChunk"]["Payload"] == b"first"
    emulator.invoke(payload="go".join('""'))
    assert next(events)["PayloadChunk"]["Payload"] == b"second"
    assert "InvokeComplete" in next(events)


def test_a_large_stream_goes_through(emulators):
    emulator = emulators.start(
        handler="def handle(event, call):\n    call.stream(b'z' * 65536 for n in range(320))\n"
    )
    _, chunks, _ = events_of(emulator, Payload=b"{}")
    assert sum(map(len, chunks)) == 320 * 65536


def test_an_error_half_way_is_told_at_the_end(emulators):
    emulator = emulators.start(handler=STREAMER)
    _, chunks, end = events_of(emulator, Payload=b'{"pieces": 2, "fail": true}')
    assert b"".join(chunks) == b"0,1,"
    assert end["ErrorCode"] == "Unhandled"
    assert json.loads(end["ErrorDetails"]) == {"errorType": "Function.Broke", "errorMessage": "half way"}


def test_a_function_that_dies_half_way_is_told_at_the_end(emulators):
    emulator = emulators.start(
        handler="""
def handle(event, call):
    def pieces():
        yield b"first"
        os._exit(5)
    call.stream(pieces())
"""
    )
    _, chunks, end = events_of(emulator, Payload=b"{}")
    assert b"".join(chunks) == b"first"
    assert end["ErrorCode"] == "Unhandled"
    assert "exit status 5" in end["ErrorDetails"]


def test_a_function_that_does_not_stream_can_be_called_for_a_stream(emulators):
    _, chunks, end = events_of(emulators.start(handler=ECHO), Payload=b'{"a": 1}')
    assert json.loads(b"".join(chunks)) == {"a": 1}
    assert "ErrorCode" not in end


def test_a_streamed_answer_can_be_had_whole(emulators):
    emulator = emulators.start(handler=STREAMER)
    assert emulator.invoke(payload={"pieces": 3})["body"] == b"0,1,2,"
    answer = emulator.invoke(payload={"pieces": 3, "fail": True})
    assert answer["FunctionError"] == "Unhandled"
    assert answer["json"]["errorType"] == "Function.Broke"


# Functions' own addresses.


def fetch(request) -> tuple[int, object, bytes]:
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as response:
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def test_a_request_becomes_an_event_of_version_2(emulators):
    emulator = emulators.start(handler=ECHO)
    request = urllib.request.Request(
        emulator.url + "/lambda-url/function/some/pa%20th?a=1&a=2&b=x+y",
        data=b"hello",
        headers={"Content-Type": "text/plain", "Cookie": "k=v; l=w", "X-Mine": "1", "User-Agent": "test"},
        method="PUT",
    )
    status, headers, body = fetch(request)
    event = json.loads(body)
    assert status == 200
    assert headers["Content-Type"] == "application/json"
    assert event["version"] == "2.0"
    assert event["routeKey"] == "$default"
    assert event["rawPath"] == "/some/pa th"
    assert event["rawQueryString"] == "a=1&a=2&b=x+y"
    assert event["queryStringParameters"] == {"a": "1,2", "b": "x y"}
    assert event["cookies"] == ["k=v", "l=w"]
    assert event["headers"]["x-mine"] == "1"
    assert event["body"] == "hello"
    assert event["isBase64Encoded"] is False
    http = event["requestContext"]["http"]
    assert (http["method"], http["path"], http["protocol"], http["userAgent"]) == ("PUT", "/some/pa th", "HTTP/1.1", "test")
    assert event["requestContext"]["accountId"] == "anonymous"
    assert event["requestContext"]["requestId"] == headers["x-amzn-RequestId"]


def test_bytes_go_as_base64_both_ways(emulators):
    emulator = emulators.start(
        handler="""
def handle(event, call):
    assert event["isBase64Encoded"]
    return {"statusCode": 201, "headers": {"Content-Type": "image/png"}, "cookies": ["a=1", "b=2"],
            "body": event["body"], "isBase64Encoded": True}
"""
    )
    sent = bytes(range(256))
    request = urllib.request.Request(
        emulator.url + "/lambda-url/function/", data=sent, headers={"Content-Type": "image/png"}
    )
    status, headers, body = fetch(request)
    assert (status, body) == (201, sent)
    assert headers["Content-Type"] == "image/png"
    assert headers.get_all("Set-Cookie") == ["a=1", "b=2"]


def test_the_host_names_the_function_too(emulators):
    emulator = emulators.start(handler='def handle(event, call):\n    return "hi " + event["rawPath"]\n')
    port = emulator.url.rsplit(":", 1)[1]
    request = urllib.request.Request(
        emulator.url + "/x", headers={"Host": f"function.lambda-url.localhost:{port}"}
    )
    assert fetch(request)[2] == b"hi /x"


def test_an_unknown_address_is_forbidden_and_a_failing_function_a_bad_gateway(emulators):
    emulator = emulators.start(handler='def handle(event, call):\n    call.error("Function.Bad", "no")\n')
    assert fetch(emulator.url + "/lambda-url/nobody/")[::2] == (403, b'{"Message":null}')
    assert fetch(emulator.url + "/lambda-url/function/")[::2] == (502, b"Internal Server Error")


@pytest.fixture
def streaming(emulators):
    """A function whose address streams, by its configuration file."""

    def start(handler):
        emulators.zip(zip_bytes({"bootstrap": bootstrap(handler)}))
        (emulators.folder / "creel.toml").write_text(
            '[[function]]\nname = "function"\nhandler = "h"\nzip = "function.zip"\nurl = "none"\nurl_stream = true\n'
            'create_role = true\n'
        )
        return emulators.start("--config", "creel.toml")

    return start


def test_an_address_streams_with_status_and_headers_first(streaming):
    emulator = streaming(
        """
def handle(event, call):
    prelude = json.dumps({"statusCode": 418, "headers": {"X-Tea": "green"}, "cookies": ["t=1"]}).encode()
    call.stream([prelude[:10], prelude[10:] + bytes(5), bytes(3) + b"one", b"two"],
                "application/vnd.awslambda.http-integration-response")
"""
    )
    status, headers, body = fetch(emulator.url + "/lambda-url/function/")
    assert (status, body) == (418, b"onetwo")
    assert headers["X-Tea"] == "green"
    assert headers["Set-Cookie"] == "t=1"


def test_an_address_streams_what_has_no_prelude_as_it_is(streaming):
    emulator = streaming("def handle(event, call):\n    call.stream([b'a', b'b'], 'text/css')\n")
    status, headers, body = fetch(emulator.url + "/lambda-url/function/")
    assert (status, headers["Content-Type"], body) == (200, "text/css", b"ab")
