"""Where the lab keeps what it builds and what it writes while it runs."""

from __future__ import annotations

import os
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = Path(os.environ.get("TROMBONE_LAB") or Path.home() / ".cache" / "trombone-tui" / "lab")
BIN = ROOT / "bin"
"""What was built; outlives every run."""
DEBIAN = ROOT / "deb"
"""Debian packages, and what was unpacked of them."""
MANIFESTS = ROOT / "manifests"
"""Files copied out of Go modules, most of them definitions of kinds."""
RUN = ROOT / "run"
"""All of one run; gone when it is taken down."""
PKI, LOGS, PROCESSES, REPORT = RUN / "pki", RUN / "logs", RUN / "processes", RUN / "parts.json"
USED = RUN / "bin"
"""Links to the programs of this run, wherever they come from."""
CACHE = RUN / "kubectl"
"""What kubectl remembers of the API server: another lab's has the same address."""
ADMIN = RUN / "admin.kubeconfig"
