"""Lambda functions written with another runtime: Python and shell scripts that speak the Runtime API themselves.

The first line of a handler's module is what the function does; what stands here is the loop around it, in as few words as
the protocol takes, so that the emulator is checked against something else than creel's own library.
"""

import io
import pathlib
import stat
import zipfile

# Handlers are called as `handle(event, call)`; what they return is the answer. `call` has the headers of the invocation
# and the ways to answer otherwise.
LOOP = '''#!/usr/bin/python3 -S
import http.client, json, os, sys, time

API = os.environ["AWS_LAMBDA_RUNTIME_API"]
BASE = "/2018-06-01/runtime/"


class Call:
    def __init__(self, headers, body):
        self.headers, self.body, self.answered = headers, body, False
        self.id = headers["Lambda-Runtime-Aws-Request-Id"]

    def post(self, what, body, headers=None):
        self.answered = True
        if isinstance(body, str):
            body = body.encode()
        return send("POST", f"{BASE}invocation/{self.id}/{what}", body, headers or {})

    def error(self, type, message):
        body = json.dumps({"errorType": type, "errorMessage": message, "stackTrace": []})
        return self.post("error", body, {"Lambda-Runtime-Function-Error-Type": type})

    def stream(self, pieces, content_type="application/octet-stream", trailers=None):
        self.answered = True
        link = http.client.HTTPConnection(API)
        link.putrequest("POST", f"{BASE}invocation/{self.id}/response")
        link.putheader("Lambda-Runtime-Function-Response-Mode", "streaming")
        link.putheader("Content-Type", content_type)
        link.putheader("Transfer-Encoding", "chunked")
        if trailers:
            link.putheader("Trailer", ", ".join(trailers))
        link.endheaders()
        for piece in pieces:
            if piece:
                link.send(b"%x\\r\\n%s\\r\\n" % (len(piece), piece))
        link.send(b"0\\r\\n")
        for name, value in (trailers or {}).items():
            link.send(f"{name}: {value}\\r\\n".encode())
        link.send(b"\\r\\n")
        return link.getresponse().read()


LINK = http.client.HTTPConnection(API)


def send(method, path, body=None, headers={}):
    LINK.request(method, path, body, headers)
    response = LINK.getresponse()
    return response.status, dict(response.getheaders()), response.read()


HANDLER

init()
while True:
    status, headers, body = send("GET", BASE + "invocation/next")
    call = Call(headers, body)
    answer = handle(json.loads(body), call)
    if not call.answered:
        call.post("response", json.dumps(answer))
'''

ECHO = """
def handle(event, call):
    return event
"""

# The protocol in the words of the documentation's own example.
SHELL_ECHO = """#!/bin/sh
set -eu
API="http://${AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime"
HEADERS=$(mktemp)
while true; do
  EVENT=$(curl -sS -D "$HEADERS" "$API/invocation/next")
  ID=$(grep -i Lambda-Runtime-Aws-Request-Id "$HEADERS" | tr -d '[:space:]' | cut -d: -f2)
  echo "working on $ID" >&2
  curl -sS -o /dev/null -X POST "$API/invocation/$ID/response" -d "{\\"shell\\": $EVENT}"
done
"""


def bootstrap(handler: str) -> str:
    """A whole function around `handle(event, call)`, and `init()` if there is one."""
    if "def init" not in handler:
        handler = "def init():\n    pass\n\n" + handler
    return LOOP.replace("HANDLER\n", handler + "\n", 1)


def zip_bytes(files: dict[str, str | bytes], mode: int = 0o755) -> bytes:
    """A zip whose files have these contents, all of that mode."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (stat.S_IFREG | mode) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return held.getvalue()


def python_zip(handler: str = ECHO) -> bytes:
    return zip_bytes({"bootstrap": bootstrap(handler)})


def write_zip(path: pathlib.Path, content: bytes) -> pathlib.Path:
    """Puts a zip in its place all at once, as build tools do."""
    made = path.with_suffix(".new")
    made.write_bytes(content)
    made.replace(path)
    return path
