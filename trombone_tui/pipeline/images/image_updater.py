"""ImageUpdater: a row for each image it tracks, one for itself where annotations or nothing names them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from trombone_tui.core.objects.argo_cd import APPLICATION, Application
from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.objects.image_updater import ImageUpdater
from trombone_tui.core.objects.phrases import clauses, counted, listed, shortened
from trombone_tui.core.stage import Around, Item
from trombone_tui.pipeline.images.annotations import read_annotations
from trombone_tui.pipeline.images.checking import Check, check_words, last_check, last_update, next_check
from trombone_tui.pipeline.images.fields import ImagesFields
from trombone_tui.pipeline.images.matching import assigned, fitting
from trombone_tui.pipeline.images.rivals import rivals
from trombone_tui.pipeline.images.row import (
    Sight,
    held_words,
    rule_words,
    running,
    sight,
    trouble,
    update_words,
)
from trombone_tui.pipeline.images.tracking import Tracked, tracked, tracked_by

BRIEF = 16


def read_image_updater(obj: ImageUpdater, ref: Ref, around: Around) -> tuple[Item, ...]:
    """Make a row for each tracked image, told apart by alias; one for the object where it names none."""
    check = last_check(obj)
    rows = [_row(obj, ref, around, check, one) for one in sights(obj, around)]
    if any(one.annotated for one in obj.application_refs) or not rows:
        rows.append(_whole(obj, ref, around, check))
    return tuple(rows)


def sights(obj: ImageUpdater, around: Around) -> list[Sight]:
    """Look at every image that an ImageUpdater tracks, by itself or by annotations that it reads."""
    owned = assigned(obj, around)
    found = [_sight(obj, one, owned.get(one.ref, ()), around) for one in tracked(obj)]
    used = {one.image.part for one in found}
    for index, ref in enumerate(obj.application_refs):
        for app in owned.get(index, ()) if ref.annotated else ():
            annotated = read_annotations(app.metadata)
            if annotated is None:
                continue
            more = tracked_by(annotated, app.metadata.name, ref=index, used=used)
            found += [_sight(obj, one, [app], around) for one in more]
    return found


def _sight(obj: ImageUpdater, one: Tracked, apps: Sequence[Application], around: Around) -> Sight:
    return sight(
        one,
        obj.metadata.namespace,
        obj.application_refs[one.ref].name_pattern or "",
        apps,
        rivals(obj.metadata.name, one, apps, around),
        last_update(obj, one.alias, one.image),
    )


def _row(obj: ImageUpdater, ref: Ref, around: Around, check: Check, of: Sight) -> Item:
    seen, wrong = running(of, around), trouble(of)
    health = seen.health if check.health is Health.HEALTHY else check.health
    one = of.image
    return Item(
        ref=msgspec.structs.replace(ref, part=one.part),
        health=Health.DEGRADED if wrong else health,
        why=clauses(
            of.rivals.words,
            check.words,
            "" if of.rivals.words else wrong,
            seen.words,
            rule_words(one),
            held_words(one),
            update_words(of),
            check_words(obj),
        ),
        fields=_fields(obj, of, around),
        since=of.update.updated_at if of.update else None,
        brief=shortened(", ".join(of.versions), BRIEF),
        created=obj.metadata.creation_timestamp,
        joins=(one.image.join,) if one.image.repository else (),
    )


def _fields(obj: ImageUpdater, of: Sight, around: Around) -> ImagesFields:
    one, update, guess = of.image, of.update, next_check(obj)
    return ImagesFields(
        image=one.image.repository or None,
        tag=", ".join(of.versions) or None,
        constraint=one.constraint or None,
        last_checked=obj.status.last_checked_at if obj.status else None,
        next_check=guess,
        next_check_is_guess=True if guess else None,
        alias=one.alias or None,
        strategy=one.rule.written or one.rule.strategy.value,
        last_version=update.new_version if update else None,
        last_update=update.updated_at if update else None,
        applications=len(of.apps) if of.apps or around.visible(APPLICATION) else None,
        held=", ".join(one.rule.held) or None,
        rivals=", ".join(of.rivals.fighting) or None,
    )


def _whole(obj: ImageUpdater, ref: Ref, around: Around, check: Check) -> Item:
    """Make the row of an object whose images are listed in annotations, or nowhere."""
    reading = [index for index, one in enumerate(obj.application_refs) if one.annotated]
    owned = assigned(obj, around)
    apps = [app for index in reading for app in owned.get(index, ())]
    images = [image for app in apps for image in _listed(app)]
    seen = _annotated(obj, around, apps, len(images)) if reading else _nothing()
    guess = next_check(obj)
    return Item(
        ref=ref,
        health=seen.health if check.health is Health.HEALTHY else check.health,
        why=clauses(check.words, seen.words, check_words(obj)),
        fields=ImagesFields(
            last_checked=obj.status.last_checked_at if obj.status else None,
            next_check=guess,
            next_check_is_guess=True if guess else None,
            last_update=obj.status.last_updated_at if obj.status else None,
            applications=len(apps) if apps or (reading and around.visible(APPLICATION)) else None,
        ),
        since=obj.status.last_updated_at if obj.status else None,
        created=obj.metadata.creation_timestamp,
        joins=tuple(sorted({one.image.join for one in images})),
    )


def _nothing() -> Check:
    return Check(health=Health.UNKNOWN, words="it names no image")


def _listed(app: Application) -> list[Tracked]:
    annotated = read_annotations(app.metadata)
    return tracked_by(annotated, app.metadata.name) if annotated else []


def _annotated(obj: ImageUpdater, around: Around, apps: Sequence[Application], images: int) -> Check:
    """Say of how many Applications the annotations are read."""
    fit = fitting(obj, around)
    if not fit and not around.visible(APPLICATION):
        return Check(health=Health.UNKNOWN, words="which images it reads is not visible (applications)")
    if not fit:
        return Check(
            health=Health.MISSING, words=f"no Application in {obj.metadata.namespace} fits its patterns"
        )
    if not images and all(read_annotations(app.metadata) is None for app in fit):
        words = f"no image is listed in annotations of {counted(len(fit), 'Application')}"
        return Check(health=Health.MISSING, words=words)
    words = f"reads {counted(images, 'image')} from annotations of {counted(len(apps), 'Application')}"
    bad = [(app.metadata.name, read_annotations(app.metadata)) for app in fit]
    broken = [f"{name} ({one.trouble})" for name, one in bad if one is not None and one.trouble]
    if broken:
        return Check(health=Health.DEGRADED, words=f"{words}, but can't read those of {listed(broken, 2)}")
    return Check(health=Health.HEALTHY if images else Health.MISSING, words=words)
