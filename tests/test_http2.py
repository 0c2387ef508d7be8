"""HTTP/2 from a real server: nginx with TLS."""

import os
import shutil
import socket
import subprocess
import time

from support import images, tls
from support.creel import Job

CONFIG = """
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
{user}
events {{ worker_connections 1000; }}
http {{
  access_log {folder}/access.log;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} ssl http2;
    ssl_certificate {folder}/certificate.pem;
    ssl_certificate_key {folder}/key.pem;
    root {folder}/www;
  }}
}}
"""


def start_nginx(folder):
    """Serves folder/www over HTTP/2; returns the process and its port."""
    tls.self_signed(folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(CONFIG.format(folder=folder, port=port, user=user))
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin")
    process = subprocess.Popen(
        [nginx, "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf", "-g", "daemon off;"]
    )
    until = time.monotonic() + 20
    while socket.socket().connect_ex(("127.0.0.1", port)) != 0:
        assert process.poll() is None and time.monotonic() < until, (folder / "error.log").read_text()
    return process, port


def test_memory_is_bounded_over_http2_as_well(tmp_path):
    served = tmp_path / "served"
    (served / "www").mkdir(parents=True)
    (served / "www" / "large.png").write_bytes(images.png("large", 7_000_000))
    process, port = start_nginx(served)
    try:
        job = Job(tmp_path, environment={"SSL_CERT_FILE": str(served / "certificate.pem")})
        urls = [f"https://127.0.0.1:{port}/large.png?{number}" for number in range(60)]
        flags = ["--memory", "16MiB", "--concurrency", "60", "--per-host", "60"]
        result = job.run(job.list(urls), *flags)
    finally:
        process.terminate()
        process.wait()
    assert result.summary["stored"] == 60
    versions = (served / "access.log").read_text()
    assert "HTTP/2.0" in versions
    # The bodies come to 420 MB, and libcurl would let all of them come.
    assert result.peak_bytes < 150 * 2**20
