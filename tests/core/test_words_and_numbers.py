"""Durations, image names and phrases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest

from trombone_tui.core.objects.basics import Meta
from trombone_tui.core.objects.durations import go_duration, hour, later, rfc3339, spoken, stamp
from trombone_tui.core.objects.image_names import ImageName
from trombone_tui.core.objects.phrases import counted, sentence, short_revision, shortened

NOW = datetime(2026, 11, 23, 17, 42, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("5s", 5),
        ("1m", 60),
        ("1h", 3600),
        ("1h30m", 5400),
        ("1.5h", 5400),
        (".5s", 0.5),
        ("250ms", 0.25),
        ("-2m", -120),
        ("30", 30),
        (" 30 ", 30),
        (30, 30),
        (0, 0),
    ],
)
def test_go_durations_and_bare_seconds_are_read(written, seconds):
    assert go_duration(written) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "5 s",
        "5d",
        "soon",
        "1h banana",
        "٥s",
        "s",
        True,
        None,
        1.5,
        [],
        {},
        10**30,
        "9" * 39 + "h",
        "9" * 60,
    ],
)
def test_what_is_no_duration_is_unknown(written):
    assert go_duration(written) is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (0.04, "0 s"),
        (0.25, "0.2 s"),
        (5, "5 s"),
        (60, "1 min"),
        (252, "4 min 12 s"),
        (3600, "1 h"),
        (3605, "1 h"),
        (5400, "1 h 30 min"),
        (90000, "1 d 1 h"),
        (-90, "-1 min 30 s"),
    ],
)
def test_durations_are_said_with_two_units(seconds, words):
    assert spoken(timedelta(seconds=seconds)) == words


def test_an_end_is_known_only_from_a_start_and_a_duration():
    assert later(NOW, timedelta(minutes=5)) == NOW.replace(minute=47)
    assert later(None, timedelta(minutes=5)) is None
    assert later(NOW, None) is None
    assert later(datetime.max.replace(tzinfo=UTC), timedelta(days=1)) is None


def test_an_hour_is_said_in_utc_with_the_date_when_it_is_another_day():
    east = timezone(timedelta(hours=9))
    assert hour(NOW.replace(hour=9).astimezone(east), NOW) == "09:42Z"
    assert hour(NOW - timedelta(days=1), NOW) == "2026-11-22 17:42Z"
    assert hour(NOW.replace(hour=23), NOW.astimezone(east)) == "23:42Z"


def test_a_moment_is_said_in_utc_with_its_date():
    east = timezone(timedelta(hours=9))
    assert stamp(NOW.replace(day=3, hour=20).astimezone(east)) == "3 Nov 20:42Z"
    assert stamp(NOW) == "23 Nov 17:42Z"
    assert stamp(datetime.min.replace(tzinfo=east)) == "0001-01-01T00:00:00+09:00"
    assert rfc3339(NOW.astimezone(east)) == "2026-11-23T17:42:00Z"
    assert rfc3339(datetime.min.replace(tzinfo=east)) == "0001-01-01T00:00:00+09:00"


@pytest.mark.parametrize(
    ("written", "repository", "tag", "digest"),
    [
        ("127.0.0.1:5000/demo/app:1.0.4", "127.0.0.1:5000/demo/app", "1.0.4", ""),
        ("127.0.0.1:5000/demo/app", "127.0.0.1:5000/demo/app", "", ""),
        ("nginx", "nginx", "", ""),
        ("nginx:1@sha256:abc", "nginx", "1", "sha256:abc"),
        ("ghcr.io/a/b@sha256:abc", "ghcr.io/a/b", "", "sha256:abc"),
        ("", "", "", ""),
    ],
)
def test_image_names_are_taken_apart(written, repository, tag, digest):
    assert ImageName.parse(written) == ImageName(repository, tag, digest)


def test_one_repository_written_in_several_ways_joins():
    written = [
        "nginx:1",
        "docker.io/nginx",
        "index.docker.io/library/nginx",
        "docker.io/library/nginx@sha256:1",
    ]
    assert {ImageName.parse(name).join for name in written} == {"image/nginx"}
    assert ImageName.parse("ghcr.io/nginx").join == "image/ghcr.io/nginx"


def test_an_image_without_a_tag_is_named_by_its_digest():
    assert ImageName.parse("a:v1@sha256:0123456789abcdef").version == "v1"
    assert ImageName.parse("a@sha256:0123456789abcdef").version == "0123456789ab"
    assert ImageName.parse("a").version == ""


def test_a_message_becomes_one_sentence():
    assert sentence("  rpc error:\n\t repository not found ") == "Rpc error: repository not found."
    assert sentence("Done!") == "Done!"
    assert sentence("\n") == ""


def test_texts_are_cut_visibly():
    assert shortened("abcdef", 6) == "abcdef"
    assert shortened("abcdefg", 6) == "abcde…"


def test_only_a_commit_is_shortened():
    assert short_revision("40addcb223cc5c39ba4c36e9c888d169c4b71fbf") == "40addcb"
    assert short_revision("ab" * 32) == "abababa"
    assert short_revision("feature/long-branch-name") == "feature/long-branch-name"


def test_one_is_singular():
    assert (counted(1, "pod"), counted(0, "pod"), counted(2, "pod")) == ("1 pod", "0 pods", "2 pods")


def test_a_moment_without_a_zone_does_not_fit():
    assert (
        msgspec.json.decode('{"creationTimestamp":"2026-11-23T17:42:00Z"}', type=Meta).creation_timestamp
        == NOW
    )
    with pytest.raises(msgspec.ValidationError, match=r"\$\.creationTimestamp"):
        msgspec.json.decode('{"creationTimestamp":"2026-11-23T17:42:00"}', type=Meta)
