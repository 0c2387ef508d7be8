#!/usr/bin/env python3
"""Makes src/aws/testdata/sigv4_cases.json: requests and the signatures that botocore gives them.

Usage: make_sigv4_cases.py OUTPUT   (needs botocore; the same seed makes the same file)

A case is an object with short keys, so that several hundred of them stay small:
  f flavour ("s3" | "general"), w where the signature goes ("header" | "query"), m method, h host,
  p raw path segments, q raw query parameters, x headers, b payload hash, r region, s service, t time (epoch seconds),
  k which of the credentials, e lifetime in seconds (query only), g the signature, n the signed header names.
"""

import datetime
import hashlib
import json
import random
import sys
from unittest import mock
from urllib.parse import quote

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

SEED = 20260131
CREDENTIALS = [
    ["AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ""],
    ["ASIAEXAMPLE", "a/b+c=d", "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQW=="],
]
PIECES = [
    "a",
    "photo",
    "Sunset at sea",
    "naïve café",
    "日本語",
    "🎣",
    "a+b",
    "100%",
    "%2F",
    "%25",
    "x=y&z",
    "it's",
    "(1)",
    "!",
    "*",
    "~tilde",
    "semi;colon",
    "co,mma",
    "q?",
    "#hash",
    "[x]",
    "{y}",
    "a|b",
    "back\\slash",
    "a:b",
    "@at",
    "$",
    "^",
    "`",
    '"quoted"',
    "<tag>",
    "e\u0301",
    "tab\tin",
    "-._",
    "\u00a0",
    "\x7f",
    "UPPER",
    "\u200d",
    "...",
    ".hidden",
    " ",
]
HEADER_VALUES = [
    "plain",
    "  padded  ",
    "two  blanks   inside",
    "tab\tin",
    "a,b;c=d",
    "%E6%97%A5",
    "",
    '"quoted"',
    "x" * 60,
    "ümlaut",
]
SERVICES = ["sts", "lambda", "iam", "execute-api"]
REGIONS = ["us-east-1", "eu-central-1", "cn-north-1", "auto"]


def piece(rng):
    return "".join(rng.choice(PIECES) for _ in range(rng.randint(1, 3)))


def random_case(rng):
    flavour = rng.choice(["s3", "general"])
    where = rng.choice(["header", "header", "query"])
    segments = [piece(rng) for _ in range(rng.randint(0, 4))]
    if rng.random() < 0.2:
        segments.insert(rng.randint(0, len(segments)), "")
    if rng.random() < 0.15:
        segments.append("")
    if flavour == "general":
        if rng.random() < 0.3:
            segments.insert(rng.randint(0, len(segments)), rng.choice([".", ".."]))
        if rng.random() < 0.2:
            segments.append("arn:aws:lambda:x/y")
    query = [[piece(rng), rng.choice(["", piece(rng)])] for _ in range(rng.randint(0, 4))]
    if rng.random() < 0.2:
        query += [["list-type", "2"], ["prefix", piece(rng)], ["a", "2"], ["a", "10"], ["a", ""], ["A", "b"]]
    if where == "query":
        query = [list(pair) for pair in dict(query).items()]  # botocore presigns only one value a name
    headers = []
    for _ in range(rng.randint(0, 4)):
        name = rng.choice(
            ["Content-Type", "x-amz-meta-title", "X-Amz-Meta-B", "x-amz-acl", "If-None-Match", "Range"]
        )
        headers.append([name, rng.choice(HEADER_VALUES)])
    if rng.random() < 0.15:
        headers += [["X-Multi", "one"], ["x-multi", " two  three "]]
    body = rng.choice([b"", b"body", piece(rng).encode()])
    payload = hashlib.sha256(body).hexdigest()
    if flavour == "s3" and (where == "query" or rng.random() < 0.4):
        payload = "UNSIGNED-PAYLOAD"
    return {
        "f": flavour,
        "w": where,
        "m": rng.choice(["GET", "PUT", "POST", "DELETE", "HEAD"]),
        "h": rng.choice(
            ["bucket.s3.eu-central-1.amazonaws.com", "localhost:9000", "[::1]:8080", "example.com"]
        ),
        "p": segments,
        "q": query,
        "x": headers,
        "b": payload,
        "r": rng.choice(REGIONS),
        "s": "s3" if flavour == "s3" else rng.choice(SERVICES),
        "t": rng.choice([0, 951782399, 1582934400, rng.randint(10**9, 2 * 10**9)]),
        "k": rng.randint(0, 1),
        **({"e": rng.choice([1, 900, 604800])} if where == "query" else {}),
    }, body


def auth_class(case):
    base = {
        ("s3", "header"): botocore.auth.S3SigV4Auth,
        ("s3", "query"): botocore.auth.S3SigV4QueryAuth,
        ("general", "header"): botocore.auth.SigV4Auth,
        ("general", "query"): botocore.auth.SigV4QueryAuth,
    }[case["f"], case["w"]]

    class Auth(base):
        def payload(self, request):
            return case["b"]

        def canonical_headers(self, headers_to_sign):
            self.names = self.signed_headers(headers_to_sign)
            return super().canonical_headers(headers_to_sign)

        def signature(self, string_to_sign, request):
            self.result = super().signature(string_to_sign, request)
            return self.result

    return Auth


def sign(case, body):
    path = "".join("/" + quote(segment, safe="-_.~") for segment in case["p"]) or "/"
    query = "&".join(f"{quote(k, safe='-_.~')}={quote(v, safe='-_.~')}" for k, v in case["q"])
    request = AWSRequest(
        method=case["m"],
        url=f"https://{case['h']}{path}" + ("?" + query if query else ""),
        data=body if case["w"] == "header" else b"",
    )
    for name, value in case["x"]:
        request.headers.add_header(name, value)
    request.headers["host"] = case["h"]
    credentials = Credentials(*[value or None for value in CREDENTIALS[case["k"]]])
    extra = {"expires": case["e"]} if "e" in case else {}
    auth = auth_class(case)(credentials, case["s"], case["r"], **extra)
    now = datetime.datetime.fromtimestamp(case["t"], datetime.timezone.utc)
    with mock.patch("botocore.auth.get_current_datetime", return_value=now):
        auth.add_auth(request)
    case["g"] = auth.result
    case["n"] = auth.names
    return case


def main():
    rng = random.Random(SEED)
    cases = [sign(*random_case(rng)) for _ in range(600)]
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        file.write('{"credentials":' + json.dumps(CREDENTIALS) + ',"cases":[\n')
        file.write(",\n".join(json.dumps(case, separators=(",", ":"), ensure_ascii=False) for case in cases))
        file.write("\n]}\n")


if __name__ == "__main__":
    main()
