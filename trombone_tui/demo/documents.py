"""The documents of discovery by their URL path."""

from __future__ import annotations

from collections.abc import Sequence

from trombone_tui.demo import discovery
from trombone_tui.demo.records import Object
from trombone_tui.demo.resources import Resource


def document(resources: Sequence[Resource], path: str, accept: str) -> Object | None:
    """Return what is served at a path besides resources; None if nothing is."""
    parts = tuple(path.strip("/").split("/"))
    if parts == ("version",):
        return discovery.VERSION
    if parts[:2] == ("openapi", "v3"):
        return _openapi(resources, parts[2:])
    version = discovery.wants_aggregated(accept)
    if version and parts in (("api",), ("apis",)):
        return discovery.aggregated(resources, core=parts == ("api",), api_version=version)
    return _plain(resources, parts)


def _plain(resources: Sequence[Resource], parts: tuple[str, ...]) -> Object | None:
    match parts:
        case ("api",):
            return discovery.core_versions()
        case ("apis",):
            return discovery.group_list(resources)
        case ("apis", name):
            return discovery.group(resources, name)
        case ("api", version):
            return discovery.resource_list(resources, ("", version))
        case ("apis", name, version):
            return discovery.resource_list(resources, (name, version))
    return None


def _openapi(resources: Sequence[Resource], parts: tuple[str, ...]) -> Object | None:
    match parts:
        case ():
            return discovery.openapi_index(resources)
        case ("api", version):
            return discovery.openapi(resources, ("", version))
        case ("apis", name, version):
            return discovery.openapi(resources, (name, version))
    return None
