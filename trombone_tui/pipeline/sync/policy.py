"""When an Application is compared and synced by itself, and what it was synced to before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from trombone_tui.core.objects.durations import hour, later, spoken, stamp
from trombone_tui.core.objects.phrases import counted, short_revisions
from trombone_tui.core.stage import Around, Fact
from trombone_tui.pipeline.sync.operation import back_off
from trombone_tui.pipeline.sync.state import SyncState

REFRESH = "argocd.argoproj.io/refresh"
_INTERVAL = timedelta(seconds=120)
_JITTER = timedelta(seconds=60)
"""Argo CD's defaults for ``timeout.reconciliation`` and its jitter (``argo-cd@v3.5.1``)."""
_SHOWN = 40
_RULES = 10


def policy(of: SyncState) -> Iterator[Fact]:
    """Tell what Argo CD does by itself, and how often it tries."""
    automated, written = of.automated, of.spec.sync_policy
    paused = written is not None and written.automated is not None and not of.auto_sync
    yield Fact("Auto-sync", "off; its settings are kept for auto-sync on" if paused else _on(of.auto_sync))
    yield Fact("Self-heal", _on(bool(automated.self_heal)))
    yield Fact("Prune", _on(bool(automated.prune)))
    yield Fact("Allow empty", _on(bool(automated.allow_empty)))
    retry = written.retry if written else None
    if retry is not None:
        limit = retry.limit or 0
        times = "without end" if limit < 0 else counted(limit, "time") if limit else "never"
        yield Fact("Retries", f"{times}; waits {back_off(retry)}" if limit else times)
    elif of.auto_sync:
        yield Fact("Retries", "5 times after auto-sync, never after a sync by hand (Argo CD's own)")
    if written and written.sync_options:
        yield Fact("Options", ", ".join(written.sync_options))
    for rule in (of.spec.ignore_differences or ())[:_RULES]:
        hidden = [*(rule.json_pointers or ()), *(rule.jq_path_expressions or ())]
        hidden += [f"what {one} manages" for one in rule.managed_fields_managers or ()]
        yield Fact(f"Not compared in {rule.kind or 'all kinds'}", ", ".join(hidden) or None)


def _on(on: bool) -> str:
    return "on" if on else "off"


def comparing(of: SyncState, around: Around) -> Iterator[Fact]:
    """Tell when it was compared with its source, and when the next time is expected."""
    at = of.status.reconciled_at
    yield Fact("Compared", at)
    asked = of.application.metadata.annotation(REFRESH)
    if asked:
        yield Fact("Refresh", f"asked for ({asked}), not taken up yet")
    soonest, latest = later(at, _INTERVAL), later(at, _INTERVAL + _JITTER)
    if soonest is None or latest is None:
        return
    if latest < around.now:
        told = f"was due by {stamp(latest)}, by Argo CD's default interval; refresh asks for it"
    else:
        told = (
            f"between {hour(soonest, around.now)} and {hour(latest, around.now)}: an estimate, by Argo CD's "
            "default interval; a push that it hears of comes sooner"
        )
    yield Fact("Next comparison", told)


def history(of: SyncState) -> Iterator[Fact]:
    """Tell what was deployed, the newest first, and what a rollback without a number goes to."""
    entries = list(reversed(of.status.history or ()))
    for place, entry in enumerate(entries[:_SHOWN]):
        revisions = short_revisions(entry.revisions, entry.revision) or "?"
        at = stamp(entry.deployed_at) if entry.deployed_at else "?"
        took = ""
        if entry.deployed_at and entry.deploy_started_at and entry.deployed_at >= entry.deploy_started_at:
            took = f", took {spoken(entry.deployed_at - entry.deploy_started_at)}"
        who = entry.initiated_by.who if entry.initiated_by else None
        back = "; rollback goes here" if place == 1 else ""
        text = f"{revisions} {at}{took}{f' by {who}' if who else ''}{back}"
        yield Fact(f"Sync {'?' if entry.id is None else entry.id}", text)
    if len(entries) > _SHOWN:
        yield Fact("Earlier", len(entries) - _SHOWN)
