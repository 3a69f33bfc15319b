"""ImageUpdater: a row for each image it tracks, or one for itself where the images are listed elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from trombone_tui.core.objects.argo_cd import APPLICATION, Application
from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.objects.durations import stamp
from trombone_tui.core.objects.image_updater import IMAGE_UPDATER, ImageUpdater, RecentUpdate
from trombone_tui.core.objects.phrases import clauses, counted, shortened
from trombone_tui.core.stage import Around, Detail, Fact, Facts, Fields, Item, Source
from trombone_tui.pipeline.images.checking import (
    Check,
    check_words,
    guess_words,
    last_check,
    last_update,
    next_check,
)
from trombone_tui.pipeline.images.matching import (
    SEMVER,
    Tracked,
    annotated,
    assigned,
    live_versions,
    tracked,
)

BRIEF = 16


class ImagesFields(Fields, frozen=True):
    """What ``status`` and the tables show of a tracked image."""

    image: str | None = None
    """The repository, without a tag."""
    tag: str | None = None
    """The tag that runs, several of them separated by commas; None when none is seen to run."""
    candidate: str | None = None
    """The tag it would pick; only the registry knows."""
    constraint: str | None = None
    """What a version must fit; None when nothing is asked of it."""
    last_checked: datetime | None = None
    next_check: datetime | None = None
    """The last check and the default interval, which is a guess."""
    next_check_is_guess: bool | None = None
    alias: str | None = None
    strategy: str | None = None
    last_version: str | None = None
    """The tag of the last update."""
    last_update: datetime | None = None
    applications: int | None = None
    """How many Applications it is tracked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sight:
    """What is known of one tracked image."""

    image: Tracked
    apps: Sequence[Application]
    versions: tuple[str, ...]
    update: RecentUpdate | None


def read_image_updater(obj: ImageUpdater, ref: Ref, around: Around) -> tuple[Item, ...]:
    """Make a row for each tracked image, told apart by alias; one for the object where it names none."""
    check, owned = last_check(obj), assigned(obj, around)
    rows = [_row(obj, ref, around, check, _sight(obj, one, owned.get(one.ref, ()))) for one in tracked(obj)]
    reading = [index for index, one in enumerate(obj.application_refs) if one.use_annotations]
    if reading or not rows:
        apps = [app for index in reading for app in owned.get(index, ())]
        rows.append(_whole(obj, ref, around, check, apps))
    return tuple(rows)


def _sight(obj: ImageUpdater, image: Tracked, apps: Sequence[Application]) -> _Sight:
    return _Sight(
        image=image,
        apps=apps,
        versions=live_versions(image.image, apps),
        update=last_update(obj, image.alias, image.image),
    )


def _row(obj: ImageUpdater, ref: Ref, around: Around, check: Check, sight: _Sight) -> Item:
    seen = _running(obj, sight, around)
    health = seen.health if check.health is Health.HEALTHY else check.health
    return Item(
        ref=msgspec.structs.replace(ref, part=sight.image.part),
        health=health,
        why=clauses(check.words, seen.words, _rule(sight.image), _update_words(sight), check_words(obj)),
        fields=_fields(obj, sight, around),
        since=sight.update.updated_at if sight.update else None,
        brief=shortened(", ".join(sight.versions), BRIEF),
        created=obj.metadata.creation_timestamp,
        joins=(sight.image.image.join,) if sight.image.image.repository else (),
    )


def _running(obj: ImageUpdater, sight: _Sight, around: Around) -> Check:
    """Say which versions run; where none does, whether that keeps it from ever being updated."""
    one, namespace = sight.image, obj.metadata.namespace
    if not one.image.repository:
        return Check(health=Health.UNKNOWN, words=f"image {one.alias or '?'} has no name")
    if not sight.apps:
        if not around.visible(APPLICATION):
            return Check(health=Health.UNKNOWN, words="which version runs is not visible (applications)")
        pattern = obj.application_refs[one.ref].name_pattern or ""
        words = f"no Application in {namespace} fits {pattern or 'its empty pattern'}"
        return Check(health=Health.MISSING, words=words)
    if sight.versions:
        return Check(health=Health.HEALTHY, words=f"runs {', '.join(sight.versions)}")
    where = shortened(", ".join(app.metadata.name for app in sight.apps), 60)
    if one.force:
        return Check(health=Health.UNKNOWN, words=f"no pod of {where} is seen to run it")
    words = f"no pod of {where} runs it, so it is not updated (forceUpdate is off)"
    return Check(health=Health.MISSING, words=words)


def _rule(one: Tracked) -> str:
    """Say which version it looks for; only semver and digest look at the constraint."""
    tag = one.image.tag
    if one.strategy == SEMVER:
        return f"follows {tag} by semver" if tag else "follows any release by semver"
    if one.strategy == "digest":
        return f"follows the digest of {tag}" if tag else "follows no tag, which digest can't do"
    ignored = f", constraint {tag} does not count" if tag else ""
    return f"follows {shortened(one.strategy, 40)}{ignored}"


def _update_words(sight: _Sight) -> str:
    update = sight.update
    if update is None or not update.new_version:
        return ""
    when = f" on {stamp(update.updated_at)}" if update.updated_at else ""
    gone = sight.versions and update.new_version not in sight.versions
    return f"last update to {update.new_version}{when}{', which does not run now' if gone else ''}"


def _fields(obj: ImageUpdater, sight: _Sight, around: Around) -> ImagesFields:
    one, update, guess = sight.image, sight.update, next_check(obj)
    return ImagesFields(
        image=one.image.repository or None,
        tag=", ".join(sight.versions) or None,
        constraint=one.image.tag or None,
        last_checked=obj.status.last_checked_at if obj.status else None,
        next_check=guess,
        next_check_is_guess=True if guess else None,
        alias=one.alias or None,
        strategy=one.strategy,
        last_version=update.new_version if update else None,
        last_update=update.updated_at if update else None,
        applications=len(sight.apps) if sight.apps or around.visible(APPLICATION) else None,
    )


def _whole(obj: ImageUpdater, ref: Ref, around: Around, check: Check, apps: Sequence[Application]) -> Item:
    """Make the row of an object whose images are listed in annotations, or nowhere."""
    reading = any(one.use_annotations for one in obj.application_refs)
    images = list(annotated(apps))
    if not reading:
        seen = Check(health=Health.UNKNOWN, words="it names no image")
    elif not apps and not around.visible(APPLICATION):
        seen = Check(health=Health.UNKNOWN, words="which images it reads is not visible (applications)")
    elif not apps:
        where = obj.metadata.namespace
        seen = Check(health=Health.MISSING, words=f"no Application in {where} fits its patterns")
    else:
        words = f"reads {counted(len(images), 'image')} from annotations of {_apps(len(apps))}"
        seen = Check(health=Health.HEALTHY if images else Health.MISSING, words=words)
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
        joins=tuple(sorted({image.join for image in images})),
    )


def _apps(number: int) -> str:
    return counted(number, "Application")


def explain_image_updater(obj: ImageUpdater, ref: Ref, around: Around) -> tuple[Detail, ...]:
    """Tell what is known of one tracked image, or of the object."""
    check, owned = last_check(obj), assigned(obj, around)
    details: list[Detail] = [
        _image_facts(_sight(obj, one, owned.get(one.ref, ())), around)
        for one in tracked(obj)
        if one.part == ref.part
    ]
    status = obj.status
    guess = next_check(obj)
    checks = (
        Fact("last check", status.last_checked_at if status else None, check.health),
        Fact("how it went", check.words or "well", check.health),
        Fact("next check", guess_words(guess) if guess else None),
        Fact("last update", status.last_updated_at if status else None),
        Fact("Applications matched", status.applications_matched if status else None),
        Fact("images live", status.images_managed if status else None),
        *_written(obj, ref),
    )
    return (*details, Facts("Checks", checks), *_recent(obj))


def _image_facts(sight: _Sight, around: Around) -> Facts:
    one = sight.image
    names = ", ".join(app.metadata.name for app in sight.apps)
    return Facts(
        "Image",
        (
            Fact("image", one.image.repository or None),
            Fact("runs", ", ".join(sight.versions) or None),
            Fact("candidate", None),
            Fact("rule", _rule(one)),
            Fact("allowed tags", one.allow_tags or "any"),
            Fact("ignored tags", ", ".join(one.ignore_tags) or "none"),
            Fact("when no pod runs it", "updated all the same" if one.force else "left alone"),
            Fact("Applications", names or ("none" if around.visible(APPLICATION) else None)),
        ),
    )


def _written(obj: ImageUpdater, ref: Ref) -> tuple[Fact, ...]:
    """Say where a chosen tag is written; what an ApplicationRef says counts before the whole."""
    index = next((one.ref for one in tracked(obj) if one.part == ref.part), None)
    inner = obj.application_refs[index].write_back_config if index is not None else None
    outer = obj.spec.write_back_config if obj.spec else None
    back = inner or outer
    git = back.git_config if back else None
    branch, target = (git.branch, git.write_back_target) if git else (None, None)
    return (
        Fact("written by", (back.method if back else None) or "argocd"),
        *((Fact("branch", branch),) if branch else ()),
        *((Fact("target", target),) if target else ()),
    )


def _recent(obj: ImageUpdater) -> tuple[Detail, ...]:
    facts = tuple(
        Fact(f"{one.alias or '?'} {one.new_version or '?'}", _recent_words(one))
        for one in (obj.status.recent_updates or () if obj.status else ())
    )
    return (Facts("Last updates", facts),) if facts else ()


def _recent_words(one: RecentUpdate) -> str:
    when = f"on {stamp(one.updated_at)}" if one.updated_at else "time unknown"
    return f"{when}, {one.message}" if one.message else when


IMAGE_UPDATERS = Source(kind=IMAGE_UPDATER, read=read_image_updater, explain=explain_image_updater)
