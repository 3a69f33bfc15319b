"""Who is who in the lab: a certificate authority, the API server's certificate, and a token a persona.

Everything is made anew for each run, in folders that only their owner may read.
"""

from __future__ import annotations

import json
import secrets
import shutil
import subprocess

from lab.part import Absent
from lab.places import PKI, RUN

SERVER = "https://127.0.0.1:6443"
PERSONAS = {
    "admin": ("lab-admin", "system:masters"),
    "viewer": ("viewer", "lab-viewers"),
    "dev": ("dev", "lab-devs"),
    "nobody": ("nobody", "lab-nobody"),
}
"""The personas' users and groups; ``objects/personas.yaml`` says what the groups may do."""

_SCRIPT = """
key='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'
openssl req -x509 $key -days 365 -subj /CN=lab-ca -keyout ca.key -out ca.crt
openssl req $key -subj /CN=lab-server -keyout srv.key -out srv.csr
{
  echo subjectAltName=IP:127.0.0.1,IP:10.0.0.1,DNS:localhost,DNS:kubernetes,DNS:kubernetes.default.svc
  echo extendedKeyUsage=serverAuth
} >srv.ext
openssl x509 -req -in srv.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 365 -extfile srv.ext -out srv.crt
openssl genrsa -out sa.key 2048
openssl rsa -in sa.key -pubout -out sa.pub
"""


def make() -> None:
    """Make keys, certificates, tokens and a kubeconfig a persona.

    Raises:
        Absent: there is no openssl, or it fails.
    """
    if not shutil.which("openssl"):
        raise Absent("there is no openssl on PATH to make certificates with")
    PKI.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ("sh", "-euc", _SCRIPT),
        cwd=PKI,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        raise Absent(f"openssl fails: {done.stderr.strip()[-300:]}")
    rows = []
    for number, (persona, (user, group)) in enumerate(PERSONAS.items()):
        token = secrets.token_hex(16)
        rows.append(f'{token},{user},{number},"{group}"\n')
        text = json.dumps(_kubeconfig(persona, token), indent=1)
        (RUN / f"{persona}.kubeconfig").write_text(text, encoding="utf-8")
    (PKI / "tokens.csv").write_text("".join(rows), encoding="utf-8")


def _kubeconfig(persona: str, token: str) -> dict[str, object]:
    authority = {"server": SERVER, "certificate-authority": str(PKI / "ca.crt")}
    context = {"cluster": "lab", "user": persona, "namespace": "default"}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "lab",
        "clusters": [{"name": "lab", "cluster": authority}],
        "users": [{"name": persona, "user": {"token": token}}],
        "contexts": [{"name": "lab", "context": context}],
    }
