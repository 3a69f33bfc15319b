"""Follows a log and writes it as kubelets keep them, so that kwok can serve it: cri_log.py SOURCE TARGET."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path


def main() -> None:
    """Follow until killed."""
    source, target = map(Path, sys.argv[1:3])
    with (
        source.open(encoding="utf-8", errors="replace") as lines,
        target.open("a", encoding="utf-8", buffering=1) as out,
    ):
        while True:
            if line := lines.readline():
                stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f000Z")
                out.write(f"{stamp} stderr F {line.rstrip()}\n")
            else:
                time.sleep(0.2)


if __name__ == "__main__":
    main()
