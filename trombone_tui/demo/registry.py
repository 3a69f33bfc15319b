"""The embedded registry: the pull half of the OCI distribution API over the story's images.

Source: ``opencontainers/distribution-spec@v1.1:spec.md``. No authentication; what is not there is answered
in the specification's error shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from aiohttp import web

from trombone_tui.demo.story.images import MANIFEST, Image, ImageStock, digest

_PAGE = 100


class Registry:
    """Answers ``/v2/``."""

    def __init__(self, images: ImageStock) -> None:
        self._images = images

    def app(self) -> web.Application:
        """Return the application to serve."""
        app = web.Application()
        app.router.add_get("/v2/", _base)
        app.router.add_get("/v2/_catalog", self._catalog)
        app.router.add_get("/v2/{name:.+}/tags/list", self._tags)
        app.router.add_get("/v2/{name:.+}/manifests/{reference}", self._manifest)
        app.router.add_get("/v2/{name:.+}/blobs/{digest}", self._blob)
        return app

    async def _catalog(self, request: web.Request) -> web.Response:
        found, headers = _page(request, self._images.repositories())
        return web.json_response({"repositories": found}, headers=headers)

    async def _tags(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        images = self._images.images(name)
        if not images:
            return _error(404, "NAME_UNKNOWN", f"repository name not known to registry: {name}")
        found, headers = _page(request, sorted(image.tag for image in images))
        return web.json_response({"name": name, "tags": found}, headers=headers)

    async def _manifest(self, request: web.Request) -> web.Response:
        name, reference = request.match_info["name"], request.match_info["reference"]
        image = _find(self._images.images(name), reference)
        if image is None:
            return _error(404, "MANIFEST_UNKNOWN", f"manifest unknown: {name}:{reference}")
        body = image.manifest
        headers = {"Docker-Content-Digest": digest(body), "Content-Type": MANIFEST}
        return web.Response(body=body, headers=headers)

    async def _blob(self, request: web.Request) -> web.Response:
        wanted = request.match_info["digest"]
        for image in self._images.images(request.match_info["name"]):
            if digest(image.config) == wanted:
                headers = {"Docker-Content-Digest": wanted, "Content-Type": "application/octet-stream"}
                return web.Response(body=image.config, headers=headers)
        return _error(404, "BLOB_UNKNOWN", f"blob unknown to registry: {wanted}")


async def _base(_: web.Request) -> web.Response:
    return web.json_response({}, headers={"Docker-Distribution-API-Version": "registry/2.0"})


def _find(images: Sequence[Image], reference: str) -> Image | None:
    by_digest = reference.startswith("sha256:")
    return next((one for one in images if (one.digest if by_digest else one.tag) == reference), None)


def _page(request: web.Request, names: list[str]) -> tuple[list[str], dict[str, str]]:
    """Return one page of names, and a Link to the next if there is one."""
    text, last = request.query.get("n", str(_PAGE)), request.query.get("last", "")
    count = int(text) if text.isdigit() else _PAGE
    rest = [name for name in names if name > last]
    found = rest[:count]
    if len(rest) <= count or not found:
        return found, {}
    link = f'<{request.path}?n={count}&last={quote(found[-1])}>; rel="next"'
    return found, {"Link": link}


def _error(status: int, code: str, message: str) -> web.Response:
    return web.json_response({"errors": [{"code": code, "message": message, "detail": {}}]}, status=status)
