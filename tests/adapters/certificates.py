"""A certificate authority for tests, by the openssl program."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path

from trombone_tui.adapters.credentials import Certificate


def has_openssl() -> bool:
    return shutil.which("openssl") is not None


class Authority:
    """Signs certificates; keys are on P-256, which are made in a moment."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.path = folder / "ca.crt"
        self._made: dict[str, tuple[Path, Path]] = {}
        self._openssl(
            *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
            *("-keyout", "ca.key", "-out", "ca.crt", "-days", "2", "-subj", f"/CN={name}"),
        )

    @property
    def pem(self) -> bytes:
        return self.path.read_bytes()

    def issue(self, name: str, names: str = "", days: int = 1) -> tuple[Path, Path]:
        """Return the files of a certificate for a common name and alternative names in openssl's words."""
        made = self._made.get(f"{name} {names} {days}")
        if made is not None:
            return made
        stem = f"{len(self._made)}-{name}"
        self._openssl(
            *("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
            *("-keyout", f"{stem}.key", "-out", f"{stem}.csr", "-subj", f"/CN={name}"),
        )
        extension = self.folder / f"{stem}.ext"
        extension.write_text(f"subjectAltName={names}\n" if names else "")
        self._openssl(
            *("x509", "-req", "-in", f"{stem}.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial"),
            *("-out", f"{stem}.crt", "-days", str(days), "-extfile", extension.name),
        )
        made = self.folder / f"{stem}.crt", self.folder / f"{stem}.key"
        self._made[f"{name} {names} {days}"] = made
        return made

    def client(self, name: str) -> Certificate:
        chain, key = self.issue(name)
        return Certificate(chain=chain.read_bytes(), key=key.read_bytes())

    def server_context(self, name: str, names: str, days: int = 1) -> ssl.SSLContext:
        """Return a server's TLS that asks for a client certificate and does without."""
        chain, key = self.issue(name, names, days)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(self.path))
        context.load_cert_chain(chain, key)
        context.verify_mode = ssl.CERT_OPTIONAL
        return context

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)
