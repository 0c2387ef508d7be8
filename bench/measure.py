"""Runs a command and says what it cost: seconds, CPU of it and its children, peak memory of the largest of them."""

import dataclasses
import os
import subprocess
import time

# What would send the tools elsewhere, or make them trust others.
LEFT_OUT = {"http_proxy", "https_proxy", "all_proxy", "AWS_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE",
            "CURL_CA_BUNDLE", "AWS_PROFILE"}


@dataclasses.dataclass
class Cost:
    seconds: float
    cpu_seconds: float
    peak_bytes: int
    exit_code: int
    output: str


def run(command: list[str], env: dict[str, str] | None = None, cwd: str | None = None) -> Cost:
    inherited = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=cwd,
                               env={**inherited, **(env or {})})
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Cost(time.monotonic() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024,
                process.returncode, output)
