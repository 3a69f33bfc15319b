"""AnalysisTemplates as rows: what they measure and which Rollouts use them; they have no state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trombone_tui.core.objects.analysis_phases import ERROR_LIMIT
from trombone_tui.core.objects.analysis_templates import (
    ANALYSIS_TEMPLATE,
    CLUSTER_ANALYSIS_TEMPLATE,
    CLUSTER_TEMPLATE,
    TEMPLATE,
    AnalysisTemplate,
    AnalysisTemplateSpec,
    uses,
)
from trombone_tui.core.objects.argo_rollouts import ROLLOUT, AnalysisTemplateRef, Metric, Rollout
from trombone_tui.core.objects.basics import Health, Kind, Ref
from trombone_tui.core.objects.phrases import counted, listed, one_line
from trombone_tui.core.objects.raw import at
from trombone_tui.core.stage import Around, Detail, Fact, Facts, Item, Key, own_key
from trombone_tui.pipeline.metrics.arguments import argument_facts
from trombone_tui.pipeline.metrics.row import MetricFields

_NAMED = 3
"""Names in a sentence; more are counted."""


def template_key(ref: AnalysisTemplateRef, namespace: str) -> Key:
    """Return the key of the template that a reference in a namespace means."""
    if ref.cluster_scope:
        return (CLUSTER_TEMPLATE, "", ref.template_name or "")
    return (TEMPLATE, namespace, ref.template_name or "")


def used_keys(rollout: Rollout) -> Iterable[Key]:
    """Return the keys of the templates that a Rollout names."""
    return (template_key(ref, rollout.metadata.namespace) for _, ref in uses(rollout))


def template_keys(template: AnalysisTemplate) -> Iterable[Key]:
    """Return a template's own key."""
    yield own_key(CLUSTER_TEMPLATE if not template.metadata.namespace else TEMPLATE, template.metadata)


def read_template(template: AnalysisTemplate, ref: Ref, around: Around) -> tuple[Item, ...]:
    """Make a template's row: Degraded when it takes in one that is not there, for no run can be made then."""
    spec = template.spec or AnalysisTemplateSpec()
    metrics = spec.metrics or []
    missing = _missing(template, around)
    users = _users(template, around)
    used_by = listed(sorted({one.metadata.name for one, _ in users}), _NAMED) or None
    return (
        Item(
            ref=ref,
            health=_health(spec, missing),
            why=_why(metrics, missing, _used_by(users, around)),
            fields=MetricFields(
                metric=listed([one.name or "?" for one in metrics], _NAMED) or None,
                condition=_condition(metrics[0]) if len(metrics) == 1 else None,
                owner=used_by,
                rollout=used_by,
                subject=listed([one.name or "?" for one in metrics], _NAMED) or None,
                provider=listed(sorted({p for one in metrics if (p := _provider(one))}), _NAMED) or None,
                interval=metrics[0].interval if len(metrics) == 1 else None,
            ),
            since=template.metadata.creation_timestamp,
            attention=bool(missing and users),
        ),
    )


def _health(spec: AnalysisTemplateSpec, missing: list[str]) -> Health:
    if missing:
        return Health.DEGRADED
    return Health.HEALTHY if spec.metrics or spec.templates else Health.UNKNOWN


def explain_template(template: AnalysisTemplate, _: Ref, around: Around) -> tuple[Detail, ...]:
    """Tell what a template measures, what it is given, and who uses it."""
    spec = template.spec or AnalysisTemplateSpec()
    metrics = spec.metrics or ()
    details: list[Detail] = [Facts(f"Metric {one.name or '?'}", tuple(_facts(one))) for one in metrics]
    if spec.args:
        details.append(Facts("Arguments", tuple(argument_facts(spec.args))))
    if spec.templates:
        details.append(Facts("Takes in", tuple(_taken(template, around))))
    users = [Fact(f"Rollout {one.metadata.name}", where) for one, where in _users(template, around)]
    if users:
        details.append(Facts("Used by", tuple(users)))
    return tuple(details)


def _why(metrics: list[Metric], missing: list[str], used: str) -> str:
    if missing:
        return f"Takes in {listed(missing, _NAMED)}, which is not there: no run can be made from it; {used}."
    if not metrics:
        return f"Defines no metric of its own; {used}."
    if len(metrics) > 1:
        names = listed([one.name or "?" for one in metrics], _NAMED)
        return f"Defines {counted(len(metrics), 'metric')}, {names}; {used}."
    one = metrics[0]
    return f"Defines {one.name or 'a metric'}: {_rule(one)}; {used}."


def _rule(one: Metric) -> str:
    times = (
        f"{one.count} times" if one.count is not None else ("until it is ended" if one.interval else "once")
    )
    every = f" every {one.interval}" if one.interval else ""
    limit = 0 if one.failure_limit is None else one.failure_limit
    allowed = f"{limit} failure{'s' * (str(limit) != '1')} allowed"
    return f"{_condition(one) or 'anything passes'}, measured {times}{every}, {allowed}"


def _condition(one: Metric) -> str | None:
    success, failure = (one_line(text) for text in (one.success_condition, one.failure_condition))
    parts = [f"passes if {success}" if success else "", f"fails if {failure}" if failure else ""]
    return "; ".join(filter(None, parts)) or None


def _provider(one: Metric) -> str | None:
    return next((key for key, value in (one.provider or {}).items() if value is not None), None)


def _facts(one: Metric) -> Iterator[Fact]:
    yield Fact("Provider", _provider(one))
    yield Fact("Succeeds if", one_line(one.success_condition) or None)
    yield Fact("Fails if", one_line(one.failure_condition) or None)
    yield Fact("Interval", one.interval)
    yield Fact("Count", one.count)
    yield Fact("First after", one.initial_delay)
    yield Fact("Failures allowed", one.failure_limit or 0)
    yield Fact("Inconclusive allowed", one.inconclusive_limit or 0)
    yield Fact(
        "Errors in a row allowed",
        ERROR_LIMIT if one.consecutive_error_limit is None else one.consecutive_error_limit,
    )
    query = at(one.provider, "prometheus", "query")
    if isinstance(query, str):
        yield Fact("Query", query)


def _users(template: AnalysisTemplate, around: Around) -> list[tuple[Rollout, str]]:
    """Return the Rollouts that name a template, and where they do, by name."""
    (key,) = template_keys(template)
    found = [
        (
            rollout,
            listed(
                [w for w, ref in uses(rollout) if template_key(ref, rollout.metadata.namespace) == key], 9
            ),
        )
        for rollout in around.linked(ROLLOUT, key)
    ]
    return sorted(found, key=lambda pair: (pair[0].metadata.namespace, pair[0].metadata.name))


def _used_by(users: list[tuple[Rollout, str]], around: Around) -> str:
    if not users:
        seen = around.everywhere(ROLLOUT)
        return "no Rollout uses it" if seen else "no Rollout that can be seen uses it"
    if len(users) == 1:
        rollout, where = users[0]
        return f"used by Rollout {rollout.metadata.name} {where}"
    return f"used by {counted(len(users), 'Rollout')}"


def _parents(template: AnalysisTemplate) -> Iterator[tuple[AnalysisTemplateRef, Kind, Key]]:
    for one in (template.spec.templates if template.spec else None) or ():
        kind = CLUSTER_ANALYSIS_TEMPLATE if one.cluster_scope else ANALYSIS_TEMPLATE
        yield one, kind, template_key(one, template.metadata.namespace)


def _missing(template: AnalysisTemplate, around: Around) -> list[str]:
    return [
        f"{kind.name} {one.template_name}"
        for one, kind, key in _parents(template)
        if around.visible(kind) and not around.linked(kind, key)
    ]


def _taken(template: AnalysisTemplate, around: Around) -> Iterator[Fact]:
    for one, kind, key in _parents(template):
        if not around.visible(kind):
            yield Fact(f"{kind.name} {one.template_name}", "may not be seen")
        elif around.linked(kind, key):
            yield Fact(f"{kind.name} {one.template_name}", "there", Health.HEALTHY)
        else:
            yield Fact(f"{kind.name} {one.template_name}", "not there", Health.MISSING)
