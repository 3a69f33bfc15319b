"""The operation that runs or ran last: who asked, how it went, what it did with each resource."""

from __future__ import annotations

from collections.abc import Iterator

from trombone_tui.core.objects.argo_cd import ResourceResult, Retry
from trombone_tui.core.objects.basics import Health
from trombone_tui.core.objects.durations import spoken
from trombone_tui.core.objects.phrases import counted, listed, object_name
from trombone_tui.core.stage import Around, Branch, Fact
from trombone_tui.pipeline.sync.state import SyncState

PHASES = {
    "Succeeded": Health.HEALTHY,
    "Running": Health.PROGRESSING,
    "Terminating": Health.PROGRESSING,
    "Failed": Health.DEGRADED,
    "Error": Health.DEGRADED,
}
_MOST = 40
_FEW = 5
"""So many resources without trouble are shown open."""


def operation_facts(of: SyncState, around: Around) -> Iterator[Fact]:
    """Tell how the operation stands; also one that is asked for and has not begun."""
    waiting = of.application.operation
    if waiting is not None and of.operation.phase not in ("Running", "Terminating"):
        who = (waiting.initiated_by.who if waiting.initiated_by else None) or "somebody"
        yield Fact("Asked for", f"a sync by {who}, not begun", Health.PROGRESSING)
    state = of.operation
    if state.phase is None:
        return
    asked = state.operation
    sync = asked.sync if asked else None
    yield Fact("Phase", state.phase, PHASES.get(state.phase))
    yield Fact("Message", state.message)
    yield Fact("Synced to" if state.phase == "Succeeded" else "Of revision", of.synced_to)
    yield Fact("Started by", asked.initiated_by.who if asked and asked.initiated_by else None)
    for info in (asked.info if asked else None) or ():
        yield Fact(info.name or "Info", info.value)
    yield Fact("Started", state.started_at)
    yield Fact("Finished", state.finished_at)
    end = state.finished_at or around.now
    if state.started_at is not None and end >= state.started_at:
        yield Fact("Took" if state.finished_at else "Takes", spoken(end - state.started_at))
    yield from _retries(of)
    if sync is not None:
        options = [*(sync.sync_options or ()), *(["prune"] if sync.prune else ())]
        yield Fact("Options", ", ".join(options) or "none")
        if sync.dry_run:
            yield Fact("Dry run", "nothing is applied")
        if sync.resources:
            yield Fact("Only", listed([object_name(one.kind, one.name) for one in sync.resources], _FEW))
        if sync.auto_heal_attempts_count:
            yield Fact("Self-heal attempts", sync.auto_heal_attempts_count)


def _retries(of: SyncState) -> Iterator[Fact]:
    state = of.operation
    retry = (state.operation.retry if state.operation else None) or Retry()
    if state.retry_count:
        limit = "?" if retry.limit is None else "any number" if retry.limit < 0 else retry.limit
        yield Fact("Retries", f"{state.retry_count} of {limit}")
    if state.next_attempt is not None:
        yield Fact("Next attempt", state.next_attempt)
        yield Fact("Waits", back_off(retry))


def back_off(retry: Retry) -> str:
    """Say how long is waited between attempts, with Argo CD's defaults where nothing is written."""
    backoff = retry.backoff
    first = (backoff.duration if backoff else None) or "5s"
    longest = (backoff.max_duration if backoff else None) or "3m"
    factor = backoff.factor if backoff and backoff.factor is not None else 2
    return f"{first}, then {factor} times as long each time, at most {longest}"


def results(of: SyncState, whole: bool) -> Iterator[Branch]:
    """Yield what the operation did with each resource: what failed first, then hooks, then the rest.

    Args:
        of: How the Application stands.
        whole: Whether what went without trouble is known, too.
    """
    every = (of.operation.sync_result.resources if of.operation.sync_result else None) or []
    failed = [one for one in every if one.failed]
    hooks = [one for one in every if not one.failed and one.hook_type]
    rest = [one for one in every if not one.failed and not one.hook_type]
    for one in (*failed, *hooks)[:_MOST]:
        yield _result(one)
    if len(failed) + len(hooks) > _MOST:
        yield Branch(text=f"{len(failed) + len(hooks) - _MOST} more that failed, or hooks")
    if rest:
        shown = tuple(_result(one) for one in rest[:_MOST])
        more = (Branch(text=f"{len(rest) - _MOST} more"),) if len(rest) > _MOST else ()
        yield Branch(
            text=f"{counted(len(rest), 'resource')} without trouble",
            branches=shown + more,
            folded=len(rest) > _FEW,
        )
    elif every and not whole:
        yield Branch(text="what went without trouble is being read")


def _result(one: ResourceResult) -> Branch:
    hook = f"{one.hook_type} hook " if one.hook_type else ""
    place = f"{one.namespace}/{one.name}" if one.namespace else one.name
    said = one.hook_phase if one.hook_type else one.status
    note = ": ".join(part for part in (said, one.message) if part)
    return Branch(text=f"{hook}{object_name(one.kind, place)}", note=note, health=_health(one))


def _health(one: ResourceResult) -> Health | None:
    if one.failed:
        return Health.DEGRADED
    if one.hook_type:
        return PHASES.get(one.hook_phase or "")
    return {"Synced": Health.HEALTHY, "Pruned": Health.HEALTHY, "PruneSkipped": Health.SUSPENDED}.get(
        one.status or ""
    )
