from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from contract import SERVERS, Api, embedded, leave_no_trace, real

from trombone_tui.demo.server import ApiServer


@pytest.fixture(scope="session")
def cleaned() -> Iterator[None]:
    yield
    if "real" in SERVERS:
        asyncio.run(leave_no_trace())


@pytest.fixture(params=SERVERS)
async def api(request: pytest.FixtureRequest, cleaned: None) -> AsyncIterator[Api]:
    async with embedded(bookmark_every=0.2) if request.param == "embedded" else real() as one:
        yield one


@pytest.fixture
def given(api: Api) -> ApiServer:
    """The embedded server from inside, for what can't be brought about through the API."""
    if api.server is None:
        pytest.skip("a real server can't be made to do this")
    return api.server
