"""The lab's registry: empty images with a revision label, as a build would push them."""

from __future__ import annotations

import hashlib
import json
import urllib.error
import urllib.request
from datetime import UTC, datetime

ADDRESS = "http://127.0.0.1:5000"


def push(name: str, tag: str, revision: str = "", *, created: datetime | None = None) -> None:
    """Push an empty image, built now or then, whose OCI labels name its version and its commit."""
    labels = {"org.opencontainers.image.revision": revision, "org.opencontainers.image.version": tag}
    config = {
        "architecture": "amd64",
        "os": "linux",
        "created": (created or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "config": {"Labels": labels},
        "rootfs": {"type": "layers", "diff_ids": []},
    }
    kind = "application/vnd.oci.image"
    manifest = {
        "schemaVersion": 2,
        "mediaType": f"{kind}.manifest.v1+json",
        "config": {"mediaType": f"{kind}.config.v1+json", **_blob(name, json.dumps(config).encode())},
        "layers": [{"mediaType": f"{kind}.layer.v1.tar", **_blob(name, bytes(1024))}],
    }
    place = f"{ADDRESS}/v2/{name}/manifests/{tag}"
    _call("PUT", place, json.dumps(manifest).encode(), f"{kind}.manifest.v1+json")


def tags(name: str) -> list[str]:
    """Return the tags of an image; none when there is no such image."""
    try:
        with urllib.request.urlopen(f"{ADDRESS}/v2/{name}/tags/list", timeout=10) as reply:
            return json.load(reply)["tags"] or []
    except urllib.error.HTTPError as error:
        error.close()
        return []


def _blob(name: str, data: bytes) -> dict[str, str | int]:
    digest = "sha256:" + hashlib.sha256(data).hexdigest()
    place = _call("POST", f"{ADDRESS}/v2/{name}/blobs/uploads/")
    _call("PUT", f"{place}{'&' if '?' in place else '?'}digest={digest}", data)
    return {"size": len(data), "digest": digest}


def _call(method: str, url: str, data: bytes = b"", kind: str = "application/octet-stream") -> str:
    request = urllib.request.Request(url, data, {"Content-Type": kind}, method=method)
    with urllib.request.urlopen(request, timeout=10) as reply:
        return str(reply.headers.get("Location", ""))
