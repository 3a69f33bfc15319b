"""A push as GitHub tells of it: what was asked for, the body, the headers that prove who sent it.

Fields: ``go-github@v50.2.0:github/event_types.go`` (PushEvent).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from trombone_tui.core.objects.durations import rfc3339
from trombone_tui.core.objects.phrases import short_revision
from trombone_tui.core.objects.raw import merged
from trombone_tui.core.ports import Refused
from trombone_tui.core.verbs import Given

SIGNATURE, DELIVERY, TOKEN = "X-Hub-Signature-256", "X-GitHub-Delivery", "Authorization"
_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
_REF = re.compile(r"[^\s~^:?*\[\\\x00-\x20\x7f]+")
_WHO = "trombone-tui"


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """What shall have been pushed."""

    sha: str
    ref: str
    """``refs/heads/main``."""
    repository: str
    """``owner/name``; empty where none is known and none is needed."""
    message: str
    more: Mapping[str, Any]
    """What is put over the body."""

    @property
    def words(self) -> str:
        """Name it: ``3f2a9c1 to main of acme/shop``."""
        of = f" of {self.repository}" if self.repository else ""
        return f"{short_revision(self.sha)} to {self.ref.removeprefix('refs/heads/')}{of}"


def read_push(given: Given, repositories: Sequence[str], *, needs_repository: bool) -> Push:
    """Read the options.

    Raises:
        Refused: one is not what it should be.
    """
    sha = str(given.get("sha") or "").strip().lower()
    if not _SHA.fullmatch(sha):
        raise Refused(
            f"--sha is all 40 digits of a commit, and {sha or 'nothing'} is not",
            advice="git rev-parse HEAD writes them",
        )
    branch = str(given.get("branch") or "main")
    if not _REF.fullmatch(branch):
        raise Refused(f"--branch can't be {branch}")
    repository = str(given.get("repository") or next(iter(repositories), ""))
    if repository and not _REPOSITORY.fullmatch(repository):
        raise Refused(f"--repository is OWNER/NAME, and {repository} is not")
    if not repository and needs_repository:
        raise Refused("the event names no repository", advice="say which one: --repository OWNER/NAME")
    return Push(
        sha=sha,
        ref=branch if branch.startswith("refs/") else f"refs/heads/{branch}",
        repository=repository,
        message=str(given.get("message") or f"Synthetic push of {sha[:7]} by {_WHO}"),
        more=_object(str(given.get("payload") or "{}")),
    )


def _object(written: str) -> Mapping[str, Any]:
    try:
        found = json.loads(written, parse_constant=_no_number)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Refused("--payload is a JSON object, and what was given is none")
    return found


def _no_number(word: str) -> float:
    raise ValueError(word)


def payload(push: Push, base_url: str, now: datetime) -> dict[str, Any]:
    """Make the body.

    Args:
        push: What was pushed.
        base_url: The API of the GitHub in question; empty for the one that everybody means.
        now: When.
    """
    who = {"name": _WHO, "email": f"{_WHO}@localhost"}
    place = f"{_web(base_url)}/{push.repository}"
    url = f"{place}/commit/{push.sha}" if push.repository else ""
    author = {**who, "username": _WHO}
    commit = {
        "id": push.sha,
        "distinct": True,
        "message": push.message,
        "timestamp": rfc3339(now),
        "url": url,
        "author": author,
        "committer": author,
        "added": [],
        "removed": [],
        "modified": [],
    }
    body = {
        "ref": push.ref,
        "before": "0" * len(push.sha),
        "after": push.sha,
        "created": False,
        "deleted": False,
        "forced": False,
        "base_ref": None,
        "compare": url,
        "commits": [commit],
        "head_commit": commit,
        **({"repository": _repository(push.repository, place)} if push.repository else {}),
        "pusher": who,
        "sender": {"login": _WHO, "type": "User"},
    }
    made: dict[str, Any] = merged(body, push.more)
    return made


def _web(base_url: str) -> str:
    """Return where people see what an API is about: GitHub's own, or an enterprise's."""
    try:
        parts = urlsplit(base_url)
        host = parts.hostname or ""
    except ValueError:
        host = ""
    return f"https://{host}" if host and host != "api.github.com" else "https://github.com"


def _repository(full_name: str, place: str) -> dict[str, Any]:
    owner, _, name = full_name.partition("/")
    host = place.removeprefix("https://").removesuffix(f"/{full_name}")
    return {
        "name": name,
        "full_name": full_name,
        "owner": {"login": owner, "name": owner},
        "html_url": place,
        "url": place,
        "clone_url": f"{place}.git",
        "git_url": f"git://{host}/{full_name}.git",
        "ssh_url": f"git@{host}:{full_name}.git",
    }


def written(body: Mapping[str, Any]) -> bytes:
    """Return the very bytes that are signed and sent."""
    return json.dumps(body, separators=(",", ":")).encode()


def headers(kind: str, delivery: str, sent: bytes, key: bytes, token: str) -> dict[str, str]:
    """Return a push's headers.

    Args:
        kind: The event's type; only ``github`` wants to know of events and deliveries.
        delivery: What this delivery is called.
        sent: The body.
        key: What it is signed with; empty for no signature.
        token: What the caller shows; empty for none.
    """
    made = {"Content-Type": "application/json"}
    if kind == "github":
        made |= {"X-GitHub-Event": "push", DELIVERY: delivery}
    if key:
        made[SIGNATURE] = "sha256=" + hmac.new(key, sent, hashlib.sha256).hexdigest()
    if token:
        made[TOKEN] = f"Bearer {token}"
    return made
