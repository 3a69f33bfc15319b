"""What stands beside the steps of a Workflow: locks, outputs, arguments, and how it is run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from trombone_tui.core.objects.phrases import shortened
from trombone_tui.core.objects.raw import mapping
from trombone_tui.core.objects.workflow_tree import Artifact, Gave, Given, RunSpec, RunStatus, WholeWorkflow
from trombone_tui.core.stage import Detail, Fact, Facts
from trombone_tui.core.text import duration
from trombone_tui.pipeline.workflows.locks import lock_facts

_MOST = 30
"""Parameters and artifacts that are listed of each."""
_LONGEST = 200
_PREFIX = "workflows.argoproj.io/"


def circumstances(whole: WholeWorkflow) -> Iterator[Detail]:
    """Tell what it locks, was given and gave out, and how it is run."""
    status = whole.status or RunStatus()
    outputs, spec = status.outputs, whole.spec or RunSpec()
    sections = (
        ("Locks", lock_facts(status.synchronization)),
        ("Outputs", (*_parameters(outputs.parameters if outputs else None), *_artifacts(whole))),
        ("Arguments", _parameters((spec.arguments or whole.ran.arguments or _NOTHING).parameters)),
        ("How it is run", tuple(_manner(whole, status))),
    )
    yield from (Facts(title, facts) for title, facts in sections if facts)


_NOTHING = Gave()


def _parameters(given: Sequence[Given] | None) -> tuple[Fact, ...]:
    """List parameters; image, tag and digest first."""
    ordered = sorted((given or ())[:_MOST], key=lambda one: not (one.name or "").startswith("image"))
    return tuple(
        Fact(one.name or "?", shortened(str(one.value), _LONGEST) if one.value is not None else None)
        for one in ordered
    )


def _artifacts(whole: WholeWorkflow) -> tuple[Fact, ...]:
    outputs = whole.status.outputs if whole.status else None
    found = ((outputs.artifacts if outputs else None) or ())[:_MOST]
    return tuple(
        Fact(f"artifact {one.name or '?'}", place(one, whole) or "it is not said where") for one in found
    )


def place(artifact: Artifact, whole: WholeWorkflow) -> str:
    """Say where an artifact lies: ``s3 logs/ci/build-1/main.log``; empty where that is not written down.

    The controller leaves out of the node what stands in the repository's own settings.
    """
    ref = whole.status.artifact_repository_ref if whole.status else None
    settings = (ref.artifact_repository if ref else None) or {}
    for kind, keys in _STORES.items():
        said = getattr(artifact, kind)
        if isinstance(said, dict):
            joined = mapping(settings, kind) | said
            parts = [str(joined[key]).strip("/") for key in keys if joined.get(key)]
            gone = ", deleted since" if artifact.deleted else ""
            return shortened(f"{kind} {'/'.join(parts)}", _LONGEST) + gone
    return ""


_STORES = {
    "s3": ("bucket", "key"),
    "gcs": ("bucket", "key"),
    "oss": ("bucket", "key"),
    "azure": ("container", "blob"),
    "hdfs": ("path",),
    "http": ("url",),
    "artifactory": ("url",),
}


def _manner(whole: WholeWorkflow, status: RunStatus) -> Iterator[Fact]:
    """Tell who it runs as, what ends it, and what becomes of it and its logs."""
    spec, own = whole.ran, whole.spec or RunSpec()
    account = own.service_account_name or spec.service_account_name
    yield Fact("service account", account or "not named, so the controller's choice, else default")
    label = whole.metadata.label
    told_of: Mapping[str, Any] = {
        "created by": label(f"{_PREFIX}creator") or None,
        "last acted on": _acted(whole),
        "archived": label(f"{_PREFIX}workflow-archiving-status") or None,
        "entrypoint": own.entrypoint or spec.entrypoint,
        "exit handler": own.on_exit or spec.on_exit,
        "told to": own.shutdown,
        "suspended as a whole": own.suspend or None,
        "deadline": _seconds(own.active_deadline_seconds or spec.active_deadline_seconds),
        "at most at once": own.parallelism or spec.parallelism,
        "priority": own.priority or spec.priority,
        "expected by the controller": _seconds(status.estimated_duration),
        "deleted": _ttl(own if own.ttl_strategy else spec),
        "pods deleted": _pod_gc(own if own.pod_gc else spec),
        "logs archived": _archived(own.archive_logs if own.archive_logs is not None else spec.archive_logs),
        "resources": _resources(status.resources_duration),
    }
    yield from (Fact(name, value) for name, value in told_of.items() if value is not None)


def _acted(whole: WholeWorkflow) -> str | None:
    """Say what somebody did to it last, where a tool wrote that down: ``Stop, by alice``."""
    action, actor = (whole.metadata.label(f"{_PREFIX}{key}") for key in ("action", "actor"))
    return ", by ".join(part for part in (action, actor) if part) or None


def _seconds(value: object) -> str | None:
    known = isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**10
    return duration(float(str(value))) if known else None


def _ttl(spec: RunSpec) -> str | None:
    ttl = spec.ttl_strategy
    if ttl is None:
        return None
    named = (
        ("after its end", ttl.seconds_after_completion),
        ("after success", ttl.seconds_after_success),
        ("after failure", ttl.seconds_after_failure),
    )
    return (
        ", ".join(f"{duration(max(seconds, 0))} {when}" for when, seconds in named if seconds is not None)
        or None
    )


def _pod_gc(spec: RunSpec) -> str | None:
    collected = spec.pod_gc
    if collected is None or not collected.strategy:
        return None
    later = f", {collected.delete_delay_duration} later" if collected.delete_delay_duration else ""
    return shortened(f"{collected.strategy}{later}", _LONGEST)


def _archived(archive: bool | None) -> str | None:
    return None if archive is None else ("yes" if archive else "no")


def _resources(used: Mapping[str, Any] | None) -> str | None:
    """Write ``resourcesDuration`` as ``argo get`` does: seconds of one cpu, of 100 MiB of memory."""
    known = [(name, value) for name, value in (used or {}).items() if isinstance(value, int) and value > 0]
    return ", ".join(f"{shortened(name, 30)} {value} s" for name, value in known[:6]) or None
