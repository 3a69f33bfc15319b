"""CronWorkflows: a Workflow at every other full minute, or however many minutes the schedule says."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from trombone_tui.demo.clock import stamp
from trombone_tui.demo.records import Record
from trombone_tui.demo.story.graph import PREFIX
from trombone_tui.demo.story.workflows import RESOURCE as WORKFLOWS
from trombone_tui.demo.story.world import Actor, World, owner

Object = dict[str, Any]

RESOURCE = "cronworkflows.argoproj.io"
KEPT = 3


class CronWorkflows:
    """Starts the Workflows of CronWorkflows, counts and forgets them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._api = Actor(world, "workflow-controller")
        world.follow(WORKFLOWS, self._changed)

    def begin(self, namespace: str, name: str) -> None:
        """Follow a CronWorkflow's schedule from now on."""
        cron = self._api.get(RESOURCE, namespace, name)
        if cron is None:
            return
        minutes = every(cron["spec"]["schedules"][0])
        moment = next_time(self._world.now, minutes)
        self._world.schedule.at(moment, lambda: self._run(namespace, name, moment))

    def _run(self, namespace: str, name: str, moment: datetime) -> None:
        self.begin(namespace, name)
        cron = self._api.get(RESOURCE, namespace, name)
        if cron is None or cron["spec"].get("suspend"):
            return
        made = self._api.create(
            WORKFLOWS,
            {
                "metadata": {
                    "name": f"{name}-{int(moment.timestamp())}",
                    "namespace": namespace,
                    "labels": {f"{PREFIX}cron-workflow": name},
                    "annotations": {f"{PREFIX}scheduled-time": stamp(moment)},
                    "ownerReferences": [owner(cron)],
                },
                "spec": {"arguments": {}, **cron["spec"]["workflowSpec"]},
            },
        )
        if made is None:
            return
        reference = {
            "apiVersion": made["apiVersion"],
            "kind": made["kind"],
            "name": made["metadata"]["name"],
            "namespace": namespace,
            "uid": made["metadata"]["uid"],
        }

        def edit(obj: Object) -> None:
            status = obj.setdefault("status", {})
            status |= {"phase": "Active", "lastScheduledTime": stamp(moment)}
            status.setdefault("succeeded", 0)
            status.setdefault("failed", 0)
            status["active"] = [reference]
            notes = obj["metadata"].setdefault("annotations", {})
            notes["cronworkflows.argoproj.io/last-used-schedule"] = obj["spec"]["schedules"][0]

        self._api.edit(RESOURCE, namespace, name, edit)

    def _changed(self, change: str, record: Record) -> None:
        name = record.labels.get(f"{PREFIX}cron-workflow")
        if name is None or change == "DELETED" or record.labels.get(f"{PREFIX}completed") != "true":
            return
        self._world.after(0.2, lambda: self._ended(record, name))

    def _ended(self, workflow: Record, name: str) -> None:
        namespace, run = workflow.key
        good = workflow.section("status")["phase"] == "Succeeded"
        cron = self._api.get(RESOURCE, namespace, name)
        active = (cron or {}).get("status", {}).get("active") or ()
        if run not in [one["name"] for one in active]:
            return

        def edit(obj: Object) -> None:
            obj["status"].pop("active", None)
            obj["status"]["succeeded" if good else "failed"] += 1

        self._api.edit(RESOURCE, namespace, name, edit)
        runs = [
            one
            for one in self._api.list(WORKFLOWS, namespace)
            if (one["metadata"].get("labels") or {}).get(f"{PREFIX}cron-workflow") == name
        ]
        for old in sorted(runs, key=lambda one: one["metadata"]["name"])[:-KEPT]:
            self._api.delete(WORKFLOWS, namespace, old["metadata"]["name"])


def every(schedule: str) -> int:
    """Read the minutes of ``*/5 * * * *`` or ``* * * * *``; other schedules count as every 60."""
    first = schedule.split()[0]
    if first == "*":
        return 1
    return int(first[2:]) if first.startswith("*/") else 60


def next_time(moment: datetime, minutes: int) -> datetime:
    """Return the next full minute that is a multiple of so many, in the hour."""
    start = moment.replace(second=0, microsecond=0)
    return start + timedelta(minutes=minutes - start.minute % minutes)
