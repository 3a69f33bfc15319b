"""Values: defaults, files, single ones; what is wrong is named with its place, none leaves its field."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from installs import VALUES

from trombone_tui.config import folder
from trombone_tui.core.masking import masked
from trombone_tui.core.ports import Refused
from trombone_tui.installer.forms import FORMS
from trombone_tui.installer.manifests import to_apply
from trombone_tui.installer.rendering import for_git
from trombone_tui.installer.values import (
    Given,
    placeholders,
    read_defaults,
    read_file,
    read_settings,
    settle,
)

MANIFESTS = folder("manifests")
DEFAULTS = read_defaults(MANIFESTS)


def settled(**more: Any) -> dict[str, Any]:
    return settle(DEFAULTS, {name: Given(value, name) for name, value in {**VALUES, **more}.items()})


def test_every_value_has_a_form_and_says_what_it_is() -> None:
    assert {one.name for one in DEFAULTS} == set(FORMS)
    assert [one.name for one in DEFAULTS if not one.about] == []


def test_what_has_to_be_given_is_what_nobody_can_guess() -> None:
    assert {one.name for one in DEFAULTS if one.default is None} == set(VALUES)
    with pytest.raises(Refused) as refused:
        settle(DEFAULTS, {"service": Given("shop-api", "SERVICE")})
    assert str(refused.value) == (
        "values are missing: source_repository, image_repository, config_repository"
    )
    assert "--set source_repository=…  Its source on GitHub" in refused.value.advice


def test_a_default_is_made_of_the_values_it_names() -> None:
    values = settled(webhook_port=8443)
    assert values["app_namespace"] == "shop-api"
    assert values["webhook_url"] == "http://shop-api-eventsource-svc.ci.svc:8443"


def test_a_file_is_read_as_what_its_values_are(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("# ours\nreplicas: 10\nversion: 2.1\nregistry_tls: false\nbranch: null\n")
    found = {name: one.value for name, one in read_file(file).items()}
    assert found == {"replicas": 10, "version": "2.1", "registry_tls": False, "branch": None}
    assert settled(**found)["branch"] == "main"


def test_settings_are_read_as_what_the_default_is() -> None:
    given = read_settings(["replicas=7", "registry_tls=FALSE", "version=1.10", "branch=a=b"])
    assert {name: one.value for name, one in given.items()}["branch"] == "a=b"
    given["branch"] = Given("main", "here")
    values = settle(DEFAULTS, {name: Given(value, name) for name, value in VALUES.items()} | given)
    assert (values["replicas"], values["registry_tls"], values["version"]) == (7, False, "1.10")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("brunch: main\n", "mine.yaml:1: there is no value brunch; did you mean branch?"),
        ("\n\nzzz: 1\n", "mine.yaml:3: there is no value zzz; known are service, "),
        ("branch: main\nbranch: next\n", "mine.yaml:2: branch is given twice"),
        ("branch: [main]\n", "mine.yaml:1: a value is one text, number or boolean"),
        ("- branch\n", "mine.yaml:1: values are lines of NAME: VALUE"),
        ("branch: 'x\n", "mine.yaml:2: found unexpected end of stream"),
        ("branch: main\n\tport: 1\n", "mine.yaml:2: found character '\\t' that cannot start any token"),
    ],
)
def test_what_is_wrong_in_a_file_is_named_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(text)
    with pytest.raises(Refused) as refused:
        read_file(file)
    assert f"{tmp_path}/{said}" in str(refused.value)


def test_a_file_that_is_not_there_not_text_or_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"none.yaml: can't be read"):
        read_file(tmp_path / "none.yaml")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(Refused, match="can't be read"):
        read_file(tmp_path / "bytes.yaml")
    (tmp_path / "large.yaml").write_text("#" * 300_000)
    with pytest.raises(Refused, match="300000 bytes are too many"):
        read_file(tmp_path / "large.yaml")


def test_a_setting_without_a_value_or_of_no_name_is_refused() -> None:
    with pytest.raises(Refused, match="--set branch: write NAME=VALUE"):
        read_settings(["branch"])
    with pytest.raises(Refused, match="--set =x: there is no value"):
        read_settings(["=x"])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("service", "Shop"),
        ("service", "shop_api"),
        ("service", "a" * 41),
        ("service", "shop\nkind: Secret"),
        ("config_path", "caf\u00e9"),
        ("source_repository", "acme"),
        ("source_repository", "acme/shop/api"),
        ("branch", "main && true"),
        ("branch", "a..b"),
        ("branch", "-x"),
        ("image_repository", "ghcr.io/acme/shop:1"),
        ("image_repository", "shop"),
        ("config_repository", "https://user:token@git.example/x.git"),
        ("config_repository", "git.example/x"),
        ("config_path", "../../etc"),
        ("config_path", "/abs"),
        ("webhook_port", 0),
        ("webhook_port", 65536),
        ("webhook_port", "http"),
        ("webhook_port", True),
        ("webhook_path", "push"),
        ("webhook_url", "ftp://x"),
        ("webhook_url", "https://user:secret@host.example"),
        ("webhook_url", "https://host.example/?token=x"),
        ("registry_tls", "maybe"),
        ("registry_tls", 1),
        ("test_image", "alpine"),
        ("test_image", "alpine:latest"),
        ("test_command", ""),
        ("test_command", "make\ntest"),
        ("test_command", "echo {{workflow.name}}"),
        ("workspace_size", "4"),
        ("replicas", 0),
        ("success_rate", "95"),
        ("success_rate", "0.9 || true"),
        ("prometheus_address", "http://x y"),
        ("namespace", "-ci"),
        ("webhook_secret", "UPPER"),
    ],
)
def test_a_value_that_does_not_fit_is_named_with_where_it_was_given(name: str, value: Any) -> None:
    given = {one: Given(text, one) for one, text in VALUES.items()} | {name: Given(value, "mine.yaml:4")}
    with pytest.raises(Refused) as refused:
        settle(DEFAULTS, given)
    assert str(refused.value) == f"mine.yaml:4: {name} {masked(value)!r} is not {FORMS[name].said}"


def test_a_login_in_a_wrong_value_is_not_repeated() -> None:
    with pytest.raises(Refused) as refused:
        settled(config_repository="https://bot:hunter2hunter2@git.example/x.git")
    assert "hunter2" not in str(refused.value) + refused.value.advice


@given(st.dictionaries(st.sampled_from(sorted(FORMS)), st.text(max_size=60) | st.integers() | st.booleans()))
def test_whatever_is_given_is_refused_or_stays_in_its_fields(more: dict[str, Any]) -> None:
    """The objects have the same keys and kinds of values whatever the values are."""
    try:
        values = settled(**more)
    except Refused:
        return
    usual = to_apply(MANIFESTS, placeholders(settled()))
    made = to_apply(MANIFESTS, placeholders(values))
    assert [shape(one.body) for one in made] == [shape(one.body) for one in usual]
    assert (
        for_git(MANIFESTS, placeholders(values)).keys() == for_git(MANIFESTS, placeholders(settled())).keys()
    )


def shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    return [shape(one) for one in value] if isinstance(value, list) else type(value)
