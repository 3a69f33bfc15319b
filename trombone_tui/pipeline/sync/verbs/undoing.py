"""Who may undo what a verb does to an Application, and what else has to be said before it is done."""

from __future__ import annotations

from collections.abc import Iterable

from trombone_tui.core.objects.argo_cd import APPLICATION, Resource
from trombone_tui.core.objects.argo_cd_projects import (
    APP_PROJECT,
    APPLICATION_SET,
    ApplicationSet,
    AppProject,
    SetSpec,
)
from trombone_tui.core.objects.argo_rollouts import ROLLOUT
from trombone_tui.core.objects.image_updater import IMAGE_LIST, IMAGE_UPDATER, ImageUpdater
from trombone_tui.core.objects.managing import (
    automated,
    heals,
    labelled_by,
    rollout_keys,
    set_name,
    tracked_by,
)
from trombone_tui.core.objects.phrases import counted, listed, sentence
from trombone_tui.core.ports import Missing, NotInstalled, PortError
from trombone_tui.core.wholes import typed
from trombone_tui.pipeline.sync.lineage import application_named
from trombone_tui.pipeline.sync.project import project_key, windows, written
from trombone_tui.pipeline.sync.schedule import held_by, is_active
from trombone_tui.pipeline.sync.state import SKIP
from trombone_tui.pipeline.sync.verbs.subject import Subject, named

MOST = 10


def several(resources: Iterable[Resource]) -> str:
    """Count resources and name them: ``2 resources: Service a, Deployment b``."""
    names = [named(one) for one in resources]
    return f"{counted(len(names), 'resource')}: {listed(names, MOST)}"


def warned(warnings: Iterable[str]) -> tuple[str, ...]:
    """Make sentences of warnings."""
    return tuple(map(sentence, warnings))


def skipped(subject: Subject) -> tuple[str, ...]:
    """Warn of what Argo CD does not look at for now."""
    if subject.app.metadata.annotation(SKIP) != "true":
        return ()
    return ("Argo CD leaves it alone: the request waits until the annotation skip-reconcile is gone",)


def suspended(subject: Subject) -> tuple[str, ...]:
    """Warn that an Application whose Rollout waits at a pause does not become Healthy."""
    for key in rollout_keys(subject.app):
        for rollout in subject.scene.linked(ROLLOUT, key):
            if rollout.status and rollout.status.phase == "Paused":
                name = rollout.metadata.name
                return (f"Rollout {name} waits at a pause, so it stays Suspended: Healthy is not waited for",)
    health = subject.status.health
    if health and health.status == "Suspended":
        return ("it is Suspended, which a sync does not end: Healthy is not waited for",)
    return ()


async def sync_windows(subject: Subject) -> tuple[str, ...]:
    """Warn of sync windows that are closed now, or that nothing is known of."""
    _, namespace, name = project_key(subject.app)
    try:
        project = typed(await subject.scene.fetch(APP_PROJECT, namespace, name), AppProject)
    except Missing:
        return (f"there is no project {name}: Argo CD syncs nothing until there is one",)
    except PortError as error:
        return (f"the sync windows of project {name} are not known: {error}",)
    of = windows(subject.app, project)
    held = held_by(of, subject.scene.now)
    if held:
        closed = "; ".join(map(written, held))
        waits = "Argo CD holds it until they let it through, terminate-op gives it up"
        return (f"sync windows of project {name} are closed ({closed}): {waits}",)
    unknown = [one for one in of if is_active(one, subject.scene.now) is None]
    if unknown:
        told = "; ".join(map(written, unknown))
        return (f"sync windows of project {name} may hold it, they are not understood here: {told}",)
    return ()


async def owners(subject: Subject) -> tuple[str, ...]:
    """Warn of an ApplicationSet or another Application that puts changes of the spec back."""
    return (*await _set(subject), *_parent(subject))


async def _set(subject: Subject) -> tuple[str, ...]:
    name = set_name(subject.app.metadata)
    if not name:
        return ()
    namespace = subject.app.metadata.namespace
    try:
        found = typed(await subject.scene.fetch(APPLICATION_SET, namespace, name), ApplicationSet)
    except PortError as error:
        return (f"ApplicationSet {name} made it and may put this back; how it is set is not known: {error}",)
    spec = found.spec or SetSpec()
    if not spec.keeps:
        return ()
    if spec.ignore_application_differences:
        return (f"ApplicationSet {name} made it and puts this back unless it is told to ignore it",)
    return (f"ApplicationSet {name} made it and puts this back: change its template instead",)


def _parent(subject: Subject) -> tuple[str, ...]:
    meta = subject.app.metadata
    tracked = tracked_by(APPLICATION, meta)
    name = tracked or labelled_by(APPLICATION, meta)
    found = application_named(name, meta.namespace, subject.scene) if name else None
    if found is None:
        return (
            (f"Application {tracked} may put this back when it syncs; it can't be seen",) if tracked else ()
        )
    if heals(found):
        when = "heals itself, so it puts this back at once"
    elif automated(found) is not None:
        when = "syncs by itself, so it puts this back with the next commit"
    else:
        when = "puts this back when somebody syncs it"
    return (f"Application {name} {when} where git says otherwise: change it in git",)


async def updater(subject: Subject, does: str) -> tuple[str, ...]:
    """Warn of the Image Updater where it looks after the Application; ``does`` is what comes of that."""
    meta = subject.app.metadata
    if meta.annotation(IMAGE_LIST):
        return (f"the Image Updater looks after its images: {does}",)
    try:
        found = await subject.scene.list(IMAGE_UPDATER, meta.namespace)
        updaters = [typed(one, ImageUpdater) for one in found]
    except NotInstalled:
        return ()
    except PortError as error:
        return (f"whether an Image Updater looks after it is not known: {error}",)
    for one in updaters:
        if any(ref.fits(meta) for ref in one.application_refs if not ref.annotated):
            return (f"ImageUpdater {one.metadata.name} looks after its images: {does}",)
    return ()
