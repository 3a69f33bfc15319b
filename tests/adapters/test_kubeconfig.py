"""Kubeconfig files are found and merged as kubectl finds and merges them."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from trombone_tui.adapters.kubeconfig import choose, extension, load
from trombone_tui.adapters.target import contexts
from trombone_tui.core.ports import Refused


def write(path: Path, content: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    return path


def one(context: str, server: str = "https://a", current: bool = True, **user: str) -> dict[str, Any]:
    """A kubeconfig whose context, cluster and user all have one name."""
    return {
        **({"current-context": context} if current else {}),
        "contexts": [{"name": context, "context": {"cluster": context, "user": context}}],
        "clusters": [{"name": context, "cluster": {"server": server}}],
        "users": [{"name": context, "user": user}],
    }


def several(*paths: Path) -> dict[str, str]:
    return {"KUBECONFIG": os.pathsep.join(str(path) for path in paths)}


def test_first_file_that_sets_current_context_wins(tmp_path: Path) -> None:
    without = write(tmp_path / "0", one("none", current=False))
    first, second = write(tmp_path / "1", one("a")), write(tmp_path / "2", one("b"))
    config = load(None, several(without, first, second))
    assert config.current == "a"
    assert tuple(config.contexts) == ("none", "a", "b")


def test_an_entry_in_two_files_is_taken_whole_from_the_first(tmp_path: Path) -> None:
    first = write(tmp_path / "1", one("same", server="https://first", token="t1"))
    second = write(tmp_path / "2", one("same", server="https://second", username="u", password="p"))
    chosen = choose(load(None, several(first, second)), None)
    assert chosen.cluster.text("server") == "https://first"
    assert chosen.user is not None
    assert dict(chosen.user.fields) == {"token": "t1"}


def test_context_cluster_and_user_may_stand_in_three_files(tmp_path: Path) -> None:
    whole = one("x", token="t")
    parts = [
        write(tmp_path / name, {"current-context": "x", name: whole[name]})
        for name in ("contexts", "clusters", "users")
    ]
    chosen = choose(load(None, several(*parts)), None)
    assert chosen.cluster.file.name == "clusters"
    assert chosen.user is not None
    assert chosen.user.file.name == "users"


@pytest.mark.parametrize("nothing", ["", "# only a comment\n", "---\n", "null\n"])
def test_missing_and_empty_files_are_skipped(tmp_path: Path, nothing: str) -> None:
    empty, real = write(tmp_path / "empty", nothing), write(tmp_path / "real", one("a"))
    config = load(None, several(tmp_path / "missing", empty, real, real))
    assert config.current == "a"
    assert config.files == (real,)


def test_lists_may_be_null_as_kubectl_writes_them(tmp_path: Path) -> None:
    first = write(tmp_path / "1", "current-context: ''\ncontexts: null\nclusters: null\nusers: null\n")
    assert load(None, several(first, write(tmp_path / "2", one("a")))).current == "a"


def test_without_kubeconfig_variable_the_home_folder_counts(tmp_path: Path) -> None:
    write(tmp_path / ".kube" / "config", one("mine"))
    assert load(None, {"HOME": str(tmp_path)}).current == "mine"
    assert load(None, {"HOME": str(tmp_path), "KUBECONFIG": ""}).current == "mine"


def test_flag_wins_over_the_variable_and_is_one_file(tmp_path: Path) -> None:
    flag, other = write(tmp_path / "a:b", one("flag")), write(tmp_path / "2", one("variable"))
    assert load(str(flag), several(other)).current == "flag"


def test_paths_are_relative_to_their_own_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = one("a")
    content["clusters"][0]["cluster"]["certificate-authority"] = "pki/ca.crt"
    content["users"][0]["user"]["tokenFile"] = "../token"
    write(tmp_path / "deep" / "config", content)
    write(tmp_path / "deep" / "pki" / "ca.crt", "authority")
    write(tmp_path / "token", "secret")
    monkeypatch.chdir(tmp_path)
    chosen = choose(load(None, {"KUBECONFIG": "deep/config"}), None)
    assert chosen.cluster.bytes_of("certificate-authority") == b"authority"
    assert chosen.user is not None
    assert chosen.user.content("tokenFile") == b"secret"


def test_names_stay_the_text_they_are(tmp_path: Path) -> None:
    text = (
        "current-context: 1e3\ncontexts:\n- name: 1e3\n"
        "  context: {cluster: on, user: 007, namespace: 2024-01-01}\n"
        "clusters: [{name: on, cluster: {server: https://a, insecure-skip-tls-verify: true}}]\n"
        "users: [{name: 007, user: {token: 0123}}]\n"
    )
    chosen = choose(load(str(write(tmp_path / "c", text)), {}), None)
    assert (chosen.name, chosen.namespace) == ("1e3", "2024-01-01")
    assert chosen.cluster.flag("insecure-skip-tls-verify")
    assert chosen.user is not None
    assert chosen.user.text("token") == "0123"


def test_json_with_tabs_is_read(tmp_path: Path) -> None:
    content = one("a")
    content["clusters"][0]["cluster"]["insecure-skip-tls-verify"] = True
    content["users"][0]["user"]["username"] = 12
    chosen = choose(load(str(write(tmp_path / "c", json.dumps(content, indent="\t"))), {}), None)
    assert chosen.cluster.flag("insecure-skip-tls-verify")
    assert chosen.user is not None
    assert chosen.user.text("username") == "12"


def test_yaml_in_flow_style_is_no_json_and_read_too(tmp_path: Path) -> None:
    assert load(str(write(tmp_path / "c", "{current-context: a}")), {}).current == "a"


def test_data_may_be_broken_into_lines(tmp_path: Path) -> None:
    content = one("a")
    data = base64.b64encode(b"authority" * 20).decode()
    content["clusters"][0]["cluster"]["certificate-authority-data"] = data[:60] + "\n" + data[60:]
    chosen = choose(load(str(write(tmp_path / "c", content)), {}), None)
    assert chosen.cluster.bytes_of("certificate-authority") == b"authority" * 20


def test_context_without_user_has_none(tmp_path: Path) -> None:
    content = one("a")
    del content["contexts"][0]["context"]["user"]
    chosen = choose(load(str(write(tmp_path / "c", content)), {}), None)
    assert chosen.user is None
    assert chosen.namespace == "default"


def test_extension_keeps_its_types(tmp_path: Path) -> None:
    content = one("a")
    extensions = [
        {"name": "other", "extension": 1},
        {"name": "mine", "extension": {"on": True, "n": 5, "t": "5"}},
    ]
    content["clusters"][0]["cluster"]["extensions"] = extensions
    cluster = choose(load(str(write(tmp_path / "c", content)), {}), None).cluster
    assert extension(cluster, "mine") == {"on": True, "n": 5, "t": "5"}
    assert extension(cluster, "missing") is None


def test_contexts_are_named_in_order_with_the_current_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = write(tmp_path / "1", one("b")), write(tmp_path / "2", one("a"))
    monkeypatch.setenv("KUBECONFIG", several(first, second)["KUBECONFIG"])
    assert contexts(None) == (("b", "a"), "b")
    assert contexts(str(second)) == (("a",), "a")
    no_current = write(tmp_path / "3", one("c", current=False))
    assert contexts(str(no_current)) == (("c",), "")


def refused(path: Path, context: str | None = None) -> str:
    with pytest.raises(Refused) as caught:
        choose(load(str(path), {}), context)
    assert caught.value.advice
    return str(caught.value)


def test_missing_flag_file_is_refused_by_name(tmp_path: Path) -> None:
    assert "gone: there is no such file" in refused(tmp_path / "gone")


def test_no_kubeconfig_at_all_names_where_was_looked(home: Path) -> None:
    with pytest.raises(Refused, match=r"no kubeconfig: .*/\.kube/config is missing") as caught:
        contexts(None)
    assert "KUBECONFIG" in caught.value.advice


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a: [1\nb: 2", "expected ',' or ']'"),
        ("users:\n\t- x", "line 2: "),
        ("just text", "is not a kubeconfig"),
        ("users: some", "users must be a list"),
        ("users: [some]", "users must be a list of named entries"),
        ("users: [{name: [x]}]", "name must be a text"),
        ("users: [{name: x, user: text}]", "user must be a mapping"),
        ("users: [{name: x}, {name: x}]", 'user "x" is there twice'),
    ],
)
def test_broken_files_are_refused_with_place_but_without_content(
    tmp_path: Path, text: str, what: str
) -> None:
    path = write(tmp_path / "broken", text)
    said = refused(path)
    assert said.startswith(str(path))
    assert what in said


def test_a_broken_file_never_shows_its_token(tmp_path: Path) -> None:
    path = write(tmp_path / "broken", "users:\n- name: x\n  user:\n    token: SECRET\n   bad: [\n")
    assert "SECRET" not in refused(path)


def test_unreadable_and_binary_files_are_refused(tmp_path: Path) -> None:
    assert "is a directory" in refused(tmp_path)
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe\x00\x81")
    assert "is not UTF-8 text" in refused(binary)


def test_unknown_context_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    path = write(tmp_path / "c", one("a"))
    with pytest.raises(Refused, match='there is no context "b"') as caught:
        choose(load(str(path), {}), "b")
    assert "known: a" in caught.value.advice
    assert "no current-context" in refused(write(tmp_path / "d", one("a", current=False)))


def test_dangling_names_are_refused(tmp_path: Path) -> None:
    for name, what in (("clusters", 'its cluster "a" is in none'), ("users", 'its user "a" is in none')):
        path = write(tmp_path / name, {**one("a"), name: []})
        assert what in refused(path)
    content = one("a")
    content["contexts"][0]["context"] = None
    assert "it names no cluster" in refused(write(tmp_path / "null", content))


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"key": "a", "key-data": "YQ=="}, "key and key-data are both set"),
        ({"key-data": "not base64!"}, "key-data is not base64"),
        ({"key": "gone"}, "gone: no such file"),
    ],
)
def test_material_that_contradicts_itself_or_is_not_there_is_refused(
    tmp_path: Path, fields: dict[str, str], what: str
) -> None:
    path = write(tmp_path / "c", one("a", **fields))
    user = choose(load(str(path), {}), None).user
    assert user is not None
    with pytest.raises(Refused, match=what) as caught:
        user.bytes_of("key")
    assert str(path) in str(caught.value)
    assert 'user "a"' in str(caught.value)


def test_wrong_types_are_refused(tmp_path: Path) -> None:
    content = one("a")
    content["users"][0]["user"] = {"flag": "perhaps", "list": "text", "mixed": ["a", {"b": "c"}], "map": {}}
    user = choose(load(str(write(tmp_path / "c", content)), {}), None).user
    assert user is not None
    for read, key in ((user.flag, "flag"), (user.items, "list"), (user.texts, "mixed"), (user.text, "map")):
        with pytest.raises(Refused, match=f"{key} must be"):
            read(key)
