"""Certificates made once, and API servers on loopback that note what they were sent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from apiserver import ApiServer
from certificates import Authority, has_openssl


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    if not has_openssl():
        pytest.skip("the openssl program is not installed, and nothing else here makes certificates")
    return Authority(tmp_path_factory.mktemp("pki"), "cluster-ca")


@pytest.fixture(scope="session")
def other_pki(tmp_path_factory: pytest.TempPathFactory, pki: Authority) -> Authority:
    return Authority(tmp_path_factory.mktemp("other-pki"), "other-ca")


@pytest.fixture
async def api() -> AsyncIterator[ApiServer]:
    async with ApiServer() as server:
        yield server


@pytest.fixture
async def tls_api(pki: Authority) -> AsyncIterator[ApiServer]:
    async with ApiServer(tls=pki.server_context("server", "IP:127.0.0.1")) as server:
        yield server


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder without any kubeconfig."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KUBECONFIG", raising=False)
    return tmp_path
