"""A PostgreSQL server of the tests' own: its data lies in a temporary folder, a socket in there is the only way in, and
it ends with the tests, however they end."""

import os
import pathlib
import pwd
import shlex
import subprocess
import tempfile

PATIENCE = 60

SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{folder}'
fsync = off
full_page_writes = off
shared_buffers = 64MB
max_connections = 50
log_min_messages = fatal
"""


def programs() -> pathlib.Path:
    """Debian keeps the server's programs off the path, in a folder for each version."""
    versions = [path for path in pathlib.Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").exists()]
    assert versions, "no PostgreSQL server is installed: install postgresql-15"
    return max(versions, key=lambda path: int(path.parent.name))


class Postgres:
    """`url` names an empty database, for creel as for psql. A server started again has what was committed."""

    def __init__(self, database: str = "creel"):
        self._programs = programs()
        # The path of a socket is short.
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="creel-pg-", dir="/tmp"))
        self._data = self._folder / "data"
        self._as_user = []
        if os.geteuid() == 0:
            # PostgreSQL refuses to run as root.
            user = self._unprivileged_user()
            os.chown(self._folder, user.pw_uid, user.pw_gid)
            ids = ["--reuid", str(user.pw_uid), "--regid", str(user.pw_gid), "--clear-groups"]
            self._as_user = ["setpriv", *ids, "--"]
        self._keeper = self._start_keeper()
        encoding = ["--encoding", "UTF8", "--locale", "C.UTF-8"]
        self._run("initdb", "--username", "creel", "--auth", "trust", *encoding, "--no-sync")
        with open(self._data / "postgresql.auto.conf", "a") as settings:
            settings.write(SETTINGS.format(folder=self._folder))
        self.start()
        self.sql(f'create database "{database}"', "postgres")
        self.url = self.url_of(database)

    def url_of(self, database: str) -> str:
        return f"postgresql://creel@/{database}?host={self._folder}"

    def start(self) -> None:
        """Returns when connections are taken."""
        self._run("pg_ctl", "-l", self._folder / "log", "-s", "-w", "start")

    def stop(self) -> None:
        """As an administrator does: what is under way is rolled back, connections are closed."""
        self._run("pg_ctl", "-m", "fast", "-w", "stop")

    def kill(self) -> None:
        """As in a crash: at its next start the server recovers."""
        self._run("pg_ctl", "-m", "immediate", "-w", "stop")

    def restart(self) -> None:
        self.stop()
        self.start()

    def sql(self, statement: str, database: str | None = None) -> list[list[str]]:
        """The rows of a statement, carried out by psql."""
        url = self.url_of(database) if database else self.url
        output = ["--no-psqlrc", "--tuples-only", "--no-align", "--field-separator", "\t"]
        command = ["psql", url, *output, "-v", "ON_ERROR_STOP=1"]
        done = subprocess.run(
            [*command, "--command", statement],
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return [line.split("\t") for line in done.stdout.splitlines()]

    def close(self) -> None:
        self._keeper.stdin.close()
        self._keeper.wait(PATIENCE)

    def __enter__(self) -> "Postgres":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def _start_keeper(self) -> subprocess.Popen:
        """Waits for its standard input to end, which it does with these tests; then it stops the server and removes
        its folder."""
        stop = shlex.join([str(self._programs / "pg_ctl"), "-D", str(self._data), "-m", "immediate", "-w", "stop"])
        remove = shlex.join(["rm", "-rf", str(self._folder)])
        script = f"trap '' INT TERM HUP; cat > /dev/null; {stop} > /dev/null 2>&1; {remove}"
        return subprocess.Popen(
            [*self._as_user, "/bin/sh", "-c", script],
            cwd="/",
            env=self._environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _run(self, program: str, *arguments) -> None:
        # Into a file: the server inherits what its starter writes to, and a pipe would not end before the server does.
        with open(self._folder / "output", "w+") as output:
            done = subprocess.run(
                [*self._as_user, self._programs / program, "-D", self._data, *arguments],
                cwd="/",
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=PATIENCE,
                check=False,
            )
            output.seek(0)
            assert done.returncode == 0, f"{program} failed: {output.read()}"

    @staticmethod
    def _unprivileged_user() -> pwd.struct_passwd:
        try:
            return pwd.getpwnam("postgres")
        except KeyError:
            return pwd.getpwnam("nobody")

    @staticmethod
    def _environment() -> dict[str, str]:
        """What says where a server is must not come from outside."""
        return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/"}
