"""The requests that a Rollout's verbs are made of.

Bodies: ``argo-rollouts@v1.9.1:pkg/kubectl-argo-rollouts/cmd``. Status goes to the subresource, and only
where that answers 404 (controllers up to 0.9) everything goes to the object itself.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

from trombone_tui.core.objects.argo_rollouts import ROLLOUT
from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.verbs import Write
from trombone_tui.core.wholes import patch

BETWEEN = 0.4
"""Seconds between lifting a pause by hand and releasing the step it stands at: what a controller needs."""


def status(
    ref: Ref,
    body: Mapping[str, Any],
    title: str,
    *,
    version: str = "",
    after: float = 0.0,
    unpause: bool = False,
) -> Write:
    """Change ``status``; with ``version`` only if the object is still the one that was read.

    ``unpause`` is what the official tool adds where status and spec go in one request.
    """
    guard = {"metadata": {"resourceVersion": version}} if version else {}
    unified = guard | ({"spec": {"paused": False}} if unpause else {}) | {"status": dict(body)}
    return patch(
        ROLLOUT,
        ref,
        guard | {"status": dict(body)},
        title,
        subresource="status",
        instead=main(ref, unified, title),
        after=after,
    )


def main(ref: Ref, body: Mapping[str, Any], title: str) -> Write:
    """Change the object itself."""
    return patch(ROLLOUT, ref, body, title)


def unpause(ref: Ref) -> Write:
    """Take back the pause by hand."""
    return main(ref, {"spec": {"paused": False}}, "take back the pause by hand")


def plugin(ref: Ref, verb: str, *more: str) -> str:
    """Write the official tool's command."""
    words = ("kubectl", "argo", "rollouts", *verb.split(), ref.name, *more, "-n", ref.namespace)
    return shlex.join(words)


def kubectl(write: Write) -> str:
    """Write the merge patch as a command of kubectl's, where the official tool has none."""
    sub = (f"--subresource={write.subresource}",) if write.subresource else ()
    body = json.dumps(write.body, separators=(",", ":"))
    place = ("patch", write.kind.resource, write.name, "-n", write.namespace)
    return shlex.join(("kubectl", *place, *sub, "--type=merge", "-p", body))
