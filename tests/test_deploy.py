"""`creel deploy`: against moto's Lambda, IAM, logs and S3, which others wrote."""

import dataclasses
import io
import json
import os
import pathlib
import subprocess
import sys
import urllib.request
import zipfile

import boto3
import pytest
import yaml
from moto.server import ThreadedMotoServer

from support.creel import ENVIRONMENT, ROOT, S3_ENVIRONMENT, Process

ROLE = "arn:aws:iam::123456789012:role/worker"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


def make_zip(path: pathlib.Path, script: str = "#!/bin/sh\nexit 0\n", ballast: int = 0) -> pathlib.Path:
    """A function's zip with a script as its bootstrap, and so many bytes beside it that cannot be packed."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        info = zipfile.ZipInfo("bootstrap", (1980, 1, 1, 0, 0, 0))
        info.external_attr = 0o100755 << 16
        archive.writestr(info, script)
        if ballast:
            archive.writestr(zipfile.ZipInfo("ballast", (1980, 1, 1, 0, 0, 0)), os.urandom(ballast))
    path.write_bytes(content.getvalue())
    return path


@pytest.fixture(scope="module")
def moto_url():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@dataclasses.dataclass
class Account:
    """An empty AWS account, and a folder with a creel.toml to deploy into it."""

    url: str
    folder: pathlib.Path

    def client(self, service: str):
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=S3_ENVIRONMENT["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=S3_ENVIRONMENT["AWS_SECRET_ACCESS_KEY"],
        )

    def write(self, text: str) -> None:
        (self.folder / "creel.toml").write_text(text)

    def deploy(self, *arguments):
        environment = {**ENVIRONMENT, **S3_ENVIRONMENT, "HOME": str(self.folder)}
        command = ["deploy", "--endpoint-url", self.url, *arguments]
        return Process(command, environment, folder=self.folder).finish()

    def functions(self) -> list[str]:
        return [function["FunctionName"] for function in self.client("lambda").list_functions()["Functions"]]

    def alias_version(self, name: str = "f") -> str:
        return self.client("lambda").get_alias(FunctionName=name, Name="live")["FunctionVersion"]


@pytest.fixture
def account(moto_url, tmp_path):
    request = urllib.request.Request(f"{moto_url}/moto-api/reset", method="POST")
    urllib.request.urlopen(request).close()
    account = Account(moto_url, tmp_path)
    account.client("iam").create_role(RoleName="worker", AssumeRolePolicyDocument=json.dumps(TRUST))
    make_zip(tmp_path / "f.zip")
    return account


PLAIN = f"""
[deploy]
zip = "f.zip"
smoke = false

[[function]]
name = "f"
role = "{ROLE}"
"""


def test_a_plan_shows_what_would_be_done_and_does_nothing(account):
    account.write(PLAIN)
    result = account.deploy("--plan")
    assert result.code == 0, result.stderr
    assert "f will be created" in result.stdout
    assert "+ memory: 512 MB" in result.stdout
    plan = json.loads(account.deploy("--plan", "--json").stdout)
    assert plan["changes"]
    assert [step["step"] for step in plan["functions"][0]["steps"]] == [
        "create_function",
        "publish_version",
        "move_alias",
    ]
    assert account.functions() == []


def test_nothing_is_done_without_consent(account):
    account.write(PLAIN)
    result = account.deploy()
    assert result.code == 2
    assert "--yes" in result.stderr
    assert account.functions() == []


def test_a_function_is_created_as_it_is_described(account):
    account.write(
        """
        [deploy]
        zip = "f.zip"
        smoke = false
        create_role = true
        log_retention_days = 14
        tags = { project = "creel" }

        [[function]]
        name = "f"
        handler = "h"
        description = "d"
        memory = 256
        timeout = "2m"
        architecture = "arm64"
        bucket = "cats"
        reserved_concurrency = 5
        environment = { KEY = "value" }
        url = "none"
        """
    )
    result = account.deploy("--yes", "--json")
    assert result.code == 0, result.stderr
    done = json.loads(result.stdout)["functions"][0]
    assert (done["action"], done["version"], done["alias"]) == ("create", "1", "live")

    functions = account.client("lambda")
    found = functions.get_function(FunctionName="f")
    configuration = found["Configuration"]
    assert configuration["Runtime"] == "provided.al2023"
    assert configuration["Handler"] == "h"
    assert configuration["Description"] == "d"
    assert configuration["MemorySize"] == 256
    assert configuration["Timeout"] == 120
    assert configuration["Architectures"] == ["arm64"]
    assert configuration["Environment"]["Variables"] == {"KEY": "value"}
    assert configuration["Role"] == "arn:aws:iam::123456789012:role/creel-f-us-east-1"
    assert found["Tags"] == {"project": "creel"}
    assert found["Concurrency"]["ReservedConcurrentExecutions"] == 5
    assert account.alias_version() == "1"
    assert done["url"].startswith("http")

    role = account.client("iam")
    assert role.get_role(RoleName="creel-f-us-east-1")["Role"]["AssumeRolePolicyDocument"] == TRUST
    policy = role.get_role_policy(RoleName="creel-f-us-east-1", PolicyName="creel-f")["PolicyDocument"]
    allowed = {action for statement in policy["Statement"] for action in statement["Action"]}
    assert allowed == {
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "s3:GetObject",
        "s3:PutObject",
        "s3:AbortMultipartUpload",
        "s3:ListBucket",
    }
    groups = account.client("logs").describe_log_groups(logGroupNamePrefix="/aws/lambda/f")["logGroups"]
    assert [(group["logGroupName"], group["retentionInDays"]) for group in groups] == [("/aws/lambda/f", 14)]


def test_a_second_deployment_uploads_nothing(account):
    account.write(PLAIN)
    assert account.deploy("--yes").code == 0
    before = account.client("lambda").get_function_configuration(FunctionName="f")

    result = account.deploy("--yes")

    assert result.code == 0, result.stderr
    assert result.stdout == "f: unchanged, nothing was uploaded, live is version 1\n"
    after = account.client("lambda").get_function_configuration(FunctionName="f")
    assert before["LastModified"] == after["LastModified"]


def test_changes_are_shown_made_and_published(account):
    account.write(PLAIN)
    assert account.deploy("--yes").code == 0
    make_zip(account.folder / "f.zip", "#!/bin/sh\nexit 1\n")
    account.write(PLAIN + "memory = 1024\nenvironment = { KEY = 'secret-value' }\n")

    plan = account.deploy("--plan")
    assert "~ memory: 512 MB -> 1024 MB" in plan.stdout
    assert "+ environment.KEY: set" in plan.stdout
    assert "secret-value" not in plan.stdout
    assert "update code" in plan.stdout

    result = account.deploy("--yes")
    assert result.code == 0, result.stderr
    assert "f: changed, live is version 2" in result.stdout
    found = account.client("lambda").get_function_configuration(FunctionName="f", Qualifier="live")
    assert (found["MemorySize"], found["Environment"]["Variables"]) == (1024, {"KEY": "secret-value"})


def test_a_rollback_goes_to_the_version_before(account):
    account.write(PLAIN)
    assert account.deploy("--yes").code == 0
    make_zip(account.folder / "f.zip", "#!/bin/sh\nexit 1\n")
    assert account.deploy("--yes").code == 0
    assert account.alias_version() == "2"

    looked = account.deploy("--rollback", "--plan")
    assert (looked.code, account.alias_version()) == (0, "2")
    result = account.deploy("--rollback", "--yes")
    assert (result.code, result.stdout) == (0, "f: live is version 1\n"), result.stderr
    assert account.alias_version() == "1"

    again = account.deploy("--rollback", "--yes")
    assert again.code == 2
    assert "there is no version before 1" in again.stderr


def test_variables_that_others_set_go_or_stay_as_the_file_says(account):
    account.write(PLAIN + "environment = { OURS = '1' }\n")
    assert account.deploy("--yes").code == 0
    functions = account.client("lambda")
    functions.update_function_configuration(
        FunctionName="f", Environment={"Variables": {"OURS": "1", "THEIRS": "2"}}
    )

    account.write(PLAIN + "environment = { OURS = '1' }\nmerge_environment = true\n")
    assert account.deploy("--yes").code == 0
    variables = functions.get_function_configuration(FunctionName="f")["Environment"]["Variables"]
    assert variables == {"OURS": "1", "THEIRS": "2"}

    account.write(PLAIN + "environment = { OURS = '1' }\n")
    assert "- environment.THEIRS" in account.deploy("--plan").stdout
    assert account.deploy("--yes").code == 0
    variables = functions.get_function_configuration(FunctionName="f")["Environment"]["Variables"]
    assert variables == {"OURS": "1"}


def test_several_functions_come_out_of_one_zip(account):
    account.write(PLAIN + f'\n[[function]]\nname = "g"\nrole = "{ROLE}"\n')
    assert account.deploy("--yes").code == 0
    assert sorted(account.functions()) == ["f", "g"]

    account.write(PLAIN + f'memory = 128\n\n[[function]]\nname = "g"\nrole = "{ROLE}"\nmemory = 128\n')
    assert account.deploy("--yes", "--function", "g").code == 0
    memory = {item["FunctionName"]: item["MemorySize"] for item in account.client("lambda").list_functions()["Functions"]}
    assert memory == {"f": 512, "g": 128}


def test_functions_can_share_a_role(account):
    account.write(
        """
        [deploy]
        zip = "f.zip"
        smoke = false
        create_role = "shared"

        [[function]]
        name = "f"
        bucket = "cats"

        [[function]]
        name = "g"
        bucket = "dogs"
        """
    )
    result = account.deploy("--yes")
    assert result.code == 0, result.stderr
    assert account.client("iam").list_role_policies(RoleName="shared")["PolicyNames"] == ["creel-f", "creel-g"]
    assert "unchanged" in account.deploy("--yes").stdout


def test_a_zip_of_more_than_50_mb_goes_through_a_bucket(account):
    make_zip(account.folder / "f.zip", ballast=52_500_000)
    account.write(PLAIN)
    refused = account.deploy("--yes")
    assert refused.code == 2
    assert "bucket" in refused.stderr
    assert account.functions() == []

    account.client("s3").create_bucket(Bucket="zips")
    result = account.deploy("--yes", "--s3-bucket", "zips")
    assert result.code == 0, result.stderr
    keys = [item["Key"] for item in account.client("s3").list_objects_v2(Bucket="zips")["Contents"]]
    assert len(keys) == 1
    assert keys[0].startswith("creel/")
    assert account.deploy("--plan", "--s3-bucket", "zips", "--json").stdout.count('"action":"unchanged"') == 1


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[[function]]\nname = 'f'\nmemry = 1\n", "creel.toml:3: [[function]] has no key 'memry'"),
        ("[[function]]\nname = 'f'\nmemory = 'x'\n", "creel.toml:3: memory:"),
        ("[[function]\n", "creel.toml:1:"),
        ("", "there is no function in it"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(account, text, complaint):
    account.write(text)
    result = account.deploy("--plan")
    assert result.code == 2
    assert complaint in result.stderr


def test_a_zip_that_would_not_start_is_not_uploaded(account):
    (account.folder / "f.zip").write_bytes(b"no zip")
    account.write(PLAIN)
    result = account.deploy("--yes")
    assert result.code == 2
    assert "f.zip" in result.stderr
    assert account.functions() == []


# The SAM template is the sample configuration in another form.


class Template(yaml.SafeLoader):
    """Reads a template with its short functions as they would be for the bucket my-pictures in us-east-1."""


def _resolved(loader, tag, node):
    text = loader.construct_scalar(node)
    values = {"Bucket": "my-pictures", "AWS::Partition": "aws", "AWS::Region": "us-east-1"}
    if tag == "Sub":
        for name, value in values.items():
            text = text.replace(f"${{{name}}}", value)
        return text
    return {"LogRetentionDays": 30, "ReservedConcurrency": 75}.get(text, text)


Template.add_multi_constructor("!", _resolved)


def test_the_template_says_what_the_sample_says(account):
    sample = ROOT / "examples/creel.toml"
    result = account.deploy("--config", sample, "--zip", "f.zip", "--no-smoke", "--yes")
    assert result.code == 0, result.stderr
    template = yaml.load((ROOT / "deploy/template.yaml").read_text(), Template)  # noqa: S506
    resources = template["Resources"]
    shared = template["Globals"]["Function"]
    for name in ("FetchStoreImage", "DeleteImages"):
        wanted = {**shared, **resources[name]["Properties"]}
        function = account.client("lambda").get_function(FunctionName=wanted["FunctionName"])
        there = function["Configuration"]
        for key in ("Runtime", "Architectures", "Handler", "Description", "MemorySize", "Timeout"):
            assert there[key] == wanted[key], key
        assert there.get("Environment", {}).get("Variables", {}) == wanted.get("Environment", {}).get("Variables", {})
        assert function["Tags"] == wanted["Tags"]
        reserved = function.get("Concurrency", {}).get("ReservedConcurrentExecutions")
        assert reserved == wanted.get("ReservedConcurrentExecutions")
        assert account.alias_version(wanted["FunctionName"]) == "1"

        group = resources[f"{name}Log"]["Properties"]
        groups = account.client("logs").describe_log_groups(logGroupNamePrefix=group["LogGroupName"])["logGroups"]
        assert groups[0]["retentionInDays"] == group["RetentionInDays"]
        role = resources[f"{name}Role"]["Properties"]
        iam = account.client("iam")
        role_name = there["Role"].rpartition("/")[2]
        assert iam.get_role(RoleName=role_name)["Role"]["AssumeRolePolicyDocument"] == role["AssumeRolePolicyDocument"]
        policy_name = f"creel-{wanted['FunctionName']}"
        policy = iam.get_role_policy(RoleName=role_name, PolicyName=policy_name)["PolicyDocument"]
        assert policy == role["Policies"][0]["PolicyDocument"]


def test_the_template_is_well_formed():
    command = [pathlib.Path(sys.executable).parent / "cfn-lint", "--regions", "us-east-1", "eu-west-1", "--template"]
    result = subprocess.run([*command, ROOT / "deploy/template.yaml"], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
