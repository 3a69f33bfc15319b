"""Keeping a tag back: ``hold`` makes Image Updater ignore it, ``release`` lets go of what hold added.

Image Updater can't be told to stop; a tag that it ignores it does not pick
(``argocd-image-updater@v1.3.0:registry-scanner/pkg/registry/registry.go``, GetTags). Who holds what since
when is written beside it, so that every dashboard shows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import msgspec

from trombone_tui.core.objects.argo_cd import APPLICATION, Application
from trombone_tui.core.objects.basics import Kind, Meta, Ref
from trombone_tui.core.objects.durations import stamp
from trombone_tui.core.objects.globs import literal, matched
from trombone_tui.core.objects.image_updater import IMAGE_UPDATER, INTERVAL, ImageUpdater
from trombone_tui.core.objects.managing import WATCHED
from trombone_tui.core.objects.marks import HELD, Held, Unreadable, read_held, whole_second, write_held
from trombone_tui.core.objects.phrases import listed, sentence
from trombone_tui.core.objects.tag_choice import Strategy, refusal
from trombone_tui.core.ports import Refused
from trombone_tui.core.stage import Around
from trombone_tui.core.verbs import Option, Plan, Planned, Proof, Scene, Sort, Verb, Whole, Write
from trombone_tui.core.wholes import patch
from trombone_tui.pipeline.images.holding import Change, Spot, in_application, in_updater
from trombone_tui.pipeline.images.keepers import keepers
from trombone_tui.pipeline.images.matching import claimed, updaters_of
from trombone_tui.pipeline.images.seeing import judge

_TAG = re.compile(r"[!-~]{1,128}")
_NOT_IN_A_TAG = frozenset(",/:@")
_SHOWN = 5


async def _hold(scene: Scene) -> Plan:
    tag, spot = _tag(scene), await _spot(scene)
    pattern, held = literal(tag), _record(spot)
    before = _ignoring(spot, spot.ignored)
    if (found := matched(spot.ignored, tag)) is not None:
        return Plan(before=before, after=before, writes=(), noop=_already(tag, found, spot, held))
    warnings = await keepers(scene, spot.kind, spot.obj.metadata, _instruction("add", tag, spot))
    change = spot.adding(pattern)
    entry = Held(
        tag=tag,
        image=spot.image,
        by=scene.user,
        at=whole_second(scene.now),
        reason=str(scene.given.get("reason", "")),
        made=change.made,
    )
    return Plan(
        before=before,
        after=_ignoring(spot, (*spot.ignored, pattern)),
        writes=(_write(spot, change, (*held, entry), f"hold {tag}"),),
        proof=_proof(spot, pattern, ignored=True),
        warnings=tuple(map(sentence, (*_beside(scene, spot, tag), *warnings))),
        command=change.command,
    )


async def _release(scene: Scene) -> Plan:
    spot = await _spot(scene)
    wanted, held = str(scene.given.get("tag", "")), _record(spot)
    mine = [one for one in held if one.image == spot.image and wanted in ("", one.tag)]
    before = _ignoring(spot, spot.ignored)
    if not mine:
        if wanted and literal(wanted) in spot.ignored:
            raise Refused(
                f"{wanted} is ignored, but hold did not add it",
                advice=f"take it out of {spot.key} where that is written",
            )
        nothing = f"hold keeps back {'no tag' if not wanted else f'no {wanted}'} of {spot.image}"
        return Plan(before=before, after=before, writes=(), noop=nothing)
    if len(mine) > 1:
        raise Refused(
            f"{len(mine)} tags are held: {listed([one.tag for one in mine], _SHOWN)}",
            advice="release them one by one, by name",
        )
    (entry,) = mine
    pattern, left = literal(entry.tag), _without(held, entry)
    others = [one for one in left if one.image == entry.image]
    change = spot.removing(pattern, "" if others else entry.made)
    warnings = []
    if change is not None:
        instruction = _instruction("take", entry.tag, spot)
        warnings = await keepers(scene, spot.kind, spot.obj.metadata, instruction)
    after = [one for one in spot.ignored if one != pattern]
    return Plan(
        before=f"{before}; {_who(entry)}",
        after=_ignoring(spot, after),
        writes=(_write(spot, change, left, f"release {entry.tag}"),),
        proof=_proof(spot, pattern, ignored=False),
        warnings=tuple(map(sentence, (f"Image Updater may pick {entry.tag} at its next check", *warnings))),
        command=change.command if change else "",
    )


def _tag(scene: Scene) -> str:
    tag = str(scene.given.get("tag", ""))
    if not _TAG.fullmatch(tag) or not _NOT_IN_A_TAG.isdisjoint(tag):
        raise Refused(f"{tag!r} is no tag", advice="name one tag, without the image: hold 1.0.5")
    return tag


async def _spot(scene: Scene) -> Spot:
    """Find where the image's ignored tags are written: in the object, or in an Application's annotations."""
    ref = scene.ref
    if ref.kind == APPLICATION.name:
        found = in_application(scene.whole, ref.part)
    else:
        found = in_updater(scene.whole, ref.part)
        name, slash, image = ref.part.partition("/")
        if found is None and slash:
            found = in_application(await scene.fetch(APPLICATION, ref.namespace, name), image)
    if found is None:
        what = f"{ref.kind} {ref.name} has no image {ref.part}" if ref.part else "no image is chosen"
        raise Refused(what, advice="choose one of the rows of images")
    if not found.one.image.repository:
        raise Refused(f"image {found.image} has no name", advice="write its imageName first")
    return found


def _record(spot: Spot) -> tuple[Held, ...]:
    try:
        return read_held(spot.obj.metadata.annotation(HELD))
    except Unreadable as error:
        raise Refused(
            f"the annotation {HELD} is not what hold writes: {error}", advice="mend or remove it first"
        ) from error


def _without(held: Sequence[Held], entry: Held) -> list[Held]:
    """Leave a tag out; what had been made for it is from now on made for the image's next one."""
    left = [one for one in held if one is not entry]
    for place, one in enumerate(left):
        if entry.made and one.image == entry.image:
            left[place] = msgspec.structs.replace(one, made=entry.made)
            break
    return left


def _write(spot: Spot, change: Change | None, held: Sequence[Held], title: str) -> Write:
    meta, fields = spot.obj.metadata, change.fields if change else {}
    notes = {**fields.get("metadata", {}).get("annotations", {}), HELD: write_held(held)}
    metadata = {"resourceVersion": meta.resource_version, "annotations": notes}
    body = {"metadata": metadata, **{key: part for key, part in fields.items() if key != "metadata"}}
    return patch(spot.kind, meta, body, title)


def _proof(spot: Spot, pattern: str, *, ignored: bool) -> Proof:
    meta, updater = spot.obj.metadata, spot.at is not None
    find = in_updater if updater else in_application

    def looked(whole: Whole) -> Spot | None:
        return find(whole, spot.image)

    return Proof(
        kind=spot.kind,
        namespace=meta.namespace,
        name=meta.name,
        waits_for="Image Updater's next check" if updater else "the annotation",
        judge=judge(looked, pattern, ignored=ignored),
        within=(INTERVAL + timedelta(seconds=30)).total_seconds() if updater else 30.0,
        stays=WATCHED,
    )


def _ignoring(spot: Spot, tags: Sequence[str]) -> str:
    told = [tag for tag in tags if tag]
    return f"{spot.image} ignores {listed(told, _SHOWN) if told else 'no tag'}"


def _already(tag: str, pattern: str, spot: Spot, held: Sequence[Held]) -> str:
    mine = next((one for one in held if one.image == spot.image and one.tag == tag), None)
    if mine is not None:
        return f"{tag} is held already; {_who(mine)}"
    return f"{tag} is ignored already" + ("" if pattern == literal(tag) else f" by the pattern {pattern}")


def _who(entry: Held) -> str:
    when = f" since {stamp(entry.at)}" if entry.at else ""
    why = f" ({entry.reason})" if entry.reason else ""
    return f"{entry.tag} is held by {entry.by or 'somebody who is not named'}{when}{why}"


def _instruction(does: str, tag: str, spot: Spot) -> str:
    if spot.at is not None:
        return f"{does} {tag} {'to' if does == 'add' else 'out of'} ignoreTags of image {spot.image}"
    return f"{does} {tag} {'to' if does == 'add' else 'out of'} the annotation {spot.key}"


def _beside(scene: Scene, spot: Spot, tag: str) -> Iterator[str]:
    """Tell what else holding a tag brings about."""
    rule, one = spot.one.rule, spot.one
    if refused := refusal(rule, tag):
        yield f"its rule refuses {tag} already: {refused}"
    elif rule.strategy is Strategy.DIGEST:
        yield f"it follows the digest of {tag}: nothing is updated while that is held"
    else:
        yield "Image Updater may write another tag that is still allowed at its next check, also a lower one"
    if spot.at is None and not one.alias:
        yield "the image has no alias, so this counts for every listed image without ignore-tags of its own"
    if spot.own is None and spot.outer.ignore_tags:
        yield f"{spot.image} gets a list of its own: changes of the list that counted so far do not reach it"
    for name in _rivals(scene, spot, tag):
        yield f"ImageUpdater {name} follows it for the same Application and may pick {tag}: hold it there too"


def _rivals(scene: Scene, spot: Spot, tag: str) -> list[str]:
    """Name other ImageUpdaters that would go on picking the tag for the same Applications."""
    obj, found = spot.obj, dict[str, None]()
    itself = obj.metadata.name if isinstance(obj, ImageUpdater) else ""
    for app in _applications(scene, spot):
        for other in updaters_of(app.metadata, scene):
            for theirs in claimed(other, app) or () if other.metadata.name != itself else ():
                told = bool(theirs.application) and not itself  # it reads the annotations that are changed
                if theirs.image.join == spot.one.image.join and not told and not refusal(theirs.rule, tag):
                    found[other.metadata.name] = None
    return list(found)[:_SHOWN]


def _applications(scene: Scene, spot: Spot) -> list[Application]:
    obj = spot.obj
    if isinstance(obj, Application):
        return [obj]
    near: Sequence[Application] = scene.linked(APPLICATION, ("Applications", obj.metadata.namespace))
    return [app for app in near if any(one.ref == spot.one.ref for one in claimed(obj, app) or ())]


def _may_hold(obj: Any, ref: Ref, _: Around) -> str:
    if obj.metadata.deletion_timestamp is not None:
        return "it is being deleted"
    return "" if ref.part else "choose one of its images"


def _may_release(obj: Any, ref: Ref, around: Around) -> str:
    if reason := _may_hold(obj, ref, around):
        return reason
    metas: list[tuple[Meta, str]] = [(obj.metadata, ref.part)]
    name, slash, image = ref.part.partition("/")
    if ref.kind == IMAGE_UPDATER.name and slash:
        found = around.linked(APPLICATION, ("Application", ref.namespace, name))
        metas += [(app.metadata, image) for app in found]
    return "" if any(_holds(meta, part) for meta, part in metas) else "hold keeps nothing back here"


def _holds(meta: Meta, part: str) -> bool:
    try:
        return any(one.image == part for one in read_held(meta.annotation(HELD)))
    except Unreadable:
        return True  # what is wrong is said when it is tried


_REASON = Option(name="reason", about="why, for everybody who sees that it is held", sort=Sort.TEXT)


def _verbs(kind: Kind) -> Iterator[Verb]:
    def verb(name: str, about: str, plan: Planned, blocked: Any, *options: Option) -> Verb:
        return Verb(
            name=name,
            kind=kind,
            about=about,
            plan=plan,
            blocked=blocked,
            rights=(("patch", ""),),
            options=options,
            dangerous=lambda _: name == "hold",
            bulk=False,
            of_part=True,
        )

    tag = Option(name="tag", about="the tag that must not be picked again", sort=Sort.TEXT, required=True)
    free = Option(name="tag", about="the tag, where several are held", sort=Sort.TEXT)
    yield verb("hold", "Keep Image Updater from picking a tag.", _hold, _may_hold, tag, _REASON)
    yield verb("release", "Let Image Updater pick a tag again.", _release, _may_release, free)


VERBS = (*_verbs(IMAGE_UPDATER), *_verbs(APPLICATION))
