"""`creel serve` as a program: its start, configuration, access, end, log, and the commands that go with it."""

import contextlib
import csv
import http.client
import io
import json
import os
import pathlib
import pty
import re
import signal
import stat
import subprocess
import time

import pytest

from support.backend import Backend
from support.creel import BINARY, ENVIRONMENT, PATIENCE, ROOT, S3_ENVIRONMENT
from support.postgres import Postgres

ZIP = pathlib.Path(os.environ.get("CREEL_FUNCTION_ZIP", ROOT / "build/release/creel-function.zip"))
SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def start(tmp_path):
    """Starts backends, and ends what is left of them."""
    with contextlib.ExitStack() as stack:

        def start(*arguments, data="data", **named):
            backend = Backend(tmp_path / data, *arguments, **named)
            stack.callback(lambda: backend.process.poll() is None and backend.kill())
            return backend

        yield start


@pytest.fixture
def creel(tmp_path):
    """Runs a command to its end, in the folder of the test."""

    def run(*arguments, given: str | None = None, **environment):
        return subprocess.run(
            [str(BINARY), *map(str, arguments)],
            input=given,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            cwd=tmp_path,
            env={**ENVIRONMENT, "HOME": str(tmp_path), **environment},
        )

    return run


@pytest.fixture
def backend(start):
    return start()


@pytest.fixture
def command(creel, backend):
    """A command on the running backend; what it prints, which must be no error."""

    def run(*arguments, expect=0, **named):
        done = creel(*arguments, "--data", backend.data, **named)
        assert done.returncode == expect, done.stderr + done.stdout
        return done.stderr if expect == 2 else done.stdout

    return run


def await_that(what, words="it did not come about"):
    end = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < end, words
        time.sleep(0.01)


# Start and access.


def test_the_first_start_prints_a_link_on_a_terminal_whose_token_opens_the_api(tmp_path):
    terminal, inside = pty.openpty()
    serve = [str(BINARY), "serve", "--data", str(tmp_path / "data"), "--listen", "127.0.0.1:0"]
    process = subprocess.Popen(serve, stdout=inside, stderr=subprocess.PIPE, env=ENVIRONMENT, cwd=tmp_path)
    os.close(inside)
    try:
        with open(terminal, encoding="utf-8") as printed:
            told, link = printed.readline(), printed.readline()
            url, token = re.search(r"(http://\S+)/#token=(\S+)", link).groups()
            assert told.strip() == f"creel serves at {url}"
            assert answer_of(url, "/sources", {"Authorization": f"Bearer {token}"}) == 200
            assert answer_of(url, "/sources") == 401
            assert answer_of(url, "/healthz") == 200
            process.send_signal(signal.SIGTERM)
            assert token not in process.communicate(timeout=PATIENCE)[1].decode()
    finally:
        process.kill()
        process.wait(PATIENCE)


def answer_of(url: str, path: str, headers: dict | None = None) -> int:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=PATIENCE)
    with contextlib.closing(connection):
        connection.request("GET", path, headers=headers or {})
        return connection.getresponse().status


def test_what_is_no_terminal_gets_no_token(start):
    backend = start()
    assert backend.stop() == 0
    assert backend.printed == [
        f"creel serves at {backend.url}\n",
        f"For a token: creel token --data {backend.data} --scope write\n",
    ]
    assert "#token=" not in backend.log


def test_the_secret_is_for_the_owner_alone_and_stays(start):
    backend = start()
    secret = backend.data / "secret"
    assert stat.S_IMODE(backend.data.stat().st_mode) == 0o700
    for name in ("secret", "creel.db", "serve.json"):
        assert stat.S_IMODE((backend.data / name).stat().st_mode) == 0o600, name
    before, token = secret.read_text(), backend.token()
    assert backend.stop() == 0
    backend.start()
    assert secret.read_text() == before
    assert backend.call("GET", "/sources", headers={"Authorization": f"Bearer {token}"})[0] == 200


def test_serve_json_says_where_the_backend_is_while_it_runs(start):
    backend = start()
    announced = json.loads((backend.data / "serve.json").read_text())
    assert announced == {"pid": backend.process.pid, "url": backend.url}
    assert backend.stop() == 0
    assert not (backend.data / "serve.json").exists()


def test_token_prints_the_token_alone(creel, backend):
    done = creel("token", "--data", backend.data, "--scope", "read", "--ttl", "90s")
    assert done.returncode == 0 and done.stderr == ""
    assert re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+\n", done.stdout)
    headers = {"Authorization": f"Bearer {done.stdout.strip()}"}
    assert backend.call("GET", "/images", headers=headers)[0] == 200
    assert backend.call("POST", "/images", {"image_url": "http://a.example/a.png"}, headers)[0] == 403


def test_token_says_when_there_is_no_folder(creel, tmp_path):
    done = creel("token", "--data", "nowhere")
    assert done.returncode == 2
    assert "nowhere" in done.stderr
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("listen", ["0.0.0.0:0", "[::]:0", ":0"])
def test_without_authentication_it_listens_on_loopback_alone(creel, listen, tmp_path):
    done = creel("serve", "--listen", listen)
    assert done.returncode == 2
    assert "auth.secret_file" in done.stderr and listen in done.stderr
    assert not (tmp_path / "creel-data").exists()


def test_with_a_secret_it_listens_for_others_and_prints_no_link(start, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text(SECRET + "\n")
    secret.chmod(0o600)
    backend = start("--listen", "0.0.0.0:0", environment={"CREEL_AUTH_SECRET_FILE": str(secret)})
    assert backend.get("/sources")["items"] == []
    assert backend.stop() == 0
    assert not any("#token=" in line for line in backend.printed)
    assert not (backend.data / "secret").exists()


def test_two_backends_do_not_share_a_folder(creel, backend):
    done = creel("serve", "--data", backend.data, "--listen", "127.0.0.1:0")
    assert done.returncode == 2
    assert "in use" in done.stderr and backend.url in done.stderr


def test_a_port_that_is_taken_is_a_wrong_configuration(creel, backend):
    done = creel("serve", "--data", "other", "--listen", backend.address)
    assert done.returncode == 2
    assert backend.address.split(":")[1] in done.stderr


# Configuration.


def test_init_writes_a_configuration_that_serves(creel, start, tmp_path):
    done = creel("serve", "--init")
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "creel.toml").read_text()
    assert '[server]\n' in text and 'listen = "127.0.0.1:8080"\n' in text
    backend = start("--config", tmp_path / "creel.toml")
    assert backend.stop() == 0


def test_init_leaves_a_file_alone_that_is_there(creel, tmp_path):
    (tmp_path / "creel.toml").write_text("# mine\n")
    done = creel("serve", "--init")
    assert done.returncode == 2 and "creel.toml" in done.stderr
    assert (tmp_path / "creel.toml").read_text() == "# mine\n"
    assert creel("serve", "--init", "--config", "other.toml", "--to", "s3://b/p").returncode == 0
    assert 'to = "s3://b/p"\n' in (tmp_path / "other.toml").read_text()


def test_what_is_wrong_in_the_file_is_named_with_its_line(creel, tmp_path):
    (tmp_path / "creel.toml").write_text("[server]\nlistne = 1\n")
    done = creel("serve")
    assert done.returncode == 2
    assert "creel.toml:2: [server] has no key 'listne'; did you mean 'listen'?" in done.stderr
    (tmp_path / "creel.toml").write_text("[ingest]\n\nconcurrency = \"many\"\n")
    assert "creel.toml:3: [ingest] concurrency" in creel("serve").stderr


def test_flag_goes_over_environment_over_file(creel, tmp_path):
    (tmp_path / "creel.toml").write_text('[store]\nto = "from-file"\n[server]\ndata = "data-file"\n')
    found = json.loads(creel("doctor", "--json").stdout)
    assert any("from-file" in check["found"] for check in found["checks"])
    found = json.loads(creel("doctor", "--json", CREEL_STORE_TO="from-variable").stdout)
    assert any("from-variable" in check["found"] for check in found["checks"])
    found = json.loads(creel("doctor", "--json", "--to", "from-flag", CREEL_STORE_TO="from-variable").stdout)
    assert any("from-flag" in check["found"] for check in found["checks"])
    assert not any("from-variable" in check["found"] for check in found["checks"])


def test_a_database_that_cannot_be_opened_ends_the_start(creel, tmp_path):
    (tmp_path / "file").write_text("")
    done = creel("serve", "--database-url", f"sqlite:{tmp_path}/file/creel.db")
    assert done.returncode in (1, 2)
    assert f"{tmp_path}/file/creel.db" in done.stderr


def test_a_password_is_taken_from_neither_flag_nor_file(creel, tmp_path):
    url = "postgresql://creel:hidden@127.0.0.1:1/creel"
    done = creel("serve", "--database-url", url)
    assert done.returncode == 2
    assert "database.url_file" in done.stderr and "CREEL_DATABASE_URL" in done.stderr and "hidden" not in done.stderr
    (tmp_path / "creel.toml").write_text(f'[database]\nurl = "{url}"\n')
    done = creel("serve")
    assert done.returncode == 2
    assert "creel.toml:2: [database] url" in done.stderr and "hidden" not in done.stderr


# The log.


def test_the_log_is_json_on_standard_output_if_that_is_wanted(start):
    backend = start("--log-format", "json", "--log-output", "stdout")
    assert backend.stop() == 0
    lines = [json.loads(line) for line in backend.printed]
    assert lines and all({"time", "level", "message"} <= line.keys() for line in lines)
    assert any(line["message"] == f"creel serves at {backend.url}" for line in lines)
    assert any("stop" in line["message"] for line in lines)
    assert backend.log == ""


def test_the_log_goes_into_a_file(start, tmp_path):
    backend = start("--log-file", tmp_path / "creel.log")
    assert backend.stop() == 0
    assert "stopping" in (tmp_path / "creel.log").read_text()
    assert backend.log == ""


# The end.


def test_what_is_under_way_may_end_after_the_first_signal(start, origin):
    backend = start()
    backend.json("POST", "/images", {"image_url": origin.url("held/gate/1000/a.png")}, expect=201)
    await_that(lambda: len(origin.requests_of("/held/gate/1000/a.png")) == 1)
    backend.process.send_signal(signal.SIGTERM)
    await_that(lambda: "stopping" in backend.log)
    origin.open("gate")
    assert backend.process.wait(PATIENCE) == 0
    backend.start()
    assert [image["state"] for image in backend.images()] == ["stored"]
    assert len(origin.requests_of("/held/gate/1000/a.png")) == 1


def test_the_grace_ends(start, origin):
    backend = start("--server-stop-grace", "50ms")
    backend.json("POST", "/images", {"image_url": origin.url("held/gate/1000/a.png")}, expect=201)
    await_that(lambda: len(origin.requests_of("/held/gate/1000/a.png")) == 1)
    assert backend.stop() == 0
    origin.open("gate")
    backend.start()
    backend.wait_until(lambda: [image["state"] for image in backend.images()] == ["stored"])


def test_a_second_signal_ends_it_at_once(start, origin):
    backend = start("--server-stop-grace", "1h")
    backend.json("POST", "/images", {"image_url": origin.url("held/gate/1000/a.png")}, expect=201)
    await_that(lambda: len(origin.requests_of("/held/gate/1000/a.png")) == 1)
    backend.process.send_signal(signal.SIGINT)
    await_that(lambda: "stopping" in backend.log)
    assert backend.stop(signal.SIGINT) == 1
    origin.open("gate")
    backend.start()
    backend.wait_until(lambda: [image["state"] for image in backend.images()] == ["stored"])


def test_a_client_that_listens_to_events_does_not_hold_up_the_end(start):
    backend = start("--server-stop-grace", "1h")
    events = backend.events()
    assert backend.stop() == 0
    while events.next() is not None:
        pass


# The commands.


def test_a_source_is_made_polled_changed_and_removed(command, backend, origin):
    origin.lists["pets"] = f"{origin.url('image/1000/cat.png')}\n{origin.url('image/1000/dog.png')}\n".encode()
    url = origin.url("list-of/pets")

    found = json.loads(command("source", "test", "--type", "list", "--source-url", url, "--json"))
    assert len(found["records"]) == 2 and found["failure"] is None
    assert command("source", "list", "--json") == '{"items":[],"next_cursor":null}\n'

    text = command("source", "add", "pets", "--type", "list", "--source-url", url, "--interval", "2h")
    assert re.search(r"pets\s+list\s+stopped\s+2h", text)
    source = json.loads(command("source", "show", "pets", "--json"))
    assert (source["name"], source["state"], source["interval"]) == ("pets", "stopped", 7200)

    assert "idle" in command("source", "start", "pets") or "fetching" in command("source", "show", "pets")
    backend.wait_for_quiet()
    images = json.loads(command("image", "list", "--source", "pets", "--json"))["items"]
    assert [image["state"] for image in images] == ["stored", "stored"]
    shown = command("source", "show", "pets")
    assert "POLL BEGAN" in shown and re.search(r"images stored:\s+2", shown)

    edited = json.loads(
        command("source", "edit", "pets", "--name", "animals", "--interval", "90s", "--rate-limit", "30", "--json")
    )
    assert (edited["name"], edited["interval"], edited["rate_limit"]) == ("animals", 90, 30)
    assert json.loads(command("source", "edit", "animals", "--rate-limit", "none", "--json"))["rate_limit"] is None

    origin.lists["pets"] += origin.url("image/1000/cow.png").encode() + b"\n"
    command("source", "stop", "animals")
    command("source", "fetch", str(edited["id"]))
    backend.wait_until(lambda: len(backend.images(state="stored")) == 3)
    command("source", "remove", "animals")
    assert "There are no sources" not in command("source", "list")
    assert json.loads(command("source", "list", "--json"))["items"] == []
    assert len(backend.images()) == 3


def test_the_kinds_of_sources_and_their_settings_are_shown(command):
    kinds = command("source", "types")
    for name in ("feed", "list", "json", "imgur"):
        assert re.search(rf"^{name}\s", kinds, re.M), kinds
    assert "client_id" in command("source", "types", "imgur")
    assert json.loads(command("source", "types", "imgur", "--json"))["name"] == "imgur"


def test_errors_of_the_api_are_shown_with_the_names_of_the_fields(command):
    error = command("source", "add", "x", "--type", "imgur", "--set", "client_id=hidden", expect=2)
    assert "--set-file client_id=FILE" in error and "hidden" not in error
    error = command("source", "add", "x", "--type", "imgur", "--set", "nosuch=1", "--interval", "soon", expect=2)
    assert error.startswith("creel: ")
    assert "interval" in error and "settings.nosuch" in error
    error = command("source", "add", "--type", "list", "--source-url", "https://a.example/l.txt", expect=2)
    assert "the source has no name" in error and "creel source add NAME" in error
    rate = ["source", "add", "x", "--type", "list", "--source-url", "https://a.example/l.txt", "--rate-limit", "1e-30"]
    assert "from 0.001 to 1000000 requests a minute" in command(*rate, expect=2)
    assert json.loads(command("source", "list", "--json"))["items"] == []
    assert "no source 'ghost'" in command_error(command, "source", "show", "ghost")
    error = command_error(command, "image", "show", "12345")
    assert "12345" in error or "no" in error


def command_error(command, *arguments):
    """What a command says that ends with 1."""
    try:
        command(*arguments)
    except AssertionError as error:
        return str(error)
    raise AssertionError("it did not fail")


def test_an_action_that_the_state_forbids_ends_with_1(creel, command, backend, origin):
    origin.lists["pets"] = b""
    command("source", "add", "pets", "--type", "list", "--source-url", origin.url("list-of/pets"))
    done = creel("source", "stop", "pets", "--data", backend.data)
    assert done.returncode == 1, done.stdout
    assert done.stderr.startswith("creel: ")


def test_a_secret_is_taken_from_a_file_and_never_shown(command, backend, tmp_path):
    (tmp_path / "id").write_text("very-secret-id\n")
    flags = ["--type", "imgur", "--set", "tag=cats", "--set-file", "client_id=id"]
    source = command("source", "add", "cats", *flags, "--json")
    assert json.loads(source)["settings"]["client_id"] == "***"
    for text in (source, command("source", "show", "cats"), command("source", "list", "--json"), backend.log):
        assert "very-secret-id" not in text


def test_images_are_added_listed_exported_retried_and_removed(command, backend, origin, tmp_path):
    (tmp_path / "urls").write_text(f"# pets\n{origin.url('image/2000/dog.png')}\n\n{origin.url('status/404/no.png')}\n")
    added = command("image", "add", origin.url("image/1000/cat.png"), "--title", "A cat")
    assert re.match(r"1\s+added", added)
    command("image", "add", "--file", "urls")
    assert re.match(r"1\s+known", command("image", "add", origin.url("image/1000/cat.png")))
    backend.wait_until(lambda: not backend.images(state="pending") and not backend.images(state="storing"))

    table = command("image", "list")
    assert table.count("stored") == 2 and "not_found" in table and "A cat" in table
    assert [image["id"] for image in listed(command, "--search", "cat")] == [1]
    assert [image["state"] for image in listed(command, "--failure-kind", "not_found")] == ["failed"]
    assert len(listed(command, "--min-size", "1500")) == 1
    assert len(listed(command, "--limit", "2")) == 2
    assert re.search(r"^title:\s+A cat$", command("image", "show", "1"), re.M)

    lines = [json.loads(line) for line in command("image", "export", "--state", "stored").splitlines()]
    assert sorted(line["size_bytes"] for line in lines) == [1000, 2000]
    command("image", "export", "--format", "csv", "--output", "images.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "images.csv").read_text())))
    assert len(rows) == 3

    failed = listed(command, "--state", "failed")[0]["id"]
    assert json.loads(command("image", "retry", "--failure-kind", "not_found", "--json")) == {"retried": 1}
    backend.wait_until(lambda: len(backend.images(state="failed")) == 1)
    assert json.loads(command("image", "retry", str(failed), "--json"))["id"] == failed

    key = listed(command, "--search", "cat")[0]["key"]
    assert (backend.data / "images" / key).exists()
    assert command("image", "open-url", "1") == f"{backend.url}/images/1/content\n"
    assert command("image", "remove", "1") == "1 deleted\n"
    assert not (backend.data / "images" / key).exists()
    assert len(listed(command)) == 2


def test_images_go_into_a_source_of_ones_own(command, backend, origin):
    command("source", "add", "mine", "--type", "direct")
    command("image", "add", origin.url("image/1000/cat.png"), "--source", "mine", "--image-id", "cat")
    backend.wait_until(lambda: len(backend.images(state="stored")) == 1)
    (image,) = listed(command, "--source", "mine")
    assert (image["source"], image["key"]) == ("mine", "mine/cat.png")


def test_an_export_is_a_list_and_a_list_may_be_a_file(command, backend, origin, tmp_path):
    command("image", "add", origin.url("image/1000/cat.png"), "--title", "A cat")
    for form in ("jsonl", "csv"):
        export = tmp_path / f"all.{form}"
        command("image", "export", "--format", form, "--output", export)
        command("source", "add", form, "--type", "list", "--source-url", export, "--start")
        backend.wait_until(lambda name=form: len(listed(command, "--source", name, "--state", "stored")) == 1)
        assert listed(command, "--source", form)[0]["title"] == "A cat"


def listed(command, *arguments):
    return json.loads(command("image", "list", "--json", *arguments))["items"]


def test_commands_say_where_they_looked_for_a_backend(creel, tmp_path):
    done = creel("source", "list")
    assert done.returncode == 2
    assert "no backend runs in creel-data" in done.stderr and "CREEL_URL" in done.stderr


def test_commands_reach_a_backend_by_url_and_token(creel, backend):
    done = creel("source", "list", "--json", CREEL_URL=backend.url, CREEL_TOKEN=backend.token("read"))
    assert json.loads(done.stdout)["items"] == []
    done = creel("source", "start", "1", CREEL_URL=backend.url, CREEL_TOKEN=backend.token("read"))
    assert done.returncode != 0 and "write" in done.stderr
    done = creel("source", "list", CREEL_URL=backend.url, CREEL_TOKEN="nonsense")
    assert done.returncode == 2 and "creel token" in done.stderr


# The doctor.


def checks(done):
    found = json.loads(done.stdout)
    return found["ok"], {check["check"]: check for check in found["checks"]}


def test_the_doctor_finds_all_well_and_leaves_nothing_behind(creel, start, origin, tmp_path):
    backend = start()
    backend.json("POST", "/images", {"image_url": origin.url("image/1000/a.png")}, expect=201)
    backend.wait_until(lambda: len(backend.images(state="stored")) == 1)
    assert backend.stop() == 0
    before = {path for path in backend.data.rglob("*") if path.is_file()}
    done = creel("doctor", "--json", "--data", backend.data)
    ok, found = checks(done)
    assert ok and done.returncode == 0, done.stdout
    for name in ("store: put", "store: conditional put", "store: get", "store: delete", "database", "database: write"):
        assert found[name]["status"] == "ok", found
    after = {path for path in backend.data.rglob("*") if path.is_file() and "creel.db" not in path.name}
    assert after <= before
    assert "database: write" in creel("doctor", "--data", backend.data).stdout


def test_the_doctor_makes_nothing_where_nothing_is(creel, tmp_path):
    done = creel("doctor", "--json")
    ok, found = checks(done)
    assert ok and done.returncode == 0, done.stdout
    assert "can be made" in found["store"]["found"] and "first start" in found["database"]["found"]
    assert list(tmp_path.iterdir()) == []


def test_the_doctor_asks_the_backend_that_runs_about_database_and_sources(creel, backend, origin):
    backend.add_source("gone", "list", origin.url("status/404/list.txt"))
    backend.wait_until(lambda: backend.get("/sources")["items"][0]["last_poll"] is not None)
    await_that(lambda: backend.get("/sources/1/polls")["items"][0]["ended_at"] is not None)
    done = creel("doctor", "--json", "--data", backend.data)
    ok, found = checks(done)
    assert not ok and done.returncode == 1
    assert found["database"]["status"] == "ok"
    assert found["source gone"]["status"] == "wrong"
    assert "not_found" in found["source gone"]["found"] and "creel source edit gone" in found["source gone"]["advice"]


@pytest.mark.parametrize("runs", [True, False], ids=["of a backend that runs", "of a catalog"])
def test_the_doctor_compares_the_clock_with_those_of_the_sources_servers(creel, start, origin, runs):
    backend = start()
    backend.add_source("right", "list", origin.url("dated/5/list.txt"))
    backend.wait_until(lambda: backend.source(1)["state"] == "idle" and backend.source(1)["last_poll"])
    doctor = ["doctor", "--json", "--data", backend.data, "--allow-private-network"]
    if not runs:
        assert backend.stop() == 0
    _, found = checks(creel(*doctor))
    assert found["clock"]["status"] == "ok" and origin.address in found["clock"]["found"]


def test_the_doctor_tells_of_a_clock_that_is_off(creel, start, origin):
    backend = start()
    backend.add_source("ahead", "list", origin.url("dated/600/list.txt"))
    backend.wait_until(lambda: backend.source(1)["state"] == "idle" and backend.source(1)["last_poll"])
    done = creel("doctor", "--json", "--data", backend.data, "--allow-private-network")
    _, found = checks(done)
    # 600 s, but for what passed between the server's answer and the look at our own clock.
    assert found["clock"]["status"] == "note" and re.match(r"(9m 5\ds|10m).* behind ", found["clock"]["found"])
    assert "tokens" in found["clock"]["advice"] and "timedatectl" in found["clock"]["advice"]


def test_the_doctor_asks_no_server_that_is_to_be_left_alone(creel, start, origin):
    backend = start()
    backend.add_source("busy", "list", origin.url("status/429/list.txt"))
    backend.wait_until(lambda: backend.source(1)["state"] == "blocked")
    asked = len(origin.requests)
    _, found = checks(creel("doctor", "--json", "--data", backend.data, "--allow-private-network"))
    assert "clock" not in found and len(origin.requests) == asked


def test_the_doctor_tells_what_is_wrong_with_store_and_database(creel, tmp_path):
    (tmp_path / "file").write_text("")
    done = creel("doctor", "--to", "file/images", "--database-url", "sqlite:file/creel.db")
    assert done.returncode == 1
    assert re.search(r"^wrong\s+store", done.stdout, re.M)
    assert re.search(r"^wrong\s+database", done.stdout, re.M)
    assert "What to do" in done.stdout


def test_the_doctor_looks_at_a_bucket_its_credentials_and_clock(creel, s3, tmp_path):
    environment = {"AWS_ACCESS_KEY_ID": "AKIATESTTESTTEST", "AWS_SECRET_ACCESS_KEY": "test-secret-key"}
    flags = ["--to", "s3://pictures/p", "--endpoint-url", f"http://{s3.address}", "--region", "us-east-1"]
    done = creel("doctor", "--json", *flags, **environment)
    ok, found = checks(done)
    assert ok, done.stdout
    assert found["credentials"]["found"].startswith("access key AKIA...")
    assert found["store: conditional put"]["status"] == "ok"
    assert "test-secret-key" not in done.stdout
    assert found["clock"]["status"] == "ok"
    s3.clock_skew = 600
    ok, found = checks(creel("doctor", "--json", *flags, **environment))
    assert not ok and "behind" in found["clock"]["found"] and found["clock"]["status"] == "wrong"
    s3.clock_skew = 0
    done = creel("doctor", "--json", "--to", "s3://no-such-bucket", *flags[2:], **environment)
    ok, found = checks(done)
    assert not ok and found["store: put"]["status"] == "wrong" and found["store: put"]["advice"]


# With a function, and with PostgreSQL.


@pytest.fixture
def cloud(s3, emulators):
    """Flags and environment of a backend that stores into `s3` through the function, in the emulator."""
    assert ZIP.exists(), f"{ZIP} is not there: run scripts/build first, or set CREEL_FUNCTION_ZIP"
    variables = {
        **S3_ENVIRONMENT,
        "AWS_ENDPOINT_URL_S3": f"http://{s3.address}",
        "CREEL_ALLOW_PRIVATE_NETWORK": "1",
    }
    of_function = [part for name, value in variables.items() for part in ("--env", f"{name}={value}")]
    emulator = emulators.start(ZIP, "--name", "fetch", "--handler", "fetch-store-image", *of_function)
    flags = ["--to", "s3://pictures/p", "--endpoint-url", f"http://{s3.address}"]
    return [*flags, "--via", "lambda:fetch", "--lambda-endpoint-url", emulator.url], S3_ENVIRONMENT


def test_images_go_through_the_function(start, cloud, origin, s3):
    flags, environment = cloud
    backend = start(*flags, environment=environment)
    backend.json("POST", "/images", {"image_url": origin.url("image/1000/cat.png")}, expect=201)
    backend.wait_until(lambda: len(backend.images(state="stored")) == 1)
    (image,) = backend.images()
    assert image["store_url"] == f"s3://pictures/p/{image['key']}"
    assert s3.keys() == {f"p/{image['key']}"}
    assert backend.stop() == 0


def test_the_doctor_calls_the_function(creel, cloud):
    flags, environment = cloud
    ok, found = checks(creel("doctor", "--json", *flags, **environment))
    assert ok, found
    assert "version" in found["function"]["found"]
    assert found["function: invoke"]["status"] == "ok"
    flags[flags.index("lambda:fetch")] = "lambda:missing"
    ok, found = checks(creel("doctor", "--json", *flags, **environment))
    assert not ok and found["function"]["status"] == "wrong" and "missing" in found["function"]["found"]


def test_a_function_that_is_not_there_ends_the_start(creel, cloud):
    flags, environment = cloud
    flags[flags.index("lambda:fetch")] = "lambda:missing"
    done = creel("serve", "--listen", "127.0.0.1:0", *flags, **environment)
    assert done.returncode == 2 and "missing" in done.stderr


def test_the_doctor_looks_at_postgresql_beside_a_backend_and_hides_its_password(creel, start, origin):
    with Postgres() as postgres:
        url = postgres.url
        backend = start(environment={"CREEL_DATABASE_URL": url})
        backend.add_source("gone", "list", origin.url("status/404/list.txt"))
        backend.wait_until(lambda: backend.get("/sources")["items"][0]["last_poll"] is not None)
        backend.wait_until(lambda: backend.get("/sources/1/polls")["items"][0]["ended_at"] is not None)
        ok, found = checks(creel("doctor", "--json", "--data", backend.data, CREEL_DATABASE_URL=url))
        assert found["database: write"]["status"] == "ok", found
        assert not ok and found["source gone"]["status"] == "wrong"
        assert backend.stop() == 0
    done = creel("doctor", "--json", CREEL_DATABASE_URL="postgresql://creel:hidden@127.0.0.1:1/creel")
    ok, found = checks(done)
    assert not ok and found["database"]["status"] == "wrong"
    assert "hidden" not in done.stdout + done.stderr
