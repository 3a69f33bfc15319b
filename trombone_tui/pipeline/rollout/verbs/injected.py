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
from trombone_tui.core.verbs import Whole

EPHEMERAL = "rollout.argoproj.io/ephemeral-metadata"
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


def clean(replica_set: Whole) -> tuple[dict[str, Any], tuple[str, ...]] | None:
    """Return a ReplicaSet's template as it was asked for, and what was taken out; None without one.

    The hash label is in every one, and is not told.
    """
    spec = replica_set.get("spec")
    found = spec.get("template") if isinstance(spec, dict) else None
    if not isinstance(found, dict) or not isinstance(found.get("spec"), dict):
        return None
    template: dict[str, Any] = copy.deepcopy(found)
    taken = _keys(template, replica_set)
    _drop(template, "labels", HASH_LABEL)
    if _anti_affinity(template["spec"]):
        taken += ("the anti-affinity to the other version",)
    return template, taken


def _keys(template: dict[str, Any], replica_set: Whole) -> tuple[str, ...]:
    meta = replica_set.get("metadata")
    annotations = meta.get("annotations") if isinstance(meta, dict) else None
    written = annotations.get(EPHEMERAL) if isinstance(annotations, dict) else None
    try:
        given = json.loads(written) if isinstance(written, str) else None
    except ValueError:
        given = None
    taken: list[str] = []
    for part in ("labels", "annotations"):
        keys = given.get(part) if isinstance(given, dict) else None
        named = keys if isinstance(keys, dict) else {}
        taken += [f"{part.removesuffix('s')} {key}" for key in named if _drop(template, part, key)]
    return tuple(taken)


def _drop(template: dict[str, Any], part: str, key: str) -> bool:
    meta = template.get("metadata")
    if not isinstance(meta, dict):
        return False
    pairs = meta.get(part)
    if not isinstance(pairs, dict) or key not in pairs:
        return False
    del pairs[key]
    if not pairs:
        del meta[part]
    return True


def _anti_affinity(pod: dict[str, Any]) -> bool:
    """Take out the terms that name a hash; what is left empty by that goes with them."""
    affinity = pod.get("affinity")
    if not isinstance(affinity, dict):
        return False
    anti = affinity.get("podAntiAffinity")
    if not isinstance(anti, dict):
        return False
    taken = False
    for part in (_REQUIRED, _PREFERRED):
        terms = anti.get(part)
        if not isinstance(terms, list):
            continue
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
    selector = inner.get("labelSelector") if isinstance(inner, dict) else None
    found = selector.get("matchExpressions") if isinstance(selector, dict) else None
    return isinstance(found, list) and any(
        isinstance(one, dict) and one.get("key") == HASH_LABEL and one.get("operator") == "In"
        for one in found
    )
