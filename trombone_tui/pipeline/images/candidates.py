"""What the registry has of an image: the tag that would be picked, and for every other what refuses it.

Asked only while somebody looks; what can't be read is said, and nothing is guessed in its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from trombone_tui.core.objects.basics import Health
from trombone_tui.core.objects.durations import stamp
from trombone_tui.core.objects.image_names import ImageName
from trombone_tui.core.objects.phrases import counted, short_revision, shortened
from trombone_tui.core.objects.tag_choice import Choice, Strategy, choose, sift
from trombone_tui.core.ports import Candidate, Credentials, PortError
from trombone_tui.core.questions import Answer, Candidates, Tags
from trombone_tui.core.stage import Around, Branch, Detail, Fact, Facts, Tree
from trombone_tui.pipeline.images.tracking import Tracked
from trombone_tui.pipeline.images.writing import foreign_secret

ASKED = 60
"""Tags whose age is asked for where age decides."""
FEW = 10
"""Tags that are described where age does not decide."""
SHOWN = 50
"""Tags that are listed."""
TITLE = "Candidates"
ASKING = "asking the registry…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What came of asking the registry about one image."""

    choice: Choice | None = None
    """None while nothing is known, or where nothing can be."""
    described: Mapping[str, Candidate] = field(default_factory=dict)
    total: int = 0
    """How many tags the repository has."""
    says: str = ""
    """What keeps it from being known, or from being certain; empty when all is known."""

    @property
    def picked(self) -> str | None:
        """The tag that would be picked, as far as it is known."""
        return self.choice.picked if self.choice else None


def find(one: Tracked, namespace: str, live: Sequence[ImageName], around: Around) -> Found:
    """Ask the registry about an image."""
    if not one.image.repository:
        return Found(says="the image has no name")
    if foreign := foreign_secret(one.pull_secret, namespace):
        return Found(
            says=f"not asked: the pull secret is in namespace {foreign}, which Image Updater refuses"
        )
    login = Credentials(source=one.pull_secret) if one.pull_secret else None
    answer = around.ask(Tags(repository=one.image.repository, credentials=login))
    tags = answer.value
    if tags is None:
        return Found(says=ASKING if answer.trouble is None else told(answer.trouble))
    running = {name.tag for name in live if name.tag}
    kept, _ = sift(one.rule, tags)
    asked = _asked(one, kept, [tag for tag in tags if tag in running])
    more: Answer[Mapping[str, Candidate]] = Answer()
    if asked:
        more = around.ask(Candidates(repository=one.image.repository, tags=asked, credentials=login))
    built = None if more.value is None else {tag: found.created for tag, found in more.value.items()}
    choice = choose(one.rule, tags, built, asked)
    return Found(
        choice=choice,
        described=more.value or {},
        total=len(tags),
        says="; ".join(filter(None, (_stale(answer.trouble), _unsure(one, choice, asked, more)))),
    )


def told(error: PortError) -> str:
    """Say what went wrong, and what can be done about it."""
    return f"{error}; {error.advice}" if error.advice else str(error)


def _asked(one: Tracked, kept: Sequence[str], running: Sequence[str]) -> tuple[str, ...]:
    """Choose the tags that are asked about; those that run come first, the others best first."""
    if one.rule.strategy is Strategy.NEWEST:
        return tuple(sorted(dict.fromkeys([*(tag for tag in running if tag in kept), *kept][:ASKED])))
    return tuple(sorted(dict.fromkeys([*kept[:1], *running, *kept][:FEW])))


def _stale(error: PortError | None) -> str:
    return f"these are the tags last seen: {told(error)}" if error is not None else ""


def _unsure(one: Tracked, choice: Choice, asked: Sequence[str], more: Answer[Mapping[str, Candidate]]) -> str:
    """Say what is not known of the tags that were to be described."""
    aged = one.rule.strategy is Strategy.NEWEST
    if more.trouble is not None:
        what = "when they were built is not known" if aged else "their digests are not known"
        return f"{what}: {told(more.trouble)}"
    if asked and more.value is None:
        return ASKING if aged else ""
    if aged and choice.open:
        rest = counted(len(choice.open), "other tag")
        return f"a guess: only {len(asked)} of the tags were asked when they were built, {rest} may be newer"
    return ""


def candidate_details(one: Tracked, live: Sequence[ImageName], found: Found) -> tuple[Detail, ...]:
    """List the tags, the one that would be picked first."""
    if found.choice is None:
        return (Facts(TITLE, (Fact("registry", found.says, Health.UNKNOWN),)),)
    running = {name.tag for name in live if name.tag}
    branches = list(_branches(found, found.choice, running))
    rest = len(branches) - SHOWN
    if rest > 0:
        listed = branches[:SHOWN]
        listed += [one for one in branches[SHOWN:] if one.text in running]
        branches = [*listed, Branch(text=f"{len(branches) - len(listed)} more", note="not shown")]
    if found.says:
        branches.insert(0, Branch(text=found.says, health=Health.UNKNOWN))
    if found.picked is None and not found.choice.open:
        what = f"none of {counted(found.total, 'tag')} is allowed" if found.total else "no tags at all"
        branches.insert(0, Branch(text=what, note=one.rule.broken, health=Health.MISSING))
    return (Tree(f"{TITLE} ({found.total})", tuple(branches)),)


def _branches(found: Found, choice: Choice, running: set[str]) -> Iterator[Branch]:
    for tag in filter(None, (choice.picked,)):
        word = "picked, if nothing newer is found" if choice.open else "picked"
        yield _branch(tag, word, found, running, Health.HEALTHY)
    for tag in choice.open:
        yield _branch(tag, "allowed, its age is not known yet", found, running, Health.UNKNOWN)
    for tag, why in choice.refused.items():
        yield _branch(tag, why, found, running, None)


def _branch(tag: str, word: str, found: Found, running: set[str], health: Health | None) -> Branch:
    known = found.described.get(tag)
    parts = ["runs" if tag in running else "", word, *(_described(known) if known else ())]
    return Branch(text=tag, note=", ".join(filter(None, parts)), health=health)


def _described(known: Candidate) -> Iterator[str]:
    if known.created is not None:
        yield f"built on {stamp(known.created)}"
    if known.digest:
        yield known.digest.removeprefix("sha256:")[:12]
    if known.revision:
        yield f"commit {shortened(short_revision(known.revision), 20)}"
