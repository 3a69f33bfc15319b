"""Pairs of Applications brought into one state: a verb is done to one, argocd's word to its twin."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from config_repository import ConfigRepository, application
from delivery import AUTO, Held, both, config_map, job, says, stands

EVER = "1h"
Files = dict[str, str | Held | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class AppTwin:
    """A state that two Applications are brought into, what is done to one, and what to the other."""

    case: str
    name: str
    files: Callable[[str], Files] = lambda name: {"one.yaml": config_map(f"{name}-one")}
    moves: Callable[[str], Files] | None = None
    """Of a second commit, made once the first is synced."""
    auto: Held | None = None
    begun: bool = False
    """Whether the first commit is synced before, where auto-sync is off."""
    ready: Callable[[Held], object]
    verb: str
    given: Mapping[str, Any] = field(default_factory=dict)
    official: str
    settled: Callable[[Held], object]

    def names(self, prefix: str) -> tuple[str, str]:
        return f"{prefix}-{self.name}-ours", f"{prefix}-{self.name}-twin"

    def application(self, name: str, repository: ConfigRepository, namespace: str) -> dict[str, Any]:
        source = {"repoURL": repository.url, "path": name}
        return application(name, source, namespace, auto=self.auto)


def two(name: str) -> Files:
    return {"one.yaml": config_map(f"{name}-one"), "two.yaml": config_map(f"{name}-two")}


def newer(name: str) -> Files:
    return {"one.yaml": config_map(f"{name}-one", "2")}


def one_less(_: str) -> Files:
    return {"two.yaml": None}


def hooked(name: str) -> Files:
    return {"one.yaml": config_map(f"{name}-one"), "hook.yaml": job(f"{name}-hook", {"takes": EVER})}


def level(name: str, value: str) -> Callable[[Held], bool]:
    return lambda held: held["data"]["level"] == value


def history(length: int) -> Callable[[Held], bool]:
    return lambda held: len(held.get("status", {}).get("history", ())) == length


def auto_sync(on: bool) -> Callable[[Held], bool]:
    return lambda held: held["spec"]["syncPolicy"]["automated"].get("enabled", True) is on


def at_rest(held: Held) -> bool:
    return "operation" not in held and not (held["metadata"].get("annotations") or {}).get(
        "argocd.argoproj.io/refresh"
    )


SYNCED = both(stands("Synced", phase="Succeeded"), at_rest)
OUT = both(stands("OutOfSync", phase=None), at_rest)
PATCH = "app patch NAME --type merge --patch "

APP_TWINS = (
    AppTwin(
        case="refresh",
        name="refresh",
        ready=OUT,
        verb="refresh",
        official="app get NAME --refresh",
        settled=OUT,
    ),
    AppTwin(
        case="refresh --hard",
        name="hard",
        ready=OUT,
        verb="refresh",
        given={"hard": True},
        official="app get NAME --hard-refresh",
        settled=OUT,
    ),
    AppTwin(
        case="sync",
        name="sync",
        ready=OUT,
        verb="sync",
        official="app sync NAME",
        settled=both(SYNCED, history(1)),
    ),
    AppTwin(
        case="sync --resource",
        name="some",
        files=two,
        ready=OUT,
        verb="sync",
        given={"resource": (":ConfigMap:NAME-one",)},
        official="app sync NAME --resource :ConfigMap:NAME-one",
        settled=both(stands("OutOfSync", phase="Succeeded"), at_rest),
    ),
    AppTwin(
        case="sync --prune",
        name="prune",
        files=two,
        moves=one_less,
        begun=True,
        ready=both(stands("OutOfSync", phase="Succeeded"), at_rest),
        verb="sync",
        given={"prune": True},
        official="app sync NAME --prune",
        settled=both(SYNCED, history(2)),
    ),
    AppTwin(
        case="sync --dry-run",
        name="dry",
        ready=OUT,
        verb="sync",
        given={"dry-run": True},
        official="app sync NAME --dry-run",
        settled=both(stands("OutOfSync", phase="Succeeded"), at_rest),
    ),
    AppTwin(
        case="terminate-op",
        name="end",
        files=hooked,
        auto=AUTO,
        ready=both(stands("Synced", phase="Running"), says("waiting for completion of hook")),
        verb="terminate-op",
        official="app terminate-op NAME",
        settled=lambda held: (
            "operation" not in held and held["status"]["operationState"]["message"] == "Operation terminated"
        ),
    ),
    AppTwin(
        case="rollback to a number of the history",
        name="back",
        moves=newer,
        begun=True,
        ready=both(SYNCED, history(2)),
        verb="rollback",
        given={"id": 0},
        official="app rollback NAME 0",
        settled=both(stands("OutOfSync", phase="Succeeded"), at_rest, history(3)),
    ),
    AppTwin(
        case="auto-sync-off",
        name="off",
        auto={"prune": True, "selfHeal": True},
        ready=SYNCED,
        verb="auto-sync-off",
        official=PATCH
        + json.dumps({"spec": {"syncPolicy": {"automated": {"enabled": False}}}}).replace(" ", ""),
        settled=both(SYNCED, auto_sync(False)),
    ),
    AppTwin(
        case="auto-sync-on deploys what waited",
        name="on",
        auto={"enabled": False, "prune": True},
        ready=OUT,
        verb="auto-sync-on",
        official=PATCH
        + json.dumps({"spec": {"syncPolicy": {"automated": {"enabled": True}}}}).replace(" ", ""),
        settled=both(SYNCED, auto_sync(True)),
    ),
)
