"""Pods: what runs in them, and in one sentence why one does not.

Fields: ``api@v0.36:core/v1/types.go``. Which waiting reasons are failures is Argo CD's rule
(``gitops-engine@v0.7:pkg/health/health_pod.go``).
"""

from __future__ import annotations

from collections.abc import Iterator

from trombone_tui.core.objects.basics import Condition, Health, Kind, Object, Partial, Time, condition


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
    def restarts(self) -> int:
        """How often its containers were started anew, all together."""
        return sum(one.restart_count or 0 for one in self.statuses)

    @property
    def ready(self) -> bool:
        """Whether it is ready to serve, by its own condition."""
        found = condition(self.status.conditions if self.status else None, "Ready")
        return found is not None and found.status == "True"

    @property
    def last_ended(self) -> tuple[str, Terminated] | None:
        """The container that ended last, and how."""
        ended = [(one.name or "", one.ended) for one in self.statuses]
        known = [(name, how) for name, how in ended if how is not None and how.finished_at is not None]
        return max(known, key=lambda pair: str(pair[1].finished_at), default=None)

    @property
    def health(self) -> Health:
        """How well it is; Unknown without a status."""
        phase = self.status.phase if self.status else None
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
        return (
            Health.DEGRADED
            if any(one.last_state and one.ended for one in self.statuses)
            else Health.PROGRESSING
        )

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
        for one in self.statuses:
            if _broken(one.waiting):
                yield f"container {one.name}: {_waits(one)}"
        scheduled = condition(status.conditions, "PodScheduled")
        if scheduled is not None and scheduled.status == "False":
            yield _joined(scheduled.reason or "not scheduled", scheduled.message)
        for one in self.statuses:
            if one.waiting is not None:
                yield f"container {one.name}: {_waits(one)}"
        if status.phase == "Running" and not self.ready:
            found = condition(status.conditions, "Ready")
            yield _joined("not ready", found.message if found else None)


def _waits(one: ContainerStatus) -> str:
    waiting = one.waiting or Waiting()
    text = _joined(waiting.reason or "waits", waiting.message)
    if one.restart_count and one.ended is not None:
        return f"{text} (started anew {one.restart_count} times, last {one.ended.words})"
    return text


def _joined(reason: str, message: str | None) -> str:
    return f"{reason}: {message}" if message else reason


def _broken(waiting: Waiting | None) -> bool:
    reason = waiting.reason if waiting else None
    return reason is not None and (
        reason.startswith("Err") or reason.endswith(("Error", "BackOff", "InvalidImageName"))
    )


POD = Kind(name="Pod", plural="pods", group="", version="v1", shape=Pod)
