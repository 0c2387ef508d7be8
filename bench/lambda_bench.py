"""Measures the Lambda side of creel: start, size and memory of the function, the emulator's speed, and what batches save.

Parts: start, size, memory, emulator, waiting, batches. Prints a table each; the figures go to lambda_bench.json in the
work folder.
"""

import argparse
import contextlib
import gzip
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

import files
import measure
import nginx

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from support.runtime_api import RuntimeApi  # noqa: E402: lies in tests/

CREEL = pathlib.Path(os.environ.get("CREEL_BINARY", ROOT / "build/release/creel"))
BOOTSTRAP = ROOT / "build/release/bootstrap"
SHARED = ROOT / "build/release/bootstrap_shared"
ZIP = ROOT / "build/release/creel-function.zip"
ECHO = ROOT / "build/function/bench/echo_function"
START_BENCH = ROOT / "build/release/bench/start_bench"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench", "AWS_REGION": "us-east-1",
               "AWS_EC2_METADATA_DISABLED": "true"}
MIB = 1024 * 1024

# A program that lacks its libraries on provided.al2023 takes them along in the zip.
SYSTEM_LIBRARIES = re.compile(r"ld-linux|lib(c|m|dl|rt|pthread|resolv)\.so")


def status_bytes(pid: int, field: str) -> int:
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"^{field}:\s+(\d+) kB", text, re.MULTILINE)[1]) * 1024


def cpu_seconds(pid: int) -> float:
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def zip_of(program: pathlib.Path, output: pathlib.Path) -> pathlib.Path:
    subprocess.run([CREEL, "package", "--bootstrap", program, "--output", output], check=True, capture_output=True)
    return output


def libraries_of(program: pathlib.Path) -> list[pathlib.Path]:
    said = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    found = [pathlib.Path(path) for path in re.findall(r"=> (/\S+)", said)]
    return [path for path in found if not SYSTEM_LIBRARIES.search(path.name)]


@contextlib.contextmanager
def emulator(*flags, log: pathlib.Path):
    """A running emulator; gives its URL and process."""
    environment = {name: value for name, value in os.environ.items() if name not in measure.LEFT_OUT}
    with log.open("w") as stderr:
        process = subprocess.Popen([CREEL, "emulate", "--port", "0", *map(str, flags)], stdout=subprocess.PIPE,
                                   stderr=stderr, text=True, env={**environment, **CREDENTIALS})
        try:
            yield re.search(r"http://\S+", process.stdout.readline())[0], process
        finally:
            process.terminate()
            process.wait()


class Bench:
    def __init__(self, work: pathlib.Path, runs: int):
        self.work, self.runs = work, runs
        self.results: dict = {}

    def start(self) -> None:
        """From the start of the process to its first request for an event."""
        nothing = self.work / "nothing"
        subprocess.run(["clang-19", "-O2", "-static", "-o", nothing, ROOT / "bench/lambda/nothing.c"], check=True)
        programs = {"a static program that does nothing": nothing, "creel's function": BOOTSTRAP,
                    "the same with shared libraries": SHARED}
        scripts = {"Node": "node,bench/lambda/next.mjs", "Python": "/usr/bin/python3,bench/lambda/next.py"}
        command = [START_BENCH, "--runs", str(self.runs), *(f"{name}={path}" for name, path in programs.items()),
                   *(f"{name}={words}" for name, words in scripts.items())]
        output = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
        times = json.loads(output[output.index("{"):])
        floor = times["a static program that does nothing"]["median_us"]
        print("| start | median µs | least µs | × floor |\n|---|---:|---:|---:|")
        for name, time_of in times.items():
            print(f"| {name} | {time_of['median_us']} | {time_of['min_us']} | {time_of['median_us'] / floor:.2f} |")
        self.results["start"] = times

    def size(self) -> None:
        shared = sum(path.stat().st_size for path in [SHARED, *libraries_of(SHARED)])
        shared_zip = sum(len(gzip.compress(path.read_bytes())) for path in [SHARED, *libraries_of(SHARED)])
        rows = {"creel's function": (BOOTSTRAP.stat().st_size, ZIP.stat().st_size),
                "the same with its shared libraries": (shared, shared_zip),
                "an echo function": (ECHO.stat().st_size, zip_of(ECHO, self.work / "echo.zip").stat().st_size)}
        print("| size | bytes | zipped |\n|---|---:|---:|")
        for name, (plain, zipped) in rows.items():
            print(f"| {name} | {plain:,} | {zipped:,} |")
        self.results["size"] = rows

    def memory(self) -> None:
        """Of the function, over TLS to the origin and to the store."""
        server = nginx.Nginx(self.work / "nginx-memory")
        files.make(self.work / "nginx-memory/www", 64)
        trust = str(self.work / "nginx-memory/ca.pem")
        rows = {}
        with RuntimeApi() as api:
            process = subprocess.Popen([BOOTSTRAP], env={
                **CREDENTIALS, "AWS_LAMBDA_RUNTIME_API": api.address, "_HANDLER": "fetch-store-image",
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256", "CREEL_ALLOW_PRIVATE_NETWORK": "1", "SSL_CERT_FILE": trust,
                "AWS_ENDPOINT_URL_S3": f"https://127.0.0.1:{server.sink_tls}"}, stderr=subprocess.DEVNULL)
            try:
                api.asked.get(timeout=10)
                rows["waiting for the first event"] = status_bytes(process.pid, "VmRSS")
                for count, name in ((1, "after the first image"), (64, "after a batch of 64 images")):
                    requests = [{"image-url": f"https://127.0.0.1:{server.origin_tls}/f{i:04}.jpg",
                                 "bucket-name": "bucket"} for i in range(count)]
                    answer = api.call({"requests": requests}).json
                    assert answer["body"]["ok"], answer
                    rows[name] = status_bytes(process.pid, "VmRSS")
                rows["at its peak"] = status_bytes(process.pid, "VmHWM")
            finally:
                process.kill()
                process.wait()
                server.stop()
        print("| resident memory of the function | MiB |\n|---|---:|")
        for name, value in rows.items():
            print(f"| {name} | {value / MIB:.1f} |")
        self.results["memory"] = rows

    def emulator(self) -> None:
        """Invocations of an echo function by ab, 16 at a time, over connections that are kept."""
        payload = self.work / "payload.json"
        payload.write_text('{"hello": "world"}')
        count = 40_000
        with emulator(zip_of(ECHO, self.work / "echo.zip"), "--handler", "echo", log=self.work / "echo.log") as (url, process):
            path = f"{url}/2015-03-31/functions/echo/invocations"
            command = ["ab", "-q", "-k", "-c", "16", "-p", payload, "-T", "application/json"]
            subprocess.run([*command, "-n", "2000", path], check=True, capture_output=True)
            started = cpu_seconds(process.pid)
            said = subprocess.run([*command, "-n", str(count), path], check=True, capture_output=True, text=True).stdout
            used = cpu_seconds(process.pid) - started
            peak = status_bytes(process.pid, "VmHWM")
        assert "Non-2xx" not in said and re.search(r"Failed requests:\s+0", said), said
        rate = float(re.search(r"Requests per second:\s+([\d.]+)", said)[1])
        print("| emulator, echo function, concurrency 16 | |\n|---|---:|")
        print(f"| invocations/s | {rate:,.0f} |\n| CPU of the emulator, µs an invocation | {used / count * 1e6:.0f} |")
        print(f"| peak memory of the emulator, MiB | {peak / MIB:.1f} |")
        self.results["emulator"] = {"rate": rate, "cpu_us": used / count * 1e6, "peak": peak}

    def waiting(self) -> None:
        """A thousand invocations under way at once."""
        count = 1000
        payload = self.work / "wait.jsonl"
        payload.write_text('{"milliseconds": 5000}\n' * count)
        with emulator(zip_of(ECHO, self.work / "echo.zip"), "--handler", "wait", "--quiet", "--concurrency", str(count),
                      log=self.work / "wait.log") as (url, process):
            before = status_bytes(process.pid, "VmRSS")
            cost = measure.run([str(CREEL), "invoke", "echo", "--batch", str(payload), "--parallel", str(count),
                                "--endpoint-url", url], CREDENTIALS)
            assert cost.exit_code == 0, cost.output[-2000:]
            peak = status_bytes(process.pid, "VmHWM")
        print("| emulator, 1,000 waiting invocations | MiB |\n|---|---:|")
        print(f"| resident before | {before / MIB:.1f} |\n| peak | {peak / MIB:.1f} |")
        print(f"| peak of the caller, `creel invoke --batch` | {cost.peak_bytes / MIB:.1f} |")
        self.results["waiting"] = {"before": before, "peak": peak, "caller": cost.peak_bytes}

    def batches(self) -> None:
        """What an image costs in GB-seconds, by the size of the batch, from an origin that takes 300 ms to answer."""
        count, memory = 960, 256
        work = self.work / "batches"
        server = nginx.Nginx(work)
        files.make(work / "one", 1)
        origin = subprocess.Popen(["/usr/bin/python3", ROOT / "bench/lambda/slow_origin.py", work / "one/f0000.jpg", "300"],
                                  stdout=subprocess.PIPE, text=True)
        port = origin.stdout.readline().strip()
        urls = work / "urls.txt"
        urls.write_text("".join(f"http://127.0.0.1:{port}/i{i}.jpg\n" for i in range(count)))
        rows = {}
        try:
            for batch in (1, 8, 32, 96):
                log = work / f"batch-{batch}.log"
                with emulator(ZIP, "--memory", f"{memory}MiB", "--env", "CREEL_ALLOW_PRIVATE_NETWORK=1",
                              "--env", f"AWS_ENDPOINT_URL_S3=http://127.0.0.1:{server.sink}", "--env", "CREEL_PER_HOST=100",
                              log=log) as (url, _):
                    state = work / f"state-{batch}.db"
                    cost = measure.run([
                        str(CREEL), "mirror", str(urls), "--to", f"s3://bucket/b{batch}", "--via", "lambda:creel-function",
                        "--lambda-endpoint-url", url, "--batch", str(batch), "--in-flight", "10", "--per-host", "1000",
                        "--state", str(state), "--json", "--no-progress", "--allow-private-network"], CREDENTIALS)
                    assert cost.exit_code == 0, cost.output[-2000:]
                billed = [int(ms) for ms in re.findall(r"Billed Duration: (\d+) ms", log.read_text())]
                seconds = sum(billed) / 1000
                rows[batch] = {"invocations": len(billed), "gb_seconds": seconds * memory / 1024 / count,
                               "billed_ms": sum(billed) / count, "seconds": cost.seconds}
        finally:
            origin.kill()
            origin.wait()
            server.stop()
        print("| batch | invocations | billed ms an image | GB-seconds for 1,000 images |\n|---:|---:|---:|---:|")
        for batch, row in rows.items():
            print(f"| {batch} | {row['invocations']} | {row['billed_ms']:.1f} | {row['gb_seconds'] * 1000:.2f} |")
        self.results["batches"] = rows


PARTS = ("start", "size", "memory", "emulator", "waiting", "batches")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; all without")
    parser.add_argument("--runs", type=int, default=200, help="starts of each program")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory(prefix="creel-bench-", dir="/dev/shm") as folder:
        bench = Bench(pathlib.Path(folder), options.runs)
        for part in options.parts or PARTS:
            getattr(bench, part)()
            print(flush=True)
        print(json.dumps(bench.results))


if __name__ == "__main__":
    main()
