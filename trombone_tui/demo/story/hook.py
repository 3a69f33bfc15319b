"""What GitHub posts to the event source: the check of its signature, and what it says of a push.

Texts are those of ``go-github@v50.2.0:github/messages.go``, in whose words the event source answers.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

PORT = 12000
ENDPOINT = "/push"
POD_LABELS = {"eventsource-name": "github"}
"""Of the pods that listen."""
SECRET = {"name": "github-hook", "key": "secret"}
"""Where the key is that deliveries are signed with."""
_COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is told of a commit that was pushed."""

    commit: str
    before: str
    title: str
    author: str
    ref: str = "refs/heads/main"
    delivery: str = ""

    @property
    def branch(self) -> str:
        """The branch, if it is one."""
        return self.ref.removeprefix("refs/heads/")


def new_key(random: Random) -> bytes:
    """Make the key of the webhook."""
    return f"{random.getrandbits(160):040x}".encode()


def check(headers: Mapping[str, str], body: bytes, key: bytes) -> dict[str, Any]:
    """Read what was posted, with the two headers that the event source puts into it.

    Raises:
        ValueError: it is not signed with the key, or no JSON object.
    """
    media = headers.get("Content-Type", "").partition(";")[0].strip()
    if media != "application/json":
        raise ValueError(f'webhook request has unsupported Content-Type "{media}"')
    signature = headers.get("X-Hub-Signature-256", "")
    if not signature:
        raise ValueError("missing signature")
    right = f"sha256={hmac.new(key, body, hashlib.sha256).hexdigest()}"
    if not hmac.compare_digest(right.encode(), signature.encode()):
        raise ValueError("payload signature check failed")
    found = json.loads(body)
    if not isinstance(found, dict):
        raise ValueError("json: cannot unmarshal into Go value of type map[string]interface {}")
    return found | {name: headers.get(name, "") for name in ("X-GitHub-Event", "X-GitHub-Delivery")}


def passes(payload: Mapping[str, Any], repository: str) -> bool:
    """Say whether a Sensor's filters let a payload pass (``blueprints.sensor_spec``)."""
    about = payload.get("repository")
    return (
        payload["X-GitHub-Event"] == "push"
        and payload.get("deleted") is False
        and payload.get("ref") == "refs/heads/main"
        and isinstance(about, dict)
        and about.get("full_name") == repository
    )


def read_told(payload: Mapping[str, Any]) -> Told | None:
    """Read which commit was pushed; None where it names none that could be built."""
    head = payload.get("head_commit")
    head = head if isinstance(head, dict) else {}
    author = head.get("author")
    commit = str(payload.get("after", ""))
    if not _COMMIT.fullmatch(commit):
        return None
    return Told(
        commit=commit,
        before=str(payload.get("before", "")),
        title=str(head.get("message", "")).partition("\n")[0],
        author=str(author.get("name", "")) if isinstance(author, dict) else "",
        ref=str(payload.get("ref", "")),
        delivery=str(payload["X-GitHub-Delivery"]),
    )
