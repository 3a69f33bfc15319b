"""The Acts port on live clusters: what can be done to an item, what it would do, and the doing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import msgspec

from trombone_tui.core.objects.basics import Object, Ref
from trombone_tui.core.ports import Cluster, Missing, PortError, Refused
from trombone_tui.core.reader import StageReader
from trombone_tui.core.verbs import Act, Given, Offer, Outcome, Report, Verb
from trombone_tui.core.writes import Right, Whole
from trombone_tui.live.allowing import Allowing, missing
from trombone_tui.live.caution import Caution
from trombone_tui.live.eye import uid
from trombone_tui.live.ledger import ActLedger
from trombone_tui.live.performing import Performance
from trombone_tui.live.proving import touching
from trombone_tui.live.pulse import Pulses
from trombone_tui.live.rehearsing import rehearsed
from trombone_tui.live.scene import LiveScene
from trombone_tui.live.sending import Sender
from trombone_tui.live.series import in_order

_TAKEN = "another object of that name has taken its place"

Readers = Mapping[str, Mapping[str, StageReader]]
"""The readers of each cluster, by the stages' names."""


class LiveActs:
    """Does things to the items of live clusters."""

    def __init__(
        self,
        clusters: Mapping[str, Cluster],
        readers: Readers,
        *,
        clock: Callable[[], datetime],
        changed: Callable[[], None],
        failed: Callable[[BaseException], None],
        caution: Caution,
        pulses: Pulses,
    ) -> None:
        """Get ready.

        Args:
            clusters: By name; those that are read-only now stay so.
            readers: What is known of each cluster.
            clock: The time.
            changed: Called when another answer is to be had of ``offers``.
            failed: Called with a bug.
            caution: How carefully.
            pulses: How busy controllers are.
        """
        self._clusters, self._readers, self._clock = clusters, readers, clock
        self._changed, self._failed, self._caution, self._pulses = changed, failed, caution, pulses
        self._fixed = {name: cluster.read_only for name, cluster in clusters.items()}
        """Why a cluster is read-only whatever the switch says."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._allowing = Allowing(changed=changed, tasks=self._tasks)

    def offers(self, ref: Ref) -> tuple[Offer, ...]:
        """Return an item's verbs, a reason beside each that can't be done; what is not known is asked."""
        offers: dict[str, Offer] = {}
        for reader in self._readers.get(ref.cluster, {}).values():
            if ref in reader.items:
                for verb in _verbs(reader, ref):
                    offers.setdefault(verb.name, self._offer(ref, verb, reader))
        return tuple(offers.values())

    async def prepare(self, ref: Ref, verb: Verb, given: Given) -> Act:
        """Read the object anew and work out what would be sent.

        Raises:
            Refused: it can't be done, and why.
            PortError: the object can't be read.
        """
        cluster = self._cluster(ref)
        if reason := self.read_only(ref.cluster):
            raise Refused(reason, advice="nothing was sent")
        _check(verb, given)
        read = time.monotonic()
        whole = await cluster.whole(verb.kind, ref.namespace, ref.name)
        if ref.uid and uid(whole) != ref.uid:
            raise Refused(_TAKEN, advice="look at it again")
        reader = self._reader(ref, verb)
        if reason := _blocked(verb, whole, ref, reader):
            raise Refused(reason, advice=f"{verb.name} can be done when that is over")
        scene = LiveScene(
            ref=ref,
            whole=whole,
            given=given,
            now=self._clock(),
            user=await _user(cluster),
            cluster=cluster,
            around=reader,
        )
        plan = await verb.plan(scene)
        return Act(
            ref=ref,
            verb=verb,
            given=given,
            plan=plan,
            protected=ref.cluster in self._caution.protected,
            missing=await missing(cluster, (right for write in plan.writes for right in write.rights)),
            whole=whole,
            read=read,
        )

    async def rehearse(self, act: Act) -> Sequence[str]:
        """Have the API server say what would change, without changing it (``dryRun=All``); lines to show.

        Raises:
            PortError: it refuses, or everything here is read-only.
        """
        return await rehearsed(self._cluster(act.ref), act)

    async def perform(self, act: Act) -> AsyncGenerator[Report, None]:
        """Send it once, watch for its effect, note it in the audit log; the last report is a final one.

        Nothing is raised but bugs. Who stops listening only stops listening.
        """
        try:
            cluster = self._cluster(act.ref)
        except PortError as error:
            yield Report(outcome=Outcome.REFUSED, text=str(error))
            return
        patience, pulse = self._caution.patience, self._pulses.get((act.ref.cluster, act.ref.kind))
        if pulse is not None:
            patience = replace(patience, settle=max(patience.settle, pulse.round_of(act.ref)))
        performance = Performance(
            cluster, act, audit=self._caution.audit, clock=self._clock, patience=patience
        )
        task = asyncio.create_task(performance.run(), name=f"{act.verb.name} {act.ref}")
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        async for report in performance.reports():
            yield report
        await asyncio.wait((task,))
        if not task.cancelled():
            task.result()

    def perform_all(self, acts: Sequence[Act]) -> AsyncGenerator[tuple[Act, Report], None]:
        """Send several in order, each when the one before was taken; their effects are watched together.

        The first that is refused, in conflict or without an answer stops what was not sent yet; that is
        reported as ``NOT_SENT``. The last report of each act is a final one.
        """
        return in_order(acts, self.perform)

    async def touch(self, act: Act) -> Report:
        """Send, once, the harmless change that makes a controller look again; ``perform`` watches on."""
        proof = act.plan.proof
        if proof is None or not (proof.name or proof.touch):
            return Report(outcome=Outcome.REFUSED, text="there is nothing to touch")
        cluster = self._cluster(act.ref)
        ledger = ActLedger(self._caution.audit, cluster, act, self._clock)
        sender = Sender(cluster, act, ledger, self._caution.patience)
        try:
            reply = await sender.send(touching(proof, proof.name, self._clock().isoformat()))
            report = Report(outcome=Outcome.ACCEPTED, text="touched; waiting on", reply=reply.status)
        except PortError as error:
            report = await sender.report(error)
        await ledger.outcome(report)
        return report

    def may(self, cluster: str, right: Right) -> bool | None:
        """Return whether the user may do something; None while that is not known, and then it is asked."""
        found = self._clusters.get(cluster)
        return self._allowing.may(found, right) if found is not None else False

    @property
    def answered(self) -> bool:
        """Whether nothing is being asked of rights right now."""
        return self._allowing.answered

    def read_only(self, cluster: str) -> str:
        """Return why nothing can be written there; an empty text when it can."""
        found = self._clusters.get(cluster)
        return found.read_only if found is not None else ""

    def set_read_only(self, on: bool, *, key: str = "") -> None:
        """Keep every write from leaving the process, or allow them where nothing else forbids them."""
        for name, cluster in self._clusters.items():
            cluster.read_only = self._fixed[name] or (switched(key) if on else "")
        self._changed()

    async def close(self) -> None:
        """Stop watching for effects; what is being sent is sent to its end."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failed(error)

    def _cluster(self, ref: Ref) -> Cluster:
        if ref.cluster not in self._clusters:
            raise Missing(f"there is no cluster {ref.cluster}")
        return self._clusters[ref.cluster]

    def _reader(self, ref: Ref, verb: Verb) -> StageReader:
        """Return the reader of the stage that a verb is one of.

        Raises:
            Refused: there is none here.
        """
        for reader in self._readers[ref.cluster].values():
            if verb in reader.stage.verbs:
                return reader
        raise Refused(f"{verb.name} is no verb of {ref.kind}")

    def _offer(self, ref: Ref, verb: Verb, reader: StageReader) -> Offer:
        cluster = self._clusters[ref.cluster]
        obj = reader.watched(ref)
        reason = cluster.read_only or (
            verb.blocked(obj, ref, reader) if obj is not None else "its object can't be read"
        )
        answers = {right: self._allowing.may(cluster, right) for right in _rights(verb, ref)}
        denied = ", ".join(f"may not {right}" for right, allowed in answers.items() if allowed is False)
        return Offer(verb=verb, reason=reason or denied, known=None not in answers.values())


def switched(key: str = "") -> str:
    """Say that the user has switched it to read-only, and with which key it is switched off."""
    return f"read-only: switched on; switch it off{key and f' with {key}'} to change something"


def _verbs(reader: StageReader, ref: Ref) -> Iterator[Verb]:
    return (verb for verb in reader.stage.verbs if verb.kind.name == ref.kind)


def _rights(verb: Verb, ref: Ref) -> tuple[Right, ...]:
    namespace = ref.namespace if verb.kind.namespaced else ""
    own = tuple((action, verb.kind, subresource) for action, subresource in verb.rights)
    others = verb.others if namespace else ()  # without one, where it will be is not known before it is said
    return tuple(
        Right(verb=action, kind=kind, subresource=subresource, namespace=namespace)
        for action, kind, subresource in (*own, *others)
    )


def _blocked(verb: Verb, whole: Whole, ref: Ref, reader: StageReader) -> str:
    """Say why a verb can't be done to an object as it was just read."""
    try:
        obj: Object = msgspec.convert(whole, verb.kind.shape)
    except msgspec.ValidationError as error:
        return f"its object can't be read: {error}"
    return verb.blocked(obj, ref, reader)


def _check(verb: Verb, given: Given) -> None:
    """Return if the options fit the verb.

    Raises:
        Refused: one is not known, or is missing.
    """
    for name in given:
        if verb.option(name) is None:
            raise Refused(f"{verb.name} has no option --{name}")
    for option in verb.options:
        if option.required and given.get(option.name) in (None, "", ()):
            raise Refused(f"{verb.name} needs --{option.name}: {option.about}")


async def _user(cluster: Cluster) -> str:
    try:
        return await cluster.whoami()
    except PortError:
        return ""
