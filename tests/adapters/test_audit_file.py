"""The audit log: whole lines that only their owner can read, and nothing done that can't be noted."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from trombone_tui.adapters.audit import AuditFile, audit_file, read_audit
from trombone_tui.core.audit import Entry
from trombone_tui.core.ports import Refused

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


def entry(name: str, **more: object) -> Entry:
    return Entry(time=NOW, event="intent", act="a1", name=name, **more)  # type: ignore[arg-type]  # any field


def note(path: Path, *entries: Entry) -> None:
    async def write() -> None:
        audit = AuditFile(path)
        for one in entries:
            await audit.write(one)

    asyncio.run(write())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "trombone-tui" / "audit.jsonl"


def test_lines_are_added_in_order_and_come_back_as_they_were(path: Path) -> None:
    one = entry("one", verb="abort", code=200, before="step 3\nof 8", options={"full": "True"})
    note(path, one, entry("two"))
    entries, broken = read_audit(path)
    assert [one.name for one in entries] == ["one", "two"]
    assert (entries[0].before, entries[0].code, entries[0].options) == ("step 3\nof 8", 200, {"full": "True"})
    assert entries[0].os_user
    assert broken == 0
    assert len(path.read_bytes().splitlines()) == 2


def test_only_its_owner_can_read_it_whatever_the_mask(path: Path) -> None:
    before = os.umask(0)
    try:
        note(path, entry("one"))
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    path.chmod(0o644)
    note(path, entry("two"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_was_there_is_never_touched(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(b"what somebody else wrote\n")
    note(path, entry("one"))
    assert path.read_bytes().startswith(b"what somebody else wrote\n{")


def test_broken_lines_are_counted_and_spoil_no_others(path: Path) -> None:
    note(path, entry("one"))
    with path.open("ab") as file:
        file.write(b'{"time":"2026-11-2')  # the power went
    note(path, entry("two"))
    with path.open("ab") as file:
        file.write(b'\n\xff\xfe\n[]\n{"time":"soon"}\n')
    entries, broken = read_audit(path)
    assert [one.name for one in entries] == ["one", "two"]
    assert broken == 4


def test_many_at_once_stay_whole(path: Path) -> None:
    script = (
        "import asyncio, sys\n"
        "from datetime import UTC, datetime\n"
        "from pathlib import Path\n"
        "from trombone_tui.adapters.audit import AuditFile\n"
        "from trombone_tui.core.audit import Entry\n"
        "async def main():\n"
        "    audit = AuditFile(Path(sys.argv[1]))\n"
        "    for n in range(30):\n"
        "        await audit.write(Entry(time=datetime.now(UTC), event='reply', act='x', text='y' * 9000))\n"
        "asyncio.run(main())\n"
    )
    others = [subprocess.Popen([sys.executable, "-c", script, str(path)]) for _ in range(3)]
    assert [one.wait(50) for one in others] == [0, 0, 0]
    entries, broken = read_audit(path)
    assert (len(entries), broken) == (90, 0)


@pytest.mark.parametrize("how", ["link", "folder", "no folder", "pipe"])
def test_what_can_not_be_noted_says_where_and_why(path: Path, how: str) -> None:
    path.parent.mkdir(parents=True)
    if how == "link":
        path.symlink_to(path.parent / "elsewhere")
    elif how == "folder":
        path.mkdir()
    elif how == "pipe":
        os.mkfifo(path)
    else:
        path.parent.rmdir()
        path.parent.write_text("a file")
    with pytest.raises(Refused, match=r"can't note it in .*audit\.jsonl: ") as refused:
        note(path, entry("one"))
    assert refused.value.advice
    assert not (path.parent / "elsewhere").exists()


def test_a_line_that_does_not_go_in_whole_is_a_refusal(path: Path) -> None:
    """As on a full disk: the file may be a little longer than it is now, and no more."""
    note(path, entry("one"))
    size = path.stat().st_size
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 10, limits[1]))
    try:
        with pytest.raises(Refused, match=r"can't note it in .* no space is left"):
            note(path, entry("two"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    note(path, entry("three"))
    entries, broken = read_audit(path)
    assert ([one.name for one in entries], broken) == (["one", "three"], 1)


def test_of_no_file_there_is_nothing_to_read(path: Path) -> None:
    assert read_audit(path) == ([], 0)


def test_a_file_that_can_not_be_read_is_said(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(Refused, match=r"can't read .*audit\.jsonl"):
        read_audit(path)


def test_it_lies_where_state_belongs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert audit_file({"XDG_STATE_HOME": str(tmp_path)}) == tmp_path / "trombone-tui" / "audit.jsonl"
    monkeypatch.setenv("HOME", str(tmp_path))
    home = tmp_path / ".local" / "state" / "trombone-tui" / "audit.jsonl"
    assert audit_file({}) == audit_file({"XDG_STATE_HOME": "relative"}) == home
