"""Images: tags built, wanted and running."""

from __future__ import annotations

from trombone_tui.core.stage import Column, Stage

STAGE = Stage(
    name="images",
    title="Images",
    about="Which image tags are followed, which run, and when they were last looked up (Image Updater).",
    columns=(
        Column(key="namespace", title="NAMESPACE", width=12, rank=3),
        Column(key="name", title="UPDATER", width=14, rank=2),
        Column(key="image", title="IMAGE", width=26, most=40, rank=0),
        Column(key="tag", title="RUNS", width=14, most=24, rank=0),
        Column(key="constraint", title="WANTED", width=8, rank=2),
        Column(key="last_checked", title="CHECKED", width=9, rank=1),
        Column(key="why", title="WHY", width=24, grow=True, rank=1),
    ),
    workings="trombone_tui.pipeline.images.workings",
)
