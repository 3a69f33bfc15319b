"""Argo Rollouts' analysis: every metric of every AnalysisRun against its condition, and every Experiment.

A row is one metric of one run, an Experiment, or a template that runs are made from.
"""

from __future__ import annotations

from trombone_tui.core.stage import Column, Stage

STAGE = Stage(
    name="metrics",
    title="Metrics",
    about="Argo Rollouts' analysis: each metric's last value, condition and failure budget; and Experiments.",
    columns=(
        Column(key="subject", title="METRIC", width=16, most=28, rank=0),
        Column(key="reading", title="VALUE", width=14, rank=0),
        Column(key="budget", title="FAILS", width=5, right=True, rank=1),
        Column(key="phase", title="PHASE", width=12, rank=2),
        Column(key="rollout", title="ROLLOUT", width=16, most=28, rank=1),
        Column(key="namespace", title="NAMESPACE", width=12, rank=6),
        Column(key="origin", title="ORIGIN", width=10, rank=4),
        Column(key="revision", title="REV", width=4, right=True, rank=4),
        Column(key="since", title="SINCE", width=6, right=True, rank=3),
        Column(key="name", title="RUN", width=24, most=40, rank=5),
        Column(key="why", title="WHY", width=24, grow=True, rank=2),
    ),
    workings="trombone_tui.pipeline.metrics.workings",
)
