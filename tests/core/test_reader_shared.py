"""A row that is linked to many objects is read again only when one of them changed in what it reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from trombone_tui.core.objects.basics import Health, Kind, Malformed, Meta, Object, Ref
from trombone_tui.core.objects.durations import hour
from trombone_tui.core.reader import StageReader
from trombone_tui.core.stage import Fields, Item, Source, Stage, Workings

NOW = datetime(2026, 11, 23, 17, 42, tzinfo=UTC)


class Part(Object):
    colour: str = ""
    noise: int = 0


WHOLE = Kind(name="Whole", plural="wholes", group="", version="v1", shape=Object)
PART = Kind(name="Part", plural="parts", group="", version="v1", shape=Part)


class Seen(Fields):
    colours: str | None = None


@pytest.fixture
def reads():
    return []


@pytest.fixture
def reader(reads):
    def read(obj, ref, around):
        reads.append(ref.name)
        parts = around.linked(PART, ("Whole", obj.metadata.name))
        colours = " ".join(sorted(part.colour for part in parts))
        return (Item(ref=ref, health=Health.HEALTHY, why="Read.", fields=Seen(colours=colours)),)

    sources = (
        Source(kind=WHOLE, read=read, keys=lambda obj: [("Whole", obj.metadata.name)]),
        Source(
            kind=PART,
            keys=lambda part: [("Whole", part.metadata.label("of"))] if part.metadata.labels else [],
            shared=lambda part: part.colour,
        ),
    )
    workings = Workings(sources=sources, fields=Seen)
    stage = Stage(name="parts", title="Parts", about="Parts.", columns=(), workings=workings)
    reader = StageReader(stage, "here", lambda: NOW)
    reader.put(WHOLE, whole(), Object(metadata=Meta(name="a")))
    reader.put(PART, ref("p"), part("red"))
    reader.refresh()
    reads.clear()
    return reader


def whole():
    return Ref(cluster="here", kind="Whole", namespace="", name="a")


def ref(name):
    return Ref(cluster="here", kind="Part", namespace="", name=name)


def part(colour, noise=0, of="a"):
    return Part(metadata=Meta(name="p", labels={"of": of} if of else None), colour=colour, noise=noise)


def colours(reader):
    reader.refresh()
    return reader.items[whole()].fields.colours


def test_a_change_of_anything_else_does_not_read_the_row_again(reader, reads):
    reader.put(PART, ref("p"), part("red", noise=7))
    assert (colours(reader), reads) == ("red", [])


def test_the_newest_object_is_kept_although_no_row_was_read(reader):
    reader.put(PART, ref("p"), part("red", noise=7))
    assert [p.noise for p in reader.linked(PART, ("Whole", "a"))] == [7]


def test_a_change_of_what_is_read_reads_the_row_again(reader, reads):
    reader.put(PART, ref("p"), part("blue"))
    assert (colours(reader), reads) == ("blue", ["a"])


@pytest.mark.parametrize("of", ["b", ""])
def test_an_object_that_moves_away_leaves_the_row(reader, of):
    reader.put(PART, ref("p"), part("red", of=of))
    assert colours(reader) == ""


def test_an_object_that_can_no_longer_be_read_leaves_the_row_and_may_come_back(reader):
    reader.put(PART, ref("p"), Malformed(metadata=Meta(name="p"), path="$.colour", problem="odd"))
    assert colours(reader) == ""
    reader.put(PART, ref("p"), part("red"))
    assert colours(reader) == "red"


def test_a_new_and_a_deleted_object_read_the_row_again(reader):
    reader.put(PART, ref("q"), part("blue"))
    assert colours(reader) == "blue red"
    reader.drop(PART, ref("p"))
    assert colours(reader) == "blue"


def test_a_moment_at_the_end_of_the_calendar_is_written_as_it_is():
    first = datetime.min.replace(tzinfo=timezone(timedelta(hours=14)))
    assert hour(first, NOW) == "0001-01-01T00:00:00+14:00"
