"""Argo CD: whether what is in the config repository is what runs, and what keeps it from being so."""

from __future__ import annotations

from trombone_tui.core.stage import Column, Stage

STAGE = Stage(
    name="sync",
    title="Sync",
    about="Argo CD: whether each Application runs what its config repository says.",
    columns=(
        Column(key="name", title="APPLICATION", width=20, most=32, rank=0),
        Column(key="namespace", title="NAMESPACE", width=12, rank=6),
        Column(key="sync", title="SYNC", width=9, rank=0),
        Column(key="commit", title="REVISION", width=9, rank=0),
        Column(key="operation", title="OPERATION", width=11, rank=2),
        Column(key="app_health", title="HEALTH", width=11, rank=1),
        Column(key="auto_sync", title="AUTO", width=5, rank=4),
        Column(key="deployed_at", title="DEPLOYED", width=8, right=True, rank=3),
        Column(key="destination_namespace", title="INTO", width=12, rank=5),
        Column(key="why", title="WHY", width=24, grow=True, rank=1),
    ),
    workings="trombone_tui.pipeline.sync.workings",
)
