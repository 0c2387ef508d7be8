#!/usr/bin/env python3
"""Makes the archives of this folder, with Python's zipfile and with Info-ZIP's zip."""

import io
import os
import pathlib
import stat
import subprocess
import tempfile
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
FILES = {
    "bootstrap": (0o755, b"#!/bin/sh\necho hello\n"),
    "data/zeros.txt": (0o640, b"0" * 100_000),
    "data/größe.txt": (0o644, b"18"),
}


class Pipe(io.RawIOBase):
    """A file that cannot be sought in, so that sizes come after the content."""

    def __init__(self, file):
        self.file = file

    def writable(self):
        return True

    def write(self, data):
        return self.file.write(data)


def info(name, mode):
    entry = zipfile.ZipInfo(name, (2024, 2, 29, 12, 0, 0))
    entry.external_attr = mode << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def write(file, links):
    with zipfile.ZipFile(file, "w") as archive:
        for name, (mode, content) in FILES.items():
            archive.writestr(info(name, stat.S_IFREG | mode), content)
        if links:
            archive.writestr(info("data/link", stat.S_IFLNK | 0o777), b"../bootstrap")


def main():
    write(HERE / "python.zip", links=True)
    with open(HERE / "streamed.zip", "wb") as file:
        write(Pipe(file), links=False)
    (HERE / "info_zip.zip").unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(f"{folder}/data")
        for name, (mode, content) in FILES.items():
            path = pathlib.Path(folder, name)
            path.write_bytes(content)
            path.chmod(mode)
        subprocess.run(["zip", "-q", "-r", str(HERE / "info_zip.zip"), *sorted(os.listdir(folder))], cwd=folder, check=True)


if __name__ == "__main__":
    main()
