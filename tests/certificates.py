"""Certificates for tests."""

from __future__ import annotations

import subprocess
from pathlib import Path

from orchestr8.core.secret import Secret
from orchestr8.deploy.traffic import Tls


def made_certificate(folder: Path, name: str) -> Tls:
    """Return a new certificate for a host name, signed by itself."""
    key, certificate = folder / "key.pem", folder / "cert.pem"
    options = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    names = ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(["openssl", "req", *options, *names, *files], check=True, capture_output=True)
    return Tls(Secret(certificate.read_text()), Secret(key.read_text()))
