"""``refresh``: have Argo CD compare an Application with its source now.

The annotation is taken away by the controller: ``argo-cd@v3.5.1:util/argo/argo.go`` (RefreshApp).
"""

from __future__ import annotations

from trombone_tui.core.around import Around
from trombone_tui.core.objects.argo_cd import APPLICATION, Application
from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.objects.durations import stamp
from trombone_tui.core.verbs import Judge, Option, Plan, Proof, Scene, Seen, Sight, Verb, Write
from trombone_tui.pipeline.sync.policy import REFRESH
from trombone_tui.pipeline.sync.verbs.judging import NOTHING, judging, left_alone
from trombone_tui.pipeline.sync.verbs.subject import Subject
from trombone_tui.pipeline.sync.verbs.undoing import skipped, warned


def _annotate(subject: Subject, how: str, title: str) -> Write:
    return subject.patch({"metadata": {"annotations": {REFRESH: how}}}, title)


def touch(subject: Subject) -> Write:
    """Make the harmless change that has the controller look at an Application again."""
    return _annotate(subject, "normal", "have Argo CD look at it again")


async def _plan(scene: Scene) -> Plan:
    subject = Subject.read(scene)
    meta, at = subject.app.metadata, subject.status.reconciled_at
    how = "hard" if scene.given.get("hard") else "normal"
    before = f"compared {stamp(at)}" if at else "not compared yet"
    after = "compared anew" + (", with manifests made anew" if how == "hard" else "")
    command = subject.command("get", "--hard-refresh" if how == "hard" else "--refresh")
    if meta.annotation(REFRESH) == how:
        noop = f"it is asked for already, and Argo CD has not taken it up{left_alone(subject.app)}"
        return Plan(before=before, after=after, writes=(), noop=noop, command=command)
    return Plan(
        before=before,
        after=after,
        writes=(_annotate(subject, how, "ask Argo CD to compare it"),),
        proof=Proof(
            kind=APPLICATION,
            namespace=meta.namespace,
            name=meta.name,
            waits_for="the annotation to be gone and a newer comparison",
            judge=_judge(subject),
        ),
        warnings=warned(skipped(subject)),
        command=command,
    )


def _judge(subject: Subject) -> Judge:
    before = subject.status.reconciled_at

    def of(app: Application) -> Sight:
        if app.metadata.annotation(REFRESH):
            return Sight(Seen.REQUESTED, f"asked for, not compared yet{left_alone(app)}")
        at = app.status.reconciled_at if app.status else None
        if at is None or (before is not None and at <= before):
            return NOTHING
        sync = app.status.sync.status if app.status and app.status.sync else None
        return Sight(Seen.DONE, f"compared {stamp(at)}: {sync or 'no result told'}")

    return judging(of)


def _blocked(_: Application, __: Ref, ___: Around) -> str:
    return ""


REFRESHED = Verb(
    name="refresh",
    kind=APPLICATION,
    about="Have Argo CD compare an Application with its source now.",
    plan=_plan,
    blocked=_blocked,
    rights=(("patch", ""),),
    options=(Option(name="hard", about="make the manifests anew instead of taking them from the cache"),),
    harmless=True,
)
