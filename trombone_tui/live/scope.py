"""What is known of one kind in one namespace, or in all of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from trombone_tui.core.objects.basics import Kind, Ref
from trombone_tui.core.ports import Denied, Expired, NotInstalled, PortError, State, Trouble


class Scope:
    """One pursuit: whether its list is complete, what troubles it, and since when."""

    def __init__(self, kind: Kind, namespace: str | None) -> None:
        self.kind, self.namespace = kind, namespace
        self.listed = False
        self.error: PortError | None = None
        self.heard: datetime | None = None
        """When the last true word was heard, while there is trouble."""
        self._unseen: set[Ref] | None = None

    @property
    def state(self) -> State:
        """The state a panel would have that shows only this."""
        match self.error:
            case None:
                return State.LIVE if self.listed else State.CONNECTING
            case Denied():
                return State.DENIED
            case NotInstalled():
                return State.NOT_INSTALLED
            case Expired() if not self.listed:
                return State.CONNECTING
        return State.STALE if self.listed else State.UNREACHABLE

    @property
    def known(self) -> bool:
        """Whether all objects are known, be it as of some time ago."""
        return self.state in (State.LIVE, State.STALE)

    def holds(self, ref: Ref) -> bool:
        """Say whether an object is in this namespace."""
        return self.namespace is None or ref.namespace == self.namespace

    def begin(self, refs: Iterable[Ref]) -> None:
        """Note that a list begins, and what is held from before."""
        self._unseen = {ref for ref in refs if self.holds(ref)}

    def saw(self, ref: Ref) -> None:
        """Note that an object exists."""
        if self._unseen is not None:
            self._unseen.discard(ref)

    def complete(self) -> Iterable[Ref]:
        """Note that the list is complete; return what no longer exists."""
        gone, self._unseen = self._unseen or (), None
        self.listed = True
        self.clear()
        return gone

    def clear(self) -> None:
        """Note that there is contact."""
        self.error = self.heard = None

    def fail(self, trouble: Trouble, now: datetime) -> None:
        """Note what goes wrong; while it goes on, the last true word stays what it was."""
        if self.error is None:
            self.heard = now - timedelta(seconds=trouble.silent)
        self.error = trouble.error
        if isinstance(trouble.error, NotInstalled):
            self.listed = False
