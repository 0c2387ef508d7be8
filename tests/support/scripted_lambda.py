"""A Lambda that answers calls as it is told, and checks every signature with botocore's own code.

What a real implementation does is tested against the emulator and moto; this one is for what those do seldom.
"""

import base64
import json
import re
import urllib.parse

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from support.creel import S3_ENVIRONMENT
from support.http_server import Exchange, HttpServer

SCOPE = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/]+)/\d+/([^/]+)/lambda/aws4_request, *SignedHeaders=([^,]+), *Signature=(\w+)"
)
INVOCATION = re.compile(r"/2015-03-31/functions/([^/]+)/invocations")


class ScriptedLambda(HttpServer):
    """`handlers` are the functions, by name: each is called with the event and returns the answer, or a Reply."""

    def __init__(self):
        super().__init__("127.0.0.1")
        self.handlers: dict = {}
        self.log_tail = b"START\nhello from the function\nEND\n"
        self.bad_signatures = 0

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    async def answer(self, exchange: Exchange) -> None:
        request = exchange.request
        if not self._is_signed(request):
            self.bad_signatures += 1
            await self._refuse(exchange, 403, "InvalidSignatureException", "signature")
            return
        match = INVOCATION.fullmatch(urllib.parse.unquote(request.path))
        handler = self.handlers.get(match.group(1)) if match else None
        self.happened()
        if handler is None:
            await self._refuse(exchange, 404, "ResourceNotFoundException", f"Function not found: {request.path}")
            return
        kind = request.header("x-amz-invocation-type")
        if kind == "DryRun":
            await exchange.respond(204)
            return
        if kind == "Event":
            await exchange.respond(202)
            return
        reply = handler(json.loads(request.body))
        if not isinstance(reply, Reply):
            reply = Reply(body=reply)
        headers = {"x-amzn-RequestId": f"request-{request.ordinal}", "X-Amz-Executed-Version": "$LATEST", **reply.headers}
        if request.header("x-amz-log-type") == "Tail":
            headers["X-Amz-Log-Result"] = base64.b64encode(self.log_tail).decode()
        if reply.silent:
            await exchange.until_gone()
            return
        await exchange.respond(reply.status, json.dumps(reply.body).encode(), headers)

    async def _refuse(self, exchange: Exchange, status: int, code: str, message: str) -> None:
        body = json.dumps({"Type": "User", "message": message}).encode()
        await exchange.respond(status, body, {"x-amzn-ErrorType": code, "x-amzn-RequestId": "refused"})

    def _is_signed(self, request) -> bool:
        match = SCOPE.fullmatch(request.header("authorization", ""))
        if not match:
            return False
        access_key, region, signed, signature = match.groups()
        signer = SigV4Auth(Credentials(access_key, S3_ENVIRONMENT["AWS_SECRET_ACCESS_KEY"]), "lambda", region)
        headers = {name: request.header(name) for name in signed.split(";")}
        same = AWSRequest(
            request.method, f"http://{request.header('host')}{request.target}", headers, request.body
        )
        same.context["timestamp"] = request.header("x-amz-date")
        return signature == signer.signature(signer.string_to_sign(same, signer.canonical_request(same)), same)


class Reply:
    """An answer that is not just 200."""

    def __init__(self, body=None, status: int = 200, headers: dict | None = None, silent: bool = False):
        self.body = body
        self.status = status
        self.headers = headers or {}
        # Never answers.
        self.silent = silent


def function_error(kind: str, message: str, stack: list | None = None) -> Reply:
    body = {"errorType": kind, "errorMessage": message, **({"stackTrace": stack} if stack else {})}
    return Reply(body, headers={"X-Amz-Function-Error": "Unhandled"})


def refusal(status: int, code: str, body: dict | None = None, headers: dict | None = None) -> Reply:
    return Reply(body or {"message": "no"}, status, {"x-amzn-ErrorType": code, **(headers or {})})
