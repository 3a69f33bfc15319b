"""A push as GitHub tells of it, to the lab's event source."""

from __future__ import annotations

import hashlib
import hmac
import json
import urllib.error
import urllib.request
import uuid

from lab.parts.events import SECRET

ADDRESS = "http://127.0.0.1:12000/push"


def push(sha: str, tag: str = "", *, ref: str = "refs/heads/main", secret: bytes | None = None) -> int:
    """Tell of a push, and return the event source's status: 200, or 400 for a wrong signature.

    Args:
        sha: The commit that was pushed; the Workflow gets it as its parameter.
        tag: What the Workflow shall say it built.
        ref: The branch; the Sensor wants main.
        secret: What to sign with; None means rightly.
    """
    body, headers = signed(sha, tag, ref=ref, secret=secret)
    try:
        with urllib.request.urlopen(urllib.request.Request(ADDRESS, body, headers), timeout=5) as reply:
            return int(reply.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def signed(
    sha: str, tag: str = "", *, ref: str = "refs/heads/main", secret: bytes | None = None
) -> tuple[bytes, dict[str, str]]:
    """Return body and headers of a push; arguments as for ``push``."""
    author = {"name": "Dev", "email": "dev@lab"}
    repository = {
        "full_name": "lab/demo",
        "name": "demo",
        "owner": {"login": "lab"},
        "clone_url": "https://github.com/lab/demo.git",
    }
    told = {
        "ref": ref,
        "after": sha,
        "before": "0" * 40,
        "compare": "",
        "pusher": {"name": "dev"},
        "repository": repository,
        "head_commit": {"id": sha, "message": "fix cart rounding", "author": author},
        **({"lab_tag": tag} if tag else {}),
    }
    body = json.dumps(told).encode()
    key = SECRET.read_bytes() if secret is None else secret
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "push",
        "X-GitHub-Delivery": str(uuid.uuid4()),
        "X-Hub-Signature-256": "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest(),
    }
    return body, headers
