"""The Lambda artifact by itself: in a root directory that has nothing else, over TLS and against a real S3."""

import contextlib
import os
import pathlib
import shutil
import struct
import subprocess

import boto3
import pytest
from moto.server import ThreadedMotoServer

from support import images
from support.creel import ROOT, S3_ENVIRONMENT
from support.name_server import NameServer
from support.origin import Origin
from support.runtime_api import RuntimeApi
from support.tls import vouched

ARTIFACT = pathlib.Path(os.environ.get("CREEL_FUNCTION", ROOT / "build/release/bootstrap"))
FUNCTION_ZIP = ROOT / "build/release/creel-function.zip"
CA_FILE = "etc/pki/tls/certs/ca-bundle.crt"

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may change the root directory")


@pytest.fixture(scope="module")
def s3():
    """A real implementation of S3, with the empty bucket `pictures`."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    client = boto3.client(
        "s3",
        endpoint_url=f"http://{host}:{port}",
        region_name="us-east-1",
        aws_access_key_id=S3_ENVIRONMENT["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=S3_ENVIRONMENT["AWS_SECRET_ACCESS_KEY"],
    )
    client.create_bucket(Bucket="pictures")
    yield client
    server.stop()


@pytest.fixture
def root(tmp_path):
    """A root directory that holds the artifact alone."""
    folder = tmp_path / "root"
    folder.mkdir()
    shutil.copy(ARTIFACT, folder / "bootstrap")
    return folder


@contextlib.contextmanager
def running(root: pathlib.Path, s3, handler: str = "fetch-store-image", **environment: str):
    """The artifact at work below `root`; gives its Runtime API."""
    with RuntimeApi() as api:
        variables = {
            **S3_ENVIRONMENT,
            "AWS_LAMBDA_RUNTIME_API": api.address,
            "AWS_LAMBDA_FUNCTION_NAME": "pictures",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
            "AWS_ENDPOINT_URL_S3": s3.meta.endpoint_url,
            "CREEL_ALLOW_PRIVATE_NETWORK": "1",
            "_HANDLER": handler,
            **environment,
        }
        process = subprocess.Popen(
            ["/bootstrap"], env=variables, preexec_fn=lambda: (os.chroot(root), os.chdir("/")), stderr=subprocess.PIPE
        )
        try:
            yield api
        finally:
            process.kill()
            process.communicate()


def request(url: str, **keys) -> dict:
    return {"image-url": url, "bucket-name": "pictures", "folder-name": "cats", "file-name": "tom.png", **keys}


@pytest.fixture
def tls_origin(tmp_path, root):
    """A web server by the name origin.test, whose certificate an authority has signed that only `root` knows."""
    context, authority = vouched(tmp_path, "origin.test")
    (root / CA_FILE).parent.mkdir(parents=True)
    shutil.copy(authority, root / CA_FILE)
    with Origin("127.0.0.91", context) as origin:
        yield origin


def url_by_name(origin: Origin, path: str) -> str:
    return origin.url(path).replace("127.0.0.91", "origin.test")


def test_it_is_one_static_file_for_any_x86_64_machine():
    head = ARTIFACT.read_bytes()[:4096]
    kind, machine = struct.unpack_from("<HH", head, 16)
    (offset,) = struct.unpack_from("<Q", head, 32)
    size, count = struct.unpack_from("<HH", head, 54)
    segments = {struct.unpack_from("<I", head, offset + i * size)[0] for i in range(count)}
    loader, dynamic = 3, 2
    assert (kind, machine) == (2, 62), "no program for x86_64 at fixed addresses"
    assert not segments & {loader, dynamic}, "something would have to be loaded beside it"


def test_its_zip_stays_small():
    assert FUNCTION_ZIP.stat().st_size <= 3_000_000


def test_it_names_its_handlers():
    listed = subprocess.run([ARTIFACT, "--list"], capture_output=True, text=True, check=True)
    assert listed.stdout.split() == ["fetch-store-image", "delete-images"]


@needs_root
def test_stores_over_tls_with_nothing_but_hosts_and_certificates(root, tls_origin, s3):
    (root / "etc/hosts").write_text("127.0.0.91 origin.test\n")
    with running(root, s3) as api:
        event = request(url_by_name(tls_origin, "image/3000/tom.png"), **{"image-meta": {"title": "Tom"}})
        answer = api.call(event).json
    assert answer["statusCode"] == 200, answer
    result = answer["body"]["result"]
    assert (result["key"], result["size"], result["content-type"]) == ("cats/tom.png", 3000, "image/png")
    stored = s3.get_object(Bucket="pictures", Key="cats/tom.png")
    assert stored["Body"].read() == images.png("tom.png", 3000)
    assert stored["Metadata"]["title"] == "Tom"


@needs_root
def test_finds_names_with_nothing_but_resolv_conf(root, tls_origin, s3):
    with NameServer("127.0.0.92", "origin.test", "127.0.0.91") as names:
        (root / "etc/resolv.conf").write_text(f"nameserver {names.address}\n")
        with running(root, s3) as api:
            answer = api.call(request(url_by_name(tls_origin, "image/2000/tom.png"))).json
            unknown = api.call(request("https://nowhere.test/a.png")).json
    assert answer["body"]["ok"], answer
    assert unknown["body"]["error"]["type"] == "dns", unknown
    assert {"origin.test", "nowhere.test"} <= set(names.asked)


@needs_root
def test_nsswitch_cannot_make_it_load_anything(root, tls_origin, s3):
    (root / "etc/hosts").write_text("127.0.0.91 origin.test\n")
    (root / "etc/nsswitch.conf").write_text("hosts: myhostname resolve [!UNAVAIL=return] files\n")
    with running(root, s3) as api:
        answer = api.call(request(url_by_name(tls_origin, "image/2000/tom.png"))).json
    assert answer["body"]["ok"], answer


@needs_root
def test_says_where_it_looked_for_certificates(root, tls_origin, s3):
    (root / CA_FILE).unlink()
    (root / "etc/hosts").write_text("127.0.0.91 origin.test\n")
    with running(root, s3) as api:
        error = api.call(request(url_by_name(tls_origin, "image/2000/tom.png"))).json["body"]["error"]
    assert error["type"] == "tls"
    for place in ("/" + CA_FILE, "/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/cert.pem", "SSL_CERT_FILE", "AWS_CA_BUNDLE"):
        assert place in error["message"]


@needs_root
def test_trusts_no_one_else(root, tls_origin, s3, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    _, stranger = vouched(other, "origin.test")
    (root / "stranger.pem").write_bytes(stranger.read_bytes())
    (root / "etc/hosts").write_text("127.0.0.91 origin.test\n")
    with running(root, s3, SSL_CERT_FILE="/stranger.pem") as api:
        error = api.call(request(url_by_name(tls_origin, "image/2000/tom.png"))).json["body"]["error"]
    assert error["type"] == "tls"


@needs_root
def test_a_batch_is_answered_in_order_and_removed_by_the_second_handler(root, origin, s3):
    paths = ["image/1000/a.png", "status/404/b.png", "image/2000/c.png"]
    requests = [request(origin.url(path), **{"file-name": pathlib.Path(path).name, "folder-name": "batch"}) for path in paths]
    with running(root, s3) as api:
        body = api.call({"requests": requests, "concurrency": 2}).json["body"]
    assert not body["ok"]
    assert [result["ok"] for result in body["results"]] == [True, False, True]
    assert body["results"][1]["error"]["type"] == "not_found"

    keys = [result["result"]["key"] for result in body["results"] if result["ok"]]
    with running(root, s3, "delete-images") as api:
        body = api.call({"bucket-name": "pictures", "keys": keys}).json["body"]
    assert body["ok"], body
    assert s3.list_objects_v2(Bucket="pictures", Prefix="batch/")["KeyCount"] == 0


@needs_root
def test_its_own_services_cannot_be_fetched_through_it(root, s3):
    with running(root, s3) as api:
        events = [
            request(f"http://{api.address}/2018-06-01/runtime/invocation/next"),
            request("http://169.254.169.254/latest/meta-data/"),
            request("http://169.254.170.2/v2/credentials"),
        ]
        errors = [api.call(event).json["body"]["error"]["type"] for event in events]
    assert errors == ["blocked_address"] * 3


@needs_root
def test_what_is_wrong_with_an_event_is_named(root, s3):
    with running(root, s3) as api:
        answer = api.call({"image-url": "https://origin.test/a.png"}).json
    assert answer["statusCode"] == 400
    assert "bucket-name" in answer["body"]["error"]["message"]
