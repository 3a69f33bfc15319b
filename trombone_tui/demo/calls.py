"""One request to the Kubernetes API: what it is about, who makes it, and what its body says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import yaml
from aiohttp import web

from trombone_tui.demo import protobuf
from trombone_tui.demo.access import Attributes, Identity
from trombone_tui.demo.errors import bad_request, invalid, unsupported_media
from trombone_tui.demo.faults import Fault
from trombone_tui.demo.logs import truth
from trombone_tui.demo.patches import APPLY
from trombone_tui.demo.resources import Resource
from trombone_tui.demo.store import Writer


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """A URL path of the API, taken apart."""

    group: str
    version: str
    plural: str
    namespace: str = ""
    name: str = ""
    subresource: str = ""


def read_path(text: str) -> Path | None:
    """Take a path apart; None if it is none of a resource."""
    match text.strip("/").split("/"):
        case ["api", version, *rest]:
            group = ""
        case ["apis", group, version, *rest]:
            pass
        case _:
            return None
    match rest:
        case ["namespaces", name, ("status" | "finalize") as below]:
            return Path(group=group, version=version, plural="namespaces", name=name, subresource=below)
        case ["namespaces", namespace, plural, *more] if len(more) <= 2:
            pass
        case [plural, *more] if len(more) <= 2:
            namespace = ""
        case _:
            return None
    name, sub, *_ = [*more, "", ""]
    return Path(group=group, version=version, plural=plural, namespace=namespace, name=name, subresource=sub)


def verb_of(method: str, path: Path, params: Mapping[str, str]) -> str:
    """Return the verb that access rules name; empty for a method that is not served."""
    if method in ("GET", "HEAD"):
        if path.name:
            return "get"
        return "watch" if truth(params.get("watch", "")) else "list"
    if method == "DELETE":
        return "delete" if path.name else "deletecollection"
    by_name = {"PUT": "update", "PATCH": "patch"}
    return ("create" if not path.name else "") if method == "POST" else by_name.get(method, "")


def attributes_of(path: Path, verb: str, name: str = "") -> Attributes:
    """Return what access rules are asked about a path; a namespace counts as being in itself."""
    return Attributes(
        verb=verb,
        group=path.group,
        version=path.version,
        resource=path.plural,
        subresource=path.subresource,
        namespace=path.namespace or (path.name if (path.group, path.plural) == ("", "namespaces") else ""),
        name=name or path.name,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request for a resource that is served."""

    request: web.Request
    params: Mapping[str, str]
    identity: Identity
    resource: Resource
    path: Path
    verb: str
    fault: Fault | None = None

    def attributes(self, verb: str = "", name: str = "") -> Attributes:
        """Return what access rules are asked."""
        return attributes_of(self.path, verb or self.verb, name)

    @property
    def namespace(self) -> str | None:
        """The namespace; None means all."""
        return self.path.namespace or None

    @property
    def content_type(self) -> str:
        """The body's media type."""
        return self.request.headers.get("Content-Type", "application/json").partition(";")[0].strip()

    @property
    def writer(self) -> Writer:
        """Who writes, by ``fieldManager`` or the user agent, and whether it is a dry run.

        Raises:
            ApiError: 422, a dry run of an unknown kind, or an apply without a field manager.
        """
        dry = self.request.query.getall("dryRun", [])
        if dry not in ([], ["All"]):
            values = " ".join(f'"{one}"' for one in dry)
            why = f'Unsupported value: [{values}]: supported values: "All"'
            kind = f"{self.verb.removesuffix('collection').capitalize()}Options"
            raise invalid(kind, "meta.k8s.io", "", [("FieldValueNotSupported", "dryRun", why)])
        manager = self.params.get("fieldManager", "")
        applies = self.content_type == APPLY
        if applies and not manager:
            cause = ("FieldValueRequired", "fieldManager", "Required value: is required for apply patch")
            raise invalid("PatchOptions", "meta.k8s.io", "", [cause])
        force = truth(self.params.get("force", ""))
        if force and not applies:
            why = "Forbidden: may not be specified for non-apply patch"
            raise invalid("PatchOptions", "meta.k8s.io", "", [("FieldValueForbidden", "force", why)])
        agent = self.request.headers.get("User-Agent", "").partition("/")[0]
        return Writer(manager or agent or "unknown", "Apply" if applies else "Update", bool(dry), force)

    async def body(self) -> Any:
        """Read the body as JSON, or as YAML where that is what it is.

        Raises:
            ApiError: 400, it can't be read; 415, it is of a type that is not understood.
        """
        return decode_body(await self.request.read(), self.content_type)


def decode_body(data: bytes, content_type: str) -> Any:
    """Decode a body by its media type."""
    if content_type == protobuf.CONTENT_TYPE:
        return protobuf.decode(data)
    if content_type.endswith("yaml"):
        return _from_yaml(data)
    if not content_type.endswith("json"):
        raise unsupported_media(
            "the body of the request was in an unknown format - accepted media types include: "
            "application/json, application/yaml, application/vnd.kubernetes.protobuf"
        )
    try:
        return msgspec.json.decode(data)
    except msgspec.DecodeError as error:
        raise bad_request(f"couldn't get version/kind; json parse error: {error}") from error


def _from_yaml(data: bytes) -> Any:
    """Decode YAML; programs mostly send JSON for it, which is read a hundred times as fast."""
    try:
        return msgspec.json.decode(data)
    except msgspec.DecodeError:
        pass
    try:
        return yaml.safe_load(data)
    except yaml.YAMLError as error:
        raise bad_request(f"error decoding YAML: {error}") from error
