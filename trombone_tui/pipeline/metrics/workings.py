"""What is read of AnalysisRuns, Experiments and templates, and what can be done to them.

Rollouts are watched too, to tell whether a run still judges the version that is wanted, and who uses a
template.
"""

from __future__ import annotations

from collections.abc import Iterable

from trombone_tui.core.objects.analysis_templates import ANALYSIS_TEMPLATE, CLUSTER_ANALYSIS_TEMPLATE, uses
from trombone_tui.core.objects.argo_rollouts import (
    ANALYSIS_RUN,
    HASH_LABEL,
    REVISION_ANNOTATION,
    ROLLOUT,
    AnalysisRun,
    Rollout,
)
from trombone_tui.core.objects.experiments import EXPERIMENT, Experiment
from trombone_tui.core.stage import Key, Source, Workings, own_key
from trombone_tui.pipeline.metrics.belonging import owners
from trombone_tui.pipeline.metrics.details import explain_metric
from trombone_tui.pipeline.metrics.experiment.details import explain_experiment
from trombone_tui.pipeline.metrics.experiment.pods import experiment_logs
from trombone_tui.pipeline.metrics.experiment.row import read_experiment
from trombone_tui.pipeline.metrics.experiment.verbs import EXPERIMENT_VERBS
from trombone_tui.pipeline.metrics.job import metric_logs
from trombone_tui.pipeline.metrics.row import MetricFields, read_run
from trombone_tui.pipeline.metrics.template import explain_template, read_template, template_keys, used_keys
from trombone_tui.pipeline.metrics.verbs import METRIC_VERBS


def _owners(run: AnalysisRun) -> Iterable[Key]:
    return owners(run.metadata)


def _itself(experiment: Experiment) -> Iterable[Key]:
    return (own_key("Experiment", experiment.metadata),)


def _runs_read(experiment: Experiment) -> object:
    """Name all that the rows of an Experiment's runs read of it: whose it is, and what it judges."""
    meta = experiment.metadata
    return tuple(owners(meta)), meta.uid, meta.label(HASH_LABEL), meta.annotation(REVISION_ANNOTATION)


def _own(rollout: Rollout) -> Iterable[Key]:
    return (own_key("Rollout", rollout.metadata), *used_keys(rollout))


def _read_of(rollout: Rollout) -> object:
    """Name all that a row reads of a Rollout: what it wants, and where it names templates."""
    status = rollout.status
    wanted = (status.current_pod_hash, bool(status.abort)) if status else None
    return wanted, tuple((where, ref.template_name, bool(ref.cluster_scope)) for where, ref in uses(rollout))


WORKINGS = Workings(
    sources=(
        Source(kind=ANALYSIS_RUN, read=read_run, explain=explain_metric, logs=metric_logs, keys=_owners),
        Source(
            kind=EXPERIMENT,
            read=read_experiment,
            explain=explain_experiment,
            logs=experiment_logs,
            keys=_itself,
            shared=_runs_read,
        ),
        *(
            Source(kind=kind, read=read_template, explain=explain_template, keys=template_keys)
            for kind in (ANALYSIS_TEMPLATE, CLUSTER_ANALYSIS_TEMPLATE)
        ),
        Source(kind=ROLLOUT, keys=_own, shared=_read_of),
    ),
    fields=MetricFields,
    verbs=(*METRIC_VERBS, *EXPERIMENT_VERBS),
)
