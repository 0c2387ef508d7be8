"""The description at /openapi.json: it is valid, whole, and its examples are what it says."""

import http.client
import json

import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from support.backend import Backend

METHODS = ("get", "put", "post", "delete", "patch")


@pytest.fixture(scope="module")
def backend(tmp_path_factory):
    backend = Backend(tmp_path_factory.mktemp("openapi") / "data")
    yield backend
    backend.stop()


@pytest.fixture(scope="module")
def document(backend):
    return backend.get("/openapi.json")


def operations(document):
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"{method.upper()} {path}", item[method]


def media_types(document):
    """Every media type object, with the place where it stands."""
    for name, operation in operations(document):
        for kind, media in operation.get("requestBody", {}).get("content", {}).items():
            yield f"{name}, body, {kind}", media
        for status, answer in operation["responses"].items():
            for kind, media in answer.get("content", {}).items():
                yield f"{name}, {status}, {kind}", media
    for name, answer in document["components"]["responses"].items():
        for kind, media in answer["content"].items():
            yield f"{name}, {kind}", media


def check(document, schema, value):
    """Checks a value against a schema of the document, whose references lead into it."""
    jsonschema.Draft202012Validator({**schema, "components": document["components"]}).validate(value)


def test_it_is_a_valid_description(document):
    faults = [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()]
    assert faults == []
    assert document["openapi"].startswith("3.1")


def test_every_operation_is_described_whole(document):
    names = [operation["operationId"] for _, operation in operations(document)]
    assert len(names) == len(set(names))
    for name, operation in operations(document):
        assert operation["summary"] and operation["tags"], name
        assert any(status.startswith("2") or status == "302" for status in operation["responses"]), name
        assert "security" in operation, name
        for parameter in operation.get("parameters", []):
            assert parameter["in"] == "path" or parameter.get("description"), f"{name}: {parameter['name']}"


def test_every_reference_leads_somewhere(document):
    def walk(node):
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                yield node["$ref"]
            for child in node.values():
                yield from walk(child)
        elif isinstance(node, list):
            for child in node:
                yield from walk(child)

    for reference in walk(document):
        node = document
        for key in reference.removeprefix("#/").split("/"):
            assert key in node, reference
            node = node[key]


def test_examples_are_what_their_schemas_say(document):
    examples = 0
    for place, media in media_types(document):
        jsonschema.Draft202012Validator.check_schema(media["schema"])
        if "example" in media:
            examples += 1
            try:
                check(document, media["schema"], media["example"])
            except jsonschema.ValidationError as error:
                pytest.fail(f"{place}: {error.message}")
    assert examples >= 10


@pytest.mark.parametrize("path", ["/images", "/sources", "/sources/types", "/statistics", "/healthz", "/session"])
def test_answers_are_what_it_says(backend, document, path):
    answer = document["paths"][path]["get"]["responses"]["200"]
    check(document, answer["content"]["application/json"]["schema"], backend.get(path))


def test_every_type_of_source_has_what_a_form_needs(backend):
    for kind in backend.get("/sources/types")["items"]:
        name = kind["name"]
        assert kind["label"] and kind["help"], name
        assert (kind["url"] == "none") == (kind["example_url"] is None), name
        labels = [setting["label"] for setting in kind["settings"]]
        assert len(set(labels)) == len(labels), name
        for setting in kind["settings"]:
            place = f"{name}: {setting['name']}"
            assert setting["label"] and setting["help"], place
            assert bool(setting["choices"]) == (setting["type"] == "one_of"), place
            assert setting["type"] != "one_of" or setting["default"] in [*setting["choices"], None], place
            assert not (setting["required"] and setting["default"] is not None), place


@pytest.mark.parametrize(
    "method, path, status",
    [
        ("GET", "/images?limit=0", 400),
        ("GET", "/images/999", 404),
        ("PUT", "/images", 405),
        ("POST", "/sources/999/start", 404),
        ("GET", "/nothing", 404),
    ],
)
def test_problems_are_what_it_says(backend, document, method, path, status):
    found, headers, body = backend.call(method, path)
    assert found == status
    assert headers["Content-Type"] == "application/problem+json"
    check(document, {"$ref": "#/components/schemas/Problem"}, json.loads(body))


def test_what_it_says_is_open_is_open_and_nothing_else(backend, document):
    for name, operation in operations(document):
        method, path = name.split(" ")
        connection = http.client.HTTPConnection(backend.address, timeout=20)
        connection.request(method, path.replace("{id}", "1"))
        answer = connection.getresponse()
        assert (answer.status == 401) == bool(operation["security"]), name
        connection.close()
