"""The embedded registry serves the story's images as the distribution specification says."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from trombone_tui.demo.registry import Registry
from trombone_tui.demo.story.images import Image, ImageStock

BUILT = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


def stock() -> ImageStock:
    made = ImageStock()
    for number in range(5):
        labels = {"org.opencontainers.image.revision": f"{number}" * 40}
        created = BUILT + timedelta(minutes=number)
        made.push(Image(repository="shop/api", tag=f"v1.{number}", created=created, labels=labels))
    made.push(Image(repository="pay/ledger", tag="v7", created=BUILT))
    return made


@pytest.fixture
async def client() -> AsyncIterator[TestClient[Any, Any]]:
    async with TestClient(TestServer(Registry(stock()).app())) as made:
        yield made


async def test_it_says_which_api_it_speaks(client: TestClient[Any, Any]) -> None:
    async with client.get("/v2/") as response:
        assert response.status == 200
        assert response.headers["Docker-Distribution-API-Version"] == "registry/2.0"


async def test_tags_are_sorted_and_complete(client: TestClient[Any, Any]) -> None:
    async with client.get("/v2/shop/api/tags/list") as response:
        assert await response.json() == {"name": "shop/api", "tags": [f"v1.{n}" for n in range(5)]}
        assert "Link" not in response.headers


async def test_tags_come_in_pages_that_link_to_the_next(client: TestClient[Any, Any]) -> None:
    path, found = "/v2/shop/api/tags/list?n=2", []
    for _ in range(3):
        async with client.get(path) as response:
            found.append((await response.json())["tags"])
            link = response.headers.get("Link", "")
        path = link.partition(">")[0].removeprefix("<")
    assert found == [["v1.0", "v1.1"], ["v1.2", "v1.3"], ["v1.4"]]
    assert not link


async def test_manifest_and_config_have_the_digests_they_are_named_by(client: TestClient[Any, Any]) -> None:
    async with client.get("/v2/shop/api/manifests/v1.3") as response:
        body, digest = await response.read(), response.headers["Docker-Content-Digest"]
        assert response.headers["Content-Type"] == "application/vnd.oci.image.manifest.v1+json"
        manifest = await response.json(content_type=None)
    assert digest == "sha256:" + hashlib.sha256(body).hexdigest()
    async with client.head(f"/v2/shop/api/manifests/{digest}") as response:
        assert (response.status, response.headers["Docker-Content-Digest"]) == (200, digest)
        assert await response.read() == b""
    config_digest = manifest["config"]["digest"]
    async with client.get(f"/v2/shop/api/blobs/{config_digest}") as response:
        body = await response.read()
        config = await response.json(content_type=None)
    assert config_digest == "sha256:" + hashlib.sha256(body).hexdigest()
    assert manifest["config"]["size"] == len(body)
    assert config["created"] == "2026-11-26T12:03:00.000000Z"
    assert config["config"]["Labels"] == {"org.opencontainers.image.revision": "3" * 40}


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/v2/shop/none/tags/list", "NAME_UNKNOWN"),
        ("/v2/shop/api/manifests/v9", "MANIFEST_UNKNOWN"),
        ("/v2/shop/api/manifests/sha256:00", "MANIFEST_UNKNOWN"),
        ("/v2/shop/api/blobs/sha256:00", "BLOB_UNKNOWN"),
    ],
)
async def test_what_is_not_there_has_its_error_code(
    client: TestClient[Any, Any], path: str, code: str
) -> None:
    async with client.get(path) as response:
        assert response.status == 404
        assert (await response.json())["errors"][0]["code"] == code


async def test_repositories_are_listed(client: TestClient[Any, Any]) -> None:
    async with client.get("/v2/_catalog") as response:
        assert await response.json() == {"repositories": ["pay/ledger", "shop/api"]}


async def test_moved_tag_points_to_what_was_pushed_last() -> None:
    found = stock()
    before = found.images("pay/ledger")[0].digest
    found.push(Image(repository="pay/ledger", tag="v7", created=BUILT + timedelta(hours=1)))
    assert [image.tag for image in found.images("pay/ledger")] == ["v7"]
    assert found.images("pay/ledger")[0].digest != before
