"""Keeps the machine's own clusters and settings out of every test, and bounds what is tried at random."""

from __future__ import annotations

import gc
import os

from hypothesis import settings

gc.disable()
settings.register_profile("bounded", deadline=None, max_examples=50, derandomize=True, database=None)
settings.load_profile("bounded")

NOWHERE = os.path.join(os.sep, "nonexistent")  # noqa: PTH118 - a text for the environment

for name in [
    name for name in os.environ if name.startswith(("TROMBONE_", "KUBERNETES_")) and name != "TROMBONE_LAB"
]:
    del os.environ[name]
for name in (
    "NO_COLOR",
    "FORCE_COLOR",
    "COLUMNS",
    "LINES",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "https_proxy",
    "http_proxy",
):
    os.environ.pop(name, None)
os.environ["XDG_CONFIG_HOME"] = NOWHERE
os.environ["KUBECONFIG"] = NOWHERE


def pytest_collection_finish() -> None:
    """Look for garbage from here on, seldom and not among the tests: it is a fifth of the CPU otherwise."""
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)
    gc.enable()
