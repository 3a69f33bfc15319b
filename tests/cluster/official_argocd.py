"""The official tool: runs ``argocd`` against the lab's argocd-server."""

from __future__ import annotations

import json
import os
import subprocess

from delivery import Held
from lab.running import Lab


class Argocd:
    """The official command line, talking to the lab's argocd-server."""

    def __init__(self, lab: Lab) -> None:
        self._program = lab.bin("argocd")

    def __call__(self, *words: str) -> str:
        done = subprocess.run(
            [self._program, *words, "--server", "127.0.0.1:8085", "--plaintext", "--auth-token", "x"],
            env={**os.environ, "ARGOCD_BINARY_NAME": "argocd"},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, f"argocd {' '.join(words)}: {done.stderr.strip()}"
        return done.stdout

    def get(self, name: str) -> Held:
        """Return what ``app get`` prints as JSON."""
        found: Held = json.loads(self("app", "get", name, "-o", "json"))
        return found
