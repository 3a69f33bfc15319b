"""Who takes a change of a Rollout's template back: Argo CD's Applications, and what chooses its images."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass

from trombone_tui.core.objects.argo_cd import APPLICATION, Application
from trombone_tui.core.objects.argo_rollouts import ROLLOUT
from trombone_tui.core.objects.image_names import ImageName
from trombone_tui.core.objects.image_updater import IMAGE_LIST, IMAGE_UPDATER, ImageUpdater
from trombone_tui.core.objects.managing import WATCHED, automated, tracked_by
from trombone_tui.core.ports import Missing, NotInstalled, PortError
from trombone_tui.core.stage import own_key
from trombone_tui.core.verbs import Scene
from trombone_tui.core.wholes import all_typed, typed
from trombone_tui.pipeline.rollout.verbs.view import View


@dataclass(frozen=True, slots=True)
class Managers:
    """Who may take a change back, as sentences."""

    warnings: tuple[str, ...] = ()

    @property
    def stays(self) -> float:
        """Seconds for which the effect is to be watched on."""
        return WATCHED if self.warnings else 0.0


async def managers(scene: Scene, of: View) -> Managers:
    """Find who may take a change of the template back."""
    tracked = tracked_by(ROLLOUT, of.rollout.metadata)
    found: list[Application] = list(scene.linked(APPLICATION, own_key("Rollout", of.rollout.metadata)))
    if tracked and not any(one.metadata.name == tracked.rpartition("_")[2] for one in found):
        found += await _fetched(scene, tracked)
    told = [_argo_cd(one) for one in found]
    if tracked and not found:
        told.append(
            f"Argo CD's Application {tracked.replace('_', '/')} manages it and can't be seen from here: "
            "whether it puts this back is not known."
        )
    for one in found:
        told += [sentence async for sentence in _choosers(scene, of, one)]
    return Managers(tuple(dict.fromkeys(told)))


async def _fetched(scene: Scene, tracked: str) -> list[Application]:
    """Fetch an Application outside Argo CD's own namespace: only then the annotation says where it is."""
    namespace, _, name = tracked.partition("_")
    if not name:
        return []
    try:
        return [typed(await scene.fetch(APPLICATION, namespace, name), Application)]
    except PortError:
        return []


def _argo_cd(app: Application) -> str:
    name = app.metadata.name
    auto = automated(app)
    if auto is None:
        return f"Argo CD's Application {name} becomes OutOfSync, and its next sync overwrites this."
    if auto.self_heal:
        return (
            f"Argo CD's Application {name} heals itself: it puts this back within seconds, at the cost of "
            "two more revisions; abort stays, and so does a revert in git."
        )
    return (
        f"Argo CD's Application {name} becomes OutOfSync, and the next commit it syncs by itself "
        "overwrites this; revert it in git as well."
    )


async def _choosers(scene: Scene, of: View, app: Application) -> AsyncIterator[str]:
    """Name what may choose the same tag again."""
    joins = {ImageName.parse(one).join for one in of.rollout.images}
    if joins & set(_listed(app.metadata.annotation(IMAGE_LIST))):
        yield f"The Image Updater may choose the tag again: Application {app.metadata.name} is annotated so."
    try:
        found = await scene.list(IMAGE_UPDATER, app.metadata.namespace)
    except (NotInstalled, Missing):
        return
    except PortError as error:
        yield f"Whether an ImageUpdater chooses the tag again can't be seen: {error}."
        return
    for updater in all_typed(found, ImageUpdater):
        if joins & set(_chosen(updater, app)):
            yield f"ImageUpdater {updater.metadata.name} may choose the tag again: hold it there as well."


def _listed(written: str) -> Iterator[str]:
    """Read ``alias=repository:constraint, …``."""
    for one in written.split(","):
        image = one.strip().rpartition("=")[2]
        if image:
            yield ImageName.parse(image).join


def _chosen(updater: ImageUpdater, app: Application) -> Iterable[str]:
    for ref in updater.application_refs:
        if not ref.fits(app.metadata):
            continue
        if ref.annotated:
            yield from _listed(app.metadata.annotation(IMAGE_LIST))
        for image in ref.images or ():
            if image.image_name:
                yield ImageName.parse(image.image_name).join
