"""Finds what carries our labels, says what uninstalling would do with it, and does it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from trombone_tui.core.installing import Came, Installed, Progress, Removal, RemovalPlan
from trombone_tui.core.objects.basics import Kind, Meta, Ref
from trombone_tui.core.ports import Cluster, Missing, PortError, Refused, Unreachable
from trombone_tui.core.writes import Right, Write
from trombone_tui.installer.finding import Finder, Found, told
from trombone_tui.installer.manifests import APPLIED, INSTANCE, STAGE
from trombone_tui.installer.sending import Sender, words
from trombone_tui.installer.standing import there

CASCADE = "resources-finalizer.argocd.argoproj.io"
"""What makes Argo CD delete what an Application has deployed, before the Application goes."""
_LOOK_AGAIN = 0.5
_KEPT = {
    "Namespace": "namespaces are never deleted, for others may have put something into them;"
    " `kubectl delete namespace {name}` does it",
    "Secret": "GitHub's webhook knows its key; --secrets deletes it",
}
_KEPT_UNSEEN = "{}; what is there of them would be kept anyway"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remover:
    """Takes off what was installed on one cluster."""

    cluster: Cluster
    folder: Path
    protected: bool
    patience: float
    """Seconds that an object with a finalizer is waited for."""

    async def services(self, namespaces: Sequence[str]) -> Installed:
        """Name the services of which something is here, and the kinds that may not be looked for.

        Raises:
            PortError: the API server can't be asked.
        """
        found = await self._find("", namespaces)
        named = {meta.label(INSTANCE).removesuffix("-pipeline") for _, meta in found.objects}
        unseen = [(kind, place) for kind, place in found.unseen if kind.namespaced]
        return Installed(services=tuple(sorted(named)), unseen=told(unseen))

    async def plan(
        self, service: str, namespaces: Sequence[str], *, secrets: bool, workloads: bool
    ) -> RemovalPlan:
        """Find what is here of a service, in the order in which it is deleted.

        Raises:
            Refused: nothing is.
            PortError: the API server can't be asked.
        """
        found = await self._find(service, namespaces)
        objects = [
            self._removal(kind, meta, secrets=secrets, workloads=workloads) for kind, meta in found.objects
        ]
        objects.sort(key=_backwards)
        if not objects:
            raise await self._nothing(service, namespaces)
        kept = [one for one in found.unseen if _keeps(one[0], secrets=secrets)]
        missing = await self._missing(objects)
        hindrance = self.cluster.read_only or (f"may not {', '.join(map(str, missing))}" if missing else "")
        return RemovalPlan(
            cluster=self.cluster.name,
            service=service,
            objects=tuple(objects),
            unseen=told([one for one in found.unseen if one not in kept]),
            missing=missing,
            notes=(*_notes(objects, workloads=workloads), *map(_KEPT_UNSEEN.format, told(kept))),
            protected=self.protected,
            hindrance=hindrance,
        )

    async def remove(self, plan: RemovalPlan, sender: Sender) -> AsyncGenerator[Progress, None]:
        """Yield how far it has come; the last is ``DONE`` or ``STOPPED``."""
        done: list[str] = []
        stopped = plan.hindrance
        for number, one in enumerate(plan.objects, 1):
            about = Progress(
                came=Came.SENDING, ref=one.ref, stage=one.stage, number=number, of=len(plan.objects)
            )
            if not one.deletes:
                yield replace(about, came=Came.KEPT, text=one.text, seconds=sender.seconds)
            elif stopped:
                yield replace(about, came=Came.NOT_SENT, seconds=sender.seconds)
            else:
                yield replace(about, seconds=sender.seconds)
                ended = await self._deleted(one, about, sender)
                if ended.came is Came.DELETED:
                    done.append(str(one.ref))
                else:
                    stopped = f"{one.ref}: {ended.text}"
                yield replace(ended, seconds=sender.seconds)
        if not stopped:
            text = f"{len(done)} object{'' if len(done) == 1 else 's'} deleted"
        else:
            deleted = f"deleted are {', '.join(done)}" if done else "nothing is deleted"
            text = f"{stopped}; {deleted}"
        if plan.unseen:
            text += f"; not all was looked at, and what is there of it stays: {'; '.join(plan.unseen)}"
        came = Came.STOPPED if stopped else Came.DONE
        text = await sender.end(plan.service, came.value, text)
        yield Progress(came=came, text=text, seconds=sender.seconds)

    async def _deleted(self, one: Removal, about: Progress, sender: Sender) -> Progress:
        reply = None
        try:
            for write in one.writes:
                reply = (await sender.send(one.ref, write)).status
        except Missing:
            return replace(about, came=Came.DELETED, text="it was gone already")
        except PortError as error:
            lost = isinstance(error, Unreachable) and error.sent
            text = f"no answer that tells whether it was done: {words(error)}" if lost else words(error)
            return replace(about, came=Came.UNKNOWN if lost else Came.REFUSED, text=text, reply=error.code)
        holds = await self._held(one)
        if holds is None:
            return replace(about, came=Came.DELETED, text=one.text, reply=reply)
        text = f"it is being deleted, and {holds or 'something'} has held it for {self.patience:g} s"
        return replace(about, came=Came.NOT_READY, text=text, reply=reply)

    async def _held(self, one: Removal) -> str | None:
        """Wait until an object is gone; name what holds it if it is not within the time, else None."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self.patience
        kind = one.writes[-1].kind
        while True:
            try:
                found = await there(self.cluster, kind, one.ref.namespace, one.ref.name)
                finalizers = ""
                if found is None or found.uid != one.ref.uid:
                    return None
                finalizers = ", ".join(found.finalizers or ())
            except PortError as error:
                finalizers = words(error)
            if loop.time() > until:
                return finalizers
            await asyncio.sleep(_LOOK_AGAIN)

    async def _find(self, service: str, namespaces: Sequence[str]) -> Found:
        finder = Finder(cluster=self.cluster, folder=self.folder, namespaces=namespaces)
        return await finder.find(service)

    async def _nothing(self, service: str, namespaces: Sequence[str]) -> Refused:
        """Say that nothing is here of a service, and what is here."""
        here = await self.services(namespaces)
        known = f"installed here is {', '.join(here.services) or 'nothing'}"
        if not here.unseen:
            return Refused(f"nothing is installed here for {service}", advice=known)
        return Refused(
            f"nothing that can be seen is installed here for {service}",
            advice=f"{known}; {'; '.join(here.unseen)}: ask for that, or choose namespaces with -n",
        )

    def _removal(self, kind: Kind, meta: Meta, *, secrets: bool, workloads: bool) -> Removal:
        stage = meta.label(STAGE)
        ref = Ref(
            cluster=self.cluster.name, kind=kind.name, namespace=meta.namespace, name=meta.name, uid=meta.uid
        )
        if _keeps(kind, secrets=secrets):
            return Removal(stage=stage, ref=ref, deletes=False, text=_KEPT[kind.name].format(name=meta.name))
        delete = Write(
            method="DELETE",
            kind=kind,
            namespace=meta.namespace,
            name=meta.name,
            body={"preconditions": {"uid": meta.uid}, "propagationPolicy": "Background"},
            title=f"delete {kind.name} {meta.name}",
        )
        if kind.name != "Application":
            return Removal(stage=stage, ref=ref, deletes=True, writes=(delete,))
        writes, text = _application(kind, meta, delete, workloads=workloads)
        return Removal(stage=stage, ref=ref, deletes=True, writes=writes, text=text)

    async def _missing(self, objects: Sequence[Removal]) -> tuple[Right, ...]:
        wanted = dict.fromkeys(write.right for one in objects for write in one.writes)
        return tuple(
            [one for one in wanted if not await self.cluster.may(one.verb, one.about, one.namespace or None)]
        )


def _keeps(kind: Kind, *, secrets: bool) -> bool:
    """Say whether objects of a kind are never deleted."""
    return kind.name in _KEPT and not (kind.name == "Secret" and secrets)


def _backwards(one: Removal) -> int:
    """Order by stages, the last of the way first; what is in a stage stays in its order."""
    return -APPLIED.index(one.stage) if one.stage in APPLIED else 1


def _application(kind: Kind, meta: Meta, delete: Write, *, workloads: bool) -> tuple[tuple[Write, ...], str]:
    """Return what deletes an Application, with what it has deployed or without."""
    finalizers = list(meta.finalizers or ())
    cascades = [one for one in finalizers if one == CASCADE or one.startswith(f"{CASCADE}/")]
    if workloads:
        text = "Argo CD deletes what it has deployed of the service first"
        wanted = finalizers if cascades else [*finalizers, CASCADE]
    else:
        text = "what it has deployed of the service stays and runs on"
        wanted = [one for one in finalizers if one not in cascades]
    if wanted == finalizers:
        return (delete,), text
    body: Mapping[str, Any] = {"metadata": {"uid": meta.uid, "finalizers": wanted or None}}
    patch = Write(
        method="PATCH",
        kind=kind,
        namespace=meta.namespace,
        name=meta.name,
        body=body,
        title="have Argo CD delete what it deployed" if workloads else "have Argo CD keep what it deployed",
    )
    return (patch, delete), text


def _notes(objects: Sequence[Removal], *, workloads: bool) -> tuple[str, ...]:
    notes = []
    if any(one.ref.kind == "WorkflowTemplate" for one in objects):
        notes.append("Workflows that have run stay until their time is up, with their pods")
    if any(one.ref.kind == "EventSource" for one in objects):
        notes.append("the webhook on GitHub has to be deleted there")
    if not workloads and any(one.ref.kind == "Application" for one in objects):
        notes.append("the service runs on as it is; --workloads has Argo CD delete it")
    return tuple(notes)
