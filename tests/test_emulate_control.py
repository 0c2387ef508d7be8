"""The emulator's control plane, driven by what others wrote: boto3 and the aws command line, both unchanged."""

import base64
import hashlib
import http.client
import io
import json
import os
import subprocess
import sys
import threading
import urllib.request
import zipfile

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto.server import ThreadedMotoServer

from support.creel import ENVIRONMENT, S3_ENVIRONMENT
from support.emulator import Emulators

ROLE = "arn:aws:iam::123456789012:role/images"
ARN = "arn:aws:lambda:us-east-1:123456789012:function:echo"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "AKIATESTTESTTEST", "AWS_SECRET_ACCESS_KEY": "test-secret-key"}
# How often the waiters of boto3 look, in seconds.
OFTEN = {"Delay": 0.05, "MaxAttempts": 200}

FUNCTION = """#!/usr/bin/python3
import http.client, json, os

api = "/2018-06-01/runtime/invocation/"
while True:
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    connection.request("GET", api + "next")
    response = connection.getresponse()
    event = json.loads(response.read())
    request = response.headers["Lambda-Runtime-Aws-Request-Id"]
    print("working on", json.dumps(event), flush=True)
    if event == "fail":
        kind, answer = "error", {"errorType": "Function.Wrong", "errorMessage": "it was told to"}
    else:
        kind = "response"
        answer = {
            "event": event,
            "text": "TEXT",
            "handler": os.environ["_HANDLER"],
            "stage": os.environ.get("STAGE"),
            "version": os.environ["AWS_LAMBDA_FUNCTION_VERSION"],
        }
    connection.request("POST", api + request + "/" + kind, json.dumps(answer))
    connection.getresponse().read()
"""


def function_zip(text: str = "first") -> bytes:
    """A function that says `text`, as Python's own zipfile packs it."""
    item = zipfile.ZipInfo("bootstrap")
    item.external_attr = 0o100755 << 16
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(item, FUNCTION.replace("TEXT", text))
    return packed.getvalue()


def sha256_of(zipped: bytes) -> str:
    return base64.b64encode(hashlib.sha256(zipped).digest()).decode()


@pytest.fixture(scope="module")
def moto_server():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture(scope="module")
def emulator(tmp_path_factory, moto_server):
    """One for all tests here, with the function `there` from the start."""
    emulators = Emulators(tmp_path_factory.mktemp("emulator"))
    yield emulators.start("--s3-endpoint-url", moto_server, emulators.zip(function_zip("there"), "there"))
    emulators.stop()


@pytest.fixture
def api(emulator):
    """boto3's client; what a test leaves behind goes with it."""
    client = emulator.lambda_
    yield client
    for function in client.list_functions()["Functions"]:
        if function["FunctionName"] != "there":
            client.delete_function(FunctionName=function["FunctionName"])


def create(api, name="echo", **more):
    given = {
        "FunctionName": name,
        "Role": ROLE,
        "Runtime": "provided.al2023",
        "Handler": "hello",
        "Code": {"ZipFile": function_zip()},
        **more,
    }
    made = api.create_function(**given)
    api.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig=OFTEN)
    return made


def updated(api, name="echo"):
    api.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig=OFTEN)


def invoke(api, event=None, name="echo", **more):
    answer = api.invoke(FunctionName=name, Payload=json.dumps(event), **more)
    return answer, json.loads(answer["Payload"].read() or "null")


def refusal(call, **arguments):
    """Code, status and message of the error that a call ends with."""
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    error = raised.value.response
    return error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"], error["Error"]["Message"]


# boto3


def test_a_function_from_its_creation_to_its_end(api):
    made = api.create_function(
        FunctionName="echo",
        Role=ROLE,
        Runtime="provided.al2023",
        Handler="hello",
        Code={"ZipFile": function_zip()},
        Environment={"Variables": {"STAGE": "test"}},
        Timeout=10,
        MemorySize=256,
    )
    assert (made["State"], made["StateReasonCode"]) == ("Pending", "Creating")
    assert made["CodeSha256"] == sha256_of(function_zip())
    api.get_waiter("function_active_v2").wait(FunctionName="echo", WaiterConfig=OFTEN)

    answer, payload = invoke(api, {"a": 1})
    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    assert payload == {"event": {"a": 1}, "text": "first", "handler": "hello", "stage": "test", "version": "$LATEST"}

    changed = api.update_function_code(FunctionName="echo", ZipFile=function_zip("second"))
    assert changed["LastUpdateStatus"] == "InProgress"
    code, status, message = refusal(api.update_function_configuration, FunctionName="echo", Timeout=5)
    assert (code, status) == ("ResourceConflictException", 409)
    assert message == (
        f"The operation cannot be performed at this time. An update is in progress for resource: {ARN}"
    )
    updated(api)
    assert invoke(api)[1]["text"] == "second"

    api.update_function_configuration(FunctionName="echo", Environment={"Variables": {"STAGE": "live"}})
    updated(api)
    assert invoke(api)[1]["stage"] == "live"

    version = api.publish_version(FunctionName="echo")["Version"]
    api.create_alias(FunctionName="echo", Name="live", FunctionVersion=version)
    answer, payload = invoke(api, Qualifier="live")
    assert (answer["ExecutedVersion"], payload["version"]) == ("1", "1")

    api.delete_function(FunctionName="echo")
    assert refusal(api.get_function, FunctionName="echo")[:2] == ("ResourceNotFoundException", 404)
    assert refusal(api.invoke, FunctionName="echo")[2] == f"Function not found: {ARN}"


def test_every_kind_of_invocation(api):
    create(api)
    answer, _ = invoke(api, "hello", LogType="Tail")
    log = base64.b64decode(answer["LogResult"]).decode()
    assert 'working on "hello"' in log and "REPORT RequestId" in log

    answer, payload = invoke(api, "fail")
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    assert (payload["errorType"], payload["errorMessage"]) == ("Function.Wrong", "it was told to")

    assert invoke(api, InvocationType="Event")[0]["StatusCode"] == 202
    assert invoke(api, InvocationType="DryRun")[0]["StatusCode"] == 204

    streamed = api.invoke_with_response_stream(FunctionName="echo", Payload=b'"hello"')
    pieces = [event["PayloadChunk"]["Payload"] for event in streamed["EventStream"] if "PayloadChunk" in event]
    assert json.loads(b"".join(pieces))["event"] == "hello"


def test_a_function_of_the_command_line_is_one_like_others(api):
    configuration = api.get_function(FunctionName="there")["Configuration"]
    assert configuration["State"] == "Active"
    assert configuration["CodeSha256"] == sha256_of(function_zip("there"))
    assert invoke(api, name="there")[1]["text"] == "there"


def test_the_code_can_be_had_again(api):
    create(api)
    location = api.get_function(FunctionName="echo")["Code"]["Location"]
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    assert direct.open(location).read() == function_zip()


def test_versions_and_aliases_lead_to_their_code(api):
    create(api, Publish=True)
    api.update_function_code(FunctionName="echo", ZipFile=function_zip("second"), Publish=True)
    updated(api)
    assert [version["Version"] for version in api.list_versions_by_function(FunctionName="echo")["Versions"]] == [
        "$LATEST", "1", "2",
    ]  # fmt: skip
    assert api.publish_version(FunctionName="echo")["Version"] == "2"
    made = api.create_alias(FunctionName="echo", Name="live", FunctionVersion="1")
    assert invoke(api, Qualifier="live")[1]["text"] == "first"
    assert invoke(api, name="echo:2")[1]["text"] == "second"
    assert invoke(api, name=f"{ARN}:live")[1]["text"] == "first"

    moved = api.update_alias(FunctionName="echo", Name="live", FunctionVersion="2", RevisionId=made["RevisionId"])
    assert invoke(api, Qualifier="live")[1]["text"] == "second"
    stale = refusal(
        api.update_alias, FunctionName="echo", Name="live", FunctionVersion="1", RevisionId=made["RevisionId"]
    )
    assert stale[:2] == ("PreconditionFailedException", 412)

    api.update_alias(
        FunctionName="echo",
        Name="live",
        RoutingConfig={"AdditionalVersionWeights": {"1": 1.0}},
        RevisionId=moved["RevisionId"],
    )
    assert invoke(api, Qualifier="live")[0]["ExecutedVersion"] == "1"
    assert refusal(api.create_alias, FunctionName="echo", Name="live", FunctionVersion="1")[2] == (
        f"Alias already exists: {ARN}:live"
    )
    assert refusal(api.delete_function, FunctionName="echo", Qualifier="2")[0] == "ResourceConflictException"
    api.delete_alias(FunctionName="echo", Name="live")
    assert refusal(api.get_alias, FunctionName="echo", Name="live")[2] == f"Cannot find alias arn: {ARN}:live"


def test_lists_come_page_by_page(api):
    for name in ("a", "b", "c", "d"):
        create(api, name)
    pages = list(api.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 2}))
    names = [[function["FunctionName"] for function in page["Functions"]] for page in pages]
    assert names == [["a", "b"], ["c", "d"], ["there"]]


def test_a_dry_run_changes_nothing(api):
    create(api)
    checked = api.update_function_code(FunctionName="echo", ZipFile=function_zip("second"), DryRun=True)
    assert checked["CodeSha256"] == sha256_of(function_zip("second"))
    assert api.get_function_configuration(FunctionName="echo")["CodeSha256"] == sha256_of(function_zip())


def test_reserved_concurrency_throttles(api):
    create(api)
    api.put_function_concurrency(FunctionName="echo", ReservedConcurrentExecutions=0)
    assert api.get_function(FunctionName="echo")["Concurrency"] == {"ReservedConcurrentExecutions": 0}
    code, status, message = refusal(api.invoke, FunctionName="echo", Payload=b"1")
    assert (code, status, message) == ("TooManyRequestsException", 429, "Rate Exceeded.")
    api.delete_function_concurrency(FunctionName="echo")
    assert invoke(api)[0]["StatusCode"] == 200


def test_a_function_url_answers_and_has_its_permissions(api):
    create(api)
    url = api.create_function_url_config(FunctionName="echo", AuthType="NONE")["FunctionUrl"]
    for sid, action, more in (
        ("url", "lambda:InvokeFunctionUrl", {"FunctionUrlAuthType": "NONE"}),
        ("invoke", "lambda:InvokeFunction", {"InvokedViaFunctionUrl": True}),
    ):
        api.add_permission(FunctionName="echo", StatementId=sid, Action=action, Principal="*", **more)
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    event = json.loads(direct.open(f"{url}some/where?x=1").read())["event"]
    assert (event["version"], event["rawPath"], event["rawQueryString"]) == ("2.0", "/some/where", "x=1")

    policy = json.loads(api.get_policy(FunctionName="echo")["Policy"])
    assert [statement["Sid"] for statement in policy["Statement"]] == ["url", "invoke"]
    api.remove_permission(FunctionName="echo", StatementId="url")
    assert refusal(api.remove_permission, FunctionName="echo", StatementId="url")[0] == "ResourceNotFoundException"
    api.delete_function_url_config(FunctionName="echo")
    assert refusal(api.get_function_url_config, FunctionName="echo")[0] == "ResourceNotFoundException"


def test_tags_and_the_settings_of_events(api):
    arn = create(api, Tags={"team": "images"})["FunctionArn"]
    api.tag_resource(Resource=arn, Tags={"stage": "test", "x": "y"})
    api.untag_resource(Resource=arn, TagKeys=["x", "team"])
    assert api.list_tags(Resource=arn)["Tags"] == {"stage": "test"}

    put = api.put_function_event_invoke_config(FunctionName="echo", MaximumRetryAttempts=0)
    assert put["FunctionArn"] == f"{ARN}:$LATEST"
    assert api.get_function_event_invoke_config(FunctionName="echo")["MaximumRetryAttempts"] == 0
    api.delete_function_event_invoke_config(FunctionName="echo")
    assert api.get_account_settings()["AccountUsage"]["FunctionCount"] == 2


def test_code_comes_out_of_a_bucket(api, moto_server):
    bucket = boto3.resource(
        "s3",
        endpoint_url=moto_server,
        region_name="us-east-1",
        aws_access_key_id=S3_ENVIRONMENT["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=S3_ENVIRONMENT["AWS_SECRET_ACCESS_KEY"],
        config=Config(proxies={}),
    ).Bucket("functions")
    bucket.create()
    bucket.put_object(Key="echo.zip", Body=function_zip("from a bucket"))
    create(api, Code={"S3Bucket": "functions", "S3Key": "echo.zip"})
    assert invoke(api)[1]["text"] == "from a bucket"
    code, status, message = refusal(
        api.update_function_code, FunctionName="echo", S3Bucket="functions", S3Key="missing.zip"
    )
    assert (code, status) == ("InvalidParameterValueException", 400)
    assert "missing.zip" in message


@pytest.mark.parametrize(
    "wrong, code, part",
    [
        ({"FunctionName": "a" * 65}, "ValidationException", "functionName"),
        ({"Role": "arn:aws:iam::1:role/x"}, "ValidationException", "Value 'arn:aws:iam::1:role/x' at 'role'"),
        ({"Runtime": "nodejs22.x"}, "InvalidParameterValueException", "provided.al2023"),
        ({"MemorySize": 10241}, "ValidationException", "less than or equal to 10240"),
        ({"Timeout": 901}, "ValidationException", "less than or equal to 900"),
        (
            {"Environment": {"Variables": {"AWS_REGION": "x"}}},
            "InvalidParameterValueException",
            "Reserved keys used in this request: AWS_REGION",
        ),
        (
            {"Environment": {"Variables": {"LONG": "x" * 4096}}},
            "InvalidParameterValueException",
            "exceeded the 4KB limit",
        ),
        ({"Code": {"ZipFile": b"hello"}}, "InvalidParameterValueException", "Could not unzip uploaded file."),
        ({"Code": {"ImageUri": "x"}}, "InvalidParameterValueException", "container"),
        ({"Code": {"ZipFile": bytes(52_428_801)}}, "RequestEntityTooLargeException", "smaller than 52428800 bytes"),
    ],
)
def test_wrong_requests_are_refused_as_the_service_does(api, wrong, code, part):
    given = {
        "FunctionName": "echo",
        "Role": ROLE,
        "Runtime": "provided.al2023",
        "Handler": "hello",
        "Code": {"ZipFile": function_zip()},
    }
    error = refusal(api.create_function, **{**given, **wrong})
    assert error[0] == code
    assert part in error[2]


def test_the_same_name_is_given_once_even_at_the_same_time(emulator, api):
    def make():
        try:
            emulator.lambda_.create_function(
                FunctionName="echo",
                Role=ROLE,
                Runtime="provided.al2023",
                Handler="hello",
                Code={"ZipFile": function_zip()},
            )
            results.append("made")
        except ClientError as error:
            results.append(error.response["Error"]["Message"])

    results = []
    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["Function already exist: echo"] * 7 + ["made"]


def test_unknown_operations_are_said_to_be(emulator):
    connection = http.client.HTTPConnection(emulator.url.removeprefix("http://"))
    connection.request("POST", "/2015-03-31/event-source-mappings", "{}")
    answer = connection.getresponse()
    assert (answer.status, answer.headers["x-amzn-ErrorType"]) == (404, "UnknownOperationException")


# The aws command line


@pytest.fixture
def aws(emulator, tmp_path, api):
    """Runs `aws lambda ...` and gives what it prints, as JSON where there is any."""
    environment = {
        **ENVIRONMENT,
        **CREDENTIALS,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": emulator.url,
        "AWS_PAGER": "",
        "HOME": str(tmp_path),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }

    def run(*arguments, code=0):
        result = subprocess.run(
            [sys.executable, "-m", "awscli", "lambda", *map(str, arguments)],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert result.returncode == code, result.stderr
        if code:
            return result.stderr
        return json.loads(result.stdout) if result.stdout.strip() else None

    return run


def test_the_aws_command_line_does_all_of_it(aws, tmp_path):
    (tmp_path / "first.zip").write_bytes(function_zip())
    (tmp_path / "second.zip").write_bytes(function_zip("second"))
    made = aws(
        "create-function", "--function-name", "echo", "--role", ROLE, "--runtime", "provided.al2023",
        "--handler", "hello", "--zip-file", "fileb://first.zip", "--environment", "Variables={STAGE=test}",
    )  # fmt: skip
    assert made["State"] == "Pending"
    aws("wait", "function-active-v2", "--function-name", "echo")

    (tmp_path / "event.json").write_text('{"a": 1}')
    answer = aws("invoke", "--function-name", "echo", "--payload", "file://event.json", "--log-type", "Tail", "out.json")
    assert answer["StatusCode"] == 200 and answer["LogResult"]
    assert json.loads((tmp_path / "out.json").read_text())["stage"] == "test"
    assert aws("invoke", "--function-name", "echo", "--invocation-type", "Event", "out.json")["StatusCode"] == 202
    assert aws("invoke", "--function-name", "echo", "--invocation-type", "DryRun", "out.json")["StatusCode"] == 204

    changed = aws("update-function-code", "--function-name", "echo", "--zip-file", "fileb://second.zip")
    assert changed["LastUpdateStatus"] == "InProgress"
    aws("wait", "function-updated-v2", "--function-name", "echo")
    aws("update-function-configuration", "--function-name", "echo", "--timeout", "9")
    aws("wait", "function-updated-v2", "--function-name", "echo")

    assert aws("publish-version", "--function-name", "echo")["Version"] == "1"
    aws("create-alias", "--function-name", "echo", "--name", "live", "--function-version", "1")
    answer = aws("invoke", "--function-name", "echo", "--qualifier", "live", "out.json")
    assert answer["ExecutedVersion"] == "1"
    assert json.loads((tmp_path / "out.json").read_text())["text"] == "second"

    assert [function["FunctionName"] for function in aws("list-functions")["Functions"]] == ["echo", "there"]
    aws("delete-alias", "--function-name", "echo", "--name", "live")
    aws("delete-function", "--function-name", "echo")
    assert "(ResourceNotFoundException)" in aws("get-function", "--function-name", "echo", code=255)
