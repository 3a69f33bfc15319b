"""Doing verbs to the lab as the dashboard does: prepared, performed and proved by the Acts port."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.running import Lab
from watching import Follow, Seen

from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.verbs import Act, Acts, Offer, Outcome, Report, Verb
from trombone_tui.pipeline import PIPELINE

VERBS = {(verb.kind.name, verb.name): verb for stage in PIPELINE for verb in stage.verbs}
"""Every verb that a stage declares."""
_LOOKS = 3
"""How often somebody looks anew whose object changes whenever they decide."""


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a verb."""

    act: Act
    reports: tuple[Report, ...]

    @property
    def last(self) -> Report:
        return self.reports[-1]

    @property
    def outcomes(self) -> list[Outcome]:
        return [report.outcome for report in self.reports]

    def story(self) -> str:
        """Tell it for an assertion."""
        told = [f"{one.seconds:.1f} s {one.outcome}: {one.text}" for one in self.reports]
        return "\n".join([f"{self.act.verb.name} {self.act.ref}, {self.act.plan.before}", *told])

    def is_done(self) -> Done:
        """Insist that its effect was seen, after something was sent."""
        assert self.act.plan.writes, f"nothing was sent: {self.act.plan.noop}"
        assert self.last.outcome is Outcome.DONE, self.story()
        return self


class Hands:
    """Does verbs to what a feed shows, as one persona."""

    def __init__(self, seen: Seen, state: Path, namespace: str) -> None:
        self.seen, self.state, self.namespace = seen, state, namespace

    @property
    def acts(self) -> Acts:
        return self.seen.live.acts

    async def ref(self, kind: str, name: str, *, part: str | None = None, namespace: str = "") -> Ref:
        """Return an object's row as soon as there is one; without ``part`` any, rather the whole object's."""
        where = namespace or ("" if kind.startswith("Cluster") else self.namespace)

        def look() -> Ref | None:
            stages = self.seen.snapshot.stages.values()
            rows = [ref for stage in stages for ref in stage.items if part in (None, ref.part)]
            mine = [ref for ref in rows if (ref.kind, ref.namespace, ref.name) == (kind, where, name)]
            return min(mine, key=lambda ref: len(ref.part), default=None)

        await self.seen.until(lambda _: look(), what=f"a row of {kind} {where}/{name} {part or ''}")
        found = look()
        assert found is not None
        return found

    async def prepare(
        self,
        kind: str,
        name: str,
        verb: str,
        given: Mapping[str, Any] | None = None,
        *,
        part: str | None = None,
        namespace: str = "",
    ) -> Act:
        """Prepare a verb on the object as it is now."""
        ref = await self.ref(kind, name, part=part, namespace=namespace)
        return await self.acts.prepare(ref, VERBS[kind, verb], given or {})

    async def perform(self, act: Act) -> Done:
        """Perform what was prepared, and hear of it to its end."""
        async with aclosing(self.acts.perform(act)) as reports:
            return Done(act, tuple([report async for report in reports]))

    async def do(
        self,
        kind: str,
        name: str,
        verb: str,
        given: Mapping[str, Any] | None = None,
        *,
        part: str | None = None,
        namespace: str = "",
    ) -> Done:
        """Do a verb, and insist that its effect was seen; where the object changed meanwhile, look anew."""
        looks = 1
        while True:
            act = await self.prepare(kind, name, verb, given, part=part, namespace=namespace)
            done = await self.perform(act)
            if done.last.outcome is not Outcome.CONFLICT or looks == _LOOKS:
                return done.is_done()
            looks += 1

    async def offers(self, ref: Ref) -> dict[str, Offer]:
        """Return what is offered for a row, once the API server has said what the user may do."""

        def known() -> bool:
            return all(offer.known for offer in self.acts.offers(ref))

        await self.seen.until(lambda _: known(), what=f"the rights of {ref}")
        return {offer.verb.name: offer for offer in self.acts.offers(ref)}


def verbs_of(ref: Ref) -> list[Verb]:
    """Return every verb of a row's kind."""
    return [verb for (kind, _), verb in VERBS.items() if kind == ref.kind]


@asynccontextmanager
async def hands(
    lab: Lab, *namespaces: str, persona: str = "admin", kubeconfig: str | None = None
) -> AsyncIterator[Hands]:
    """Follow namespaces, and do verbs in the first; what is done is noted in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="trombone-state-") as state:
        before = os.environ.get("XDG_STATE_HOME")
        os.environ["XDG_STATE_HOME"] = state
        try:
            async with Follow(lab)(persona, namespaces, kubeconfig=kubeconfig) as seen:
                yield Hands(seen, Path(state), namespaces[0] if namespaces else "")
        finally:
            if before is None:
                del os.environ["XDG_STATE_HOME"]
            else:
                os.environ["XDG_STATE_HOME"] = before
