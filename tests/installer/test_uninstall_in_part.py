"""Uninstalling where some kinds may not be listed: the rest goes, and what was not looked at is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from installs import at

from trombone_tui.cli.doing import Code
from trombone_tui.cli.uninstalling import Wish, _uninstall
from trombone_tui.config import Settings
from trombone_tui.core.installing import Came
from trombone_tui.core.ports import Refused
from trombone_tui.demo.access import Persona, Rule

ALL = Rule(verbs=["*"], groups=["*"], resources=["*"])
UNSEEN = ("sensors", "secrets", "namespaces")
"""What may not be listed once all is installed."""
SENSORS = "may not list sensors.argoproj.io in all namespaces"


class Few:
    """A user who may do all, and then no longer list some kinds."""

    def __init__(self) -> None:
        self.rules = [ALL]
        self.persona = Persona(name="few", token="few", rules=self.rules)

    def narrow(self) -> None:
        resources = [
            *("serviceaccounts", "roles", "rolebindings", "eventbus", "eventsources"),
            *("workflowtemplates", "imageupdaters", "appprojects", "applications"),
        ]
        changes = Rule(verbs=["create", "patch", "delete"], groups=["*"], resources=["*"])
        self.rules[:] = [changes, Rule(verbs=["list"], groups=["*"], resources=resources)]


async def test_what_can_be_seen_is_planned_and_what_can_not_is_named_and_stays(tmp_path: Path) -> None:
    few = Few()
    async with at(tmp_path, few.persona, token="few") as here:
        await here.install()
        whole = await here.removal()
        few.narrow()
        plan = await here.removal()
        assert (plan.unseen, plan.hindrance) == ((SENSORS,), "")
        seen = [one.ref for one in whole.objects if one.ref.kind not in ("Sensor", "Secret", "Namespace")]
        assert [one.ref for one in plan.objects] == seen
        kept = "; what is there of them would be kept anyway"
        assert f"may not list namespaces{kept}" in plan.notes
        assert f"may not list secrets in all namespaces{kept}" in plan.notes
        assert "secrets" in " ".join((await here.removal(secrets=True)).unseen)
        assert (await here.removal(namespaces=("ci", "argocd"))).unseen == (
            "may not list sensors.argoproj.io in namespace ci",
            "may not list sensors.argoproj.io in namespace argocd",
        )
        last = await here.follow(here.installer.remove(plan))
        assert last.came is Came.DONE
        assert last.text.endswith(f"; not all was looked at, and what is there of it stays: {SENSORS}")
        assert here.there("Sensor") == ["shop-api"]
        assert here.there("EventSource") == here.there("Application") == []
        with pytest.raises(Refused, match="nothing that can be seen is installed here") as refused:
            await here.removal()
        assert "sensors.argoproj.io" in refused.value.advice


async def test_the_command_says_so_before_and_after_and_does_not_call_it_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    few = Few()
    async with at(tmp_path, few.persona, token="few") as here:
        await here.install("events")
        await here.install("events", values={"service": "shop-web"})
        few.narrow()
        settings = Settings(kubeconfig=str(tmp_path / "config"))
        tried = await _uninstall(settings, None, Wish(service="shop-api", dry_run="client"))
        said = capsys.readouterr().out
        assert tried is Code.DONE
        assert f"not seen   {SENSORS}; what is there of them stays, what it needs may go; ask" in said
        assert await _uninstall(settings, None, Wish(service="shop-api", yes=True)) is Code.UNPROVED
        ended = capsys.readouterr()
        assert "deleted EventSource ci/shop-api" in ended.out
        assert ended.err.endswith(f"stays: {SENSORS}\n")
        wish = Wish(service="shop-web", yes=True, output="json")
        assert await _uninstall(settings, None, wish) is Code.UNPROVED
        told = json.loads(capsys.readouterr().out)
        assert (told["outcome"], told["unseen"]) == ("in part", [SENSORS])
        assert sorted(here.there("Sensor")) == ["shop-api", "shop-web"]
        assert here.there("EventSource") == []
