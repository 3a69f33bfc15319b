"""Which login a Docker config has for a repository."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from trombone_tui.core.docker_auth import host_of, path_of, read_docker_config
from trombone_tui.core.ports import Login, Refused

ANN = {"auth": base64.b64encode(b"ann:pass:word").decode()}
BOB = {"username": "bob", "password": "secret"}


@pytest.mark.parametrize(
    ("repository", "host", "path"),
    [
        ("nginx", "docker.io", "library/nginx"),
        ("acme/api", "docker.io", "acme/api"),
        ("docker.io/nginx", "docker.io", "library/nginx"),
        ("index.docker.io/acme/api", "docker.io", "acme/api"),
        ("ghcr.io/acme/api", "ghcr.io", "acme/api"),
        ("localhost/api", "localhost", "api"),
        ("registry:5000/a/b/c", "registry:5000", "a/b/c"),
        ("123.dkr.ecr.eu-west-1.amazonaws.com/api", "123.dkr.ecr.eu-west-1.amazonaws.com", "api"),
    ],
)
def test_registry_and_path_of_a_repository(repository: str, host: str, path: str) -> None:
    assert (host_of(repository), path_of(repository)) == (host, path)


@pytest.mark.parametrize(
    ("auths", "repository", "user"),
    [
        ({"ghcr.io": ANN}, "ghcr.io/acme/api", "ann"),
        ({"https://ghcr.io": ANN}, "ghcr.io/acme/api", "ann"),
        ({"https://ghcr.io/v2/": ANN}, "ghcr.io/acme/api", "ann"),
        ({"https://index.docker.io/v1/": ANN}, "acme/api", "ann"),
        ({"docker.io": ANN}, "nginx", "ann"),
        ({"ghcr.io": ANN, "ghcr.io/acme": BOB}, "ghcr.io/acme/api", "bob"),
        ({"ghcr.io": ANN, "ghcr.io/acme/api": BOB}, "ghcr.io/acme/api", "bob"),
        ({"ghcr.io": ANN, "ghcr.io/acme/ap": BOB}, "ghcr.io/acme/api", "ann"),
        ({"registry:5000": ANN}, "registry:5001/api", None),
        ({"ghcr.io.evil.example": ANN}, "ghcr.io/acme/api", None),
        ({"ghcr.io": {"auth": "%%%"}}, "ghcr.io/acme/api", None),
        ({"ghcr.io": {"auth": base64.b64encode(b"nocolon").decode()}}, "ghcr.io/acme/api", None),
        ({"ghcr.io": {"identitytoken": "t"}}, "ghcr.io/acme/api", "<token>"),
        ({}, "ghcr.io/acme/api", None),
    ],
)
def test_the_most_telling_key_counts(auths: dict[str, Any], repository: str, user: str | None) -> None:
    login = read_docker_config(json.dumps({"auths": auths}).encode(), "it").login(repository)
    assert (login.user if login else None) == user


def test_a_password_may_hold_colons() -> None:
    config = read_docker_config(json.dumps({"auths": {"ghcr.io": ANN}}).encode(), "it")
    assert config.login("ghcr.io/acme/api") == Login(user="ann", password="pass:word")


def test_an_old_dockercfg_is_the_auths_alone() -> None:
    config = read_docker_config(json.dumps({"ghcr.io": BOB}).encode(), "it")
    assert config.login("ghcr.io/acme/api") == Login(user="bob", password="secret")


def test_a_helper_of_the_registry_goes_before_the_store_of_all() -> None:
    text = json.dumps({"credsStore": "desktop", "credHelpers": {"ghcr.io": "gh"}}).encode()
    config = read_docker_config(text, "it")
    assert config.helper("ghcr.io/acme/api") == "gh"
    assert config.helper("quay.io/acme/api") == "desktop"


def test_a_password_is_in_no_text() -> None:
    assert "secret" not in repr(Login(user="bob", password="secret"))


@pytest.mark.parametrize("text", [b"", b"[]", b'{"auths": []}', b'{"auths": {"a": "secret"}}', b"\xff"])
def test_what_is_no_docker_config_is_refused_without_its_content(text: bytes) -> None:
    with pytest.raises(Refused, match="it is no Docker config") as caught:
        read_docker_config(text, "it")
    assert "secret" not in str(caught.value)
