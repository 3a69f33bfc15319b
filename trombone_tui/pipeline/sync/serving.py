"""What is live of an Application, which after an abort is not what it is Synced to."""

from __future__ import annotations

from collections.abc import Iterator

from trombone_tui.core.objects.apps import REPLICA_SET
from trombone_tui.core.objects.argo_rollouts import ROLLOUT
from trombone_tui.core.objects.basics import Health
from trombone_tui.core.objects.image_names import ImageName
from trombone_tui.core.objects.managing import rollout_keys
from trombone_tui.core.questions import Candidates
from trombone_tui.core.stage import Around, Fact
from trombone_tui.pipeline.sync.state import SyncState
from trombone_tui.pipeline.sync.workloads import Live, found, live

_MOST = 10
_ASKED = 3
"""Images whose commit is asked for at the registry."""


def serving(of: SyncState, around: Around) -> Iterator[Fact]:
    """Tell for each Rollout what serves, what was asked for, and the commit that the image names."""
    if not rollout_keys(of.application):
        return
    if not around.visible(ROLLOUT):
        yield Fact("Live", "not known: Rollouts can't be seen")
        return
    asked: set[str] = set()
    for one in (live(rollout, around) for rollout in list(found(of.application, around))[:_MOST]):
        if one is not None:
            yield from _rollout(one, around)
            asked.update(one.images)
    for image in sorted(asked)[:_ASKED]:
        yield from _commit(image, around)


def _rollout(one: Live, around: Around) -> Iterator[Fact]:
    seen = around.visible(REPLICA_SET)
    images = ", ".join(one.images) or ("not known" if seen else "not known: ReplicaSets can't be seen")
    revision = f" (revision {one.revision})" if one.revision else ""
    yield Fact(f"Live of {one.rollout}", f"{images}{revision}", None if one.same else Health.SUSPENDED)
    if one.same:
        return
    told = "aborted" if one.aborted else "on its way"
    yield Fact(f"Asked of {one.rollout}", f"{', '.join(one.asked) or 'not known'}: {told}, not live")


def _commit(image: str, around: Around) -> Iterator[Fact]:
    """Ask the registry which commit an image was built from."""
    name = ImageName.parse(image)
    if not name.tag:
        return
    answer = around.ask(Candidates(repository=name.repository, tags=(name.tag,)))
    if answer.value is None:
        if answer.trouble is not None:
            yield Fact(f"Commit of {image}", f"not known: {answer.trouble}")
        return
    told = answer.value.get(name.tag)
    yield Fact(f"Commit of {image}", (told.revision if told else "") or "not named by the image")
