"""Argo Rollouts: how far a canary or blue-green update is, and what holds it.

Phase, message, step and weights are the official command line's, so that ``kubectl argo rollouts get
rollout`` and this program never differ.
"""

from __future__ import annotations

from trombone_tui.core.stage import Column, Stage

STAGE = Stage(
    name="rollout",
    title="Rollout",
    about="Argo Rollouts: step, weights and what holds each canary or blue-green update.",
    columns=(
        Column(key="name", title="ROLLOUT", width=20, most=32, rank=0),
        Column(key="namespace", title="NAMESPACE", width=14, rank=5),
        Column(key="phase", title="PHASE", width=11, rank=0),
        Column(key="brief", title="AT", width=10, most=20, rank=0),
        Column(key="actual_weight", title="ACTUAL", width=6, right=True, rank=4),
        Column(key="versions", title="VERSION", width=18, most=40, rank=3),
        Column(key="ready", title="READY", width=5, right=True, rank=2),
        Column(key="desired", title="WANT", width=4, right=True, rank=2),
        Column(key="since", title="SINCE", width=6, right=True, rank=4),
        Column(key="why", title="WHY", width=30, grow=True, rank=1),
    ),
    workings="trombone_tui.pipeline.rollout.workings",
)
