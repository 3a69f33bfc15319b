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
RUN = ROOT / "run"
"""All of one run; gone when it is taken down."""
PKI, LOGS, PROCESSES = RUN / "pki", RUN / "logs", RUN / "processes"
ADMIN = RUN / "admin.kubeconfig"
