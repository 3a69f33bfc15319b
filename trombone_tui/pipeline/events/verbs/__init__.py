"""What a user can do to EventSources: push to them, as GitHub would."""

from __future__ import annotations

from trombone_tui.core.objects.argo_events import EVENT_SOURCE
from trombone_tui.core.objects.pods import POD
from trombone_tui.core.verbs import Option, Sort, Verb
from trombone_tui.pipeline.events.verbs.trigger import not_triggered, trigger

VERBS = (
    Verb(
        name="trigger",
        kind=EVENT_SOURCE,
        about="Sends it a push as GitHub would, signed, which starts a real run.",
        plan=trigger,
        blocked=not_triggered,
        rights=(),
        others=(("get", POD, "portforward"), ("create", POD, "portforward")),
        options=(
            Option(
                name="sha",
                about="the commit, all its 40 digits; one that exists, for it is what is built",
                sort=Sort.TEXT,
                required=True,
            ),
            Option(name="event", about="which of its events, where it has several", sort=Sort.TEXT),
            Option(name="branch", about="the branch that was pushed (main)", sort=Sort.TEXT),
            Option(name="message", about="the commit's message", sort=Sort.TEXT),
            Option(name="repository", about="OWNER/NAME (the first that the event names)", sort=Sort.TEXT),
            Option(
                name="payload",
                about="JSON that is put over the body: an object; null takes away",
                sort=Sort.TEXT,
            ),
        ),
        dangerous=lambda _: True,
        bulk=False,
    ),
)
