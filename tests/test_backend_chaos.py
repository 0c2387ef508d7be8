"""Whatever happens to a backend, its database or its store: afterwards every image is stored, and stored once."""

import contextlib
import json
import random
import resource
import threading

import pytest

from support.apis import Apis, Picture
from support.backend import Backend
from support.creel import S3_ENVIRONMENT
from support.postgres import Postgres
from support.s3 import Refusal, ScriptedS3, Stored

SEED = 20_261_103
COUNT = 400


@pytest.fixture
def apis():
    with Apis("127.0.0.3") as server:
        server.feeds["many"] = [Picture(f"m{number}", size=1500) for number in range(COUNT)]
        yield server


@pytest.fixture
def postgres():
    with Postgres() as cluster:
        yield cluster


@pytest.fixture
def s3():
    with ScriptedS3() as server:
        yield server


def s3_arguments(s3) -> dict:
    return {
        "arguments": ["--store-to", "s3://pictures/mirror", "--store-endpoint-url", f"http://{s3.address}"],
        "environment": S3_ENVIRONMENT,
    }


def all_stored(backend: Backend) -> bool:
    counts = {}
    for source in backend.get("/sources")["items"]:
        for state, count in source["counts"].items():
            counts[state] = counts.get(state, 0) + count
    return counts.get("stored") == COUNT and counts.get("pending") == counts.get("storing") == 0


def assert_each_stored_once(backend: Backend, s3, apis) -> None:
    images = backend.images()
    assert {image["state"] for image in images} == {"stored"}
    assert len(images) == COUNT and len({image["image_url"] for image in images}) == COUNT
    assert {f"mirror/{image['key']}" for image in images} == s3.keys()
    for image in images:
        path = image["image_url"].split("/", 3)[3]
        assert s3.objects[f"mirror/{image['key']}"].body == apis.image(path)


def test_kills_at_random_instants(tmp_path, apis, s3):
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    options = s3_arguments(s3)
    backend = Backend(tmp_path / "data", *options["arguments"], environment=options["environment"])
    apis.allow(0)
    backend.add_source("many", "feed", apis.url("rss/many"))
    for _ in range(12):
        sent = apis.images_sent
        quota = chance.randint(0, COUNT // 14)
        apis.allow(quota)
        apis.wait_until(lambda: apis.images_sent - sent >= quota)
        backend.kill()
        apis.wait_until_idle()
        backend.start()
    apis.allow(None)
    backend.wait_until(lambda: all_stored(backend))
    assert_each_stored_once(backend, s3, apis)
    assert backend.stop() == 0


def test_a_database_that_is_restarted_while_images_are_stored(tmp_path, apis, s3, postgres):
    options = s3_arguments(s3)
    backend = Backend(
        tmp_path / "data",
        "--database-url",
        postgres.url,
        *options["arguments"],
        environment=options["environment"],
    )
    apis.allow(COUNT // 4)
    backend.add_source("many", "feed", apis.url("rss/many"))
    apis.wait_until(lambda: apis.images_sent >= COUNT // 4)
    postgres.stop()
    status, _, body = backend.call("GET", "/images")
    assert status == 503, body
    assert backend.call("GET", "/healthz")[0] == 503
    apis.allow(COUNT // 4)
    postgres.start()
    apis.wait_until(lambda: apis.images_sent >= COUNT // 2)
    postgres.kill()
    apis.allow(None)
    postgres.start()
    backend.wait_until(lambda: all_stored(backend))
    assert_each_stored_once(backend, s3, apis)
    assert backend.stop() == 0


def test_a_store_that_is_away_for_a_while(tmp_path, apis, s3):
    options = s3_arguments(s3)
    backend = Backend(tmp_path / "data", *options["arguments"], environment=options["environment"])
    apis.allow(COUNT // 4)
    backend.add_source("many", "feed", apis.url("rss/many"))
    apis.wait_until(lambda: apis.images_sent >= COUNT // 4)
    refused = threading.Event()

    def unavailable(request):
        if request.method in ("PUT", "POST"):
            refused.set()
            raise Refusal(503, "ServiceUnavailable")

    s3.faults.append(unavailable)
    apis.allow(None)
    assert refused.wait(60)
    refusals = len([request for request in s3.requests if request.method == "PUT"])
    s3.wait_until(lambda: len([r for r in s3.requests if r.method == "PUT"]) > refusals + 3)
    s3.faults.clear()
    backend.wait_until(lambda: all_stored(backend))
    assert_each_stored_once(backend, s3, apis)
    assert backend.stop() == 0


def test_two_backends_share_the_work_and_one_takes_over(tmp_path, apis, s3, postgres):
    options = s3_arguments(s3)
    arguments = ["--database-url", postgres.url, *options["arguments"], "--ingest-lease", "8s", "--sources-lease", "8s"]
    with contextlib.ExitStack() as stack:
        backends = []
        for name in ("one", "two"):
            backends.append(Backend(tmp_path / name, *arguments, environment=options["environment"]))
            stack.callback(backends[-1].stop)
        one, two = backends
        apis.allow(COUNT // 3)
        one.add_source("many", "feed", apis.url("rss/many"))
        apis.wait_until(lambda: apis.images_sent >= COUNT // 3)
        # The feed was polled by one of them only.
        assert len(apis.requests_of("/rss/many")) == 1
        one.kill()
        apis.allow(None)
        two.wait_until(lambda: all_stored(two))
        assert_each_stored_once(two, s3, apis)
        assert len(apis.requests_of("/rss/many")) == 1


def health(backend: Backend) -> str:
    return json.loads(backend.call("GET", "/healthz")[2])["status"]


def add_picture(backend: Backend, apis, name: str) -> int:
    return backend.call("POST", "/images", {"image_url": apis.link(Picture(name))})[0]


@pytest.fixture
def stored(tmp_path, apis):
    """A backend on SQLite with one stored image, and that image."""
    backend = Backend(tmp_path / "data", limits_fail=True)
    assert add_picture(backend, apis, "first") == 201
    backend.wait_until(lambda: len(backend.images(state="stored")) == 1)
    yield backend, backend.images()[0]
    backend.stop()


def test_a_disk_that_is_full_for_a_while(tmp_path, apis, stored):
    backend, image = stored
    path = f"/images/{image['id']}"
    log = next((tmp_path / "data").glob("*.db-wal"))

    def fill_disk(limit):
        resource.prlimit(backend.process.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

    fill_disk(log.stat().st_size)
    assert add_picture(backend, apis, "second") == 503
    assert health(backend) == "degraded"
    assert backend.call("DELETE", path)[0] == 503
    assert (tmp_path / "data/images" / image["key"]).exists()
    fill_disk(resource.RLIM_INFINITY)
    backend.wait_until(lambda: health(backend) == "ok")
    assert add_picture(backend, apis, "second") == 201
    backend.wait_until(lambda: len(backend.images(state="stored")) == 2)
    assert backend.call("DELETE", path)[0] == 204
    assert backend.log.count("can be written again") == backend.log.count("cannot be written for now") <= 1

    # It can be stopped in this state too.
    fill_disk(log.stat().st_size)
    assert add_picture(backend, apis, "third") == 503
    assert backend.stop() == 0


def test_a_database_file_that_is_moved_away_while_the_backend_runs(tmp_path, apis, stored):
    backend, image = stored
    file = next((tmp_path / "data").glob("*.db"))
    file.rename(tmp_path / "elsewhere")
    assert add_picture(backend, apis, "second") == 503
    assert health(backend) == "degraded"
    assert backend.call("DELETE", f"/images/{image['id']}")[0] == 503
    assert not file.exists()
    (tmp_path / "elsewhere").rename(file)
    backend.wait_until(lambda: health(backend) == "ok")
    assert add_picture(backend, apis, "second") == 201
    backend.wait_until(lambda: len(backend.images(state="stored")) == 2)

    file.rename(tmp_path / "elsewhere")
    assert add_picture(backend, apis, "third") == 503
    assert backend.stop() == 0
    assert "was removed while creel is running" in backend.log


def test_the_object_of_an_image_that_was_deleted_before_a_kill(tmp_path, apis, s3):
    options = s3_arguments(s3)
    backend = Backend(tmp_path / "data", *options["arguments"], environment=options["environment"])
    wanted = {"image_url": apis.url("held/gate/2000/cat.png"), "folder_name": "pets", "file_name": "cat.png"}
    image = backend.json("POST", "/images", wanted, expect=201)
    apis.wait_until(lambda: apis.requests_of("/held/gate/2000/cat.png"))
    assert backend.call("DELETE", f"/images/{image['id']}")[0] == 204
    backend.kill()
    # As if the store had taken it in the last moment.
    s3.objects["mirror/direct/pets/cat.png"] = Stored(b"", "", {})
    backend.start()
    backend.wait_until(lambda: not s3.keys())
    assert backend.stop() == 0
