"""Images: tags built, wanted and running."""

from __future__ import annotations

from trombone_tui.core.objects.argo_cd import APPLICATION
from trombone_tui.core.objects.image_updater import IMAGE_UPDATER
from trombone_tui.core.stage import Column, Source, Stage
from trombone_tui.pipeline.images.details import explain_application, explain_image_updater
from trombone_tui.pipeline.images.fields import ImagesFields
from trombone_tui.pipeline.images.image_updater import read_image_updater
from trombone_tui.pipeline.images.legacy import read_application
from trombone_tui.pipeline.images.matching import (
    application_facts,
    application_keys,
    updater_facts,
    updater_keys,
)
from trombone_tui.pipeline.images.verbs import VERBS

STAGE = Stage(
    name="images",
    title="Images",
    about="Which image tags are followed, which run, and when they were last looked up (Image Updater).",
    sources=(
        Source(
            kind=IMAGE_UPDATER,
            read=read_image_updater,
            explain=explain_image_updater,
            keys=updater_keys,
            shared=updater_facts,
        ),
        Source(
            kind=APPLICATION,
            read=read_application,
            explain=explain_application,
            keys=application_keys,
            shared=application_facts,
            partly=True,
        ),
    ),
    columns=(
        Column(key="namespace", title="NAMESPACE", width=12, rank=3),
        Column(key="name", title="UPDATER", width=14, rank=2),
        Column(key="image", title="IMAGE", width=26, rank=0),
        Column(key="tag", title="RUNS", width=14, rank=0),
        Column(key="constraint", title="WANTED", width=8, rank=2),
        Column(key="last_checked", title="CHECKED", width=9, rank=1),
        Column(key="why", title="WHY", width=24, grow=True, rank=1),
    ),
    fields=ImagesFields,
    verbs=VERBS,
)
