"""Letting a Workflow go on, or one of its gates; and declining a gate.

What a gate becomes: ``argo-workflows@v4.1.2:workflow/util/util.go`` (ResumeWorkflow, updateSuspendedNode).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from trombone_tui.core.objects.argo_workflows import Workflow
from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.objects.phrases import listed
from trombone_tui.core.objects.raw import listing, text
from trombone_tui.core.objects.workflow_tree import Given as Parameter
from trombone_tui.core.ports import Refused
from trombone_tui.core.stage import Around
from trombone_tui.core.verbs import Option, Plan, Scene, Sort
from trombone_tui.pipeline.workflows.verbs.effects import proof, went_on
from trombone_tui.pipeline.workflows.verbs.run import DELETED, FINAL, OFFLOADED, Run, RunNode, pairs

NODE = Option(
    name="node",
    about="only this gate: its name or id, or as argo's --node-field-selector writes it: displayName=approve",
    sort=Sort.TEXT,
)
SET = Option(
    name="set",
    about="NAME=VALUE of a parameter that a gate wants to be supplied",
    sort=Sort.TEXT,
    several=True,
)
MESSAGE = Option(name="message", about="why, to be kept with the gate", sort=Sort.TEXT)
NOTHING_WAITS = "not suspended, no gate waits"

Gates = Mapping[str, RunNode]


def not_resumed(obj: Workflow, _: Ref, __: Around) -> str:
    """Say why a watched Workflow can't be resumed; where gates can't be seen, nothing is held against it."""
    status = obj.status
    if obj.metadata.deletion_timestamp is not None:
        return DELETED
    if status is not None and status.phase in FINAL:
        return f"it has ended: {status.phase}"
    if obj.spec is not None and obj.spec.suspend:
        return ""
    if status is not None and status.offload_node_status_version:
        return f"{OFFLOADED} resume a gate"
    unseen = status is not None and (status.unread or status.compressed_nodes)
    return "" if unseen or obj.digest.gates else NOTHING_WAITS


async def resume(scene: Scene) -> Plan:
    """Take the suspension back and pass all gates that wait, or pass one gate alone."""
    run = Run.going(scene)
    wanted, supplied = str(scene.given.get("node") or ""), pairs(scene.given.get("set"))
    held = run.spec.get("suspend") is True
    unseen = run.offloaded and held and not wanted and not supplied
    gates = {} if unseen else _chosen(run, wanted)
    if not gates and not held:
        return Plan(before=run.standing, after=run.standing, writes=(), noop=NOTHING_WAITS)
    _check(supplied, gates)
    whole = held and not wanted
    body = {
        **(run.guard if gates else {}),
        **({"spec": {"suspend": None}} if whole else {}),
        **({"status": _passed(run, gates, supplied)} if gates else {}),
    }
    before = () if run.offloaded else tuple(run.nodes)
    return Plan(
        before=_held(run, gates, held),
        after="goes on" if not gates else f"goes on past {_titles(gates)}",
        writes=(run.patch(body, _title(gates, whole)),),
        proof=proof(run, "what follows starts", went_on(before, tuple(gates))),
        warnings=tuple(_warnings(gates, held=held and not whole, unseen=unseen)),
        command=_commands(run, gates, wanted, supplied),
    )


async def decline(scene: Scene) -> Plan:
    """Fail a gate that waits: ``argo stop`` with a node."""
    run = Run.going(scene)
    gates = _chosen(run, str(scene.given.get("node") or ""))
    message = str(scene.given.get("message") or "") or _signed("Declined", run)
    failed = {"phase": "Failed", "finishedAt": run.stamp, **({"message": message} if message else {})}
    body = {**run.guard, "status": run.changed_nodes(dict.fromkeys(gates, failed))}
    title = _titles(gates)
    return Plan(
        before=_held(run, gates, held=False),
        after=f"{title} Failed",
        writes=(run.patch(body, f"fail gate {title}"),),
        proof=proof(run, "the Workflow ends or goes past it", went_on(tuple(run.nodes), tuple(gates))),
        warnings=(
            "what comes after it does not run, unless its step says continueOn",
            *((f"the exit handler {run.on_exit} runs then",) if run.on_exit else ()),
            "a retry does not ask a declined gate again",
        ),
        command=run.command("stop", *_selectors(gates), *(("--message", message) if message else ())),
    )


def _chosen(run: Run, wanted: str) -> Gates:
    """Return the gates that wait, all of them or those that are meant."""
    waiting = {key: node for key, node in run.nodes.items() if node.waits}
    found = {key: node for key, node in waiting.items() if not wanted or _meant(node, key, wanted)}
    if wanted and not found:
        names = listed([node.title for node in waiting.values()], 6)
        raise Refused(
            f"no gate {wanted} waits", advice=f"these wait: {names}" if names else "none waits at all"
        )
    return found


def _meant(node: RunNode, key: str, wanted: str) -> bool:
    field, equals, value = wanted.partition("=")
    known = {
        "displayName": node.display_name,
        "name": node.name,
        "id": key,
        "templateName": node.template,
    }
    if equals and field in known:
        return known[field] == value
    return wanted in (node.display_name, node.name, key)


def _check(supplied: Mapping[str, str], gates: Gates) -> None:
    """Refuse a value that no gate wants, or that several want."""
    for name in supplied:
        takers = [node for node in gates.values() if name in {one.name for one in _open(node)}]
        if not takers:
            wants = sorted({one.name or "?" for node in gates.values() for one in _open(node)})
            said = f"wanted: {', '.join(wants)}" if wants else "nothing is wanted"
            raise Refused(f"no gate wants a value for {name}", advice=said)
        if len(takers) > 1:
            titles = ", ".join(node.title for node in takers)
            raise Refused(f"several gates want {name}: {titles}", advice="name one of them as node")


def _open(node: RunNode) -> Iterator[Parameter]:
    """Yield the outputs that somebody has to supply."""
    for one in (node.outputs.parameters if node.outputs else None) or ():
        if one.value_from is not None and one.value_from.supplied is not None:
            yield one


def _passed(run: Run, gates: Gates, supplied: Mapping[str, str]) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    shared: dict[str, Any] = {}
    for key, node in gates.items():
        message = "; ".join(filter(None, (node.message, _signed("Resumed", run))))
        changes[key] = {
            "phase": "Succeeded",
            "finishedAt": run.stamp,
            **({"message": message} if message else {}),
        }
        if any(True for _ in _open(node)):
            outputs = [_filled(one, node, supplied) for one in run.raw_nodes[key]["outputs"]["parameters"]]
            changes[key]["outputs"] = {"parameters": outputs}
            shared |= {one["globalName"]: one["value"] for one in outputs if _shared(one)}
    return {**run.changed_nodes(changes), **_global(run, shared)}


def _filled(raw: Mapping[str, Any], node: RunNode, supplied: Mapping[str, str]) -> dict[str, Any]:
    """Return an output with its value: what was given, else its default."""
    parameter = next((one for one in _open(node) if one.name == raw.get("name")), None)
    if parameter is None:
        return dict(raw)
    name = parameter.name or ""
    default = parameter.value_from.default if parameter.value_from else None
    value = supplied.get(name, default)
    if value is None:
        raise Refused(
            f"gate {node.title} wants a value for {name}, which has no default",
            advice=f"give it: --set {name}=VALUE",
        )
    return {key: one for key, one in raw.items() if key != "valueFrom"} | {"value": value}


def _shared(parameter: Mapping[str, Any]) -> bool:
    return isinstance(parameter.get("globalName"), str) and "value" in parameter


def _global(run: Run, values: Mapping[str, Any]) -> dict[str, Any]:
    """Put outputs that have a global name among the Workflow's own; a list is replaced as one."""
    if not values:
        return {}
    there = listing(run.raw, "outputs", "parameters")
    others = [one for one in there if text(one, "name") not in values]
    return {
        "outputs": {"parameters": [*others, *({"name": name, "value": one} for name, one in values.items())]}
    }


def _signed(what: str, run: Run) -> str:
    return f"{what} by: {run.scene.user}" if run.scene.user else ""


def _titles(gates: Gates) -> str:
    return listed([node.title for node in gates.values()], 6)


def _held(run: Run, gates: Gates, held: bool) -> str:
    told = [run.standing if held or not gates else run.phase]
    told += [f"waits at {_titles(gates)}"] if gates else []
    return ", ".join(told)


def _title(gates: Gates, whole: bool) -> str:
    parts = ["take the suspension back"] if whole else []
    parts += [f"pass gate {_titles(gates)}"] if gates else []
    return " and ".join(parts)


def _warnings(gates: Gates, *, held: bool, unseen: bool) -> Iterator[str]:
    if held:
        yield "spec.suspend holds it as well: what follows starts when the whole is resumed"
    if len(gates) > 1:
        yield f"{len(gates)} gates are passed at once: {_titles(gates)}"
    if unseen:
        yield f"{OFFLOADED} pass a gate, should one wait"


def _selectors(gates: Gates) -> Sequence[str]:
    return [word for key in gates for word in ("--node-field-selector", f"id={key}")]


def _commands(run: Run, gates: Gates, wanted: str, supplied: Mapping[str, str]) -> str:
    """Write argo's commands: values are set first, and a selector names one gate."""
    told = [
        run.command("node set", *_selectors({key: node}), *_outputs(node, supplied))
        for key, node in gates.items()
        if any(one.name in supplied for one in _open(node))
    ]
    return " && ".join([*told, run.command("resume", *(_selectors(gates) if wanted else ()))])


def _outputs(node: RunNode, given: Mapping[str, str]) -> Sequence[str]:
    named = [one.name for one in _open(node) if one.name in given]
    return [word for name in named for word in ("--output-parameter", f"{name}={given[name or '']}")]
