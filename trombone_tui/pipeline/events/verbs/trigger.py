"""Pushing to an EventSource: what is sent to which pod, who listens, and what would show its effect."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from uuid import uuid4

from trombone_tui.core.objects.apps import DEPLOYMENT
from trombone_tui.core.objects.argo_events import EVENT_BUS, EVENT_SOURCE_OF, EventBus, EventSource
from trombone_tui.core.objects.argo_sensors import SENSOR, Sensor
from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.objects.event_pods import EVENT_POD, EventPod
from trombone_tui.core.objects.phrases import short_revision
from trombone_tui.core.objects.pods import POD
from trombone_tui.core.objects.raw import text
from trombone_tui.core.ports import PortError, Refused
from trombone_tui.core.stage import Around, own_key
from trombone_tui.core.verbs import Plan, Scene, Write
from trombone_tui.core.wholes import all_typed, planned
from trombone_tui.core.writes import Call
from trombone_tui.pipeline.events.pods import holding
from trombone_tui.pipeline.events.readiness import running
from trombone_tui.pipeline.events.verbs.effect import proof
from trombone_tui.pipeline.events.verbs.hook import Hook, choose, nothing_to_push_to, read_secret
from trombone_tui.pipeline.events.verbs.listeners import Listener, listeners, starts, told
from trombone_tui.pipeline.events.verbs.push import (
    DELIVERY,
    SIGNATURE,
    TOKEN,
    Push,
    headers,
    payload,
    read_push,
    written,
)
from trombone_tui.pipeline.events.verbs.verdict import Event


def not_triggered(obj: EventSource, _: Ref, around: Around) -> str:
    """Say why nothing can be pushed to it."""
    if obj.metadata.deletion_timestamp is not None:
        return "it is being deleted"
    if reason := nothing_to_push_to(obj):
        return reason
    runs = running(DEPLOYMENT, own_key("EventSource", obj.metadata), around)
    return f"no pod of it is ready: {runs.words}" if runs.true is False else ""


async def trigger(scene: Scene) -> Plan:
    """Send a push to one of its pods, and watch for the Workflow that a Sensor starts."""
    obj = planned(scene.ref, scene.whole, EventSource)
    hook = choose(obj, str(scene.given.get("event") or ""))
    push = read_push(scene.given, hook.repositories, needs_repository=hook.kind == "github")
    pod = await _ready_pod(scene)
    delivery = str(uuid4())
    body = payload(push, text(hook.config, "githubBaseURL"), scene.now)
    call = await _call(scene, hook, delivery, written(body))
    known = {"X-GitHub-Event": "push", DELIVERY: delivery} if hook.kind == "github" else {}
    event = Event(kind=hook.kind, source=scene.ref.name, subject=hook.event, body=body | known, now=scene.now)
    found, unknown = await _listening(scene, obj, event)
    going = [one for one in found if not one.verdict.away]
    started = [start for one in going for start in starts(one, event, (push.sha, delivery))]
    proved = proof(started, push.sha, delivery, scene.ref.namespace)
    sent = Write(
        method="POST",
        kind=POD,
        namespace=scene.ref.namespace,
        name=pod,
        subresource="portforward",
        body=body,
        title=f"push {short_revision(push.sha)} to event {hook.event}",
        call=call,
    )
    return Plan(
        before=f"event {hook.event} is listened to on port {hook.port}, path {hook.path}, of pod {pod}",
        after=f"a push of {push.words} has come in{'' if SIGNATURE in call.headers else ', unsigned'}",
        writes=(sent,),
        proof=proved,
        unproved="" if proved else unknown or _unproved(found, going),
        warnings=(
            "this is a real run: what it starts builds this commit and, if everything is well, deploys it",
            *([f"who listens is not known: {unknown}"] if unknown else told(found, event)),
            *_elsewhere(scene, obj),
            *_notes(hook, push, call, chosen=bool(scene.given.get("repository"))),
        ),
        command=_command(scene.ref.namespace, pod, call),
    )


async def _ready_pod(scene: Scene) -> str:
    """Return a pod that is ready, the newest of several.

    Raises:
        Refused: none is.
        PortError: they can't be read.
    """
    selector = f"controller=eventsource-controller,{EVENT_SOURCE_OF}={scene.ref.name}"
    wholes = await scene.list(EVENT_POD.narrowed(selector=selector), scene.ref.namespace)
    pods = list(all_typed(wholes, EventPod))
    ready = [one for one in pods if one.ready and one.metadata.deletion_timestamp is None]
    if not ready:
        held = holding(pods)
        raise Refused(
            f"no pod of it is ready{f': {held.why}' if held else ''}",
            advice="look at its details, and its log",
        )
    return max(
        ready, key=lambda one: (str(one.metadata.creation_timestamp or ""), one.metadata.name)
    ).metadata.name


async def _call(scene: Scene, hook: Hook, delivery: str, sent: bytes) -> Call:
    key = await read_secret(scene, hook.signed, "webhookSecret") if hook.signed else b""
    token = await read_secret(scene, hook.token, "authSecret") if hook.token else b""
    if not token.decode("latin-1").isprintable():
        raise Refused("what authSecret names can't be written into a header")
    return Call(
        port=hook.port,
        path=hook.path,
        headers=headers(hook.kind, delivery, sent, key, token.decode("latin-1")),
        body=sent,
        secret=frozenset({SIGNATURE, TOKEN}),
    )


async def _listening(scene: Scene, obj: EventSource, event: Event) -> tuple[list[Listener], str]:
    """Return who listens, or why that is not known."""
    try:
        wholes = await scene.list(SENSOR, scene.ref.namespace)
    except PortError as error:
        return [], str(error)
    return listeners(list(all_typed(wholes, Sensor)), obj.bus, event), ""


def _unproved(found: Sequence[Listener], going: Sequence[Listener]) -> str:
    if not found:
        return "no Sensor listens, so nothing comes of it"
    if not going:
        return "no Sensor's filter lets it pass, so nothing is waited for"
    names = ", ".join(dict.fromkeys(one.sensor.metadata.name for one in going))
    return f"what Sensor {names} does with it leaves no Workflow that could be told by its labels"


def _elsewhere(scene: Scene, obj: EventSource) -> Iterator[str]:
    buses: Sequence[EventBus] = scene.linked(EVENT_BUS, ("EventBus", scene.ref.namespace, obj.bus))
    if any(bus.elsewhere is not None for bus in buses):
        yield f"EventBus {obj.bus} is run elsewhere: Sensors of other namespaces may listen as well"


def _notes(hook: Hook, push: Push, call: Call, *, chosen: bool) -> Iterator[str]:
    if not chosen and (several := len(hook.repositories)) > 1:
        yield f"the event names {several} repositories; this is the first of them, --repository says another"
    if hook.kind == "github" and SIGNATURE not in call.headers:
        yield "it is not signed: the event names no webhookSecret, and takes whatever comes in"
    if hook.kind == "webhook" and TOKEN not in call.headers:
        yield "it shows no token: the event names no authSecret, and takes whatever comes in"
    if hook.kind == "webhook":
        yield "the body is GitHub's; what else comes in here may look otherwise (--payload changes it)"
    if push.repository and hook.repositories and push.repository not in hook.repositories:
        yield f"{push.repository} is none of the repositories that the event names"
    if text(hook.config, "filter", "expression"):
        yield "the event has a filter of its own; whether it lets this push pass can't be told here"
    yield "that the commit exists is not checked; no changed files and no commit before it are named"


def _command(namespace: str, pod: str, call: Call) -> str:
    """Write how it is done by hand; keys come from the environment, and the body from a file."""
    shown = {
        SIGNATURE: 'sha256=$(openssl dgst -sha256 -hmac "$WEBHOOK_SECRET" -r push.json | cut -d" " -f1)',
        TOKEN: "Bearer $AUTH_TOKEN",
    }
    told_ = [
        f'-H "{name}: {shown[name]}"' if name in shown else f"-H {shlex.quote(f'{name}: {value}')}"
        for name, value in call.headers.items()
    ]
    forward = f"kubectl port-forward -n {shlex.quote(namespace)} {shlex.quote(f'pod/{pod}')} {call.port}"
    address = shlex.quote(f"http://127.0.0.1:{call.port}{call.path}")
    curl = " ".join(("curl --retry 5 --retry-connrefused --data-binary @push.json", *told_, address))
    return f"{forward} & {curl}  # push.json holds the body"
