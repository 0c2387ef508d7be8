"""An nginx that serves the images and takes what is put, on free loopback ports."""

import os
import pathlib
import shutil
import socket
import subprocess
import time

CONFIG = """
worker_processes 1;
{user}
pid {root}/nginx.pid;
error_log {root}/error.log;
worker_rlimit_nofile 100000;
events {{ worker_connections 50000; }}
http {{
  access_log off;
  types {{ image/jpeg jpg; }}
  default_type application/octet-stream;
  keepalive_requests 1000000;
  keepalive_timeout 300s;
  sendfile on;
  tcp_nopush on;
  client_max_body_size 100m;
  client_body_buffer_size 4m;
  client_body_temp_path {root}/body;
  ssl_certificate {root}/cert.pem;
  ssl_certificate_key {root}/key.pem;
  ssl_session_cache shared:tls:10m;
  server {{
    listen 127.0.0.1:{origin};
    listen 127.0.0.1:{origin_tls} ssl http2;
    root {root}/www;
    autoindex on;
    location /slow/ {{
      limit_rate 2k;
    }}
  }}
  server {{
    listen 127.0.0.1:{sink};
    listen 127.0.0.1:{sink_tls} ssl http2;
    root {root}/sink;
    # The answer to a listing: an empty bucket.
    location ~ ^/bucket/?$ {{
      default_type application/xml;
      return 200 '<ListBucketResult><Name>bucket</Name><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>';
    }}
    location / {{
      dav_methods PUT DELETE;
      create_full_put_path on;
    }}
  }}
}}
"""


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def make_certificates(root: pathlib.Path) -> None:
    """A private CA, and a certificate for 127.0.0.1 and localhost that it has signed."""

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], check=True, cwd=root, capture_output=True)

    (root / "names").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=creel bench CA",
            "-keyout", "ca-key.pem", "-out", "ca.pem")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout", "key.pem", "-out", "csr.pem")
    openssl("x509", "-req", "-in", "csr.pem", "-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial", "-days", "30",
            "-extfile", "names", "-out", "cert.pem")


class Nginx:
    def __init__(self, root: pathlib.Path):
        self.root = root
        (root / "www").mkdir(parents=True, exist_ok=True)
        make_certificates(root)
        self.clear_sink()
        self.origin, self.origin_tls, self.sink, self.sink_tls = free_ports(4)
        config = root / "nginx.conf"
        config.write_text(CONFIG.format(
            user="user root;" if os.geteuid() == 0 else "", root=root, origin=self.origin, origin_tls=self.origin_tls,
            sink=self.sink, sink_tls=self.sink_tls))
        self.process = subprocess.Popen(["nginx", "-c", str(config), "-e", f"{root}/error.log", "-g", "daemon off;"])
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.sink)) == 0:
                    return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(f"nginx did not start: {(root / 'error.log').read_text()}")

    def clear_sink(self) -> None:
        shutil.rmtree(self.root / "sink", ignore_errors=True)
        (self.root / "sink" / "bucket").mkdir(parents=True)

    def stored(self) -> tuple[int, int]:
        """How many objects lie in the sink, and their bytes."""
        sizes = [path.stat().st_size for path in (self.root / "sink").rglob("*") if path.is_file()]
        return len(sizes), sum(sizes)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()
