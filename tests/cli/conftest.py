"""Embedded clusters that tests share which leave nothing that another would stumble over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from program import demo_server


@pytest.fixture(scope="session")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The kubeconfig of the demo's day; tests may add to it, and change nothing that it began with."""
    with demo_server("day", tmp_path_factory.mktemp("cluster")) as file:
        yield file


@pytest.fixture(scope="session")
def few_rights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The kubeconfig of the demo in which little may be seen."""
    with demo_server("few-rights", tmp_path_factory.mktemp("cluster")) as file:
        yield file
