"""``auto-sync-off`` and ``auto-sync-on``, which keep how auto-sync is set otherwise.

Change: ``argo-cd@v3.5.1:resource_customizations/argoproj.io/Application/actions/toggle-auto-sync``. The
official command line's ``app set --sync-policy none`` drops prune and selfHeal with it. An annotation beside
it says who switched it off and when, so that everybody's dashboard can remind of it.
"""

from __future__ import annotations

from trombone_tui.core.around import Around
from trombone_tui.core.objects.argo_cd import APPLICATION, Application, Automated
from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.objects.managing import WATCHED, auto_sync_settings
from trombone_tui.core.objects.marks import AUTO_SYNC_OFF as AUTO_SYNC_OFF_MARK
from trombone_tui.core.objects.marks import write_off
from trombone_tui.core.objects.phrases import short_revisions
from trombone_tui.core.verbs import Judge, Plan, Proof, Scene, Seen, Sight, Verb
from trombone_tui.pipeline.sync.verbs import undoing
from trombone_tui.pipeline.sync.verbs.judging import NOTHING, judging
from trombone_tui.pipeline.sync.verbs.subject import (
    Subject,
    auto_sync,
    differing,
    to_prune,
)
from trombone_tui.pipeline.sync.verbs.syncing import target

_OFF = "auto-sync is off already"
_ON = "auto-sync is on already"


async def _off(scene: Scene) -> Plan:
    subject = Subject.read(scene)
    command = f"{subject.command('set', '--sync-policy', 'none')}  # this also forgets prune and self-heal"
    if not auto_sync(subject.app):
        return Plan(before=_OFF, after=_OFF, writes=(), noop=_OFF, command=command)
    left = f"new commits on {target(subject.app)} wait, and nothing is healed, until auto-sync-on"
    goes_on = await undoing.updater(subject, "it goes on committing, which waits in git")
    return await _set(subject, False, command, (left, *goes_on))


async def _on(scene: Scene) -> Plan:
    subject = Subject.read(scene)
    command = subject.command("set", "--sync-policy", "automated")
    if auto_sync(subject.app):
        return Plan(before=_ON, after=_ON, writes=(), noop=_ON, command=command)
    warnings = (
        *_deploys(subject),
        *undoing.skipped(subject),
        *await undoing.updater(subject, "what it commits is deployed by itself again"),
    )
    return await _set(subject, True, command, warnings)


async def _set(subject: Subject, on: bool, command: str, warnings: tuple[str, ...]) -> Plan:
    meta, owners = subject.app.metadata, await undoing.owners(subject)
    sync = subject.status.sync
    word = "on" if on else "off"
    mark = None if on else write_off(subject.scene.user, subject.scene.now)
    body = {
        "metadata": {"annotations": {AUTO_SYNC_OFF_MARK: mark}},
        "spec": {"syncPolicy": {"automated": {"enabled": on}}},
    }
    return Plan(
        before=f"auto-sync {'off' if on else 'on'}{_settings(subject.app)}",
        after=f"auto-sync {word}{_settings(subject.app)}{'' if on else ', kept for auto-sync-on'}",
        writes=(subject.patch(body, f"turn auto-sync {word}"),),
        proof=Proof(
            kind=APPLICATION,
            namespace=meta.namespace,
            name=meta.name,
            waits_for=f"auto-sync to be {word}",
            judge=_judge(on),
            stays=WATCHED if owners else 0.0,
        ),
        warnings=undoing.warned((*warnings, *owners)),
        command=command,
        dangerous=on and (sync is None or sync.status != "Synced"),
    )


def _settings(app: Application) -> str:
    of = auto_sync_settings(app) or Automated()
    return f" (prune {'on' if of.prune else 'off'}, self-heal {'on' if of.self_heal else 'off'})"


def _deploys(subject: Subject) -> tuple[str, ...]:
    sync, of = subject.status.sync, auto_sync_settings(subject.app) or Automated()
    if sync is None or sync.status != "OutOfSync":
        told = sync.status if sync and sync.status else "not compared yet"
        return (f"it is {told}: the next difference is deployed at once",) if told != "Synced" else ()
    drift, gone = differing(subject.app), to_prune(subject.app)
    revision = short_revisions(sync.revisions, sync.revision)
    new = [one for one in drift if one not in gone]
    to = revision or target(subject.app)
    deploys = f"it is OutOfSync, so Argo CD deploys {to} at once{f': {undoing.several(new)}' if new else ''}"
    pruned = (
        "what is not in the source any more is deleted" if of.prune else "it does not prune, so these stay"
    )
    return (
        *((deploys,) if new or not gone else ()),
        *((f"{pruned}: {undoing.several(gone)}",) if gone else ()),
    )


def _judge(on: bool) -> Judge:
    def of(app: Application) -> Sight:
        settings = auto_sync_settings(app)
        if auto_sync(app) == on:
            return Sight(Seen.DONE, f"auto-sync is {'on' if on else 'off'}")
        if not on and settings is not None and settings.enabled is None:
            older = "the field enabled is not kept, so this Argo CD may be too old for it"
            return Sight(Seen.NOT_YET, f"auto-sync is still on; {older}")
        return NOTHING if settings is None else Sight(Seen.NOT_YET, f"auto-sync is {'off' if on else 'on'}")

    return judging(of)


def _on_already(app: Application, _: Ref, __: Around) -> str:
    return _ON if auto_sync(app) else ""


def _off_already(app: Application, _: Ref, __: Around) -> str:
    return "" if auto_sync(app) else _OFF


AUTO_SYNC_OFF = Verb(
    name="auto-sync-off",
    kind=APPLICATION,
    about="Keep Argo CD from syncing an Application by itself.",
    plan=_off,
    blocked=_off_already,
    rights=(("patch", ""),),
)
AUTO_SYNC_ON = Verb(
    name="auto-sync-on",
    kind=APPLICATION,
    about="Let Argo CD sync an Application by itself again.",
    plan=_on,
    blocked=_on_already,
    rights=(("patch", ""),),
)
