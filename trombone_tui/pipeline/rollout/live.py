"""What is live of a service, and what Argo CD believes: after an abort the two differ.

What is live is the stable ReplicaSet's template (blue-green: the active one's); the commit is what the
image says itself, by the label ``org.opencontainers.image.revision``. An Application's revision is one of
its config repository, and only what was asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from trombone_tui.core.objects.argo_cd import Application
from trombone_tui.core.objects.basics import Health
from trombone_tui.core.objects.image_names import ImageName
from trombone_tui.core.objects.phrases import short_revision, short_revisions
from trombone_tui.core.ports import Candidate, Credentials, Denied, Unauthenticated
from trombone_tui.core.questions import Answer, Candidates
from trombone_tui.core.stage import Around, Fact, Facts
from trombone_tui.pipeline.rollout.clock import age
from trombone_tui.pipeline.rollout.phase import promoted
from trombone_tui.pipeline.rollout.progress import Progress, Side
from trombone_tui.pipeline.rollout.row import live_since
from trombone_tui.pipeline.rollout.weights import share

_MOST = 5
"""Images of a pod that the registry is asked for."""


def live(of: Progress, around: Around) -> Facts:
    """Tell what users get, since when, of which commit, and what Argo CD says beside it."""
    side = of.live
    if side is None:
        return Facts("Live", (Fact("Live", "nothing was promoted yet"), *_applications(of)))
    return Facts("Live", (*_running(of, side, around), *_commits(of, side, around), *_applications(of)))


def _running(of: Progress, side: Side, around: Around) -> Iterator[Fact]:
    hidden = "no ReplicaSet tells" if of.seen else "not visible to you"
    yield Fact("Live image", side.image or hidden)
    since = live_since(of)
    if since is not None:
        yield Fact("Live since", since)
        yield Fact("Live for", age(since, around.now))
    found = of.family.of_hash(side.hash)
    if found is not None:
        yield Fact("Its ReplicaSet is from", found.metadata.creation_timestamp)
    if side.available is not None:
        none = side.available == 0 and bool(side.wanted)
        told = f"{side.available} of {'?' if side.wanted is None else side.wanted} available"
        yield Fact("Live pods", told, Health.DEGRADED if none else None)
    weights = of.weights
    if weights is not None and of.new is not None and weights.actual is not None:
        left = max(weights.top - weights.actual, 0)
        yield Fact("Live traffic", share(left, weights.top))
        yield Fact("Beside it", f"{_short(of.new)} with {share(weights.actual, weights.top)}")


def _commits(of: Progress, side: Side, around: Around) -> Iterator[Fact]:
    images = [ImageName.parse(written) for written in (side.images or ())[:_MOST]]
    for image in images:
        name = "Live commit" if len(images) == 1 else f"Commit of {image.repository}"
        yield Fact(name, _commit(of, image, around))


def _commit(of: Progress, image: ImageName, around: Around) -> str:
    """Say the commit that an image says it was built from, or why it is not known."""
    if not image.tag:
        return "unknown: the image has no tag to ask the registry for"
    answer = _asked(of, image, around)
    if answer.value is None:
        return "asking the registry" if answer.trouble is None else f"unknown: {answer.trouble}"
    found = answer.value.get(image.tag)
    if found is None:
        return f"unknown: the registry has no tag {image.tag} any more"
    return found.revision or "unknown: the image has no label org.opencontainers.image.revision"


def _asked(of: Progress, image: ImageName, around: Around) -> Answer[Mapping[str, Candidate]]:
    """Ask the registry for an image; when it wants a login, again with the pods' first pull secret."""
    open_to_all = Candidates(repository=image.repository, tags=(image.tag,))
    answer = around.ask(open_to_all)
    found = of.family.of_hash(of.live.hash) if of.live else None
    template = found.spec.template.spec if found and found.spec and found.spec.template else None
    secrets = [one.name for one in (template.image_pull_secrets if template else None) or () if one.name]
    if not secrets or not isinstance(answer.trouble, Denied | Unauthenticated):
        return answer
    source = f"pullsecret:{of.rollout.metadata.namespace}/{secrets[0]}"
    return around.ask(replace(open_to_all, credentials=Credentials(source=source)))


def _known_commit(of: Progress, around: Around) -> str:
    """Return the commit of the live image that changes, short; empty while it is not known."""
    switched = of.live is not None and of.new is not None and of.live.hash == of.new.hash
    image = of.changed[1 if switched else 0]
    if image is None or not image.tag:
        return ""
    found = (_asked(of, image, around).value or {}).get(image.tag)
    return short_revision(found.revision) if found is not None else ""


def beside_argo_cd(of: Progress, around: Around) -> str:
    """Set what Argo CD says beside what is live, in a sentence; empty without an Application."""
    applications = of.family.applications()
    if not applications or of.live is None:
        return ""
    commit = _known_commit(of, around)
    built = f" (commit {commit})" if commit else ""
    return f"Argo CD says {_says(applications[0])}; live is {_short(of.live)}{built}: {_stand(of)}"


def _stand(of: Progress) -> str:
    if of.status.abort:
        return "the update was aborted"
    if promoted(of.status):
        return "it is fully promoted"
    return "an update is on its way" if of.new is not None else "nothing else is known"


def _applications(of: Progress) -> Iterator[Fact]:
    found = of.family.applications()
    if not found and not of.family.applications_seen:
        yield Fact("Argo CD says", "Applications are not visible to you")
    elif not found:
        yield Fact("Argo CD says", "no Application manages it")
    for one in found:
        name = "Argo CD says" if len(found) == 1 else f"Argo CD's {one.metadata.name} says"
        yield Fact(name, f"{_says(one)}, of its config repository")


def _says(application: Application) -> str:
    sync = application.status.sync if application.status else None
    if sync is None:
        return "nothing yet"
    named_revisions = short_revisions(sync.revisions, sync.revision)
    word = sync.status or "nothing of its sync"
    return f"{word} to {named_revisions}" if named_revisions else word


def _short(side: Side) -> str:
    images = side.images or ()
    return ", ".join(ImageName.parse(one).short for one in images) or f"hash {side.hash}"
