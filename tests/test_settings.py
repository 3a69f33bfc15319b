"""Settings: who wins, and how a wrong one is named."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from trombone_tui.config import FOR_EVER, Settings, place, seconds, settle
from trombone_tui.core.ports import Refused


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def test_keys_are_read_from_either_form_of_table_each_with_its_line(file: Path) -> None:
    file.write_text('[keys]\nview.logs = "L"\n[keys.table]\n# not this one\n"open" = """\nO"""\n')
    effective = settle(file, {}, {})
    assert effective.settings.keymap == {"view.logs": "L", "table.open": "O"}
    assert effective.origins["keys.view.logs"] == f"{file}:2"
    assert effective.origins["keys.table.open"] == f"{file}:6"


def test_without_anything_given_defaults_count(file: Path) -> None:
    effective = settle(file, {}, {})
    assert effective.settings == Settings()
    assert set(effective.origins.values()) == {"default"}


def test_flag_beats_environment_beats_file_beats_default(file: Path) -> None:
    file.write_text('namespaces = ["file"]\nas = "file"\n\nkubeconfig = "file"\n')
    environment = {"TROMBONE_AS": "env", "TROMBONE_NAMESPACES": "one,two", "TROMBONE_CONTEXTS": ""}
    effective = settle(file, environment, {"namespaces": (("flag",), "-n")})
    assert effective.settings == Settings(kubeconfig="file", as_user="env", namespaces=("flag",))
    assert effective.origins["kubeconfig"] == f"{file}:4"
    assert effective.origins["as"] == "TROMBONE_AS"
    assert effective.origins["namespaces"] == "-n"
    assert effective.origins["contexts"] == "default"


def test_a_list_in_the_environment_is_divided_by_commas(file: Path) -> None:
    effective = settle(file, {"TROMBONE_CONTEXTS": "prod-eu,prod-us"}, {})
    assert effective.settings.contexts == ("prod-eu", "prod-us")


def test_registries_are_known_by_host(file: Path) -> None:
    file.write_text('registries = ["ghcr.io=https://mirror.example", "r:5000=http://r:5000"]')
    endpoints = settle(file, {}, {}).settings.endpoints
    assert endpoints == {"ghcr.io": "https://mirror.example", "r:5000": "http://r:5000"}


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ('namespcae = ["shop"]', 1, "unknown key `namespcae`; did you mean `namespaces`?"),
        ("# a\n\n[colours]\nred = 1", 3, "unknown key `colours`; known are kubeconfig, contexts"),
        ('as = "x"\nkubeconfig = 3', 2, "kubeconfig: expected `str | null`, got `int`"),
        ('contexts = [\n "a",\n 3]', 1, "contexts[1]: expected `str`, got `int`"),
        ('contexts = "prod"', 1, "contexts: expected `array`, got `str`"),
        ('namespaces = ["ok", "No"]', 1, "namespaces[1]: a namespace is lower-case letters"),
        ('registries = ["ghcr.io"]', 1, "registries[0]: write HOST=URL"),
        ('registries = ["ghcr.io=mirror.example"]', 1, "registries[0]: write HOST=URL"),
        ('\nrequest_timeout = "soon"', 2, "request_timeout: 'soon' is no duration"),
        ("request_timeout = -1", 1, "request_timeout: -1 is less than nothing"),
        ('kubeconfig = """\nas = 1\n"""\n"as" = 3', 4, "as: expected `str | null`, got `int`"),
        ("keys = 3", 1, "keys: expected `object`, got `int`"),
        ('[keys]\n\nlogs = "L"', 3, "keys.logs: it takes two names, not in quotes"),
        ('[keys]\n"view.logs" = "L"', 2, "keys.view.logs: it takes two names, not in quotes"),
        ('[keys]\nview.help = "?"\nview.logs = 3', 3, "keys.view.logs: write a key in quotes"),
        ('[keys.view]\nhelp = "?"\nlogs = ["L"]', 3, "keys.view.logs: write a key in quotes"),
        ("keys = {view = {logs = {}}}", 1, "keys.view.logs: write a key in quotes"),
        ('as = "x"\nas = "y"', 2, "Cannot overwrite a value"),
        ("as = ", 1, "Invalid value"),
    ],
)
def test_a_wrong_setting_is_named_with_file_and_line(file: Path, text: str, line: int, problem: str) -> None:
    file.write_text(text)
    with pytest.raises(Refused) as refused:
        settle(file, {}, {})
    assert str(refused.value).startswith(f"{file}:{line}: {problem}")
    assert refused.value.advice


@pytest.mark.parametrize(("text", "read"), [("1", True), ("TRUE", True), ("yes", True), ("no", False)])
def test_what_is_on_or_off_can_be_said_in_the_environment(file: Path, text: str, read: bool) -> None:
    assert settle(file, {"TROMBONE_READ_ONLY": text}, {}).settings.read_only is read


def test_a_variable_that_says_neither_on_nor_off_is_refused(file: Path) -> None:
    with pytest.raises(Refused, match=r"^TROMBONE_READ_ONLY: read_only: expected `bool`"):
        settle(file, {"TROMBONE_READ_ONLY": "perhaps"}, {})


def test_contexts_that_are_only_read_or_protected_are_lists(file: Path) -> None:
    file.write_text('read_only = true\nprotected_contexts = ["prod-eu", "prod-us"]')
    settings = settle(file, {"TROMBONE_READ_ONLY_CONTEXTS": "prod-eu"}, {}).settings
    assert settings.read_only
    assert settings.read_only_contexts == ("prod-eu",)
    assert settings.protected_contexts == ("prod-eu", "prod-us")


def test_a_wrong_variable_or_flag_is_named(file: Path) -> None:
    with pytest.raises(Refused, match=r"^TROMBONE_REQUEST_TIMEOUT: request_timeout: '1y' is no duration"):
        settle(file, {"TROMBONE_REQUEST_TIMEOUT": "1y"}, {})
    with pytest.raises(Refused, match=r"^-n: namespaces\[0\]: a namespace is"):
        settle(file, {}, {"namespaces": (("../x",), "-n")})


def test_a_file_that_is_no_text_is_refused(file: Path) -> None:
    file.write_bytes(b"as = '\xff'")
    with pytest.raises(Refused, match="can't be read"):
        settle(file, {}, {})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", FOR_EVER),
        (0, FOR_EVER),
        ("10", 10),
        (10, 10),
        ("10s", 10),
        ("1m", 60),
        ("1m30s", 90),
        ("1.5h", 5400),
        ("250ms", 0.25),
    ],
)
def test_time_outs_are_read_as_kubectl_reads_them(text: int | str, expected: float) -> None:
    assert seconds(text) == expected


def test_a_time_out_that_nobody_gave_is_left_to_each_request(file: Path) -> None:
    assert settle(file, {}, {}).settings.timeout is None
    assert settle(file, {"TROMBONE_REQUEST_TIMEOUT": "5"}, {}).settings.timeout == 5


@pytest.mark.parametrize("text", ["", "-1", "10 s", "1d", "s", "m1", "1s2"])
def test_what_is_no_time_out_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no duration"):
        seconds(text)


def test_the_file_has_xdgs_place_and_a_relative_one_does_not_count() -> None:
    assert place({"XDG_CONFIG_HOME": "/x"}) == Path("/x/trombone-tui/config.toml")
    assert place({}) == place({"XDG_CONFIG_HOME": "x"}) == Path.home() / ".config/trombone-tui/config.toml"


def test_every_setting_says_what_it_is_for() -> None:
    properties = msgspec.json.schema(Settings)["$defs"]["Settings"]["properties"]
    assert [name for name, about in properties.items() if not about.get("description")] == []
