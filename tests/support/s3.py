"""An S3 that counts what it is asked, checks every signature with botocore's own code, and fails on demand.

It knows objects and multipart uploads of one bucket, in memory. What a real implementation does is tested against
moto; this one is for what a real one does seldom.
"""

import base64
import dataclasses
import datetime
import hashlib
import re
import time
import urllib.parse
from xml.sax.saxutils import escape, unescape

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from support.creel import S3_ENVIRONMENT
from support.http_server import Exchange, HttpServer

SCOPE = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/]+)/\d+/([^/]+)/s3/aws4_request, *SignedHeaders=([^,]+), *Signature=(\w+)"
)


@dataclasses.dataclass
class Stored:
    body: bytes
    etag: str
    headers: dict[str, str]


class Refusal(Exception):
    """An answer of S3 that is an error."""

    def __init__(self, status: int, code: str, headers: dict | None = None):
        super().__init__(code)
        self.status = status
        self.code = code
        self.headers = headers or {}

    def body(self) -> bytes:
        return f"<Error><Code>{self.code}</Code><Message>{self.code}</Message></Error>".encode()


class ScriptedS3(HttpServer):
    """`faults` are tried on each request, in order, before it is carried out: each is called with the request and
    raises a Refusal, or returns None."""

    def __init__(self, bucket: str = "pictures"):
        super().__init__("127.0.0.1")
        self.bucket = bucket
        self.objects: dict[str, Stored] = {}
        self.puts: dict[str, int] = {}
        self.uploads: dict[str, dict] = {}
        self.faults: list = []
        # Seconds by which this server's clock is ahead of the machine's.
        self.clock_skew = 0
        # Every third object is stored, and its client never told.
        self.answers_lost = False
        self._uploads_begun = 0

    def keys(self) -> set[str]:
        return set(self.objects)

    async def answer(self, exchange: Exchange) -> None:
        request = exchange.request
        date = datetime.datetime.fromtimestamp(time.time() + self.clock_skew, datetime.timezone.utc)
        common = {"Date": date.strftime("%a, %d %b %Y %H:%M:%S GMT"), "Server": "ScriptedS3"}
        try:
            self._check_clock(request, date)
            self._check_signature(request)
            self._check_body(request)
            bucket, _, key = urllib.parse.unquote(request.path).lstrip("/").partition("/")
            if bucket != self.bucket:
                raise Refusal(404, "NoSuchBucket")
            for fault in list(self.faults):
                fault(request)
            status, headers, body = self._carry_out(request, key)
        except Refusal as refusal:
            status, headers, body = (
                refusal.status,
                {"Content-Type": "application/xml", **refusal.headers},
                refusal.body(),
            )
        self.happened()
        if self.answers_lost and request.method == "PUT" and len(self.objects) % 3 == 0:
            await exchange.until_gone()
            return
        await exchange.respond(status, body, {**common, **headers})

    # What every request must get right.

    def _check_clock(self, request, now) -> None:
        if request.header("x-amz-date") is None:
            raise Refusal(403, "AccessDenied")
        sent = datetime.datetime.strptime(request.header("x-amz-date"), "%Y%m%dT%H%M%SZ").replace(
            tzinfo=datetime.timezone.utc
        )
        if abs((now - sent).total_seconds()) > 900:
            raise Refusal(403, "RequestTimeTooSkewed")

    def _check_signature(self, request) -> None:
        match = SCOPE.fullmatch(request.header("authorization", ""))
        if not match:
            raise Refusal(403, "AccessDenied")
        access_key, region, signed, signature = match.groups()
        if access_key != S3_ENVIRONMENT["AWS_ACCESS_KEY_ID"]:
            raise Refusal(403, "InvalidAccessKeyId")
        signer = S3SigV4Auth(Credentials(access_key, S3_ENVIRONMENT["AWS_SECRET_ACCESS_KEY"]), "s3", region)
        headers = {name: request.header(name) for name in signed.split(";")}
        same = AWSRequest(request.method, f"http://{request.header('host')}{request.target}", headers)
        same.context["timestamp"] = request.header("x-amz-date")
        expected = signer.signature(signer.string_to_sign(same, signer.canonical_request(same)), same)
        if signature != expected or "host" not in signed or "x-amz-date" not in signed:
            raise Refusal(403, "SignatureDoesNotMatch")

    def _check_body(self, request) -> None:
        if request.method == "PUT" and request.header("content-length") is None:
            raise Refusal(411, "MissingContentLength")
        claimed = request.header("x-amz-content-sha256")
        if claimed != hashlib.sha256(request.body).hexdigest():
            raise Refusal(400, "XAmzContentSHA256Mismatch")
        if "aws-chunked" in request.header("content-encoding", ""):
            raise Refusal(501, "NotImplemented")

    # Operations.

    def _carry_out(self, request, key) -> tuple[int, dict, bytes]:
        query = request.query
        if not key and "delete" in query and request.method == "POST":
            return self._delete_many(request)
        if not key:
            return (200, {}, b"") if request.method == "HEAD" else self._listing()
        if "uploads" in query and request.method == "POST":
            return self._begin_upload(request, key)
        if "uploadId" in query:
            return self._upload_step(request, key, query)
        return {"PUT": self._put, "GET": self._get, "HEAD": self._get, "DELETE": self._delete}[
            request.method
        ](request, key)

    def _listing(self):
        keys = "".join(f"<Contents><Key>{escape(key)}</Key></Contents>" for key in sorted(self.objects))
        return (
            200,
            {"Content-Type": "application/xml"},
            f"<ListBucketResult>{keys}</ListBucketResult>".encode(),
        )

    def _store(self, request, key, body, etag, kept):
        if request.header("if-none-match") == "*" and key in self.objects:
            raise Refusal(412, "PreconditionFailed")
        self.objects[key] = Stored(body, etag, kept)
        self.puts[key] = self.puts.get(key, 0) + 1

    def _put(self, request, key):
        etag = f'"{hashlib.md5(request.body).hexdigest()}"'
        self._store(request, key, request.body, etag, _kept_headers(request))
        return 200, {"ETag": etag}, b""

    def _get(self, request, key):
        if key not in self.objects:
            raise Refusal(404, "NoSuchKey")
        stored = self.objects[key]
        return 200, {"ETag": stored.etag, **stored.headers}, stored.body

    def _delete(self, request, key):
        self.objects.pop(key, None)
        return 204, {}, b""

    def _delete_many(self, request):
        md5 = base64.b64encode(hashlib.md5(request.body).digest()).decode()
        if request.header("content-md5") != md5:
            raise Refusal(400, "BadDigest")
        for key in re.findall(rb"<Key>(.*?)</Key>", request.body, re.DOTALL):
            self.objects.pop(unescape(key.decode(), {"&quot;": '"', "&#13;": "\r"}), None)
        return 200, {"Content-Type": "application/xml"}, b"<DeleteResult></DeleteResult>"

    def _begin_upload(self, request, key):
        self._uploads_begun += 1
        upload = f"upload-{self._uploads_begun}"
        self.uploads[upload] = {"headers": _kept_headers(request), "parts": {}}
        names = f"<Bucket>{self.bucket}</Bucket><Key>{escape(key)}</Key><UploadId>{upload}</UploadId>"
        body = f"<InitiateMultipartUploadResult>{names}</InitiateMultipartUploadResult>"
        return 200, {"Content-Type": "application/xml"}, body.encode()

    def _upload_step(self, request, key, query):
        upload = self.uploads.get(query["uploadId"])
        if upload is None:
            raise Refusal(404, "NoSuchUpload")
        if request.method == "PUT":
            etag = f'"{hashlib.md5(request.body).hexdigest()}"'
            upload["parts"][int(query["partNumber"])] = (etag, request.body)
            return 200, {"ETag": etag}, b""
        if request.method == "DELETE":
            del self.uploads[query["uploadId"]]
            return 204, {}, b""
        return self._complete(request, key, query["uploadId"], upload)

    def _complete(self, request, key, name, upload):
        wanted = re.findall(rb"<PartNumber>(\d+)</PartNumber>\s*<ETag>([^<]+)</ETag>", request.body)
        parts = [upload["parts"].get(int(number)) for number, _ in wanted]
        etags = [etag.decode().replace("&quot;", '"').strip('"') for _, etag in wanted]
        if not parts or None in parts or [part[0].strip('"') for part in parts] != etags:
            raise Refusal(400, "InvalidPart")
        if any(len(part[1]) < 5 << 20 for part in parts[:-1]):
            raise Refusal(400, "EntityTooSmall")
        digests = b"".join(hashlib.md5(part[1]).digest() for part in parts)
        etag = f'"{hashlib.md5(digests).hexdigest()}-{len(parts)}"'
        self._store(request, key, b"".join(part[1] for part in parts), etag, upload["headers"])
        del self.uploads[name]
        facts = f"<Key>{escape(key)}</Key><ETag>{escape(etag)}</ETag>"
        body = f"<CompleteMultipartUploadResult>{facts}</CompleteMultipartUploadResult>"
        return 200, {"Content-Type": "application/xml"}, body.encode()


def _kept_headers(request) -> dict[str, str]:
    return {
        name.lower(): value
        for name, value in request.headers
        if name.lower() == "content-type" or name.lower().startswith("x-amz-meta-")
    }


# Faults.


def refuses(method: str, status: int, code: str, times: int, headers: dict | None = None):
    """Refuses the first `times` requests of a method; a status of 200 gives the error in an answer that says OK."""
    left = times

    def fault(request):
        nonlocal left
        if request.method == method and left > 0:
            left -= 1
            raise Refusal(status, code, headers)

    return fault
