"""The backend from end to end: sources are polled, images stored, and the API and its events tell of it."""

import contextlib
import datetime
import json
import time
import uuid

import pytest
from moto.server import ThreadedMotoServer

import boto3
from support.apis import CLIENT_ID, Apis, Picture
from support.backend import Backend
from support.creel import ROOT, S3_ENVIRONMENT
from support.emulator import Emulator
from support.postgres import Postgres

PROGRAM = """{records: [.photos[] | {image_id: .key, image_url: .src.full, title: .caption}], next: .next}
  | (.records[]), (if .next then {next_url: .next} else empty end)"""


@pytest.fixture
def apis():
    with Apis("127.0.0.2") as server:
        server.tags["cats"] = [
            Picture("tom", title="Tom", nsfw=False),
            Picture("kit", title=None, nsfw=None),
            Picture("one", album="ab1", title="One"),
            Picture("two", album="ab1", description="the second"),
            Picture("three", album="ab1"),
            Picture("last", title="Last & least", nsfw=True),
        ]
        server.feeds["news"] = [Picture(f"rss{number}", title=f"Item {number}") for number in range(5)]
        server.feeds["blog"] = [Picture(f"atom{number}", title="Ünïcode ☃") for number in range(4)]
        server.feeds["cast"] = [Picture(f"feed{number}") for number in range(3)]
        server.topics["sea"] = [Picture(f"sea{number}", title=f"Wave {number}") for number in range(7)]
        server.url_lists["links"] = [Picture(f"url{number}") for number in range(4)]
        yield server


def add_all_sources(backend: Backend, apis: Apis) -> dict[str, dict]:
    return {
        "cats": backend.add_source(
            "cats",
            "imgur",
            settings={"tag": "cats", "client_id": CLIENT_ID, "api_url": apis.url("3")},
        ),
        "news": backend.add_source("news", "feed", apis.url("rss/news")),
        "blog": backend.add_source("blog", "feed", apis.url("atom/blog")),
        "cast": backend.add_source("cast", "feed", apis.url("jsonfeed/cast")),
        "sea": backend.add_source("sea", "json", apis.url("topics/sea"), settings={"program": PROGRAM}),
        "links": backend.add_source("links", "list", apis.url("urls/links")),
    }


EXPECTED = {"cats": 6, "news": 5, "blog": 4, "cast": 3, "sea": 7, "links": 4}


class FolderRig:
    """SQLite, a folder, and the work in the process itself."""

    def __init__(self, tmp_path, stack):
        self.data = tmp_path / "data"
        self.backend = Backend(self.data)

    def objects(self) -> dict[str, bytes]:
        root = self.data / "images"
        return {
            str(path.relative_to(root)): path.read_bytes()
            for path in root.rglob("*")
            if path.is_file() and ".creel-unfinished" not in str(path)
        }


class CloudRig:
    """PostgreSQL, a bucket, and the work in the function."""

    def __init__(self, tmp_path, stack):
        self.data = tmp_path / "data"
        self.postgres = stack.enter_context(Postgres())
        moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        moto.start()
        stack.callback(moto.stop)
        host, port = moto.get_host_and_port()
        endpoint = f"http://{host}:{port}"
        self._s3 = boto3.client(
            "s3",
            endpoint_url=endpoint,
            region_name="us-east-1",
            aws_access_key_id="AKIATESTTESTTEST",
            aws_secret_access_key="test-secret-key",
        )
        # Servers of moto in one process share what they hold.
        self._bucket = f"pictures-{uuid.uuid4().hex[:8]}"
        self._s3.create_bucket(Bucket=self._bucket)
        variables = {
            **S3_ENVIRONMENT,
            "AWS_ENDPOINT_URL_S3": endpoint,
            "CREEL_ALLOW_PRIVATE_NETWORK": "1",
        }
        emulator = Emulator(
            [
                ROOT / "build/release/creel-function.zip",
                "--name",
                "pictures",
                "--handler",
                "fetch-store-image",
                *[part for name, value in variables.items() for part in ("--env", f"{name}={value}")],
            ],
            tmp_path,
        )
        stack.callback(emulator.stop)
        self.backend = Backend(
            self.data,
            "--database-url",
            self.postgres.url,
            "--store-to",
            f"s3://{self._bucket}/mirror",
            "--store-endpoint-url",
            endpoint,
            "--ingest-via",
            "lambda:pictures",
            "--ingest-lambda-endpoint-url",
            emulator.url,
            environment=S3_ENVIRONMENT,
        )

    def objects(self) -> dict[str, bytes]:
        keys = [entry["Key"] for entry in self._s3.list_objects_v2(Bucket=self._bucket).get("Contents", [])]
        return {
            key.removeprefix("mirror/"): self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
            for key in keys
        }


@pytest.fixture(params=[FolderRig, CloudRig], ids=["sqlite-folder", "postgresql-s3-lambda"])
def rig(request, tmp_path):
    with contextlib.ExitStack() as stack:
        made = request.param(tmp_path, stack)
        yield made
        made.backend.stop()


def test_sources_are_polled_and_their_images_stored_once(rig, apis):
    backend = rig.backend
    events = backend.events()
    sources = add_all_sources(backend, apis)
    backend.wait_for_quiet()

    # What was found is stored, and is what the web has.
    backend.wait_until(lambda: backend.get("/statistics")["images"]["stored"] == sum(EXPECTED.values()))
    for name, count in EXPECTED.items():
        source = backend.source(sources[name]["id"])
        assert source["counts"]["stored"] == count, (name, source, backend.images(source=source["id"]))
        assert source["counts"]["failed"] == 0 and source["state"] == "idle"
        assert source["last_poll"] < source["next_poll"]
    images = backend.images(state="stored")
    assert len(images) == sum(EXPECTED.values())
    objects = rig.objects()
    assert sorted(objects) == sorted(image["key"] for image in images)
    for image in images:
        assert objects[image["key"]] == apis.image(image["image_url"].split("/", 3)[3]), image
        assert (image["type"], image["size_bytes"], image["attempts"]) == ("image/png", 2000, 1)

    # What the sources tell of them is there.
    cats = {image["image_id"]: image for image in backend.images(source=sources["cats"]["id"])}
    assert set(cats) == {"tom", "kit", "one", "two", "three", "last"}
    assert (cats["tom"]["title"], cats["tom"]["nsfw"], cats["kit"]["nsfw"]) == ("Tom", False, None)
    assert cats["last"]["nsfw"] is True
    assert cats["three"]["title"] == "Album ab1"
    assert "the second" in cats["two"]["description"]
    blog = backend.images(source=sources["blog"]["id"])
    assert {image["title"] for image in blog} == {"Ünïcode ☃"}
    assert {image["attribution_name"] for image in blog} == {"Ann"}
    assert [image["title"] for image in backend.get("/images", q="wave 3")["items"]] == ["Wave 3"]

    # The content comes through the API.
    status, headers, body = backend.call("GET", f"/images/{cats['tom']['id']}/content")
    if status == 302:
        assert "X-Amz-Signature" in headers["Location"]
    else:
        assert (status, body) == (200, objects[cats["tom"]["key"]])
        assert headers["X-Content-Type-Options"] == "nosniff"

    # The events told of it all.
    told = set()
    while len(told) < len(images):
        kind, data = events.next()
        if kind == "image_stored":
            told.add(data["id"])
    assert told == {image["id"] for image in images}
    events.close()

    second_poll_adds_nothing(rig, apis, sources)
    removed_image_stays_removed(rig, apis, sources, cats["tom"])


def fetch_all(backend: Backend, sources: dict[str, dict]) -> None:
    before = {source["id"]: source["last_poll"] for source in backend.get("/sources")["items"]}
    for source in sources.values():
        backend.json("POST", f"/sources/{source['id']}/fetch", expect=202)
    backend.wait_until(
        lambda: all(
            source["last_poll"] != before[source["id"]] and source["state"] == "idle"
            for source in backend.get("/sources")["items"]
        )
    )
    backend.wait_for_quiet()


def second_poll_adds_nothing(rig, apis, sources):
    backend = rig.backend
    before = rig.objects()
    sent = apis.images_sent
    fetch_all(backend, sources)
    assert rig.objects() == before
    assert apis.images_sent == sent
    assert len(backend.images()) == sum(EXPECTED.values())
    # Unchanged feeds were asked for in a way that cost next to nothing.
    assert apis.requests_of("/rss/news")[-1].header("if-none-match")


def removed_image_stays_removed(rig, apis, sources, image):
    backend = rig.backend
    status, _, _ = backend.call("DELETE", f"/images/{image['id']}")
    assert status == 204
    assert image["key"] not in rig.objects()
    assert backend.call("GET", f"/images/{image['id']}/content")[0] == 404
    apis.tags["cats"].append(Picture("new", title="New"))
    fetch_all(backend, sources)
    stored = {entry["image_id"] for entry in backend.images(source=sources["cats"]["id"], state="stored")}
    assert "new" in stored and "tom" not in stored
    assert image["key"] not in rig.objects()


def test_a_failure_is_told_with_its_kind_and_can_be_retried(tmp_path, apis):
    apis.url_lists["links"] = [Picture("good")]
    backend = Backend(tmp_path / "data")
    apis.lists["mixed"] = f"{apis.url('status/404/gone.png')}\n{apis.link(Picture('good'))}\n".encode()
    source = backend.add_source("mixed", "list", apis.url("list-of/mixed"))
    backend.wait_for_quiet()
    (failed,) = backend.images(state="failed")
    assert (failed["failure_kind"], failed["source"]) == ("not_found", "mixed")
    backend.wait_until(lambda: backend.get("/statistics")["by_failure_kind"] == {"not_found": 1})
    asked = len(apis.requests_of("/status/404/gone.png"))
    assert backend.json("POST", "/images/retry", {"failure_kind": "not_found"}, expect=202) == {"retried": 1}
    apis.wait_until(lambda: len(apis.requests_of("/status/404/gone.png")) > asked)
    backend.wait_until(lambda: [image["id"] for image in backend.images(state="failed")] == [failed["id"]])
    backend.wait_until(lambda: backend.source(source["id"])["counts"]["stored"] == 1)
    assert backend.stop() == 0


def test_images_added_by_hand_are_stored(tmp_path, apis):
    backend = Backend(tmp_path / "data")
    one = backend.json("POST", "/images", {"image_url": apis.link(Picture("one")), "title": "By hand"}, expect=201)
    assert (one["source"], one["title"]) == ("direct", "By hand")
    many = backend.json(
        "POST", "/images", {"images": [{"image_url": apis.link(Picture("two"))}, {"image_url": "ftp://x/y"}]}, expect=200
    )["items"]
    assert many[0]["added"] is True and many[0]["error"] is None
    assert many[1]["added"] is False and "ftp" in json.dumps(many[1]["error"])
    backend.wait_until(lambda: len(backend.images(state="stored")) == 2)
    assert backend.json("POST", "/images", {"image_url": apis.link(Picture("one"))}, expect=200)["id"] == one["id"]
    backend.stop()


def test_images_of_one_name_are_stored_under_keys_of_their_own(tmp_path, apis):
    backend = Backend(tmp_path / "data")
    pictures = [Picture(f"cat{number}") for number in range(5)]
    for some in (pictures[:3], pictures[3:]):
        named = [{"image_url": apis.link(cat), "folder_name": "pets", "file_name": "cat.png"} for cat in some]
        backend.json("POST", "/images", {"images": named}, expect=200)
    backend.wait_until(lambda: len(backend.images(state="stored")) == len(pictures))
    keys = {image["image_url"]: image["key"] for image in backend.images()}
    assert len(set(keys.values())) == len(pictures) and "direct/pets/cat.png" in keys.values()
    for cat in pictures:
        assert (tmp_path / "data/images" / keys[apis.link(cat)]).read_bytes() == apis.bytes_of(cat)
    assert backend.stop() == 0


def test_a_source_that_refuses_us_is_stopped_and_says_why(tmp_path, apis):
    backend = Backend(tmp_path / "data")
    source = backend.add_source(
        "cats", "imgur", settings={"tag": "cats", "client_id": "wrong", "api_url": apis.url("3")}
    )
    backend.wait_until(lambda: backend.source(source["id"])["state"] == "stopped")
    told = backend.source(source["id"])
    assert "Client-ID" in told["reason"] or "client_id" in told["reason"]
    assert "wrong" not in json.dumps(told)
    backend.stop()


def test_a_rate_limited_source_is_blocked_until_the_peer_says(tmp_path, apis):
    apis.refusals["/rss/news"] = [(429, {"Retry-After": "7200"})]
    backend = Backend(tmp_path / "data")
    source = backend.add_source("news", "feed", apis.url("rss/news"))
    backend.wait_until(lambda: backend.source(source["id"])["state"] == "blocked")
    blocked = backend.source(source["id"])
    assert blocked["blocked_until"] > blocked["last_poll"]
    # A restart neither polls it nor forgets it.
    backend.kill()
    backend.start()
    assert backend.source(source["id"])["state"] == "blocked"
    assert backend.source(source["id"])["blocked_until"] == blocked["blocked_until"]
    assert len(apis.requests_of("/rss/news")) == 1
    backend.stop()


def test_a_host_that_has_refused_is_left_alone_by_other_sources_also_after_a_kill(tmp_path, apis):
    apis.refusals["/rss/news"] = [(429, {"Retry-After": "7200"})]
    backend = Backend(tmp_path / "data")
    news = backend.add_source("news", "feed", apis.url("rss/news"))
    backend.wait_until(lambda: backend.source(news["id"])["state"] == "blocked")
    backend.kill()
    backend.start()
    other = backend.add_source("other", "feed", apis.url("rss/other"))
    backend.wait_until(lambda: backend.source(other["id"])["state"] == "blocked")
    assert "left alone" in backend.source(other["id"])["reason"]
    assert apis.requests_of("/rss/other") == []
    backend.stop()


def test_imgur_sources_of_one_client_id_wait_together(tmp_path, apis):
    reset = int(time.time()) + 7200
    apis.refusals["/3/gallery/t/cats/time/week/0"] = [(429, {"X-RateLimit-UserReset": str(reset)})]
    backend = Backend(tmp_path / "data")

    def add(tag, client_id):
        settings = {"tag": tag, "client_id": client_id, "api_url": apis.url("3")}
        return backend.add_source(tag, "imgur", settings=settings)["id"]

    cats = add("cats", CLIENT_ID)
    backend.wait_until(lambda: backend.source(cats)["state"] == "blocked")
    backend.kill()
    backend.start()
    dogs = add("dogs", CLIENT_ID)
    backend.wait_until(lambda: backend.source(dogs)["state"] == "blocked")
    assert "left alone" in backend.source(dogs)["reason"]
    assert datetime.datetime.fromisoformat(backend.source(dogs)["blocked_until"]).timestamp() >= reset - 1
    assert apis.requests_of("/3/gallery/t/dogs/time/week/0") == []
    backend.stop()


def test_a_source_can_be_tried_before_it_is_saved(tmp_path, apis):
    backend = Backend(tmp_path / "data")
    body = {"name": "sea", "type": "json", "url": apis.url("topics/sea"), "settings": {"program": PROGRAM}}
    preview = backend.json("POST", "/sources/test", body, expect=200)
    assert [record["title"] for record in preview["records"]][:2] == ["Wave 0", "Wave 1"]
    body["settings"]["program"] = "empty"
    preview = backend.json("POST", "/sources/test", body, expect=200)
    assert preview["records"] == [] and "photos" in json.dumps(preview["shape"])
    assert backend.get("/sources")["items"] == []
    assert backend.images() == []
    backend.stop()


def test_a_stop_ends_a_poll_that_is_under_way(tmp_path, apis):
    """A feed whose server says nothing."""
    backend = Backend(tmp_path / "data")
    source = backend.add_source("slow", "feed", apis.url("stall-before-headers/feed.xml"))
    apis.wait_until(lambda: apis.requests_of("/stall-before-headers/feed.xml"))
    backend.wait_until(lambda: backend.source(source["id"])["state"] == "fetching")
    backend.json("POST", f"/sources/{source['id']}/stop", expect=202)
    backend.wait_until(lambda: backend.source(source["id"])["state"] == "stopped")
    apis.wait_until_idle()
    assert backend.call("POST", f"/sources/{source['id']}/stop")[0] == 409
    assert backend.stop() == 0
