"""What the backend costs while functions work for it: memory and CPU of `creel mirror --via lambda:NAME` with 10,000 images
in flight, 313 invocations of 32.

A service of our own stands for Lambda: it keeps every invocation waiting until all are there, lets the backend be looked at for
a while, and answers then. Prints one JSON object.
"""

import argparse
import asyncio
import json
import os
import pathlib
import sys
import tempfile
import time

import measure

ROOT = pathlib.Path(__file__).resolve().parent.parent
PER_HOST = 32
TICKS = os.sysconf("SC_CLK_TCK")


class Lambda:
    """Answers invocations of one function once it is told to."""

    def __init__(self, wanted: int):
        self.wanted = wanted
        self.waiting = self.images = self.invocations = self.payload_bytes = 0
        self.all_there = asyncio.Event()
        self.answering = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        try:
            while line := await reader.readline():
                method, target, _ = line.decode().split(" ", 2)
                headers = {}
                while (header := (await reader.readline()).decode().strip()):
                    name, value = header.split(":", 1)
                    headers[name.lower()] = value.strip()
                event = await reader.readexactly(int(headers.get("content-length", 0)))
                status, answer = await self.answer(method, target, event)
                writer.write(f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n"
                             f"Content-Length: {len(answer)}\r\n\r\n".encode() + answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def answer(self, method: str, target: str, event: bytes) -> tuple[int, bytes]:
        if method == "GET" and "/configuration" in target:
            return 200, b'{"FunctionName": "fetch", "Timeout": 300, "State": "Active"}'
        requests = json.loads(event)["requests"]
        self.invocations += 1
        self.payload_bytes = max(self.payload_bytes, len(event))
        self.waiting += 1
        self.images += len(requests)
        if self.images >= self.wanted:
            self.all_there.set()
        await self.answering.wait()
        self.waiting -= 1
        return 200, json.dumps({"statusCode": 200, "headers": {}, "body": {
            "ok": True, "results": [self.result(request) for request in requests]}}).encode()

    def result(self, request: dict) -> dict:
        name = request["image-url"].rsplit("/", 1)[1]
        return {"ok": True, "result": {
            "bucket-name": request["bucket-name"], "key": f"{request['key-prefix']}/{name}", "etag": "e" * 32,
            "version-id": None, "size": 90_000, "content-type": "image/jpeg", "sha256": "0" * 64, "width": 800, "height": 600,
            "final-url": request["image-url"], "already-there": False}}


def status(pid: int, name: str) -> int:
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    raise KeyError(name)


def cpu_seconds(pid: int) -> float:
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


async def run(options: argparse.Namespace, work: pathlib.Path) -> dict:
    # Some invocations more than full ones would be: the first images do not wait for a whole batch.
    in_flight = -(-options.images // options.batch) + 7
    service = Lambda(options.images)
    server = await asyncio.start_server(service.serve, "127.0.0.1", 0, backlog=4096, limit=8 << 20)
    port = server.sockets[0].getsockname()[1]
    urls = work / "urls.txt"
    with urls.open("w") as out:
        for number in range(2 * options.images):
            host = number // PER_HOST
            out.write(f"https://images-{host}.example/albums/2026/picture-{number:06}.jpg\n")
    inherited = {name: value for name, value in os.environ.items() if name not in measure.LEFT_OUT}
    process = await asyncio.create_subprocess_exec(
        options.creel, "mirror", str(urls), "--to", "s3://bucket/creel", "--via", "lambda:fetch", "--lambda-endpoint-url",
        f"http://127.0.0.1:{port}", "--batch", str(options.batch), "--in-flight", str(in_flight), "--concurrency",
        str(options.images), "--state",
        str(work / "state.db"), "--json", "--no-progress", stdout=asyncio.subprocess.PIPE,
        env={**inherited, "AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench", "AWS_REGION": "us-east-1"})
    try:
        try:
            await asyncio.wait_for(service.all_there.wait(), options.patience)
        except TimeoutError:
            sys.exit(f"only {service.images} images are in flight, in {service.waiting} invocations")
        # What came before the wait is not part of it.
        await asyncio.sleep(2)
        in_flight_images, waiting = service.images, service.waiting
        before, started = cpu_seconds(process.pid), time.monotonic()
        await asyncio.sleep(options.seconds)
        used = cpu_seconds(process.pid) - before
        took = time.monotonic() - started
        memory = status(process.pid, "VmRSS")
        service.answering.set()
        output, _ = await asyncio.wait_for(process.communicate(), 120)
    finally:
        if process.returncode is None:
            process.kill()
        server.close()
    summary = json.loads(output)
    return {"images_in_flight": in_flight_images, "invocations_waiting": waiting, "largest_payload_bytes": service.payload_bytes,
            "seconds": round(took, 1), "rss_mib": round(memory / 1024, 1), "cpu_percent_of_a_core": round(100 * used / took, 2),
            "stored": summary["stored"], "failed": summary["failed"], "invocations": service.invocations,
            "ok": summary["failed"] == 0 and memory < 64 * 1024 and used / took < 0.1}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--creel", default=str(ROOT / "build/release/creel"))
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--patience", type=float, default=60, help="seconds until all must be in flight")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=10, help="how long the backend is looked at")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="creel-bench-") as folder:
        figures = asyncio.run(run(options, pathlib.Path(folder)))
    print(json.dumps(figures, indent=2))
    return 0 if figures["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
