"""What the services' containers write of the requests they answer: a few lines now and then."""

from __future__ import annotations

from random import Random

from trombone_tui.demo.metrics.traffic import Quality
from trombone_tui.demo.story.world import World

INTERVAL = 2.0
KEPT = 500
"""Lines kept of a container, so that a cluster that runs for days does not grow."""
_PATHS = ("/", "/healthz", "/items", "/items/{}", "/orders/{}", "/search?q={}")
_BUSY = 0.6
"""Share of the containers that write in one round."""


class AccessLogs:
    """Has every container that is ready write of its requests."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._random = world.random("access")

    def begin(self) -> None:
        """Write a round, and the next one later."""
        self._world.after(INTERVAL, self.begin)
        now = self._world.now
        when = f"{now:%d/%b/%Y:%H:%M:%S +0000}"
        for (namespace, pod), serving in self._world.serving.items():
            if self._random.random() > _BUSY:
                continue
            for line in request(when, self._world.quality(serving.image), self._random):
                self._world.logs.append(namespace, pod, serving.container, line, now, kept=KEPT)


def request(when: str, quality: Quality, random: Random) -> tuple[str, ...]:
    """Return what is written of one request: a line, and one more if it failed."""
    path = random.choice(_PATHS).format(random.randrange(1000, 9999))
    bad = path != "/healthz" and random.random() < quality.errors
    client = f"10.244.0.{random.randrange(2, 250)}"
    took = quality.latency * random.uniform(0.5, 2.5)
    answer = f"{500 if bad else 200} {random.randrange(90, 4000)} {took:.3f}"
    line = f'{client} - - [{when}] "GET {path} HTTP/1.1" {answer}'
    return (line, f"ERROR {path}: no answer from the price store within 2 s") if bad else (line,)
