"""Measures the HTTP API of `creel serve`: requests a second over a catalog of a million images while a job runs.

The load comes from `ab` with connections that are kept, on the same machine. Prints a table, and writes all figures to
api-bench.json in the work folder.
"""

import argparse
import http.client
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

import files
import nginx
from measure import LEFT_OUT

CONNECTIONS = 50
SECONDS = 15
JOB_FILES = 500
# What the pages of the browser ask for, and the requests that look hardest.
TARGETS = [
    ("a page of images", "/images?limit=50"),
    ("the stored ones", "/images?limit=50&state=stored"),
    ("a search", "/images?limit=50&q=image"),
    ("one image", "/images/500000"),
    ("the sources", "/sources"),
    ("statistics", "/statistics"),
]


class Backend:
    def __init__(self, creel: pathlib.Path, data: pathlib.Path):
        environment = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
        self.process = subprocess.Popen(
            [creel, "serve", "--data", data, "--listen", "127.0.0.1:0", "--allow-private-network"],
            stdout=subprocess.PIPE, stderr=(data / "serve.log").open("wb"), env=environment, text=True)
        for line in self.process.stdout:
            if found := re.search(r"http://([0-9.]+:\d+)", line):
                self.address = found.group(1)
                break
        else:
            raise RuntimeError(f"the backend did not start: {(data / 'serve.log').read_text()}")
        threading.Thread(target=self.process.stdout.read, daemon=True).start()
        self.token = subprocess.run([creel, "token", "--data", data, "--scope", "write", "--ttl", "1d"], check=True,
                                    capture_output=True, text=True, env=environment).stdout.strip()

    def call(self, method: str, path: str, body=None):
        connection = http.client.HTTPConnection(self.address, timeout=60)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        data = json.loads(answer.read())
        connection.close()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {data}")
        return data

    def stored(self) -> int:
        """Images stored since the start; the counters of the API are those of a moment ago."""
        connection = http.client.HTTPConnection(self.address, timeout=60)
        connection.request("GET", "/metrics", headers={"Authorization": f"Bearer {self.token}"})
        metrics = connection.getresponse().read().decode()
        connection.close()
        found = re.search(r'^creel_images_total\{[^}]*"stored"[^}]*\} (\S+)', metrics, re.MULTILINE)
        return int(float(found.group(1))) if found else 0

    def cpu_seconds(self) -> float:
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_mib(self) -> float:
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(60)


class Job:
    """Keeps the backend busy: adds images as fast as it takes them, so that some always wait."""

    def __init__(self, backend: Backend, origin: str):
        self.backend, self.origin = backend, origin
        self.added = 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self) -> None:
        while not self.over.is_set():
            if self.backend.call("GET", "/statistics?hours=1")["queue"]["waiting"] > 10_000:
                self.over.wait(0.2)
                continue
            images = [{"image_url": f"{self.origin}/f{number % JOB_FILES:04}.jpg?{number}", "title": f"image {number}"}
                      for number in range(self.added, self.added + 1000)]
            self.backend.call("POST", "/images", {"images": images})
            self.added += 1000

    def stop(self) -> None:
        self.over.set()
        self.thread.join()


def load(backend: Backend, target: str, seconds: int) -> dict:
    """Requests with `ab` for so long; what came out."""
    stored, cpu, started = backend.stored(), backend.cpu_seconds(), time.monotonic()
    done = subprocess.run(
        ["ab", "-q", "-k", "-l", "-c", str(CONNECTIONS), "-t", str(seconds), "-n", "10000000",
         "-H", f"Authorization: Bearer {backend.token}", f"http://{backend.address}{target}"],
        check=True, capture_output=True, text=True).stdout
    cpu, took = backend.cpu_seconds() - cpu, time.monotonic() - started
    figure = {name: float(re.search(pattern, done).group(1)) for name, pattern in {
        "requests_per_second": r"Requests per second:\s+([0-9.]+)",
        "requests": r"Complete requests:\s+([0-9]+)",
        "failed": r"Failed requests:\s+([0-9]+)",
        "p50_ms": r"\n\s+50%\s+([0-9]+)",
        "p99_ms": r"\n\s+99%\s+([0-9]+)",
        "megabytes": r"Total transferred:\s+([0-9]+)"}.items()}
    if (refused := re.search(r"Non-2xx responses:\s+([0-9]+)", done)) or figure["failed"]:
        raise RuntimeError(f"{target}: not all requests were answered ({refused and refused.group(1)})\n{done}")
    figure["megabytes"] /= 1e6
    figure["cores"] = cpu / took
    figure["cpu_ms_per_request"] = 1000 * cpu / figure["requests"]
    figure["images_stored_per_second"] = (backend.stored() - stored) / took
    return figure


def job_alone(backend: Backend, seconds: int) -> dict:
    """The job without requests."""
    stored, cpu, started = backend.stored(), backend.cpu_seconds(), time.monotonic()
    time.sleep(seconds)
    stored, cpu, took = backend.stored() - stored, backend.cpu_seconds() - cpu, time.monotonic() - started
    return {"images_stored_per_second": stored / took, "cores": cpu / took, "cpu_us_per_image": 1e6 * cpu / stored}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--creel", default="build/release/creel", type=pathlib.Path)
    parser.add_argument("--catalog-bench", default="build/release/src/catalog/catalog_bench", type=pathlib.Path)
    parser.add_argument("--images", default=1_000_000, type=int)
    parser.add_argument("--seconds", default=SECONDS, type=int)
    parser.add_argument("--catalog", type=pathlib.Path, help="a catalog that is there already, which is copied")
    parser.add_argument("--work", type=pathlib.Path)
    options = parser.parse_args()
    work = options.work or pathlib.Path(tempfile.mkdtemp(prefix="creel-api-bench-"))
    data = work / "data"
    data.mkdir(parents=True)
    files.make(work / "www", JOB_FILES)
    server = nginx.Nginx(work)
    results = {}
    try:
        if options.catalog:
            shutil.copy(options.catalog, data / "creel.db")
        else:
            print(f"making a catalog of {options.images:,} images", flush=True)
            subprocess.run([options.catalog_bench, data / "creel.db", str(options.images)], check=True,
                           stdout=subprocess.DEVNULL)
        backend = Backend(options.creel.resolve(), data)
        try:
            print(f"{'':>22} {'':>9} {'requests/s':>10} {'p50 ms':>7} {'p99 ms':>7} {'cores':>6} {'ms CPU':>7} {'stored/s':>9}")
            for when in ("idle", "job"):
                job = Job(backend, f"http://127.0.0.1:{server.origin}") if when == "job" else None
                if job:
                    figure = results["job alone"] = job_alone(backend, options.seconds)
                    print(f"job alone: {figure['images_stored_per_second']:,.0f} images stored/s,"
                          f" {figure['cpu_us_per_image']:.0f} µs CPU an image, {figure['cores']:.2f} cores", flush=True)
                for name, target in TARGETS:
                    figure = results[f"{name}, {when}"] = load(backend, target, options.seconds)
                    print(f"{name:>22} {when:>9} {figure['requests_per_second']:>10,.0f} {figure['p50_ms']:>7.0f} "
                          f"{figure['p99_ms']:>7.0f} {figure['cores']:>6.2f} {figure['cpu_ms_per_request']:>7.3f} "
                          f"{figure['images_stored_per_second']:>9,.0f}", flush=True)
                if job:
                    job.stop()
            results["memory_mib"] = backend.memory_mib()
            print(f"memory of the backend: {results['memory_mib']:.0f} MiB")
        finally:
            backend.stop()
    finally:
        server.stop()
    (work / "api-bench.json").write_text(json.dumps(results, indent=2))
    print(f"all figures: {work / 'api-bench.json'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
