"""creel package: the zip of a function, the same everywhere, and what is found in it before it is uploaded."""

import base64
import hashlib
import json
import os
import pathlib
import shutil
import stat
import subprocess
import zipfile

import pytest

from support.creel import BINARY, ENVIRONMENT

SCRIPT = "#!/bin/sh\necho hello\n"


def run(*arguments, folder=None, umask=0o022, **environment):
    return subprocess.run(
        [BINARY.absolute(), "package", *map(str, arguments)],
        cwd=folder,
        env={**ENVIRONMENT, **environment},
        umask=umask,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def run_json(*arguments, **options):
    result = run(*arguments, "--json", **options)
    return result.returncode, json.loads(result.stdout)


def write(path: pathlib.Path, content=SCRIPT, mode=0o755) -> pathlib.Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    path.chmod(mode)
    return path


def compiled(folder: pathlib.Path, source: str, *flags: str) -> pathlib.Path:
    """A program or library that this machine's compiler makes of a piece of C."""
    (folder / "source.c").write_text(source)
    program = folder / "made"
    subprocess.run(["clang-19", "-o", program, folder / "source.c", *flags], check=True, capture_output=True)
    return program


def make_project(folder: pathlib.Path, mode: int, date: int) -> pathlib.Path:
    write(folder / "bootstrap", SCRIPT, mode | 0o100)
    write(folder / "data/b.txt", "b", mode)
    write(folder / "data/a/größe.txt", "a" * 10_000, mode)
    (folder / "data/link").symlink_to("a")
    for path in [folder, *folder.rglob("*")]:
        os.utime(path, (date, date), follow_symlinks=False)
    return folder


def test_the_same_content_gives_the_same_bytes_wherever_and_whenever(tmp_path):
    first = make_project(tmp_path / "first", 0o644, 1_000_000_000)
    second = make_project(tmp_path / "a/much/longer/name", 0o600, 1_700_000_000)
    run_json("--bootstrap", first / "bootstrap", "--include", first / "data", "-o", tmp_path / "1.zip", TZ="UTC")
    code, result = run_json(
        "--bootstrap", "bootstrap", "--include", "data", "-o", tmp_path / "2.zip",
        folder=second, umask=0o077, TZ="Pacific/Kiritimati",
    )  # fmt: skip
    assert code == 0
    assert (tmp_path / "1.zip").read_bytes() == (tmp_path / "2.zip").read_bytes()
    digest = hashlib.sha256((tmp_path / "1.zip").read_bytes()).digest()
    assert result["code-sha256"] == base64.b64encode(digest).decode()
    assert stat.S_IMODE((tmp_path / "2.zip").stat().st_mode) == 0o600


def test_other_tools_read_the_zip(tmp_path):
    project = make_project(tmp_path / "project", 0o600, 1_700_000_000)
    run("--bootstrap", project / "bootstrap", "--include", project / "data", "-o", tmp_path / "f.zip")
    with zipfile.ZipFile(tmp_path / "f.zip") as archive:
        assert archive.testzip() is None
        items = {item.filename: item for item in archive.infolist()}
        assert archive.namelist() == sorted(items)
        assert archive.read("bootstrap").decode() == SCRIPT
        assert archive.read("data/a/größe.txt") == b"a" * 10_000
        assert archive.read("data/link") == b"a"
    assert items["bootstrap"].external_attr >> 16 == stat.S_IFREG | 0o755
    assert items["data/b.txt"].external_attr >> 16 == stat.S_IFREG | 0o644
    assert items["data/link"].external_attr >> 16 == stat.S_IFLNK | 0o777
    assert {item.date_time for item in items.values()} == {(1980, 1, 1, 0, 0, 0)}
    assert not any(item.extra or item.comment for item in items.values())
    if shutil.which("unzip"):
        subprocess.run(["unzip", "-q", "-t", tmp_path / "f.zip"], check=True)


def test_the_result_says_what_there_is_to_know(tmp_path):
    program = compiled(tmp_path, "int main(void) { return 0; }", "-static")
    result = run("--bootstrap", program, folder=tmp_path)
    assert result.returncode == 0, result.stderr
    zipped = (tmp_path / "creel-function.zip").read_bytes()
    digest = base64.b64encode(hashlib.sha256(zipped).digest()).decode()
    assert result.stdout.splitlines()[0] == "creel-function.zip"
    for fact in (f"{len(zipped)} bytes", digest, "x86_64", "provided.al2023", str(program.stat().st_size)):
        assert fact in result.stdout
    assert result.stderr == ""


def test_a_static_program_passes_without_a_word(tmp_path):
    program = compiled(tmp_path, "int main(void) { return 0; }", "-static")
    code, result = run_json("--bootstrap", program, "-o", tmp_path / "f.zip")
    assert (code, result["findings"], result["architecture"]) == (0, [], "x86_64")


def test_a_program_for_a_newer_glibc_is_refused_with_the_symbol(tmp_path):
    program = compiled(tmp_path, "#include <stdlib.h>\nint main(void) { return (int)arc4random(); }")
    result = run("--bootstrap", program, "-o", tmp_path / "f.zip")
    assert result.returncode == 1
    assert "GLIBC_2.36 (arc4random) of libc.so.6" in result.stderr
    assert "GLIBC_2.34" in result.stderr and "-static" in result.stderr
    assert not (tmp_path / "f.zip").exists()

    forced = run("--bootstrap", program, "-o", tmp_path / "f.zip", "--force")
    assert forced.returncode == 0
    assert zipfile.ZipFile(tmp_path / "f.zip").read("bootstrap") == program.read_bytes()


def test_a_program_for_the_older_glibc_needs_the_newer_runtime(tmp_path):
    program = compiled(tmp_path, "int main(void) { return 0; }")
    code, result = run_json("--bootstrap", program, "-o", tmp_path / "f.zip")
    assert (code, result["findings"]) == (0, [])
    code, result = run_json("--bootstrap", program, "-o", tmp_path / "f.zip", "--runtime", "provided.al2")
    assert code == 1
    assert "GLIBC_2.34" in result["findings"][0]["message"]


def test_a_missing_library_is_named_and_one_that_comes_along_is_not(tmp_path):
    (tmp_path / "lib").mkdir()
    library = compiled(tmp_path / "lib", "int answer(void) { return 42; }", "-shared", "-Wl,-soname,libanswer.so.1")
    library = library.rename(tmp_path / "lib/libanswer.so.1")
    program = compiled(tmp_path, "int answer(void); int main(void) { return answer(); }", str(library))
    result = run("--bootstrap", program, "-o", tmp_path / "f.zip")
    assert result.returncode == 1
    assert "bootstrap needs libanswer.so.1" in result.stderr

    included = run("--bootstrap", program, "--include", f"{library}:lib/", "-o", tmp_path / "f.zip")
    assert included.returncode == 0, included.stderr


def test_another_architecture_is_refused(tmp_path):
    program = compiled(tmp_path, "int main(void) { return 0; }", "-static")
    result = run("--bootstrap", program, "--architecture", "arm64", "-o", tmp_path / "f.zip")
    assert result.returncode == 1
    assert "is built for x86_64, but the function is for arm64" in result.stderr


def test_a_program_that_is_not_executable_becomes_so(tmp_path):
    write(tmp_path / "bootstrap", SCRIPT, 0o644)
    result = run("--bootstrap", "bootstrap", folder=tmp_path)
    assert result.returncode == 0
    assert "is not executable; in the zip it is" in result.stderr
    assert zipfile.ZipFile(tmp_path / "creel-function.zip").getinfo("bootstrap").external_attr >> 16 & 0o111


def test_a_zip_of_others_can_be_checked(tmp_path):
    with zipfile.ZipFile(tmp_path / "f.zip", "w") as archive:
        archive.writestr("my-function/bootstrap", SCRIPT)
    code, result = run_json("--check", tmp_path / "f.zip")
    assert code == 1
    assert "zip the content of its folder" in result["findings"][0]["message"]

    with zipfile.ZipFile(tmp_path / "f.zip", "w") as archive:
        archive.writestr("bootstrap", "#!/usr/bin/env python3\r\n")
    code, result = run_json("--check", tmp_path / "f.zip")
    assert {finding["check"] for finding in result["findings"]} == {"permissions", "format"}

    item = zipfile.ZipInfo("bootstrap")
    item.external_attr = 0o100755 << 16
    with zipfile.ZipFile(tmp_path / "f.zip", "w") as archive:
        archive.writestr(item, SCRIPT)
    assert run_json("--check", tmp_path / "f.zip")[0] == 0


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x05\x06" + bytes(17)])
def test_what_is_no_zip_is_a_finding(tmp_path, content):
    (tmp_path / "f.zip").write_bytes(content)
    code, result = run_json("--check", tmp_path / "f.zip")
    assert (code, result["findings"][0]["check"]) == (1, "zip")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--bootstrap", "missing"],
        ["--bootstrap", "bootstrap", "--include", "missing"],
        ["--bootstrap", "bootstrap", "--include", "bootstrap"],
        ["--bootstrap", "bootstrap", "--architecture", "mips"],
        ["--bootstrap", "bootstrap", "--runtime", "nodejs22.x"],
        ["--check", "missing.zip"],
        ["--check", "f.zip", "--output", "g.zip"],
    ],
)
def test_wrong_usage_is_said(tmp_path, arguments):
    write(tmp_path / "bootstrap")
    result = run(*arguments, folder=tmp_path)
    assert result.returncode in (1, 2)
    assert result.stderr != "" and "Traceback" not in result.stderr
    assert not (tmp_path / "creel-function.zip").exists()
