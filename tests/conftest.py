"""What the end-to-end tests share. They drive the shipped binary from outside, against servers on loopback."""

import contextlib
import itertools
import os

import pytest

from support.creel import BINARY, S3_ENVIRONMENT, Job
from support.emulator import Emulators
from support.origin import Origin
from support.s3 import ScriptedS3

_hosts = itertools.count(2)


def pytest_sessionstart(session):
    if not os.access(BINARY, os.X_OK):
        pytest.exit(
            f"{BINARY} is not there: run scripts/build first, or set CREEL_BINARY to the binary to test",
            returncode=3,
        )


@pytest.fixture
def make_origin():
    """Makes web servers, each a host of its own (an address out of 127.0.0.0/8)."""
    with contextlib.ExitStack() as servers:

        def make(tls=None):
            host = f"127.0.0.{2 + next(_hosts) % 250}"
            return servers.enter_context(Origin(host, tls))

        yield make


@pytest.fixture
def origin(make_origin):
    return make_origin()


@pytest.fixture
def job(tmp_path):
    """A job into a folder."""
    return Job(tmp_path)


@pytest.fixture
def s3():
    """An S3 that counts, and fails on demand; with the bucket `pictures`."""
    with ScriptedS3() as server:
        yield server


@pytest.fixture
def s3_job(tmp_path, s3):
    """A job into the bucket of `s3`."""
    job = Job(tmp_path, to="s3://pictures/mirror", environment=S3_ENVIRONMENT)
    job.store = ["--endpoint-url", f"http://{s3.address}", "--region", "us-east-1"]
    return job


@pytest.fixture
def emulators(tmp_path):
    """Starts emulators with functions in them."""
    started = Emulators(tmp_path)
    yield started
    started.stop()
