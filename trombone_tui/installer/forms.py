"""What each value of the manifests has to look like, so that it stays what it is wherever it is put."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Form:
    """A shape of values: ``fits`` says whether one has it, ``said`` what it is, for the user."""

    fits: Callable[[Any], bool]
    said: str


def _text(pattern: str, said: str, longest: int = 253) -> Form:
    shape = re.compile(pattern, re.ASCII)
    return Form(
        lambda value: isinstance(value, str) and len(value) <= longest and bool(shape.fullmatch(value)), said
    )


def _number(least: int, most: int, said: str) -> Form:
    return Form(
        lambda value: isinstance(value, int) and not isinstance(value, bool) and least <= value <= most, said
    )


_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_NAME = _text(
    r"[a-z]([-a-z0-9]*[a-z0-9])?", "lower-case letters, digits and `-`, at most 40, a letter first", 40
)
_NAMESPACE = _text(_LABEL, "a namespace: lower-case letters, digits and `-`, at most 63", 63)
_SECRET = _text(rf"{_LABEL}(\.{_LABEL})*", "the name of a Secret: lower-case letters, digits, `-` and `.`")
_BRANCH = _text(
    r"(?!.*(\.\.|//|\.lock$))[A-Za-z0-9][\w./-]*(?<![./])", "a branch such as main or release/2.x"
)
_PATH = _text(r"/[\w./-]*", "a path such as /push")
_PORT = _number(1, 65535, "a port from 1 to 65535")
_HOST = r"[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?(:\d{1,5})?"
_ADDRESS = _text(
    rf"https?://{_HOST}(/[\w./-]*)?", "an address such as https://host.example, without a login or query"
)
_GIT = _text(
    rf"(https?|ssh)://(git@)?{_HOST}/[\w./~+-]+|git@{_HOST}:[\w./~+-]+|file:///[\w./~+-]+",
    "a repository such as https://github.com/acme/shop-config.git, without a user and password",
    2000,
)
_IMAGE = _text(
    r"[a-z0-9][\w.-]*(:\d{1,5})?(/[\w.-]+)*(:(?!latest$)[\w.-]+|@sha256:[0-9a-f]{64})",
    "an image with a tag or digest that does not move: host/name:1.2.3",
)

FORMS: Mapping[str, Form] = {
    "service": _NAME,
    "source_repository": _text(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9_.-]+", "OWNER/NAME", 140),
    "branch": _BRANCH,
    "image_repository": _text(
        r"[a-z0-9][a-z0-9.-]*(:\d{1,5})?(/[a-z0-9]([a-z0-9._-]*[a-z0-9])?)+",
        "host/name without a tag: ghcr.io/acme/shop-api",
    ),
    "version": _text(r"\d{1,6}\.\d{1,6}", "two numbers: 1.0", 13),
    "config_repository": _GIT,
    "config_branch": _BRANCH,
    "config_path": _text(r"(?!.*\.\.)[\w.-]+(/[\w.-]+)*", "a folder such as apps/shop-api"),
    "namespace": _NAMESPACE,
    "app_namespace": _NAMESPACE,
    "argocd_namespace": _NAMESPACE,
    "webhook_port": _PORT,
    "webhook_path": _PATH,
    "webhook_url": _ADDRESS,
    "bus_version": _text(r"[a-z0-9][\w.-]*", "a version of NATS: 2.10.29", 40),
    "webhook_secret": _SECRET,
    "source_secret": _SECRET,
    "registry_secret": _SECRET,
    "registry_tls": Form(lambda value: isinstance(value, bool), "true or false"),
    "config_secret": _SECRET,
    "test_image": _IMAGE,
    "test_command": Form(
        lambda value: (
            isinstance(value, str) and value.isprintable() and value.strip() != "" and "{{" not in value
        ),
        "one line for a shell, without {{",
    ),
    "clone_image": _IMAGE,
    "build_image": _IMAGE,
    "push_image": _IMAGE,
    "workspace_size": _text(r"[1-9]\d{0,4}(Mi|Gi|Ti)", "a size such as 4Gi"),
    "replicas": _number(1, 1000, "a number from 1 to 1000"),
    "port": _PORT,
    "ready_path": _PATH,
    "prometheus_address": _ADDRESS,
    "success_rate": _text(r"0\.\d{1,6}|0|1(\.0+)?", "a share between 0 and 1: 0.95"),
}
"""The form of each value by name; ``manifests/values.yaml`` has the same names."""


def derived(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what placeholders may name besides values: parts of them, and patterns that match them."""
    owner, _, name = str(values["source_repository"]).partition("/")
    return {
        "source_owner": owner,
        "source_name": name,
        "source_pattern": _literal(values["source_repository"]),
        "branch_pattern": _literal(values["branch"]),
    }


def _literal(text: str) -> str:
    """Write a text as a regular expression for it alone; of what forms allow, two signs mean more."""
    return re.sub(r"[.+]", r"\\\g<0>", text)
