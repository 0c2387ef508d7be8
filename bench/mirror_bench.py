"""Measures `creel mirror` beside what people would use instead, and beside the floor, all in one run.

Parts: mirror, tls, lines, open. Prints a table each and writes all figures to bench.json in the work folder.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

import files
import measure
import nginx

ROOT = pathlib.Path(__file__).resolve().parent.parent
FILES = 4_000
COPIES = 5
CONCURRENCY = 75
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench", "AWS_REGION": "us-east-1",
               "AWS_EC2_METADATA_DISABLED": "true"}


class Bench:
    def __init__(self, work: pathlib.Path, creel: str, python: str, rounds: int):
        self.work, self.creel, self.python, self.rounds = work, creel, python, rounds
        self.images = work / "images"
        self.bytes = files.make(self.images, FILES) * COPIES
        (work / "www").mkdir()
        for copy in [*map(str, range(COPIES)), "slow"]:
            (work / "www" / copy).symlink_to(self.images)
        self.server = nginx.Nginx(work)
        self.results: dict[str, list] = {}

    def urls(self, scheme: str) -> list[str]:
        port = self.server.origin_tls if scheme == "https" else self.server.origin
        return [f"{scheme}://127.0.0.1:{port}/{copy}/f{number:04}.jpg" for copy in range(COPIES) for number in range(FILES)]

    def sink(self, scheme: str) -> str:
        return f"{scheme}://127.0.0.1:{self.server.sink_tls if scheme == 'https' else self.server.sink}"

    def list_file(self, name: str, lines) -> str:
        path = self.work / name
        with path.open("w") as out:
            out.writelines(line + "\n" for line in lines)
        return str(path)

    def creel_command(self, urls: str, *flags: str) -> list[str]:
        state = self.work / "state.db"
        for left in self.work.glob("state.db*"):
            left.unlink()
        return [self.creel, "mirror", urls, "--allow-private-network", "--state", str(state), "--json", "--no-progress",
                "--log-level", "error", *flags]

    def run_creel(self, scheme: str) -> measure.Cost:
        return self.checked("creel", self.creel_command(
            self.list_file("urls.txt", self.urls(scheme)), "--to", "s3://bucket/creel", "--endpoint-url", self.sink(scheme),
            "--concurrency", str(CONCURRENCY), "--per-host", str(CONCURRENCY)), self.tls_env(scheme))

    def tls_env(self, scheme: str) -> dict[str, str]:
        trust = str(self.work / "ca.pem")
        tls = {"SSL_CERT_FILE": trust, "AWS_CA_BUNDLE": trust, "REQUESTS_CA_BUNDLE": trust, "CURL_CA_BUNDLE": trust}
        return {**CREDENTIALS, **(tls if scheme == "https" else {})}

    def run_rclone(self, scheme: str, *flags: str) -> measure.Cost:
        origin = self.urls(scheme)[0].rsplit("/", 2)[0]
        return self.checked("rclone", [
            "rclone", "copy", ":http:", ":s3:bucket/rclone", "--config", "/dev/null", "--http-url", origin + "/",
            "--s3-provider", "Other", "--s3-endpoint", self.sink(scheme), "--s3-access-key-id", "bench",
            "--s3-secret-access-key", "bench", "--s3-region", "us-east-1", "--s3-no-check-bucket",
            "--exclude", "/slow/**", *flags,
        ] + (["--ca-cert", str(self.work / "ca.pem")] if scheme == "https" else []))

    def run_boto3(self, scheme: str) -> measure.Cost:
        return self.checked("boto3", [
            self.python, str(ROOT / "bench" / "boto3_mirror.py"), self.list_file("urls.txt", self.urls(scheme)),
            self.sink(scheme), "bucket", str(CONCURRENCY)], self.tls_env(scheme))

    def run_floor(self, scheme: str) -> measure.Cost:
        """curl GET to /dev/null, curl PUT, and openssl sha256, one after the other: the least that the work costs."""
        trust = ["--cacert", str(self.work / "ca.pem")] if scheme == "https" else []
        parallel = ["curl", "--silent", "--show-error", "--fail", "--parallel", "--parallel-immediate", "--parallel-max",
                    str(CONCURRENCY), *trust, "--config"]
        gets = self.list_file("gets.txt", (f"url={url}\noutput=/dev/null" for url in self.urls(scheme)))
        images = self.images
        puts = self.list_file("puts.txt", (
            f"url={self.sink(scheme)}/bucket/curl/{copy}/f{number:04}.jpg\nupload-file={images}/f{number:04}.jpg"
            for copy in range(COPIES) for number in range(FILES)))
        hashes = ["sh", "-c", f"for i in $(seq {COPIES}); do openssl dgst -sha256 {images}/*.jpg; done >/dev/null"]
        parts = [self.checked("curl GET", parallel + [gets]), self.checked("curl PUT", parallel + [puts]),
                 self.checked("openssl", hashes)]
        return measure.Cost(sum(part.seconds for part in parts), sum(part.cpu_seconds for part in parts),
                            max(part.peak_bytes for part in parts), 0, "")

    def checked(self, name: str, command: list[str], env: dict[str, str] | None = None) -> measure.Cost:
        cost = measure.run(command, env)
        if cost.exit_code != 0:
            sys.exit(f"{name} failed with exit code {cost.exit_code}:\n{cost.output[-3000:]}")
        return cost

    def compare(self, part: str, scheme: str) -> None:
        """All tools in turn, as often as there are rounds; the medians count."""
        tools = {"creel mirror": self.run_creel, "floor: curl GET + PUT + openssl": self.run_floor,
                 "rclone copy": self.run_rclone,
                 f"rclone copy --transfers {CONCURRENCY}": lambda chosen: self.run_rclone(chosen, "--transfers", str(CONCURRENCY)),
                 "boto3 + requests": self.run_boto3}
        costs: dict[str, list[measure.Cost]] = {name: [] for name in tools}
        for number in range(self.rounds):
            for name, tool in tools.items():
                if name.startswith("boto3") and number > 0:
                    continue
                self.server.clear_sink()
                costs[name].append(tool(scheme))
                stored, stored_bytes = self.server.stored()
                if (stored, stored_bytes) != (FILES * COPIES, self.bytes):
                    sys.exit(f"{name} stored {stored} objects of {stored_bytes} bytes, not {FILES * COPIES} of {self.bytes}")
        rows = [self.row(name, runs) for name, runs in costs.items()]
        self.results[part] = rows
        floor = rows[1]["cpu_us_per_image"]
        print(f"\n{part}: {FILES * COPIES:,} images, {self.bytes / 1e9:.2f} GB, concurrency {CONCURRENCY}, "
              f"median of {self.rounds}")
        print(f"{'':34}{'images/s':>10}{'CPU us/image':>14}{'x floor':>9}{'peak MiB':>10}")
        for row in rows:
            print(f"{row['name']:34}{row['images_per_second']:>10.0f}{row['cpu_us_per_image']:>14.0f}"
                  f"{row['cpu_us_per_image'] / floor:>9.2f}{row['peak_mib']:>10.1f}", flush=True)

    @staticmethod
    def row(name: str, runs: list[measure.Cost]) -> dict:
        images = FILES * COPIES
        return {"name": name, "images_per_second": images / statistics.median(run.seconds for run in runs),
                "cpu_us_per_image": statistics.median(run.cpu_seconds for run in runs) / images * 1e6,
                "peak_mib": max(run.peak_bytes for run in runs) / 2**20}

    def memory(self) -> None:
        """Peak memory at the default concurrency, everything on."""
        self.server.clear_sink()
        cost = self.checked("creel", self.creel_command(
            self.list_file("urls.txt", self.urls("http")), "--to", "s3://bucket/creel", "--endpoint-url", self.sink("http"),
            "--concurrency", "256", "--per-host", "256"), CREDENTIALS)
        self.results["memory"] = [{"concurrency": 256, "peak_mib": cost.peak_bytes / 2**20}]
        print(f"\nmemory: concurrency 256: peak {cost.peak_bytes / 2**20:.1f} MiB", flush=True)

    def lines(self) -> None:
        """Lists of different lengths; the server answers 404 to each line."""
        rows = []
        for count in (20_000, 2_000_000):
            urls = self.list_file("many.txt", (f"http://127.0.0.1:{self.server.origin}/missing/{number}.jpg"
                                               for number in range(count)))
            cost = measure.run(self.creel_command(urls, "--to", str(self.work / "out"), "--concurrency", "256", "--per-host", "256"))
            summary = json.loads(cost.output.splitlines()[-1])
            if summary["failures"] != {"not_found": count}:
                sys.exit(f"creel made of {count} dead links: {cost.output[-3000:]}")
            rows.append({"lines": count, "peak_mib": cost.peak_bytes / 2**20, "lines_per_second": count / cost.seconds,
                         "cpu_us_per_line": cost.cpu_seconds / count * 1e6})
        self.results["lines"] = rows
        print(f"\nlines: dead links, concurrency 256\n{'lines':>10}{'lines/s':>10}{'CPU us/line':>13}{'peak MiB':>10}")
        for row in rows:
            print(f"{row['lines']:>10,}{row['lines_per_second']:>10.0f}{row['cpu_us_per_line']:>13.0f}{row['peak_mib']:>10.1f}",
                  flush=True)

    def open(self) -> None:
        """Ten thousand transfers at once from an origin that sends 2 KB a second."""
        rows = []
        for count in (1, 10_000):
            urls = self.list_file("slow.txt", (f"http://127.0.0.1:{self.server.origin}/slow/f{n % FILES:04}.jpg?{n}"
                                               for n in range(count)))
            command = self.creel_command(urls, "--to", str(self.work / "out"), "--concurrency", "10000", "--per-host", "10000",
                                         "--retries", "0", "--timeout", "25s")
            cost = measure.run(["sh", "-c", 'ulimit -n 65536; exec "$0" "$@"', *command])
            summary = json.loads(cost.output.splitlines()[-1])
            rows.append({"transfers": count, "peak_mib": cost.peak_bytes / 2**20, "cpu_seconds": cost.cpu_seconds,
                         "summary": summary})
        each = (rows[1]["peak_mib"] - rows[0]["peak_mib"]) * 1024 / 10_000
        self.results["open"] = rows
        print(f"\nopen: {rows[1]['transfers']:,} transfers at once: peak {rows[1]['peak_mib']:.0f} MiB, "
              f"{each:.1f} KiB each beyond the {rows[0]['peak_mib']:.0f} MiB of one", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=[], metavar="PART", help="mirror, tls, memory, lines, open (default: all)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--creel", default=str(ROOT / "build" / "release" / "creel"))
    parser.add_argument("--json", default=str(ROOT / "build" / "bench.json"), help="where the figures go")
    chosen = parser.parse_args()
    # On tmpfs: the disk is not what is measured.
    work = pathlib.Path(tempfile.mkdtemp(prefix="creel-bench-", dir="/dev/shm"))
    bench = None
    try:
        bench = Bench(work, chosen.creel, sys.executable, chosen.rounds)
        parts = {"mirror": lambda: bench.compare("mirror", "http"), "tls": lambda: bench.compare("tls", "https"),
                 "memory": bench.memory, "lines": bench.lines, "open": bench.open}
        for name in chosen.parts or parts:
            parts[name]()
        pathlib.Path(chosen.json).parent.mkdir(parents=True, exist_ok=True)
        pathlib.Path(chosen.json).write_text(json.dumps(bench.results, indent=2) + "\n")
    finally:
        if bench:
            bench.server.stop()
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
