"""What tests against the lab have at hand, and what is said of its parts at the end.

No test starts the lab: ``make test-cluster`` does and ends it; one that ``make lab`` left running is used as
it is. A test names the parts it needs, ``@pytest.mark.needs("rollouts", "prometheus")``, and is skipped with
the reason without them; with LAB_REQUIRED=1 it fails where the part is one of `REQUIRED`.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterable, Iterator
from pathlib import Path

import pytest
from asking import Apply, Kubectl, Row, Status, own_namespace
from lab.parts import PARTS
from lab.running import Lab, state
from patience import SLOWNESS
from patience import eventually as wait_eventually
from patience import until as wait_until
from watching import Follow

HERE = Path(__file__).parent
REQUIRED = frozenset({"control-plane", "rollouts", "prometheus", "workflows", "argocd"})
"""Parts that LAB_REQUIRED=1 asks for."""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(*parts): the lab's parts without which the test makes no sense")
    config.addinivalue_line(
        "markers", "last: run after all tests without it, because it stops what they need"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.cluster)
            _be_patient(item)
    items.sort(key=lambda item: item.get_closest_marker("last") is not None)


def _be_patient(item: pytest.Item) -> None:
    """Give a test as much more time as its waits have."""
    marker = item.get_closest_marker("timeout")
    if seconds := marker.args[0] if marker else float(item.config.getini("timeout") or 0):
        item.add_marker(pytest.mark.timeout(SLOWNESS * seconds), append=False)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    needed = [part for marker in item.iter_markers("needs") for part in marker.args]
    if needed:
        _insist(item.config, *needed)


@pytest.fixture(scope="session")
def lab(pytestconfig: pytest.Config) -> Lab:
    """The lab that runs."""
    return _insist(pytestconfig, "control-plane")


def _insist(config: pytest.Config, *parts: str) -> Lab:
    """Return the lab, or skip or fail for want of a part."""
    found = config.stash.get(_LAB, None)
    if found is None:
        found = config.stash[_LAB] = Lab.find()
    for part in parts:
        if not found.has(part):
            why = f"the lab has no {part}: {state(part)}"
            if os.environ.get("LAB_REQUIRED") == "1" and part in REQUIRED:
                pytest.fail(f"{why} (and LAB_REQUIRED=1)", pytrace=False)
            pytest.skip(why)
    return found


_LAB: pytest.StashKey[Lab] = pytest.StashKey()


@pytest.fixture
def kubectl(lab: Lab) -> Kubectl:
    """kubectl as one of the personas: ``kubectl("get", "pods", persona="dev")`` returns what it printed."""
    return Kubectl(lab)


@pytest.fixture
def apply(kubectl: Kubectl) -> Apply:
    """Applies YAML, or an object, on the server's side."""
    return Apply(kubectl)


@pytest.fixture
def namespace(kubectl: Kubectl) -> Iterator[str]:
    """A fresh namespace, in which pods can be made."""
    with own_namespace(kubectl) as name:
        account = ("serviceaccount", "default", "-n", name, "--ignore-not-found", "-o", "name")
        wait_until(lambda: kubectl("get", *account), what=f"the service account of {name}")
        yield name


@pytest.fixture
def until() -> Callable[..., object]:
    """Asks again and again until the answer is true; see `patience.until`, and its twin `eventually`."""
    return wait_until


@pytest.fixture
def eventually() -> Callable[..., Awaitable[object]]:
    """Does the same on an event loop, which goes on meanwhile; see `patience.eventually`."""
    return wait_eventually


@pytest.fixture
def status(lab: Lab) -> Status:
    """``status(*flags, persona="admin")``: the document that the real program prints as JSON."""
    return Status(lab)


@pytest.fixture
def row(status: Status) -> Row:
    """``row(stage, kind, namespace, name, part=None, *flags)``: one item of a fresh status, or None."""
    return Row(status)


@pytest.fixture
def follow(lab: Lab) -> Follow:
    """``async with follow(persona, namespaces=...) as seen``: what the dashboard would show."""
    return Follow(lab)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    kinds = terminalreporter.stats.items()
    reports = [report for kind, found in kinds if kind != "deselected" for report in found]
    here = f"{HERE.relative_to(terminalreporter.config.rootpath).as_posix()}/"
    ours = [report for report in reports if getattr(report, "nodeid", "").startswith(here)]
    if not ours:
        return
    _measured(terminalreporter, ours)
    terminalreporter.section("the lab's parts")
    for part in PARTS:
        terminalreporter.write_line(f"{part:14} {_said(part)}")


def _measured(terminalreporter: pytest.TerminalReporter, reports: Iterable[pytest.TestReport]) -> None:
    """Show what passed tests printed: how long something took, beside its goal."""
    for report in reports:
        if report.when == "call" and report.passed and report.capstdout:
            terminalreporter.section(report.nodeid, "-")
            terminalreporter.write(report.capstdout)


def _said(part: str) -> str:
    if not (why := state(part)):
        return "ready"
    required = os.environ.get("LAB_REQUIRED") == "1" and part in REQUIRED
    return f"{'MISSING' if required else 'skipped'}: {why}"
