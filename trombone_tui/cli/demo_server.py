"""The command ``demo-server``: the embedded cluster alone, for kubectl, tests and the dashboard's child."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from trombone_tui.demo.process import parent_gone, run


def demo_server(
    scenario: str, *, speed: float, seed: int, rate: float | None, kubeconfig: Path | None, with_parent: bool
) -> int:
    """Serve until told to end, saying where: a kubeconfig's path, or a line of JSON for a parent."""
    asyncio.run(
        run(
            scenario=scenario,
            speed=speed,
            seed=seed,
            rate=rate,
            kubeconfig=kubeconfig,
            announce=_for_parent if with_parent else _for_people,
            until=parent_gone() if with_parent else None,
        )
    )
    return 0


def _for_parent(served: dict[str, str]) -> None:
    sys.stdout.write(json.dumps(served) + "\n")
    sys.stdout.flush()


def _for_people(served: dict[str, str]) -> None:
    sys.stdout.write(served["kubeconfig"] + "\n")
    sys.stdout.flush()
    sys.stderr.write(
        f"Prometheus {served['prometheus']}  registry {served['registry']}\n"
        f"Try: kubectl --kubeconfig {served['kubeconfig']} get rollouts -A\n"
        "Ctrl-C ends it.\n"
    )
