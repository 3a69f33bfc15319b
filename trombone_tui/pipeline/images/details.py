"""A tracked image in full: its rule, what runs, what could be picked, where it goes, how it is checked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from trombone_tui.core.objects.argo_cd import APPLICATION, Application
from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.objects.durations import go_duration, later, spoken, stamp
from trombone_tui.core.objects.image_updater import INTERVAL, ImageUpdater
from trombone_tui.core.objects.raw import at
from trombone_tui.core.objects.tag_choice import Strategy
from trombone_tui.core.questions import Thing
from trombone_tui.core.stage import Around, Detail, Fact, Facts
from trombone_tui.pipeline.images.annotations import annotations_of
from trombone_tui.pipeline.images.candidates import Found, candidate_details, find
from trombone_tui.pipeline.images.checking import guess_words, last_check, next_check
from trombone_tui.pipeline.images.image_updater import sights
from trombone_tui.pipeline.images.legacy import annotated_sights, who_reads
from trombone_tui.pipeline.images.row import Sight, rule_words, running, trouble
from trombone_tui.pipeline.images.running import refused
from trombone_tui.pipeline.images.writing import written_facts

CONFIG = "argocd-image-updater-config"
"""The ConfigMap that Image Updater's settings are in, if it is where it usually is."""


def explain_image_updater(obj: ImageUpdater, ref: Ref, around: Around) -> tuple[Detail, ...]:
    """Tell what is known of one tracked image, or of the object."""
    due = _due(obj, around)
    mine = [of for of in sights(obj, around) if of.image.part == ref.part]
    details: list[Detail] = []
    for of in mine[:1]:
        found = find(of.image, of.namespace, of.live, around)
        details += _image(of, found, due, around)
        details += candidate_details(of.image, of.live, found)
    return (*details, Facts("Checks", tuple(_checks(obj, due))), *_recent(obj))


def explain_application(app: Application, ref: Ref, around: Around) -> tuple[Detail, ...]:
    """Tell what is known of an image that only annotations name."""
    details: list[Detail] = []
    for of in [of for of in annotated_sights(app, around) if of.image.part == ref.part][:1]:
        found = find(of.image, of.namespace, of.live, around)
        details += _image(of, found, "", around)
        details += candidate_details(of.image, of.live, found)
    reader = who_reads(app, around)
    listed = [Fact(key.partition("/")[2], value) for key, value in annotations_of(app.metadata).items()]
    return (*details, Facts("Annotations", (Fact("read by", reader.words, reader.health), *listed)))


def _image(of: Sight, found: Found, due: str, around: Around) -> tuple[Detail, ...]:
    written = Facts("Write-back", tuple(written_facts(of.image, of.apps, of.namespace)))
    return (Facts("Image", tuple(_facts(of, found, due, around))), written)


def _facts(of: Sight, found: Found, due: str, around: Around) -> Iterator[Fact]:
    one, rule = of.image, of.image.rule
    names = ", ".join(app.metadata.name for app in of.apps)
    seen = running(of, around)
    yield Fact("image", one.image.repository or None)
    yield Fact("runs", ", ".join(of.versions) or None, seen.health if of.versions else None)
    if len(of.versions) > 1:
        yield Fact("several run", "a rollout is under way, or Applications differ")
    yield Fact("candidate", found.picked or (found.says or None))
    yield from _difference(of, found, due)
    if wrong := trouble(of):
        yield Fact("trouble", wrong, Health.DEGRADED)
    if of.rivals.agreeing:
        yield Fact("also tracked by", f"{', '.join(of.rivals.agreeing)}, by the same rule")
    yield Fact("rule", rule_words(one))
    replaced = f", which replaces the outer {one.replaced} (a default counts too)" if one.replaced else ""
    yield Fact("strategy", f"{rule.strategy}{replaced}")
    yield Fact("constraint", one.constraint or None)
    yield Fact("allowed tags", rule.allow or "any")
    yield Fact("ignored tags", ", ".join(rule.ignore) or "none")
    yield Fact("held tags", ", ".join(rule.held) or "none")
    yield Fact("platforms", _platforms(of))
    yield Fact("when no pod runs it", "updated all the same" if one.force else "left alone")
    yield Fact("pull secret", one.pull_secret or "none of its own")
    yield Fact("Applications", names or ("none" if around.visible(APPLICATION) else None))


def _platforms(of: Sight) -> str:
    rule = of.image.rule
    if rule.strategy not in (Strategy.NEWEST, Strategy.DIGEST):
        return f"do not count for {rule.strategy}"
    return ", ".join(rule.platforms) or "that of the updater's own pod, which is not known here"


def _difference(of: Sight, found: Found, due: str) -> Iterator[Fact]:
    """Say whether what runs is what would be picked, and what the next check does about it."""
    if words := refused(of.image.rule, of.live):
        yield Fact("not allowed", f"{words}; was it set by hand?", Health.SUSPENDED)
    picked = found.picked
    if picked is None or not of.live:
        return
    known = found.described.get(picked)
    when = f", built on {stamp(known.created)}" if known and known.created else ""
    check = f"; {due}" if due else ""
    if of.image.rule.strategy is Strategy.DIGEST and known and known.digest:
        behind = [name.version for name in of.live if name.digest != known.digest]
        if behind:
            yield Fact("differs", f"not all run digest {known.digest[:19]}{when}{check}", Health.PROGRESSING)
    elif picked not in {name.tag for name in of.live}:
        yield Fact(
            "differs", f"{picked} does not run yet{when}{check} (hold keeps it away)", Health.PROGRESSING
        )


def _checks(obj: ImageUpdater, due: str) -> Iterator[Fact]:
    check, status = last_check(obj), obj.status
    yield Fact("last check", status.last_checked_at if status else None, check.health)
    yield Fact("how it went", check.words or "well", check.health)
    yield Fact("next check", due or None)
    yield Fact("last update", status.last_updated_at if status else None)
    yield Fact("Applications matched", status.applications_matched if status else None)
    yield Fact("images live", status.images_managed if status else None)
    for one in (status.conditions or ()) if status else ():
        said = ", ".join(filter(None, (one.status or "Unknown", one.reason, one.message)))
        bad = (one.type == "Error" and one.status == "True") or (
            one.type == "Ready" and one.status == "False"
        )
        yield Fact(f"condition {one.type or '?'}", said, Health.DEGRADED if bad else None)


def _due(obj: ImageUpdater, around: Around) -> str:
    """Say when the next check comes, or that it is overdue; empty when it was never checked."""
    last = obj.status.last_checked_at if obj.status else None
    if last is None:
        return ""
    interval = _interval(obj.metadata.namespace, around)
    due = later(last, interval) if interval else next_check(obj)
    if due is None:
        return ""
    words = f"next by {stamp(due)} (interval {spoken(interval)})" if interval else guess_words(due)
    late = _late(due, interval or INTERVAL, around.now)
    return f"{words}; overdue by {spoken(late)}: is Image Updater running?" if late else words


def _late(due: datetime, interval: timedelta, now: datetime) -> timedelta | None:
    """Return by how much a check is overdue; one interval is allowed for the check itself."""
    limit = later(due, interval)
    return now - due if limit is not None and now > limit else None


def _interval(namespace: str, around: Around) -> timedelta | None:
    """Ask for the interval that Image Updater was told; None when that is not known."""
    config = around.ask(Thing(group="", kind="ConfigMap", namespace=namespace, name=CONFIG)).value
    found = go_duration(at(config, "data", "interval"))
    return found if found and found > timedelta(0) else None


def _recent(obj: ImageUpdater) -> tuple[Detail, ...]:
    facts = []
    for one in (obj.status.recent_updates or ()) if obj.status else ():
        when = f"on {stamp(one.updated_at)}" if one.updated_at else "time unknown"
        apps = f"{one.applications_updated} Applications" if (one.applications_updated or 0) > 1 else ""
        words = ", ".join(filter(None, (when, one.message, apps)))
        facts.append(Fact(f"{one.alias or '?'} {one.new_version or '?'}", words))
    return (Facts("Last updates", tuple(facts)),) if facts else ()
