from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from contract import KUBECONFIG, Api, embedded, leave_no_trace, real

from trombone_tui.demo.server import ApiServer

REAL = pytest.param(
    "real",
    marks=[
        pytest.mark.cluster,
        pytest.mark.skipif(not KUBECONFIG, reason="no real server: CONTRACT_KUBECONFIG names none"),
    ],
)


@pytest.fixture(scope="session")
def cleaned() -> Iterator[None]:
    yield
    if KUBECONFIG:
        asyncio.run(leave_no_trace())


@pytest.fixture(params=["embedded", REAL])
async def api(request: pytest.FixtureRequest, cleaned: None) -> AsyncIterator[Api]:
    async with embedded(bookmark_every=0.2) if request.param == "embedded" else real() as one:
        yield one


@pytest.fixture
def given(api: Api) -> ApiServer:
    """The embedded server from inside, for what can't be brought about through the API."""
    if api.server is None:
        pytest.skip("a real server can't be made to do this")
    return api.server
