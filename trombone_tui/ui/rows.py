"""Rows in order: sorted, filtered, and told apart by key, so that one change costs one change."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

Rank = tuple[Any, ...]
"""What rows are sorted by; equal ranks are told apart by key, so the order is always the same."""

_REBUILD = 4
"""From a quarter of all rows on, sorting them all is quicker than moving each."""


class Rows(Generic[K, V]):
    """A mapping of rows, the order they are shown in, and which of them a filter lets through.

    Keys must be comparable. Values are compared by identity: who hands in the same object says that
    nothing changed.
    """

    def __init__(self, rank: Callable[[V], Rank], words: Callable[[V], str]) -> None:
        self.values: Mapping[K, V] = {}
        self._rank = rank
        self._words_of = words
        self._entries: dict[K, tuple[Rank, K]] = {}
        self._all: list[tuple[Rank, K]] = []
        self._shown = self._all
        self._needle: tuple[str, ...] = ()
        self._words: dict[K, str] = {}

    def __len__(self) -> int:
        return len(self._shown)

    def key(self, index: int) -> K:
        """Return the key of the row at a place."""
        return self._shown[index][1]

    def keys(self, start: int, end: int) -> list[K]:
        """Return the keys of the rows of a range of places."""
        return [key for _, key in self._shown[start:end]]

    def index(self, key: K) -> int | None:
        """Return a row's place; None if there is no such row or the filter holds it back."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        index = bisect_left(self._shown, entry)
        return index if index < len(self._shown) and self._shown[index][1] == key else None

    def update(self, new: Mapping[K, V], touched: Iterable[K] = ()) -> set[K]:
        """Take a new mapping and return the keys of the rows that are new or changed.

        ``touched`` names rows to look at again although their value is the same object.
        """
        old = self.values
        changed = {key for key, value in new.items() if old.get(key) is not value}
        added = sum(key not in old for key in changed)
        gone = [key for key in old if key not in new] if len(old) + added != len(new) else []
        changed.update(key for key in touched if key in new)
        self.values = new
        for key in changed:
            self._words.pop(key, None)
        if (len(changed) + len(gone)) * _REBUILD > len(new):
            self.sort(self._rank)
        else:
            for key in gone:
                self._take(key)
            for key in changed:
                self._place(key)
        return changed

    def sort(self, rank: Callable[[V], Rank]) -> None:
        """Sort all rows by this from now on."""
        self._rank = rank
        self._entries = {key: (rank(value), key) for key, value in self.values.items()}
        self._all = sorted(self._entries.values())
        self._select()

    def filter(self, text: str) -> None:
        """Show only rows that have every word of a text, whatever the case; an empty text shows all."""
        self._needle = tuple(text.casefold().split())
        self._select()

    def _select(self) -> None:
        if self._needle:
            self._shown = [entry for entry in self._all if self._matches(entry[1])]
        else:
            self._shown = self._all
            self._words = {}

    def _matches(self, key: K) -> bool:
        words = self._words.get(key)
        if words is None:
            words = self._words[key] = self._words_of(self.values[key]).casefold()
        return all(word in words for word in self._needle)

    def _take(self, key: K) -> None:
        entry = self._entries.pop(key)
        self._words.pop(key, None)
        del self._all[bisect_left(self._all, entry)]
        if self._shown is not self._all:
            index = bisect_left(self._shown, entry)
            if index < len(self._shown) and self._shown[index] == entry:
                del self._shown[index]

    def _place(self, key: K) -> None:
        entry = (self._rank(self.values[key]), key)
        old = self._entries.get(key)
        if old == entry and not self._needle:
            return
        if old is not None:
            self._take(key)
        self._entries[key] = entry
        insort(self._all, entry)
        if self._shown is not self._all and self._matches(key):
            insort(self._shown, entry)
