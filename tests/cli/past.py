"""Asks an embedded cluster past the program, as somebody else would."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

import yaml
from program import WAIT


def send(kubeconfig: Path, method: str, path: str, body: Any = None) -> Any:
    """Send a request about objects of Argo, a merge patch mostly; return the answer."""
    server = yaml.safe_load(kubeconfig.read_text())["clusters"][0]["cluster"]["server"]
    request = urllib.request.Request(
        f"{server}/apis/argoproj.io/v1alpha1/namespaces/{path}",
        method=method,
        data=json.dumps(body).encode() if body is not None else None,
        headers={"Content-Type": "application/merge-patch+json"},
    )
    with urllib.request.urlopen(request, timeout=WAIT) as answer:
        return json.load(answer)
