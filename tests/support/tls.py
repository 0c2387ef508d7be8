"""Certificates, made by openssl when a test wants them."""

import pathlib
import ssl
import subprocess


def self_signed(folder: pathlib.Path, name: str = "127.0.0.1") -> ssl.SSLContext:
    """For a server whose certificate nobody has vouched for."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
            "-subj",
            f"/CN={name}",
            "-addext",
            f"subjectAltName=IP:{name}",
            "-keyout",
            key,
            "-out",
            certificate,
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def vouched(folder: pathlib.Path, name: str) -> tuple[ssl.SSLContext, pathlib.Path]:
    """For a server of that name whose certificate a private authority has signed, and that authority's certificate."""
    new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    authority = ["-keyout", "ca-key.pem", "-out", "ca.pem", "-days", "2", "-subj", "/CN=A private authority"]
    request = ["-keyout", "key.pem", "-out", "request.pem", "-subj", f"/CN={name}"]
    sign = ["-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial", "-days", "2"]
    (folder / "names").write_text(f"subjectAltName=DNS:{name}\n")
    for arguments in (
        ["req", "-x509", *new_key, *authority],
        ["req", *new_key, *request],
        ["x509", "-req", *sign, "-extfile", "names", "-out", "certificate.pem"],
    ):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return context, folder / "ca.pem"
