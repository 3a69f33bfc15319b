"""The program to be run in a pseudo terminal: a scripted feed that does what it is told, line by line.

``offscreen`` changes the last row of the workflows, ``visible`` the first one, ``storm N`` N rows a second at
random, ``calm`` ends that, ``quiet`` and ``end`` do what they say.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import time
from datetime import timedelta

from feeds import NOW, STAGES, Script, ScriptedFeed, item, morning

from trombone_tui.core.objects.basics import Health
from trombone_tui.core.ports import Refused
from trombone_tui.ui.app import TromboneApp

HEALTHS = (Health.HEALTHY, Health.PROGRESSING, Health.HEALTHY)


def many(count: int) -> Script:
    script = morning()
    rows = [
        item("Workflow", f"build-{n:05}", HEALTHS[n % 3], minutes=30 + n, why=f"run {n}", took=n % 600)
        for n in range(count)
    ]
    script.put("workflows", *rows)
    return script


class Player:
    def __init__(self, script: Script) -> None:
        self.script = script
        self.feed = ScriptedFeed(script)
        self.rows = list(script.items["workflows"].values())
        self.storm = 0
        self.turn = 0
        self.sync = STAGES

    def change(self, *places: int) -> None:
        self.turn += 1
        workflows = dict(self.script.items["workflows"])
        for place in places:
            old = self.rows[place]
            name, minutes = old.ref.name, (NOW - (old.created or NOW)) / timedelta(minutes=1)
            new = item(
                "Workflow",
                name,
                old.health,
                minutes=minutes,
                why=old.why,
                took=self.turn % 60,
                namespace=old.ref.namespace,
                series=old.series,
                joins=old.joins,
                state=f"turn {self.turn}",
            )
            self.rows[place] = workflows[new.ref] = new
        self.script.items["workflows"] = workflows
        self.feed.publish()

    async def obey(self, descriptor: int) -> None:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(descriptor, "rb")
        )
        while line := (await reader.readline()).decode().split():
            match line:
                case ["offscreen"]:
                    self.change(-1)
                case ["visible"]:
                    self.change(4)
                case ["storm", count]:
                    self.storm = int(count)
                case ["calm"]:
                    self.storm = 0

    async def play(self) -> None:
        """Change rows at the rate asked for, 50 times a second, as a feed that keeps only the newest."""
        pick = random.Random(7)
        while True:
            begin = time.perf_counter()
            if self.storm:
                self.change(*(pick.randrange(len(self.rows)) for _ in range(self.storm // 50)))
            await asyncio.sleep(max(0.001, 0.02 - (time.perf_counter() - begin)))


def main() -> int:
    descriptor, what, count = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])

    async def connect() -> ScriptedFeed:
        if what == "hang":
            await asyncio.to_thread(time.sleep, 60)
        if what == "refuse":
            raise Refused("context nowhere is not in the kubeconfig", advice="choose one with --context")
        if what == "bug":
            raise ZeroDivisionError("a bug")
        player = Player(many(count))
        tasks.append(asyncio.create_task(player.obey(descriptor)))
        if what == "storm":
            tasks.append(asyncio.create_task(player.play()))
        return player.feed

    tasks: list[asyncio.Task[None]] = []
    app = TromboneApp(STAGES, connect, namespaces="shop +1 ns")
    app.run()
    return app.return_code or 0


if __name__ == "__main__":
    sys.exit(main())
