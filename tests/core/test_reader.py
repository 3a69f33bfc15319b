"""A stage's reader: what is read when, and that what was handed out never changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from trombone_tui.core.objects.argo_rollouts import ROLLOUT, Rollout, RolloutSpec
from trombone_tui.core.objects.basics import Health, Kind, Malformed, Meta, Object, Ref
from trombone_tui.core.reader import StageReader
from trombone_tui.core.stage import Around, Fields, Item, Source, Stage, Workings

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Note(Object):
    text: str = ""
    parts: list[str] | None = None


class Seen(Fields):
    text: str | None = None


ROW = Kind(name="Row", plural="rows", group="x", version="v1", shape=Note)
PEER = Kind(name="Peer", plural="peers", group="x", version="v1", shape=Note)
HELP = Kind(name="Help", plural="helps", group="x", version="v1", shape=Note)
LATER = Kind(name="Later", plural="laters", group="x", version="v1", shape=Note)


def made(ref: Ref, text: str) -> Item:
    health = Health.DEGRADED if text == "bad" else Health.HEALTHY
    return Item(ref=ref, health=health, why=text, fields=Seen(text=text))


class Row(NamedTuple):
    obj: Note
    ref: Ref
    around: Around


class Bench:
    """A reader, and which rows it read."""

    def __init__(self, ask: Callable[[Row], str] = lambda row: row.obj.text) -> None:
        self.reads: list[str] = []

        def read(obj: Note, ref: Ref, around: Around) -> tuple[Item, ...]:
            self.reads.append(ref.name)
            text = ask(Row(obj, ref, around))
            if obj.parts is None:
                return (made(ref, text),)
            whole = (ref.cluster, ref.kind, ref.namespace, ref.name, ref.uid)
            return tuple(made(Ref(*whole, part=part), text) for part in obj.parts)

        def keys(obj: Note) -> Iterable[tuple[str, ...]]:
            return [(obj.text,), (obj.text,)] if obj.text else []

        sources = (
            Source(kind=ROW, read=read, keys=keys),
            Source(kind=PEER, read=read),
            Source(kind=HELP, keys=keys),
        )
        stage = Stage(
            name="s", title="S", about="S.", columns=(), workings=Workings(sources=sources, fields=Seen)
        )
        self.reader = StageReader(stage, "here", lambda: NOW)

    def put(self, kind: Kind, name: str, text: str = "", parts: list[str] | None = None) -> Ref:
        ref = Ref("here", kind.name, "", name)
        self.reader.put(kind, ref, Note(metadata=Meta(name=name), text=text, parts=parts))
        return ref

    def refresh(self) -> tuple[set[str], list[str]]:
        """Name the items that changed, and the rows that were read for it."""
        self.reads.clear()
        changed = self.reader.refresh()
        return {f"{ref.name}.{ref.part}" if ref.part else ref.name for ref in changed}, sorted(self.reads)


def test_only_what_changed_is_read_and_only_what_reads_differently_is_named() -> None:
    bench = Bench()
    bench.put(ROW, "a", "x")
    bench.put(ROW, "b", "y")
    assert bench.refresh() == ({"a", "b"}, ["a", "b"])
    items = bench.reader.items
    bench.put(ROW, "a", "x")
    assert bench.refresh() == (set(), ["a"])
    assert bench.reader.items is items
    assert bench.refresh() == (set(), [])


def test_items_that_were_handed_out_never_change() -> None:
    bench = Bench()
    ref = bench.put(ROW, "a", "x")
    bench.refresh()
    old = bench.reader.items
    bench.put(ROW, "b", "y")
    bench.reader.drop(ROW, ref)
    assert bench.refresh()[0] == {"a", "b"}
    assert list(old) == [ref]
    assert [ref.name for ref in bench.reader.items] == ["b"]


def test_an_object_that_comes_and_goes_between_two_looks_was_never_there() -> None:
    bench = Bench()
    bench.reader.drop(ROW, bench.put(ROW, "a"))
    assert bench.refresh() == (set(), [])
    bench.reader.drop(ROW, bench.put(ROW, "a"))
    bench.put(ROW, "a")
    assert bench.refresh() == ({"a"}, ["a"])
    bench.reader.drop(ROW, Ref("here", "Row", "", "never"))
    assert not bench.reader.pending


def test_rows_of_one_object_are_told_apart_by_part_and_leave_one_by_one() -> None:
    bench = Bench()
    ref = bench.put(ROW, "a", "x", parts=["one", "two"])
    assert bench.refresh()[0] == {"a.one", "a.two"}
    bench.put(ROW, "a", "x", parts=["two", "three"])
    assert bench.refresh()[0] == {"a.one", "a.three"}
    bench.put(ROW, "a", "x", parts=[])
    assert bench.refresh()[0] == {"a.two", "a.three"}
    bench.put(ROW, "a", "x")
    assert bench.refresh()[0] == {"a"}
    bench.put(ROW, "a", "x", parts=["one"])
    assert bench.refresh()[0] == {"a", "a.one"}
    bench.reader.drop(ROW, ref)
    assert bench.refresh()[0] == {"a.one"}
    assert not bench.reader.items


def test_a_row_is_read_again_when_what_it_asked_for_changes_and_not_otherwise() -> None:
    bench = Bench(
        lambda row: " ".join(sorted(h.metadata.name for h in row.around.linked(HELP, (row.ref.name,))))
    )
    bench.put(ROW, "a")
    bench.put(ROW, "b")
    bench.refresh()
    help_ = bench.put(HELP, "h", "a")
    assert bench.refresh() == ({"a"}, ["a"])
    bench.put(HELP, "h", "b")
    assert bench.refresh() == ({"a", "b"}, ["a", "b"])
    bench.reader.drop(HELP, help_)
    assert bench.refresh() == ({"b"}, ["b"])


def test_rows_that_share_a_key_are_not_read_again_for_each_other_unless_they_ask() -> None:
    bench = Bench()
    bench.put(ROW, "a", "shared")
    bench.put(ROW, "b", "shared")
    bench.refresh()
    bench.put(ROW, "a", "shared")
    assert bench.refresh()[1] == ["a"]


def test_a_row_may_ask_for_rows_of_another_kind_and_of_its_own() -> None:
    def ask(row: Row) -> str:
        peers = () if row.ref.kind == "Row" else row.around.linked(ROW, ("x",))
        return row.obj.text or " ".join(peer.metadata.name for peer in peers)

    bench = Bench(ask)
    bench.put(PEER, "p")
    bench.refresh()
    bench.put(ROW, "a", "x")
    assert bench.refresh() == ({"a", "p"}, ["a", "p"])


def test_a_row_that_no_longer_asks_is_no_longer_read_again() -> None:
    bench = Bench(lambda row: str(len(row.around.linked(HELP, ("k",)))) if row.obj.text == "ask" else "")
    bench.put(ROW, "a", "ask")
    bench.refresh()
    bench.put(ROW, "a", "rest")
    bench.refresh()
    bench.put(HELP, "h", "k")
    assert bench.refresh() == (set(), [])


def test_a_row_that_is_gone_is_not_read_again_when_what_it_asked_for_changes() -> None:
    bench = Bench(lambda row: str(len(row.around.linked(HELP, ("k",)))))
    ref = bench.put(ROW, "a")
    bench.refresh()
    bench.reader.drop(ROW, ref)
    bench.put(HELP, "h", "k")
    assert bench.refresh() == ({"a"}, [])


def test_rows_that_asked_whether_a_kind_is_known_are_read_again_when_that_changes() -> None:
    bench = Bench(lambda row: str(row.around.visible(HELP)) if row.ref.name == "a" else "")
    bench.put(ROW, "a")
    bench.put(ROW, "b")
    bench.refresh()
    bench.reader.see(HELP, True)
    assert bench.refresh() == ({"a"}, ["a"])
    bench.reader.see(HELP, True)
    assert not bench.reader.pending
    bench.reader.see(HELP, False)
    assert bench.refresh() == ({"a"}, ["a"])


def test_a_kind_the_stage_does_not_watch_is_never_known() -> None:
    bench = Bench(lambda row: f"{row.around.visible(LATER)} {list(row.around.linked(LATER, ('k',)))}")
    ref = bench.put(ROW, "a")
    bench.reader.see(LATER, True)
    bench.refresh()
    assert bench.reader.items[ref].why == "False []"


def test_objects_can_be_asked_for_outside_of_reading_without_being_noted() -> None:
    bench = Bench()
    bench.put(HELP, "h", "k")
    assert [found.metadata.name for found in bench.reader.linked(HELP, ("k",))] == ["h"]
    assert not bench.reader.visible(HELP)
    bench.put(HELP, "h", "other")
    assert not bench.reader.pending


def test_reading_can_be_done_in_steps() -> None:
    bench = Bench()
    refs = [bench.put(ROW, str(number)) for number in range(5)]
    assert bench.reader.pending == 5
    assert len(bench.reader.refresh(2)) == 2
    assert bench.reader.pending == 3
    assert len(bench.reader.refresh(3)) == 3
    for ref in refs:
        bench.reader.drop(ROW, ref)
    assert len(bench.reader.refresh(4)) == 4
    assert len(bench.reader.refresh(4)) == 1
    assert not bench.reader.items


def test_a_malformed_object_is_a_row_where_its_kind_is_one_and_left_out_where_it_informs() -> None:
    bench = Bench(lambda row: str(len(row.around.linked(HELP, ("k",)))))
    row, odd = bench.put(ROW, "a"), Malformed(metadata=Meta(name="x"), path="$.text", problem="odd")
    ref = Ref("here", "Row", "", "x")
    bench.reader.put(ROW, ref, odd)
    bench.reader.put(HELP, Ref("here", "Help", "", "x"), odd)
    assert bench.refresh()[0] == {"a", "x"}
    assert bench.reader.items[row].why == "0"
    assert bench.reader.items[ref].why == "Can't read $.text: odd."
    assert bench.reader.details(ref) == ()


def test_attention_and_tally_follow_the_items() -> None:
    bench = Bench()
    ref = bench.put(ROW, "a", "bad")
    bench.put(ROW, "b", "fine")
    bench.refresh()
    assert bench.reader.attention == {ref}
    assert bench.reader.tally[Health.DEGRADED] == 1
    bench.put(ROW, "a", "fine")
    bench.refresh()
    assert not bench.reader.attention
    assert bench.reader.tally[Health.HEALTHY] == 2


def test_the_clock_that_was_passed_in_tells_the_time() -> None:
    bench = Bench(lambda row: row.around.now.isoformat())
    ref = bench.put(ROW, "a")
    bench.refresh()
    assert bench.reader.items[ref].why == "2026-01-01T00:00:00+00:00"


def test_what_a_reader_holds_of_a_kind_can_be_named() -> None:
    bench = Bench()
    ref = bench.put(ROW, "a")
    assert list(bench.reader.refs(ROW)) == [ref]
    assert not list(bench.reader.refs(HELP))


def test_details_are_asked_for_with_the_row_in_question() -> None:
    def explain(obj: Note, ref: Ref, around: Around) -> Any:
        return (f"{obj.text} {ref.part}",)

    sources = (Source(kind=HELP), Source(kind=ROW, read=lambda *_: (), explain=explain))
    stage = Stage(
        name="s", title="S", about="S.", columns=(), workings=Workings(sources=sources, fields=Seen)
    )
    reader = StageReader(stage, "here", lambda: NOW)
    ref = Ref("here", "Row", "", "a")
    reader.put(ROW, ref, Note(metadata=Meta(name="a"), text="x"))
    assert reader.details(Ref("here", "Row", "", "a", part="two")) == ("x two",)
    assert reader.details(Ref("here", "Row", "", "b")) == ()


def test_reminders_that_were_handed_out_stay_as_they_were() -> None:
    sources = (Source(kind=ROLLOUT, read=lambda *_: ()),)
    stage = Stage(
        name="s", title="S", about="S.", columns=(), workings=Workings(sources=sources, fields=Seen)
    )
    reader = StageReader(stage, "here", lambda: NOW)
    refs = [Ref("here", "Rollout", "", name) for name in "ab"]

    def put(ref: Ref, *, paused: bool) -> None:
        reader.put(ROLLOUT, ref, Rollout(metadata=Meta(name=ref.name), spec=RolloutSpec(paused=paused)))

    put(refs[0], paused=True)
    put(refs[1], paused=True)
    reader.refresh()
    both = reader.reminders
    put(refs[0], paused=False)
    reader.refresh()
    one = reader.reminders
    put(refs[1], paused=True)
    reader.refresh()
    assert reader.reminders is one
    reader.drop(ROLLOUT, refs[1])
    reader.refresh()
    assert [list(both), list(one), list(reader.reminders)] == [refs, refs[1:], []]
