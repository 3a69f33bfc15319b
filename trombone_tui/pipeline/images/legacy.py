"""Applications whose annotations list images that no ImageUpdater cares for.

Until 0.18 Image Updater read annotations and nothing else; since 1.0 they do nothing by themselves.
"""

from __future__ import annotations

import msgspec

from trombone_tui.core.objects.argo_cd import Application
from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.objects.image_updater import IMAGE_UPDATER
from trombone_tui.core.objects.phrases import clauses, shortened
from trombone_tui.core.stage import Around, Item
from trombone_tui.pipeline.images.annotations import read_annotations
from trombone_tui.pipeline.images.checking import Check
from trombone_tui.pipeline.images.fields import ImagesFields
from trombone_tui.pipeline.images.matching import claimed, updaters_of, would_read
from trombone_tui.pipeline.images.rivals import Rivals
from trombone_tui.pipeline.images.row import Sight, held_words, rule_words, running, sight
from trombone_tui.pipeline.images.tracking import tracked_by
from trombone_tui.pipeline.images.writing import write_trouble

BRIEF = 16


def read_application(app: Application, ref: Ref, around: Around) -> tuple[Item, ...]:
    """Make a row for each image that only annotations name; none for any other Application."""
    annotated = read_annotations(app.metadata)
    if annotated is None:
        return ()
    if annotated.trouble:
        if any(would_read(other, app) for other in updaters_of(app.metadata, around)):
            return ()  # the ImageUpdater's own row says so
        return (_unreadable(app, ref, around, annotated.trouble),)
    return tuple(_row(app, ref, around, one) for one in annotated_sights(app, around))


def annotated_sights(app: Application, around: Around) -> list[Sight]:
    """Look at the images that only annotations name."""
    annotated = read_annotations(app.metadata)
    if annotated is None:
        return []
    claims = [one for other in updaters_of(app.metadata, around) for one in claimed(other, app) or ()]
    taken = {one.image.join for one in claims}
    meta = app.metadata
    return [
        sight(one, meta.namespace, meta.name, [app], Rivals())
        for one in tracked_by(annotated, meta.name)
        if one.image.join not in taken
    ]


def who_reads(app: Application, around: Around) -> Check:
    """Say whether anybody reads the annotations, as far as that can be seen."""
    others = [one.metadata.name for one in updaters_of(app.metadata, around) if claimed(one, app) is not None]
    if others:
        words = (
            f"ImageUpdater {shortened(', '.join(others), 60)} names the images of {app.metadata.name} itself"
        )
        return Check(health=Health.MISSING, words=f"{words}, so the annotation is not read")
    if around.visible(IMAGE_UPDATER):
        words = (
            f"no ImageUpdater in {app.metadata.namespace} reads its annotations (useAnnotations), "
            "and by themselves they do nothing since Image Updater 1.0"
        )
        return Check(health=Health.MISSING, words=words)
    words = "whether anybody reads its annotations is not visible (Image Updater up to 0.18 does, unseen)"
    return Check(health=Health.UNKNOWN, words=words)


def _row(app: Application, ref: Ref, around: Around, of: Sight) -> Item:
    reader, seen, one = who_reads(app, around), running(of, around), of.image
    wrong = write_trouble(one, of.namespace)
    return Item(
        ref=msgspec.structs.replace(ref, part=one.part),
        health=Health.DEGRADED if wrong else max(reader.health, seen.health, key=lambda h: h.badness),
        why=clauses(wrong, reader.words, seen.words, rule_words(one), held_words(one)),
        fields=ImagesFields(
            image=one.image.repository or None,
            tag=", ".join(of.versions) or None,
            constraint=one.constraint or None,
            alias=one.alias or None,
            strategy=one.rule.written or one.rule.strategy.value,
            applications=1,
            held=", ".join(one.rule.held) or None,
        ),
        brief=shortened(", ".join(of.versions), BRIEF),
        created=app.metadata.creation_timestamp,
        joins=(one.image.join,) if one.image.repository else (),
    )


def _unreadable(app: Application, ref: Ref, around: Around, trouble: str) -> Item:
    return Item(
        ref=msgspec.structs.replace(ref, part="image-list"),
        health=Health.DEGRADED,
        why=clauses(
            f"{trouble}, so Image Updater leaves {app.metadata.name} out", who_reads(app, around).words
        ),
        fields=ImagesFields(applications=1),
        created=app.metadata.creation_timestamp,
    )
