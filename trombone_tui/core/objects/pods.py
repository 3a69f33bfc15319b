"""Pods: what runs in them, and in one sentence why one does not.

Fields: ``api@v0.36:core/v1/types.go``. Which waiting reasons are failures is Argo CD's rule
(``gitops-engine@v0.7:pkg/health/health_pod.go``); the word for a pod is kubectl's
(``kubernetes@v1.36:pkg/printers/internalversion/printers.go``, printPod).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

from trombone_tui.core.objects.basics import Condition, Health, Kind, Object, Partial, Time, condition
from trombone_tui.core.objects.phrases import counted


class Waiting(Partial):
    """A container that is not started."""

    reason: str | None = None
    message: str | None = None


class Running(Partial):
    """A container that runs."""

    started_at: Time | None = None


class Terminated(Partial):
    """A container that ended."""

    exit_code: int | None = None
    signal: int | None = None
    reason: str | None = None
    message: str | None = None
    started_at: Time | None = None
    finished_at: Time | None = None

    @property
    def words(self) -> str:
        """How it ended: ``OOMKilled, exit code 137``."""
        code = f"exit code {self.exit_code}" if self.exit_code is not None else ""
        return ", ".join(part for part in (self.reason, code) if part) or "ended"


class ContainerState(Partial):
    """One of the three is set."""

    waiting: Waiting | None = None
    running: Running | None = None
    terminated: Terminated | None = None


class ContainerStatus(Partial):
    """What the node says of one container."""

    name: str | None = None
    image: str | None = None
    ready: bool | None = None
    restart_count: int | None = None
    state: ContainerState | None = None
    last_state: ContainerState | None = None

    @property
    def ended(self) -> Terminated | None:
        """How it ended the last time: now, or before it was started anew."""
        for state in (self.state, self.last_state):
            if state is not None and state.terminated is not None:
                return state.terminated
        return None

    @property
    def waiting(self) -> Waiting | None:
        """Why it is not started."""
        return self.state.waiting if self.state else None


class Container(Partial):
    """A container as it is wanted."""

    name: str | None = None
    image: str | None = None
    restart_policy: str | None = None


class PodSpec(Partial):
    """``spec``, as far as it is read."""

    node_name: str | None = None
    containers: list[Container] | None = None
    init_containers: list[Container] | None = None


class PodStatus(Partial):
    """``status``, as far as it is read."""

    phase: str | None = None
    reason: str | None = None
    message: str | None = None
    start_time: Time | None = None
    conditions: list[Condition] | None = None
    container_statuses: list[ContainerStatus] | None = None
    init_container_statuses: list[ContainerStatus] | None = None


class Pod(Object):
    """Containers that run together on one node."""

    spec: PodSpec | None = None
    status: PodStatus | None = None

    @property
    def containers(self) -> tuple[str, ...]:
        """The names of its containers, without those that only prepare."""
        return tuple(one.name for one in (self.spec.containers if self.spec else None) or () if one.name)

    @property
    def statuses(self) -> tuple[ContainerStatus, ...]:
        """What the node says of its containers, those that prepare first."""
        if self.status is None:
            return ()
        return (*(self.status.init_container_statuses or ()), *(self.status.container_statuses or ()))

    @property
    def preparing(self) -> ContainerStatus | None:
        """The container that has to end before the others are started, if one is not done."""
        lasting = {
            one.name
            for one in (self.spec.init_containers if self.spec else None) or ()
            if one.restart_policy == "Always"
        }
        for one in (self.status.init_container_statuses if self.status else None) or ():
            how = one.state.terminated if one.state else None
            if one.name not in lasting and (how is None or how.exit_code != 0):
                return one
        return None

    @property
    def word(self) -> str:
        """What kubectl calls its state: ``Running``, ``CrashLoopBackOff``, ``Init:Error``."""
        status = self.status or PodStatus()
        if self.metadata.deletion_timestamp is not None:
            return "Terminating"
        if (first := self.preparing) is not None:
            word = _state_word(first.state)
            return "Init" if word in ("", "PodInitializing") else f"Init:{word}"
        for one in reversed(status.container_statuses or ()):
            if not (one.state and one.state.running) and (word := _state_word(one.state)):
                return word
        return status.reason or status.phase or "Unknown"

    @property
    def ready_count(self) -> str:
        """How many of its containers are ready, ``1/2``."""
        of = (self.status.container_statuses if self.status else None) or ()
        return f"{sum(bool(one.ready) for one in of)}/{len(self.containers) or len(of)}"

    @property
    def restarts(self) -> int:
        """How often its containers were started anew, all together."""
        return sum(one.restart_count or 0 for one in self.statuses)

    def restarts_of(self, container: str) -> int:
        """How often one of its containers was started anew."""
        return sum(one.restart_count or 0 for one in self.statuses if one.name == container)

    @property
    def ready(self) -> bool:
        """Whether it is ready to serve, by its own condition."""
        found = condition(self.status.conditions if self.status else None, "Ready")
        return found is not None and found.status == "True"

    @property
    def last_ended(self) -> tuple[str, Terminated] | None:
        """The container that ended last, and how; of several at once one that failed."""
        ended = [(one.name or "", one.ended) for one in self.statuses]
        known = [(how.finished_at, name, how) for name, how in ended if how is not None and how.finished_at]
        last = max(known, key=lambda one: (one[0], bool(one[2].exit_code)), default=None)
        return last[1:] if last else None

    @property
    def health(self) -> Health:
        """How well it is; Unknown without a status."""
        phase = self.status.phase if self.status else None
        if self.metadata.deletion_timestamp is not None:
            return Health.PROGRESSING
        if phase == "Failed" or any(_broken(one.waiting) for one in self.statuses):
            return Health.DEGRADED
        if phase == "Succeeded":
            return Health.HEALTHY
        if phase == "Pending":
            return Health.PROGRESSING
        if phase != "Running":
            return Health.UNKNOWN
        if self.ready:
            return Health.HEALTHY
        ended = any(one.last_state and one.last_state.terminated for one in self.statuses)
        return Health.DEGRADED if ended else Health.PROGRESSING

    @property
    def why(self) -> str:
        """What keeps it from being ready, in words; empty when nothing does."""
        return next(self._reasons(), "")

    def _reasons(self) -> Iterator[str]:
        status = self.status
        if status is None:
            return
        if self.metadata.deletion_timestamp is not None:
            yield "is being ended"
        if status.phase == "Failed":
            ended = self.last_ended
            yield _joined(status.reason or (ended[1].words if ended else "failed"), status.message)
        yield from (f"container {one.name}: {_waits(one)}" for one in self.statuses if _broken(one.waiting))
        scheduled = condition(status.conditions, "PodScheduled")
        if scheduled is not None and scheduled.status == "False":
            yield _joined(scheduled.reason or "not scheduled", scheduled.message)
        if (first := self.preparing) is not None and first.state is not None and first.state.running:
            yield f"container {first.name} has to end before the others start"
        yield from (f"container {one.name}: {_waits(one)}" for one in self.statuses if one.waiting)
        if status.phase == "Running" and not self.ready:
            found = condition(status.conditions, "Ready")
            yield _joined("not ready", (found.message or found.reason) if found else None)
        if status.phase == "Pending":
            yield "is not started yet"


def _waits(one: ContainerStatus) -> str:
    waiting = one.waiting or Waiting()
    text = _joined(waiting.reason or "waits", waiting.message)
    if one.restart_count and one.ended is not None:
        return f"{text} (started anew {counted(one.restart_count, 'time')}, last {one.ended.words})"
    return text


def _joined(reason: str, message: str | None) -> str:
    return f"{reason}: {message}" if message else reason


def _state_word(state: ContainerState | None) -> str:
    """Name what a container is in, as kubectl does; empty where nothing is told."""
    if state is None:
        return ""
    if (ended := state.terminated) is not None:
        code = f"Signal:{ended.signal}" if ended.signal else f"ExitCode:{ended.exit_code or 0}"
        return ended.reason or code
    return (state.waiting.reason or "") if state.waiting else ""


def _broken(waiting: Waiting | None) -> bool:
    reason = waiting.reason if waiting else None
    return reason is not None and (
        reason.startswith("Err") or reason.endswith(("Error", "BackOff", "InvalidImageName"))
    )


class RolloutPod(Pod):
    """A pod of a Rollout or Experiment, of which only its state is kept."""

    def reduced(self) -> Self:
        """Keep who it is and how it is; of its conditions the two that are read."""
        self.metadata.annotations = self.metadata.labels = self.metadata.generate_name = None
        if self.spec is not None:
            self.spec = PodSpec(containers=_named(self.spec.containers), init_containers=self._lasting())
        if self.status is not None and self.status.conditions:
            kept = ("Ready", "PodScheduled")
            self.status.conditions = [one for one in self.status.conditions if one.type in kept]
        for one in self.statuses:
            one.image = None
        return self

    def _lasting(self) -> list[Container] | None:
        of = (self.spec.init_containers if self.spec else None) or ()
        return [Container(name=one.name, restart_policy=one.restart_policy) for one in of] or None


def _named(containers: list[Container] | None) -> list[Container] | None:
    return [Container(name=one.name) for one in containers or ()] or None


POD = Kind(name="Pod", plural="pods", group="", version="v1", shape=Pod)

ROLLOUT_POD = Kind(
    name="Pod",
    plural="pods",
    group="",
    version="v1",
    shape=RolloutPod,
    selector="rollouts-pod-template-hash",
)
"""Those of Rollouts and Experiments: ``argo-rollouts@v1.9.1:utils/replicaset/replicaset.go``."""
