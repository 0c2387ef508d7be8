"""The page that is part of the program: whole, compressed, and under its policy."""

import gzip
import http.client
import re

import pytest

from support.backend import Backend


@pytest.fixture(scope="module")
def backend(tmp_path_factory):
    backend = Backend(tmp_path_factory.mktemp("page") / "data")
    yield backend
    backend.stop()


def get(backend, target, **headers):
    """Status, headers and body of an answer, without a token."""
    connection = http.client.HTTPConnection(backend.address, timeout=20)
    connection.request("GET", target, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, answer.headers, body


def files_of(page):
    return re.findall(r'(?:src|href)="(/[^"]+)"', page)


def test_the_page_carries_the_nonce_of_its_policy(backend):
    status, headers, body = get(backend, "/?view=sources")
    nonce = re.search(r"'nonce-([^']+)'", headers["Content-Security-Policy"])[1]
    assert status == 200
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert f'content="{nonce}"' in body.decode()
    assert "__CREEL_NONCE__" not in body.decode()
    assert "<style" not in body.decode()
    # Scripts come from files alone.
    assert re.findall(r"<script(?![^>]*\ssrc=)", body.decode()) == []


def test_every_file_that_the_page_names_is_there_compressed_or_not(backend):
    files = files_of(get(backend, "/")[2].decode())
    assert any(file.endswith(".js") for file in files)
    for file in files:
        status, headers, compressed = get(backend, file, Accept_Encoding="gzip")
        assert (status, headers["Content-Encoding"]) == (200, "gzip"), file
        _, _, plain = get(backend, file)
        assert gzip.decompress(compressed) == plain, file
        assert get(backend, file, Accept_Encoding="gzip", If_None_Match=headers["ETag"])[0] == 304, file
        if file.startswith("/assets/"):
            assert headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_the_first_load_is_small(backend):
    files = files_of(get(backend, "/")[2].decode())
    bodies = [get(backend, target, Accept_Encoding="gzip")[2] for target in ["/", *files]]
    assert sum(map(len, bodies)) < 250_000
