"""Events: what came in and what it triggered.

Argo Events writes no Kubernetes Events: what arrived shows in what was started and, where logs may be read,
in what its pods write.
"""

from __future__ import annotations

from trombone_tui.core.stage import Column, Stage

STAGE = Stage(
    name="events",
    title="Events",
    about="What GitHub and others sent in, and the Workflows it triggered (Argo Events).",
    columns=(
        Column(key="kind", title="KIND", width=11, rank=1),
        Column(key="namespace", title="NAMESPACE", width=14, rank=2),
        Column(key="name", title="NAME", width=16, most=32, rank=0),
        Column(key="running", title="RUNS", width=5, rank=0),
        Column(key="deployed", title="DEPLOYED", width=8, rank=3),
        Column(key="workflows", title="STARTED", width=7, right=True, rank=2),
        Column(key="last_seen", title="LAST", width=9, rank=1),
        Column(key="why", title="WHY", width=24, grow=True, rank=1),
    ),
    workings="trombone_tui.pipeline.events.workings",
)
