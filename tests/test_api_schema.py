"""The API does what its description says: every operation is sent what the description lets through and what it does not,
and every answer is held against it. The same requests on every run."""

import contextlib
import json
import urllib.parse

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from support.backend import Backend
from support.origin import Origin

# What the description cannot say (a cursor of another list, a name of no type of source) is answered with 400.
CONFIG = schemathesis.Config.from_dict(
    {
        "seed": 20261124,
        "checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", "302", "304", "400", "404", "409", "502"]}},
    }
)

bounded = settings(
    max_examples=20,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@contextlib.contextmanager
def filled_backend(folder):
    """A backend with a stored image, one that failed, one that was deleted, and sources."""
    with Origin("127.0.0.3") as origin:
        backend = Backend(folder / "data")
        try:
            fill(backend, origin)
            yield backend
        finally:
            backend.stop()


@pytest.fixture(scope="module")
def backend(tmp_path_factory):
    with filled_backend(tmp_path_factory.mktemp("api-schema")) as backend:
        yield backend


@pytest.fixture
def own_backend(tmp_path):
    """For a test that deletes whatever it finds."""
    with filled_backend(tmp_path) as backend:
        yield backend


def fill(backend: Backend, origin: Origin) -> None:
    added = backend.json(
        "POST",
        "/images",
        {
            "images": [
                {"image_url": origin.url("image/1000/a.png"), "title": "A black cat", "nsfw": False, "meta": {"camera": "X"}},
                {"image_url": origin.url("status/404/b.png"), "title": "=2+3"},
                {"image_url": origin.url("image/2000/c.png"), "attribution_name": "Zoë"},
                {"image_url": "ftp://example.com/"},
            ]
        },
        expect=200,
    )["items"]
    backend.add_source("Feed", "feed", origin.url("nothing.xml"), start=False)
    backend.add_source("List", "list", origin.url("nothing.txt"), rate_limit=30)
    backend.wait_for_quiet()
    backend.json("DELETE", f"/images/{added[2]['id']}", expect=204)


def description_of(backend: Backend):
    schema = schemathesis.openapi.from_dict(backend.get("/openapi.json"), config=CONFIG)
    schema.config.update(base_url=backend.url)
    return schema


@pytest.fixture(scope="module")
def api_schema(backend):
    return description_of(backend)


def check(operation, mode, headers) -> None:
    @given(case=operation.as_strategy(generation_mode=mode))
    @bounded
    def send(case):
        case.call_and_validate(headers=headers, timeout=30)

    send()


@pytest.mark.timeout(900)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value)
def test_every_operation_answers_as_it_is_described(own_backend, mode):
    wrong = {}
    for result in description_of(own_backend).get_all_operations():
        operation = result.ok()
        # The stream of events has no end; it is tested where it is read.
        if operation.path == "/events":
            continue
        try:
            check(operation, mode, own_backend.headers)
        except Unsatisfiable:
            # Nothing that the operation takes can be wrong.
            continue
        except (Exception, BaseExceptionGroup) as failure:
            wrong[operation.label] = repr(failure)
    assert not wrong, "\n\n".join(f"{name}: {what}" for name, what in wrong.items())


def operations(document: dict) -> list[tuple[str, str]]:
    return [(path, method) for path, methods in document["paths"].items() for method in methods]


def test_every_operation_is_described_whole(backend):
    document = backend.get("/openapi.json")
    assert document["openapi"].startswith("3.1")
    names = [document["paths"][path][method]["operationId"] for path, method in operations(document)]
    assert len(set(names)) == len(names)
    for path, method in operations(document):
        operation = document["paths"][path][method]
        assert operation["summary"], (method, path)
        assert any(status.startswith(("2", "3")) for status in operation["responses"]), (method, path)


PLAIN = [
    "/sources",
    "/sources/types",
    "/sources/{source}",
    "/sources/{source}/polls",
    "/images",
    "/images?state=stored&type=image/*&nsfw=false&min_size=1&sort=-size&limit=1",
    "/images?state=failed&failure_kind=not_found",
    "/images?state=deleted",
    "/images?q=cat",
    "/images/{image}",
    "/images/export",
    "/images/export?format=csv&state=failed",
    "/statistics",
    "/statistics?hours=1",
    "/statistics?per_source=true",
    "/healthz",
    "/openapi.json",
]


@pytest.mark.parametrize("target", PLAIN)
def test_answers_with_something_in_them_are_as_described(backend, api_schema, target):
    ids = {
        "image": backend.images(state="stored")[0]["id"],
        "source": next(source["id"] for source in backend.get("/sources")["items"] if source["type"] == "list"),
    }
    parts = urllib.parse.urlsplit(target)
    values = {name: value for name, value in ids.items() if f"{{{name}}}" in parts.path}
    path = parts.path.replace("{image}", "{id}").replace("{source}", "{id}")
    case = api_schema[path]["GET"].Case(
        path_parameters={"id": next(iter(values.values()))} if values else {},
        query=dict(urllib.parse.parse_qsl(parts.query)),
    )
    answer = case.call_and_validate(headers=backend.headers)
    assert answer.status_code == 200
    if "items" in answer.text[:10]:
        assert answer.json()["items"]


def test_every_wrong_field_is_pointed_to_at_once(backend):
    status, headers, body = backend.call(
        "POST",
        "/sources",
        {"name": "", "type": "json", "interval": "soon", "rate_limit": -1, "color": "red", "settings": {"nonsense": 1}},
    )
    assert status == 400
    assert headers["Content-Type"] == "application/problem+json"
    pointers = {error["pointer"] for error in json.loads(body)["errors"]}
    assert pointers >= {"/name", "/url", "/interval", "/rate_limit", "/color", "/settings/nonsense"}


def test_the_content_of_an_image_is_given_with_ranges(backend):
    image = backend.images(state="stored")[0]
    path = f"/images/{image['id']}/content"
    status, headers, whole = backend.call("GET", path)
    assert status == 200
    assert headers["Content-Type"] == image["type"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert headers["ETag"] == f'"{image["sha256"]}"'
    assert len(whole) == image["size_bytes"] == int(headers["Content-Length"])
    status, headers, part = backend.call("GET", path, headers={"Range": "bytes=1-3"})
    assert (status, part) == (206, whole[1:4])
    assert headers["Content-Range"] == f"bytes 1-3/{len(whole)}"
    assert backend.call("GET", path, headers={"If-None-Match": headers["ETag"]})[0] == 304
    assert backend.call("GET", path, headers={"Range": f"bytes={len(whole)}-"})[0] == 416
    status, headers, nothing = backend.call("HEAD", path)
    assert (status, nothing, int(headers["Content-Length"])) == (200, b"", len(whole))
