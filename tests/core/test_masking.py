"""No secret can be read in what was masked, and what only refers to one still can."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from trombone_tui.core.masking import MASK, masked, names_secret

LEAK = "hunter2-S3cr3t"
CODED = base64.b64encode(LEAK.encode()).decode()
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVPmB92K27uhbUJU1p1r"


@pytest.mark.parametrize(
    "value",
    [
        pytest.param({"kind": "Secret", "data": {"anything": CODED}}, id="data of a Secret"),
        pytest.param({"kind": "Secret", "stringData": {"anything": LEAK}}, id="stringData of a Secret"),
        pytest.param({"kind": "Secret", "data": {"odd": {"deep": [LEAK]}}}, id="a malformed Secret"),
        pytest.param({"items": [{"kind": "Secret", "data": {"a": CODED}}]}, id="a Secret inside something"),
        pytest.param(
            {
                "kind": "Secret",
                "metadata": {
                    "annotations": {"kubectl.kubernetes.io/last-applied-configuration": f"not JSON {LEAK}"}
                },
            },
            id="the last applied Secret, whatever it is",
        ),
        pytest.param(
            {
                "kind": "Deployment",
                "metadata": {
                    "annotations": {
                        "kubectl.kubernetes.io/last-applied-configuration": json.dumps(
                            {"spec": {"env": [{"name": "DB_PASSWORD", "value": LEAK}]}}
                        )
                    }
                },
            },
            id="the last applied environment",
        ),
        *(
            pytest.param({"spec": {key: LEAK}}, id=f"key {key}")
            for key in (
                "password",
                "dbPasswd",
                "token",
                "secretKey",
                "apiKey",
                "api-key",
                "Authorization",
                "private_key",
                ".dockerconfigjson",
                "clientSecret",
                "AWS_SECRET_ACCESS_KEY",
                "passphrase",
                "credentials",
            )
        ),
        pytest.param({"tokens": [LEAK, LEAK]}, id="a list under a secret's name"),
        pytest.param({"env": [{"name": "GITHUB_TOKEN", "value": LEAK}]}, id="environment"),
        pytest.param({"headers": [{"key": "Authorization", "value": f"Bearer {LEAK}"}]}, id="a header"),
        pytest.param({"parameters": [{"name": "api-token", "default": LEAK}]}, id="a parameter's default"),
        pytest.param({"args": [f"--password={LEAK}", "-v"]}, id="an argument"),
        pytest.param({"args": ["--token", LEAK, "-v"]}, id="an argument after its flag"),
        pytest.param({"run": f"export DB_PASSWORD='{LEAK}'\nmigrate"}, id="a shell script"),
        pytest.param({"url": f"https://bot:{LEAK}@git.example.org/x"}, id="a login in an address"),
        pytest.param({"url": f"https://x.example.org/hook?token={LEAK}&a=b"}, id="a query"),
        pytest.param({"run": f"curl -H 'Authorization: Bearer {LEAK}' x"}, id="a bearer in a command"),
        pytest.param({"run": f'curl -d \'{{"password": "{LEAK}"}}\' x'}, id="JSON in a command"),
        pytest.param({"values": f"image: x\nadmin:\n  password: {LEAK}\n"}, id="Helm values"),
        pytest.param({"values": f"adminPassword: |\n  {LEAK}\n  more\nimage: x\n"}, id="a block in values"),
        pytest.param({"values": f"adminPassword: one\n  {LEAK}\nimage: x\n"}, id="a wrapped value"),
        pytest.param(
            {"manifest": f"kind: Secret\nmetadata: {{}}\ndata:\n  a: {CODED}\n"}, id="a Secret in a text"
        ),
        pytest.param({"text": f"-----BEGIN RSA PRIVATE KEY-----\n{LEAK}\n"}, id="a private key"),
        pytest.param({"text": f"clone failed for ghp_{'a1' * 12}{LEAK[:0]}"}, id="a GitHub token"),
        pytest.param({"text": f"sent {JWT}"}, id="a JWT"),
    ],
)
def test_no_secret_can_be_read(value: dict[str, Any]) -> None:
    shown = json.dumps(masked(value), ensure_ascii=False)
    assert LEAK not in shown
    assert CODED not in shown
    assert JWT not in shown
    assert "a1a1a1" not in shown
    assert MASK in shown


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(
            {"valueFrom": {"secretKeyRef": {"name": "db-password", "key": "token"}}}, id="a key ref"
        ),
        pytest.param({"secretName": "tls-shop", "tokenFile": "/var/run/token"}, id="names and paths"),
        pytest.param({"imagePullSecrets": [{"name": "ghcr"}]}, id="pull secrets"),
        pytest.param({"webhookSecret": {"name": "github", "key": "secret"}}, id="an Argo Events reference"),
        pytest.param({"automountServiceAccountToken": False, "token": None, "password": ""}, id="no text"),
        pytest.param(
            {"serviceAccountToken": {"path": "token", "expirationSeconds": 3600}}, id="a projection"
        ),
        pytest.param({"volumes": [{"name": "secret", "secret": {"secretName": "x"}}]}, id="a volume"),
        pytest.param({"env": [{"name": "TOKEN", "value": "$(OTHER)"}]}, id="a variable"),
        pytest.param(
            {"args": [{"name": "api-token", "value": "{{workflow.parameters.t}}"}]}, id="a template"
        ),
        pytest.param(
            {"headers": [{"key": "Authorization", "value": "Bearer {{args.t}}"}]}, id="a templated header"
        ),
        pytest.param({"pullSecret": "pullsecret:argocd/ghcr"}, id="Image Updater's words"),
        pytest.param({"run": "export TOKEN=$(cat /t)\nexport PASSWORD=${P}"}, id="a script that reads it"),
        pytest.param({"values": "password: {{ .Values.x }}\nimage: y"}, id="a chart's template"),
        pytest.param({"values": "existingSecret:\n  name: x\n"}, id="a mapping in values"),
        pytest.param({"message": 'secret "github-token" not found'}, id="a message on a secret"),
        pytest.param({"message": "Basic authentication failed; token expired"}, id="a message on a login"),
        pytest.param({"annotation": '{"replicas": 3}'}, id="JSON without secrets, byte for byte"),
        pytest.param({"kind": "SecretStore", "data": {"a": "b"}}, id="a kind that is no Secret"),
        pytest.param([1, 2.5, True, None, "x", {}], id="plain values"),
    ],
)
def test_what_only_speaks_of_a_secret_stays_as_it_is(value: Any) -> None:
    assert masked(value) == value


def test_only_the_size_is_told_and_in_ascii_where_asked() -> None:
    secret = {"kind": "Secret", "data": {"a": base64.b64encode(b"12345").decode(), "b": "?", "c": None}}
    assert masked(secret)["data"] == {"a": f"{MASK} (5 bytes)", "b": f"{MASK} (1 byte)", "c": None}
    assert masked({"password": "é"}, "****") == {"password": "**** (2 bytes)"}
    assert masked({"password": 12345}) == {"password": f"{MASK} (5 bytes)"}


def test_what_was_given_is_not_changed() -> None:
    before = {"kind": "Secret", "metadata": {"annotations": {"x": "y"}}, "data": {"a": CODED}}
    kept = json.loads(json.dumps(before))
    masked(before)
    assert before == kept


def test_text_beside_a_secret_stays() -> None:
    values = f"image: x\npassword: {LEAK}\nreplicas: 3"
    assert masked(values) == f"image: x\npassword: {MASK} (14 bytes)\nreplicas: 3"


@pytest.mark.parametrize(("key", "secret"), [("tokenSeconds", False), ("x.y/apiKey", True), ("keys", False)])
def test_keys_are_told_apart_by_their_words(key: str, secret: bool) -> None:
    assert names_secret(key) is secret
