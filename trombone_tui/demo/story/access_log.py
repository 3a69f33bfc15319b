"""What the services' containers write of the requests they answer: a few lines now and then."""

from __future__ import annotations

from random import Random

from trombone_tui.demo.metrics.traffic import Quality
from trombone_tui.demo.story.world import World

INTERVAL = 2.0
KEPT = 500
"""Lines kept of a container, so that a cluster that runs for days does not grow."""
_PATHS = ("/", "/items", "/items/{}", "/orders/{}", "/search?q={}")
_ROUND = (0, 1, 1, 2)
"""How many requests a container writes of in a round, one of these."""


class AccessLogs:
    """Has every container that is ready write of its requests."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._random = world.random("access")
        self._due: dict[tuple[str, str], float] = {}
        """How much of an error each pod still owes: its share of failed requests is kept exactly."""

    def begin(self) -> None:
        """Write a round, and the next one later."""
        self._world.after(INTERVAL, self.begin)
        now, serving = self._world.now, self._world.serving
        when = f"{now:%d/%b/%Y:%H:%M:%S +0000}"
        self._due = {pod: self._due.get(pod, 0.5) for pod in serving}
        for (namespace, pod), one in serving.items():
            quality = self._world.quality(one.image)
            for _ in range(self._random.choice(_ROUND)):
                for line in self._request((namespace, pod), when, quality):
                    self._world.logs.append(namespace, pod, one.container, line, now, kept=KEPT)

    def _request(self, pod: tuple[str, str], when: str, quality: Quality) -> tuple[str, ...]:
        self._due[pod] += quality.errors
        if self._due[pod] < 1:
            return (request(when, quality, self._random, 200),)
        self._due[pod] -= 1
        line = request(when, quality, self._random, 500)
        return (line, "ERROR the price store did not answer within 2 s")


def request(when: str, quality: Quality, random: Random, status: int) -> str:
    """Return the line of one request."""
    path = random.choice(_PATHS).format(random.randrange(1000, 9999))
    client = f"10.244.0.{random.randrange(2, 250)}"
    took = quality.latency * random.uniform(0.5, 2.5)
    return f'{client} - - [{when}] "GET {path} HTTP/1.1" {status} {random.randrange(90, 4000)} {took:.3f}'
