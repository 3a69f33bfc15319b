"""What an EventSource's and a Sensor's details tell of pushes, against what their pods really logged."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from asking import Kubectl
from lab import hook
from lab.running import Lab
from patience import eventually, until
from telling import Told, sources, told
from watching import Follow, Seen

from trombone_tui.core.objects.basics import Health
from trombone_tui.core.ports import LogOptions
from trombone_tui.core.stage import Item

pytestmark = [
    pytest.mark.needs("events", "workflows", "demo"),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(120),
]

HERE = "argo-events"
Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Pushed:
    """Three pushes: to main, to the branch whose triggers all fail, and one that nobody signed rightly."""

    seen: Seen
    kubectl: Kubectl
    main: str
    """The id that the event source gave the push to main."""
    in_vain: str
    commit: str
    since: datetime

    def item(self, kind: str, name: str) -> Item:
        found = self.seen.item("events", kind, HERE, name)
        assert found is not None, f"{kind} {name} is not shown"
        return found

    def entries(self, selector: str) -> list[Entry]:
        """Return what ``kubectl logs`` prints of a part's pod, as far as it is JSON."""
        printed = self.kubectl("logs", "-n", HERE, "-l", selector, "--tail=-1")
        return [json.loads(line) for line in printed.splitlines() if line.startswith("{")]


@pytest.fixture(scope="module")
def pushes(lab: Lab) -> Iterator[tuple[str, str, str, datetime]]:
    """The ids of both events, found in the event source's own log, the commit, and when it began."""
    kubectl, since = Kubectl(lab), datetime.now(UTC)

    def published() -> list[str]:
        printed = kubectl("logs", "-n", HERE, "-l", "eventsource-name=github", "--tail=-1")
        found = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
        return [one["eventID"] for one in found if one["msg"] == "Succeeded to publish an event"]

    def pushed_to(branch: str, sha: str) -> str:
        """Push, and return the id that the event source gave it."""
        before = len(published())
        assert hook.push(sha, "1.0.1", ref=f"refs/heads/{branch}") == 200
        return until(lambda: published()[before:], what=f"the push to {branch}")[0]

    commit = secrets.token_hex(20)
    ids = [pushed_to("main", commit), pushed_to("in-vain", secrets.token_hex(20))]
    assert hook.push("0" * 40, secret=b"wrong") == 400
    yield ids[0], ids[1], commit, since
    for name in kubectl("get", "workflows", "-n", "shop", "-o", "name").split():
        if "/no-template-" in name:
            kubectl("delete", "-n", "shop", name, "--wait=false", check=False)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pushed(lab: Lab, pushes: tuple[str, str, str, datetime]) -> AsyncIterator[Pushed]:
    async with Follow(lab)(namespaces=(HERE, "ci", "shop")) as seen:
        main, in_vain, commit, since = pushes
        yield Pushed(seen, Kubectl(lab), main, in_vain, commit, since)


async def test_what_an_event_source_published_and_refused_is_what_its_pod_logged(pushed: Pushed) -> None:
    def right(details: Told) -> None:
        logged = pushed.entries("eventsource-name=github")
        published = [one for one in logged if one["msg"] == "Succeeded to publish an event"]
        refused = [one for one in logged if one["msg"].startswith("request is not valid event notification")]
        said = str(details.fact("In the log", "push"))
        assert said.startswith(f"{len(published)} published, {len(refused)} refused, last seen ")
        assert "bad signature" in said
        last = datetime.fromisoformat(published[-1]["ts"])
        assert details.fact("Event source", "last seen") == last
        lines = [line.text for line in details.lines("What happened")]
        for one in (pushed.main, pushed.in_vain):
            assert any(line.startswith(f"push published, event {one[:11]}") for line in lines)
        assert any("refused a request: bad signature" in line for line in lines)
        assert details.fact("Event source", "Sensors") == "github, in-vain"

    await told(pushed.seen, pushed.item("EventSource", "github"), right)


async def test_a_published_event_is_the_one_that_the_sensor_processed_and_the_workflow_carries(
    pushed: Pushed,
) -> None:
    item = pushed.item("Sensor", "github")

    def right(details: Told) -> None:
        (done,) = (
            one
            for one in pushed.entries("sensor-name=github")
            if one["msg"].startswith("Successfully processed trigger")
            and one["triggeredByEvents"] == [pushed.main]
        )
        lines = {line.text: line for line in details.lines("What happened")}
        text = f"build triggered by push, event {pushed.main[:11]}…"
        assert text in lines
        line = lines[text]
        assert (line.at, line.health) == (datetime.fromisoformat(done["ts"]), Health.HEALTHY)
        assert f"event {pushed.in_vain[:11]}" not in " ".join(text for text in lines if "triggered" in text)
        assert any("did not pass the filter of trigger build" in text for text in lines)
        started = pushed.kubectl.get("workflows", "-n", "ci", "-l", "events.argoproj.io/sensor=github")
        (mine,) = (
            one
            for one in started["items"]
            if one["metadata"]["annotations"].get("lab/event-id") == pushed.main
        )
        assert any(f"ci/{mine['metadata']['name']} by trigger build" in one.text
                   for one in details.lines("Workflows started"))  # fmt: skip
        parameters = mine["spec"]["arguments"]["parameters"]
        assert parameters == [{"name": "sha", "value": pushed.commit}]

    await told(pushed.seen, item, right)


async def test_filters_and_triggers_are_told_in_words(pushed: Pushed) -> None:
    def right(details: Told) -> None:
        held = pushed.kubectl.get("sensor", "github", "-n", HERE)["spec"]
        (data,) = held["dependencies"][0]["filters"]["data"]
        assert details.branch("Waits for", data["path"]).text.startswith(
            f"{data['path']} matches {data['value'][0]}"
        )
        texts = [branch.text for branch in details.tree("Triggers")]
        assert "build: create Workflow demo-build-… in namespace ci" in texts
        for parameter in held["triggers"][0]["template"]["k8s"]["parameters"]:
            assert any(text.startswith(f"{parameter['dest']} is ") for text in texts)

    await told(pushed.seen, pushed.item("Sensor", "github"), right)


async def test_triggers_that_failed_say_why_as_their_pod_logged_it(pushed: Pushed) -> None:
    why = {
        "forbidden": r"RBAC: user dev may not create workflows\.argoproj\.io in namespace argo-events; .*",
        "nobody-listens": r"no connection: Post \"http://127\.0\.0\.1:1/hook\": .*connection refused",
    }

    def right(details: Told) -> None:
        logged = [one for one in pushed.entries("sensor-name=in-vain") if one["level"] == "error"]
        for trigger, words in why.items():
            failed = [
                one for one in logged if one.get("triggerName") == trigger and one.get("triggeredByEvents")
            ]
            said = str(details.fact("In the log", f"trigger {trigger}"))
            assert re.search(rf"(^|, ){len(failed)} failed, ", said), said
            assert re.search(rf"; the newest error: {words}$", said), said
        lines = [line.text for line in details.lines("What happened")]
        for trigger, words in why.items():
            event = f"{re.escape(pushed.in_vain[:11])}…"
            assert any(
                re.fullmatch(rf"{trigger} failed for push, event {event}: {words}", one) for one in lines
            )
        (failed_fact,) = (one for one in details.facts("Sensor") if one.name == "failed")
        assert failed_fact.health is Health.DEGRADED

    await told(pushed.seen, pushed.item("Sensor", "in-vain"), right)


async def test_a_workflow_that_a_trigger_started_from_a_template_that_is_missing_says_so(
    pushed: Pushed,
) -> None:
    def right(details: Told) -> None:
        started = pushed.kubectl.get("workflows", "-n", "shop", "-l", "events.argoproj.io/sensor=in-vain")
        newest = max(started["items"], key=lambda one: str(one["metadata"]["creationTimestamp"]))
        assert newest["status"]["phase"] == "Error"
        name = newest["metadata"]["name"]
        (line,) = (one for one in details.lines("Workflows started") if f"shop/{name} " in one.text)
        assert (line.health, "Error" in line.text) == (Health.DEGRADED, True)
        run = pushed.seen.item("workflows", "Workflow", "shop", name)
        assert run is not None
        assert '"no-such-template" not found' in run.why

    await told(pushed.seen, pushed.item("Sensor", "in-vain"), right)


async def test_the_log_of_a_sensor_is_followed_as_kubectl_prints_it(pushed: Pushed) -> None:
    (source,) = await sources(pushed.seen, pushed.item("Sensor", "github"), lambda found: len(found) == 1)
    cluster = pushed.item("Sensor", "github").ref.cluster
    printed = await asyncio.to_thread(
        pushed.kubectl, "logs", "-n", HERE, source.pod, "-c", source.container, "--tail=5"
    )
    ours: list[str] = []

    async def read() -> None:
        async for batch in pushed.seen.live.log(cluster, source, LogOptions(follow=True, lines=5)):
            ours.extend(line.text for line in batch)

    reading = asyncio.create_task(read())
    try:
        await eventually(lambda: len(ours) >= 5, what="five lines")
        assert ours[:5] == printed.splitlines()[-5:]
        before = len(ours)
        assert await asyncio.to_thread(hook.push, secrets.token_hex(20), ref="refs/heads/other") == 200
        await eventually(lambda: len(ours) > before, what="a line that was written since")
        assert any("not interested in dependency" in line for line in ours[before:])
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


async def test_who_may_not_read_logs_is_told_so_and_still_sees_what_was_started(
    pushed: Pushed, lab: Lab
) -> None:
    """A viewer without ``pods/log``: the labels of Workflows tell all the same."""
    name, user = f"t-{secrets.token_hex(3)}", "reader"
    verbs = ("--verb=get,list,watch", "--resource=*.argoproj.io,pods,deployments.apps,statefulsets.apps")
    kubectl = pushed.kubectl
    kubectl("create", "clusterrole", name, *verbs)
    kubectl("create", "clusterrolebinding", name, f"--clusterrole={name}", f"--user={user}")
    try:
        can = ("auth", "can-i", "watch", "pods", "-A", "--as", user)
        until(lambda: kubectl(*can, check=False).strip() == "yes", what="the rights")
        async with Follow(lab)(namespaces=(HERE, "ci"), as_user=user) as seen:
            item = seen.item("events", "Sensor", HERE, "github")
            assert item is not None

            def right(details: Told) -> None:
                assert "no log: " in str(details.fact("In the log", "read"))
                assert f'User "{user}"' in str(details.fact("In the log", "read")) or "may not" in str(
                    details.fact("In the log", "read")
                )
                assert details.lines("Workflows started")
                assert not details.lines("What happened")

            await told(seen, item, right)
    finally:
        kubectl("delete", "clusterrolebinding,clusterrole", name, check=False)
