"""Takes out of a ReplicaSet's template what the controller put there.

The official ``undo`` writes it all into the Rollout: going back to the stable revision in mid-update then
makes a new hash, and a whole canary of the old version, instead of skipping the steps.
Keys: ``argo-rollouts@v1.9.1:utils/annotations/annotations.go`` and ``utils/replicaset/replicaset.go``.
"""

from __future__ import annotations

import copy
import json
from typing import Any

from trombone_tui.core.objects.argo_rollouts import HASH_LABEL
from trombone_tui.core.objects.raw import at, listing, mapping, text
from trombone_tui.core.verbs import Whole

EPHEMERAL = "rollout.argoproj.io/ephemeral-metadata"
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


def clean(replica_set: Whole) -> tuple[dict[str, Any], tuple[str, ...]] | None:
    """Return a ReplicaSet's template as it was asked for, and what was taken out; None without one.

    The hash label is in every one, and is not told.
    """
    found = mapping(replica_set, "spec", "template")
    if not isinstance(found.get("spec"), dict):
        return None
    template: dict[str, Any] = copy.deepcopy(found)
    taken = _keys(template, replica_set)
    _drop(template, "labels", HASH_LABEL)
    if _anti_affinity(template["spec"]):
        taken += ("the anti-affinity to the other version",)
    return template, taken


def _keys(template: dict[str, Any], replica_set: Whole) -> tuple[str, ...]:
    written = text(replica_set, "metadata", "annotations", EPHEMERAL)
    try:
        given = json.loads(written) if written else None
    except ValueError:
        given = None
    taken: list[str] = []
    for part in ("labels", "annotations"):
        taken += [
            f"{part.removesuffix('s')} {key}" for key in mapping(given, part) if _drop(template, part, key)
        ]
    return tuple(taken)


def _drop(template: dict[str, Any], part: str, key: str) -> bool:
    pairs = mapping(template, "metadata", part)
    if key not in pairs:
        return False
    del pairs[key]
    if not pairs:
        del template["metadata"][part]
    return True


def _anti_affinity(pod: dict[str, Any]) -> bool:
    """Take out the terms that name a hash; what is left empty by that goes with them."""
    affinity, anti = mapping(pod, "affinity"), mapping(pod, "affinity", "podAntiAffinity")
    taken = False
    for part in (_REQUIRED, _PREFERRED):
        terms = listing(anti, part)
        kept = [term for term in terms if not _by_hash(term)]
        taken = taken or len(kept) < len(terms)
        if kept:
            anti[part] = kept
        elif terms:
            del anti[part]
    if taken and not anti:
        del affinity["podAntiAffinity"]
    if taken and not affinity:
        del pod["affinity"]
    return taken


def _by_hash(term: object) -> bool:
    inner = term.get("podAffinityTerm", term) if isinstance(term, dict) else None
    found = listing(inner, "labelSelector", "matchExpressions")
    return any(at(one, "key") == HASH_LABEL and at(one, "operator") == "In" for one in found)
