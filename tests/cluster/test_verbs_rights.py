"""What each persona is offered, against what the API server lets it do; and that read-only is just that."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from acting_hands import VERBS, Hands, hands, verbs_of
from acting_proxy import Recorded, recording
from acting_things import KINDS, Things, things
from asking import Apply, Kubectl
from lab.running import Lab

from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.ports import PortError, Refused
from trombone_tui.core.verbs import Outcome, Verb
from trombone_tui.core.writes import Right

pytestmark = [
    pytest.mark.needs("rollouts", "workflows", "argocd", "images", "events"),
    pytest.mark.timeout(240),
]
SWITCHED = "read-only: switched on; switch it off to change something"


@pytest.fixture(scope="module")
def made(lab: Lab) -> Iterator[Things]:
    with things(lab) as own:
        yield own


def rows(own: Hands, made: Things) -> list[Ref]:
    """Return every row of the namespace that something can be done to, and the template that is in none."""
    stages = own.seen.snapshot.stages.values()
    found = {ref for stage in stages for ref in stage.items if verbs_of(ref)}
    return sorted(ref for ref in found if ref.namespace == made.namespace or ref.name == made.wide)


async def every_row(own: Hands, made: Things, kinds: set[str]) -> list[Ref]:
    """Return them once there is one of every kind."""
    await own.seen.until(
        lambda _: {ref.kind for ref in rows(own, made)} >= kinds, what=f"rows of {sorted(kinds)}"
    )
    return rows(own, made)


def taken(verb: Verb, ref: Ref) -> list[Right]:
    """Return what a verb takes, worked out a second time."""
    where = ref.namespace
    own = [(action, verb.kind, sub) for action, sub in verb.rights]
    others = verb.others if where else ()
    return [Right(verb=a, kind=kind, namespace=where, subresource=sub) for a, kind, sub in (*own, *others)]


def may(kubectl: Kubectl, persona: str, right: Right) -> bool:
    """Say what ``kubectl auth can-i`` says."""
    words = ("auth", "can-i", right.verb, right.kind.resource, "-n", right.namespace)
    sub = (f"--subresource={right.subresource}",) if right.subresource else ()
    return kubectl(*words, *sub, persona=persona, check=False).strip().startswith("yes")


async def test_as_viewer_every_verb_of_every_kind_is_greyed_with_its_reason(lab: Lab, made: Things) -> None:
    async with hands(lab, made.namespace, persona="viewer") as own:
        greyed: dict[tuple[str, str], str] = {}
        for ref in await every_row(own, made, KINDS):
            for name, offer in (await own.offers(ref)).items():
                if ref.name != made.wide:
                    assert offer.reason, f"{name} {ref} is offered"
                greyed.setdefault((ref.kind, name), offer.reason)
        assert set(greyed) == set(VERBS)
        denied = {key for key, reason in greyed.items() if reason.startswith("may not ")}
        assert greyed["Rollout", "abort"] == (
            f"may not patch rollouts.argoproj.io/status in namespace {made.namespace}"
        )
        assert {kind for kind, _ in denied} == KINDS - {"ClusterWorkflowTemplate"}

        # Where it makes its Workflow is only known once it is said.
        act = await own.prepare("ClusterWorkflowTemplate", made.wide, "submit", {"namespace": made.namespace})
        assert [str(right) for right in act.missing] == [
            f"create workflows.argoproj.io in namespace {made.namespace}"
        ]
        done = await own.perform(act)
        assert done.outcomes == [Outcome.REFUSED]
        assert done.last.text.endswith("nothing was sent")


async def test_as_dev_what_its_rights_allow_is_offered_and_nothing_else(lab: Lab, made: Things) -> None:
    kubectl = Kubectl(lab)
    Apply(kubectl)(
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "RoleBinding",
            "metadata": {"name": "develop", "namespace": made.namespace},
            "roleRef": {
                "apiGroup": "rbac.authorization.k8s.io",
                "kind": "ClusterRole",
                "name": "lab-develop",
            },
            "subjects": [
                {"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "lab-devs"},
            ],
        }
    )
    seen_kinds = KINDS - {"ImageUpdater", "ClusterWorkflowTemplate"}
    async with hands(lab, made.namespace) as admin:
        refs = await every_row(admin, made, KINDS)
        blocked = {ref: await admin.offers(ref) for ref in refs}
    async with hands(lab, made.namespace, persona="dev") as own:
        await every_row(own, made, seen_kinds)
        assert {ref.kind for ref in rows(own, made)} == seen_kinds
        for ref in rows(own, made):
            for name, offer in (await own.offers(ref)).items():
                allowed = all(
                    [
                        await asyncio.to_thread(may, kubectl, "dev", right)
                        for right in taken(VERBS[ref.kind, name], ref)
                    ]
                )
                if ref.kind == "EventSource":
                    assert not allowed
                    assert offer.reason.startswith("may not get pods/portforward"), offer.reason
                    continue
                assert allowed, f"the lab lets dev not {name} {ref}"
                assert offer.reason == blocked[ref][name].reason, f"{name} {ref}"
        offered = {
            (ref.kind, name)
            for ref in rows(own, made)
            for name, offer in (await own.offers(ref)).items()
            if not offer.reason
        }
        assert {kind for kind, _ in offered} == seen_kinds - {"EventSource"}
        done = await own.do("CronWorkflow", "nightly", "suspend")
        assert done.last.outcome is Outcome.DONE
        await own.do("CronWorkflow", "nightly", "resume")


async def test_read_only_lets_nothing_out_whatever_is_pressed(lab: Lab, made: Things, tmp_path: Path) -> None:
    async with (
        recording(lab, tmp_path) as seen,
        hands(lab, made.namespace, kubeconfig=str(seen.kubeconfig)) as own,
    ):
        refs = await every_row(own, made, KINDS)
        prepared = [
            await own.acts.prepare(ref, VERBS[ref.kind, name], made.given(ref.kind, name))
            for ref in refs
            for name, offer in (await own.offers(ref)).items()
            if not offer.reason
        ]
        assert {act.ref.kind for act in prepared} == KINDS
        assert seen.requests, "nothing goes through the proxy"

        own.acts.set_read_only(True)
        for ref in refs:
            for verb in verbs_of(ref):
                with pytest.raises(Refused, match="read-only"):
                    await own.acts.prepare(ref, verb, made.given(ref.kind, verb.name))
            assert {offer.reason for offer in own.acts.offers(ref)} == {SWITCHED}
        for act in prepared:  # confirmed before it was switched on
            done = await own.perform(act)
            assert done.last.outcome is (Outcome.REFUSED if act.plan.writes else Outcome.DONE), done.story()
            touched = await own.acts.touch(act)
            assert touched.outcome is Outcome.REFUSED
            if act.plan.writes:
                with pytest.raises(PortError):
                    await own.acts.rehearse(act)
        assert seen.changing == []

        own.acts.set_read_only(False)
        await own.do("CronWorkflow", "nightly", "suspend")  # the proxy does see what changes something
        assert [method for method, _ in seen.changing] == ["PATCH"]
        await own.do("CronWorkflow", "nightly", "resume")


async def test_no_command_with_read_only_sends_anything(lab: Lab, made: Things, tmp_path: Path) -> None:
    async with recording(lab, tmp_path) as seen:
        async with hands(lab, made.namespace) as own:
            refs = {(ref.kind, ref.name): ref for ref in await every_row(own, made, KINDS)}
        limit = asyncio.Semaphore(2)

        async def run(ref: Ref, verb: Verb) -> None:
            async with limit:
                code, told = await asyncio.to_thread(_command, seen, tmp_path, made, ref, verb)
            assert code == 2, (verb.name, ref, told)
            assert "read-only" in told, (verb.name, ref, told)

        wanted = {(ref.kind, verb.name): (ref, verb) for ref in refs.values() for verb in verbs_of(ref)}
        assert set(wanted) == set(VERBS)
        await asyncio.gather(*(run(*one) for one in wanted.values()))
        assert seen.requests, "nothing goes through the proxy"
        assert seen.changing == []


def _command(seen: Recorded, state: Path, made: Things, ref: Ref, verb: Verb) -> tuple[int, str]:
    """Say a verb on the command line, confirmed, with ``--read-only``."""
    named = f"{ref.name}/{ref.part}" if verb.of_part else ref.name
    kind = verb.noun or ref.kind.lower()
    values = [
        word
        for name, value in made.given(ref.kind, verb.name).items()
        if name != "namespace"
        for word in ([*value] if isinstance(value, tuple) else [str(value)])
    ]
    words = [verb.name, kind, named, *values, "-n", made.namespace, "--yes"]
    done = subprocess.run(
        [sys.executable, "-m", "trombone_tui", "--read-only", "--kubeconfig", str(seen.kubeconfig), *words],
        text=True,
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=60,
        env={**os.environ, "XDG_STATE_HOME": str(state)},
    )
    return done.returncode, done.stdout + done.stderr
