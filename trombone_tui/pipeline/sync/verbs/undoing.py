"""Who may undo what a verb does to an Application, and what else has to be said before it is done."""

from __future__ import annotations

from collections.abc import Iterable

from trombone_tui.core.objects.argo_cd import APPLICATION, Application, Resource
from trombone_tui.core.objects.argo_cd_projects import (
    APP_PROJECT,
    APPLICATION_SET,
    ApplicationSet,
    AppProject,
    SetSpec,
)
from trombone_tui.core.objects.argo_rollouts import ROLLOUT
from trombone_tui.core.objects.globs import Glob
from trombone_tui.core.objects.image_updater import IMAGE_UPDATER, ApplicationRef, ImageUpdater
from trombone_tui.core.objects.phrases import counted, listed, sentence
from trombone_tui.core.ports import Missing, NotInstalled, PortError
from trombone_tui.pipeline.sync.lineage import INSTANCE, parent_name, set_name
from trombone_tui.pipeline.sync.project import project_key, windows, written
from trombone_tui.pipeline.sync.schedule import held_by, is_active
from trombone_tui.pipeline.sync.state import SKIP
from trombone_tui.pipeline.sync.verbs.subject import Subject, auto_sync, automated, named, typed
from trombone_tui.pipeline.sync.workloads import rollouts

MOST = 10
_IMAGES = "argocd-image-updater.argoproj.io/image-list"


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
    for key in rollouts(subject.app):
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
    name = set_name(subject.app)
    if not name:
        return ()
    namespace = subject.app.metadata.namespace
    try:
        found = typed(await subject.scene.fetch(APPLICATION_SET, namespace, name), ApplicationSet)
    except PortError as error:
        return (f"ApplicationSet {name} made it and may put this back; how it is set is not known: {error}",)
    spec = found.spec or SetSpec()
    policy = spec.sync_policy.applications_sync if spec.sync_policy else None
    if policy in ("create-only", "create-delete"):
        return ()
    if spec.ignore_application_differences:
        return (f"ApplicationSet {name} made it and puts this back unless it is told to ignore it",)
    return (f"ApplicationSet {name} made it and puts this back: change its template instead",)


def _parent(subject: Subject) -> tuple[str, ...]:
    meta = subject.app.metadata
    tracked, label = parent_name(subject.app), meta.label(INSTANCE)
    name = tracked or (label if label != meta.name else "")
    found = _application(subject, name) if name else None
    if found is None:
        return (
            (f"Application {tracked} may put this back when it syncs; it can't be seen",) if tracked else ()
        )
    settings = automated(found)
    if auto_sync(found) and settings is not None and settings.self_heal:
        when = "heals itself, so it puts this back at once"
    elif auto_sync(found):
        when = "syncs by itself, so it puts this back with the next commit"
    else:
        when = "puts this back when somebody syncs it"
    return (f"Application {name} {when} where git says otherwise: change it in git",)


def _application(subject: Subject, name: str) -> Application | None:
    """Find an Application by the name in a tracking id, ``<namespace>_<name>`` where it is elsewhere."""
    elsewhere, _, short = name.rpartition("_")
    for namespace, called in ((subject.app.metadata.namespace, name), (elsewhere, short)):
        for one in subject.scene.linked(APPLICATION, ("Application", namespace, called)):
            return one  # type: ignore[no-any-return]
    return None


async def updater(subject: Subject, does: str) -> tuple[str, ...]:
    """Warn of the Image Updater where it looks after the Application; ``does`` is what comes of that."""
    meta = subject.app.metadata
    if meta.annotation(_IMAGES):
        return (f"the Image Updater looks after its images: {does}",)
    try:
        found = await subject.scene.list(IMAGE_UPDATER, meta.namespace)
        updaters = [typed(one, ImageUpdater) for one in found]
    except NotInstalled:
        return ()
    except PortError as error:
        return (f"whether an Image Updater looks after it is not known: {error}",)
    for one in updaters:
        if any(_fits(ref, subject.app) for ref in one.application_refs):
            return (f"ImageUpdater {one.metadata.name} looks after its images: {does}",)
    return ()


def _fits(ref: ApplicationRef, app: Application) -> bool:
    glob = Glob.parse(ref.name_pattern or "")
    if ref.annotated or glob is None or not glob.fits(app.metadata.name):
        return False
    return ref.label_selectors is None or ref.label_selectors.matches(app.metadata)
