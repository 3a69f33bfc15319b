"""One push on its way through the whole lab, and what is known of it at each hop.

What is known beforehand, or read from the systems themselves, is the truth that the joins of the product's
own items can be compared with: commit, tag, config commit, revision, and each hop's object with its uid.
"""

from __future__ import annotations

import json
import secrets
import urllib.request
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from asking import Kubectl, pick
from lab import hook, registry
from lab.journey import next_tag
from lab.parts.demo import IMAGE, git
from lab.running import Lab

Row = dict[str, Any]
APPLICATION = ("sync", "Application", "argocd", "demo")
UPDATER = ("images", "ImageUpdater", "argocd", "demo")
ROLLOUT = ("rollout", "Rollout", "shop", "demo")
SENSOR = ("events", "Sensor", "argo-events", "github")
_CANARY = "http://127.0.0.1:9102/set?track=canary&errors={}"
_GOOD, _BAD = "0.001", "0.2"
"""Share of the canary's requests that fail."""


def canary(*, bad: bool) -> None:
    """Make the canary fail a fifth of its requests, or next to none."""
    request = urllib.request.Request(_CANARY.format(_BAD if bad else _GOOD), method="POST")
    urllib.request.urlopen(request, timeout=5).close()


@dataclass(kw_only=True)
class Hop:
    """One hop as the product showed it."""

    seconds: float
    """Since the push."""
    cluster: str
    kind: str
    namespace: str
    name: str
    uid: str
    part: str
    known: Mapping[str, object]
    """What is exact at this hop: a sha, tag, revision."""


@dataclass(kw_only=True)
class Change:
    """One push: who it is, and its hops so far."""

    sha: str = field(default_factory=lambda: secrets.token_hex(20))
    tag: str = field(default_factory=next_tag)
    config: str = ""
    """The updater's commit in the config repository."""
    before: str = field(default_factory=lambda: git("rev-parse", "main"))
    """The config repository's newest commit before that."""
    pushed: datetime = field(default_factory=lambda: datetime.now(UTC))
    hops: dict[str, Hop] = field(default_factory=dict)

    def push(self) -> int:
        """Tell the event source of the push; return its status."""
        self.pushed = datetime.now(UTC).replace(microsecond=0)
        return hook.push(self.sha, self.tag)

    def publish(self) -> None:
        """Push the image, as the build's last step would: no container code runs in the lab."""
        registry.push(IMAGE, self.tag, self.sha)

    def after_push(self, moment: str | None) -> bool:
        """Say whether a moment of a status is not before the push."""
        return moment is not None and datetime.fromisoformat(moment) >= self.pushed

    def committed(self) -> str | None:
        """Return the updater's commit, once there is one that names the tag."""
        newest = git("rev-parse", "main")
        if newest == self.before or f"to '{self.tag}'" not in git("log", "-1", "--format=%B", "main"):
            return None
        self.config = newest
        return newest

    def note(self, stage: str, row: Row, **known: object) -> None:
        """Keep a hop as it is shown."""
        identity = {key: row.get(key, "") for key in ("cluster", "kind", "namespace", "name", "uid", "part")}
        seconds = round((datetime.now(UTC) - self.pushed).total_seconds(), 1)
        self.hops[stage] = Hop(seconds=seconds, known=known, **identity)

    def keep(self, lab: Lab) -> None:
        """Leave the truth beside the lab's logs."""
        folder = lab.run / "journeys"
        folder.mkdir(exist_ok=True)
        path = folder / f"{self.tag}.json"
        path.write_text(json.dumps(asdict(self), indent=2, default=str), encoding="utf-8")


def label_of(tag: str) -> str:
    """Return the revision label of an image in the registry."""
    base = f"{registry.ADDRESS}/v2/{IMAGE}"
    accept = {"Accept": "application/vnd.oci.image.manifest.v1+json"}
    with urllib.request.urlopen(urllib.request.Request(f"{base}/manifests/{tag}", headers=accept)) as reply:
        digest = json.load(reply)["config"]["digest"]
    with urllib.request.urlopen(f"{base}/blobs/{digest}") as reply:
        labels: dict[str, str] = json.load(reply)["config"]["Labels"]
    return labels["org.opencontainers.image.revision"]


def workflows(document: Mapping[str, Any]) -> dict[str, Row]:
    """Return the demo's builds that a status shows, by name."""
    rows = document["stages"]["workflows"]["items"]
    return {row["name"]: row for row in rows if row["namespace"] == "ci" and row["kind"] == "Workflow"}


def runs(document: Mapping[str, Any], revision: int) -> list[Row]:
    """Return the metrics of the demo Rollout's analyses of one revision that a status shows."""
    rows = document["stages"]["metrics"]["items"]
    wanted = ("shop", "demo", revision)
    return [
        row for row in rows if (row["namespace"], row["fields"]["owner"], row["fields"]["revision"]) == wanted
    ]


def item(document: Mapping[str, Any], where: tuple[str, str, str, str]) -> Row:
    """Return a row that has to be there."""
    found = pick(document, *where)
    assert found is not None, f"no {where} in {document['stages'][where[0]]}"
    return found


def sha_of(kubectl: Kubectl, workflow: str) -> str:
    """Return the commit that a Workflow was told to build."""
    arguments = kubectl.get("workflow", workflow, "-n", "ci")["spec"]["arguments"]["parameters"]
    return next(one["value"] for one in arguments if one["name"] == "sha")
