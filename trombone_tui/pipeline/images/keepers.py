"""Who undoes a change of an object: the Application or the ApplicationSet that keeps it as it is written."""

from __future__ import annotations

from trombone_tui.core.objects.argo_cd import APPLICATION, Application
from trombone_tui.core.objects.basics import Kind, Meta
from trombone_tui.core.objects.managing import claimed_by, keeper, named, place
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
    app = await _application(scene, claimed_by(kind, meta), meta.namespace)
    keeps = keeper(kind, meta, app)
    if keeps is None:
        return warnings
    if keeps.app is None:
        return [
            *warnings,
            f"Application {keeps.name} manages this {kind.name} and can't be seen: where it heals itself "
            f"it undoes the change within seconds; {change} in its repository too",
        ]
    where = place(keeps.app, kind.name, meta.name)
    if keeps.at_once:
        raise Refused(
            f"Application {keeps.name} manages {kind.name} {meta.name} from git and heals itself: "
            "it would undo the change within seconds",
            advice=f"{change} in git: {where}",
        )
    return [
        *warnings,
        f"Application {keeps.name} manages this {kind.name}: its next sync undoes the change; "
        f"{change} in git too: {where}",
    ]


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
