"""What the embedded cluster knows of a kind: names, scope, subresources, printer columns."""

from __future__ import annotations

from dataclasses import dataclass

from trombone_tui.demo.errors import qualified


@dataclass(frozen=True, slots=True)
class Column:
    """A printer column: its cell is what ``path`` finds, or what ``tables.py`` computes for core kinds."""

    name: str
    path: str = ""
    type: str = "string"
    format: str = ""
    priority: int = 0
    description: str = ""


AGE = Column("Age", ".metadata.creationTimestamp", "date", description="Time since resource was created")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A kind as the API server serves it."""

    group: str
    version: str
    plural: str
    singular: str
    kind: str
    namespaced: bool = True
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    status_subresource: bool = False
    scale_subresource: bool = False
    columns: tuple[Column, ...] = (AGE,)
    strategic_merge: bool = False
    """Built into the server: takes strategic merge patches; custom resources answer 415."""
    generations: bool = True
    """Whether ``metadata.generation`` is kept; most core kinds have none."""

    @property
    def name(self) -> str:
        """The name RBAC, messages and the store use: ``workflows.argoproj.io``, ``pods``."""
        return qualified(self.plural, self.group)

    @property
    def api_version(self) -> str:
        """What objects carry as ``apiVersion``."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def path(self) -> str:
        """The URL path of the group and version, without a slash at its end."""
        return f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
