"""Who undoes a change of an object: the Application or the ApplicationSet that keeps it as it is written."""

from __future__ import annotations

from collections.abc import AsyncIterator

from trombone_tui.core.objects.argo_cd import APPLICATION, Application
from trombone_tui.core.objects.basics import Kind, Meta
from trombone_tui.core.objects.managing import (
    file_kind,
    heals,
    ignores,
    labelled_by,
    lists,
    named,
    sources,
    tracked_by,
)
from trombone_tui.core.ports import PortError, Refused
from trombone_tui.core.verbs import Scene
from trombone_tui.core.wholes import typed


async def keepers(scene: Scene, kind: Kind, meta: Meta, change: str) -> list[str]:
    """Say who may undo a change that is written in words: ``add 1.0.5 to ignoreTags of app``.

    Raises:
        Refused: an Application would put it back within seconds; with the place to change instead.
    """
    warnings = [
        f"{owner.kind or 'its owner'} {owner.name or '?'} made this {kind.name} and may undo the change"
        for owner in meta.owner_references or ()
    ]
    async for name, app in _managing(scene, kind, meta):
        if app is None:
            warnings.append(
                f"Application {name} manages this {kind.name} and can't be seen: where it heals itself "
                f"it undoes the change within seconds; {change} in its repository too"
            )
            continue
        place = f"{file_kind(app)} of {kind.name} {meta.name} in {sources(app)}"
        if heals(app) and not ignores(app, kind, meta):
            raise Refused(
                f"Application {name} manages {kind.name} {meta.name} from git and heals itself: "
                "it would undo the change within seconds",
                advice=f"{change} in git: {place}",
            )
        warnings.append(
            f"Application {name} manages this {kind.name}: its next sync undoes the change; "
            f"{change} in git too: {place}"
        )
    return warnings


async def _managing(scene: Scene, kind: Kind, meta: Meta) -> AsyncIterator[tuple[str, Application | None]]:
    """Yield the Application that manages an object; None where it can't be read."""
    if name := tracked_by(kind, meta):
        yield name, await _application(scene, name, meta.namespace)
    elif name := labelled_by(kind, meta):
        app = await _application(scene, name, meta.namespace)
        if app is not None and lists(app, kind, meta):
            yield name, app


async def _application(scene: Scene, name: str, namespace: str) -> Application | None:
    for where, short in named(name, namespace):
        watched = scene.linked(APPLICATION, ("Application", where, short))
        if watched:
            return watched[0]  # type: ignore[no-any-return]
        try:
            return typed(await scene.fetch(APPLICATION, where, short), Application)
        except PortError:
            continue
    return None
