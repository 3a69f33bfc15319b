"""What is read of Image Updater's objects and Applications, and what can be done to tracked images."""

from __future__ import annotations

from trombone_tui.core.objects.argo_cd import APPLICATION
from trombone_tui.core.objects.image_updater import IMAGE_UPDATER
from trombone_tui.core.stage import Source, Workings
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

WORKINGS = Workings(
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
    fields=ImagesFields,
    verbs=VERBS,
)
