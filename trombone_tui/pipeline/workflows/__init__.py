"""Workflows: test, build, push."""

from __future__ import annotations

from trombone_tui.core.stage import Column, Stage

STAGE = Stage(
    name="workflows",
    title="Workflows",
    about="Runs that test, build and push, what starts them by the clock, their templates (Argo Workflows).",
    columns=(
        Column(key="namespace", title="NAMESPACE", width=12, rank=2),
        Column(key="name", title="NAME", width=22, most=40, rank=0),
        Column(key="phase", title="PHASE", width=9, rank=0),
        Column(key="progress", title="DONE", width=5, right=True, rank=1),
        Column(key="duration_seconds", title="TOOK", width=6, right=True, rank=1),
        Column(key="step", title="STEP", width=14, most=24, rank=2),
        Column(key="tag", title="TAG", width=14, most=24, rank=3),
        Column(key="why", title="WHY", width=24, grow=True, rank=1),
    ),
    workings="trombone_tui.pipeline.workflows.workings",
)
