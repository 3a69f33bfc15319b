"""Server-side apply: who applies, what is given up, whose field it is."""

from __future__ import annotations

from typing import Any

from contract import APPLY, Api, refused


async def apply(
    api: Api, name: str, manager: str, *, below: str = "", staged: bool = False, **more: Any
) -> Any:
    kind = api.staged if staged else api.plain
    sections = {key: more.pop(key) for key in ("spec", "status") if key in more}
    body = kind.new(name, labels=more.pop("labels", None), **sections)
    if not sections:
        body.pop("spec")
    return await api.patch(f"{kind.path}/{name}{below}", body, APPLY, fieldManager=manager, **more)


async def test_apply_creates_what_is_not_there(api: Api) -> None:
    answer = await apply(api, "one", "a", spec={"n": 1})
    assert answer.status == 201
    [entry] = answer.json["metadata"]["managedFields"]
    assert (entry["manager"], entry["operation"]) == ("a", "Apply")
    assert entry["fieldsV1"]["f:spec"]["f:n"] == {}
    assert (await apply(api, "one", "a", spec={"n": 1})).status == 200


async def test_same_apply_again_changes_nothing(api: Api) -> None:
    first = await apply(api, "one", "a", spec={"n": 1})
    assert (await apply(api, "one", "a", spec={"n": 1})).json == first.json


async def test_apply_needs_a_manager_and_the_kind(api: Api) -> None:
    answer = await api.patch(f"{api.plain.path}/one", api.plain.new("one"), APPLY)
    refused(answer, 422, "Invalid", "fieldManager: Required value: is required for apply patch")
    bare = {"metadata": {"name": "one"}}
    answer = await api.patch(f"{api.plain.path}/one", bare, APPLY, fieldManager="a")
    refused(answer, 400, "BadRequest", "invalid object type: /, Kind=")


async def test_what_is_left_out_is_removed_unless_another_applied_it(api: Api) -> None:
    await apply(api, "one", "a", spec={"mine": 1, "both": 1, "deep": {"x": 1}}, labels={"l": "1"})
    await apply(api, "one", "b", spec={"both": 1, "other": 2})
    answer = await apply(api, "one", "a", spec={"new": 3})
    assert answer.json["spec"] == {"both": 1, "other": 2, "new": 3}
    assert "labels" not in answer.json["metadata"]


async def test_field_of_another_is_a_conflict_unless_forced(api: Api) -> None:
    await apply(api, "one", "a", spec={"n": 1})
    answer = await apply(api, "one", "b", spec={"n": 2})
    details = refused(answer, 409, "Conflict", 'Apply failed with 1 conflict: conflict with "a": .spec.n')
    assert details["causes"][0]["field"] == ".spec.n"
    assert (await apply(api, "one", "b", spec={"n": 1})).status == 200
    forced = await apply(api, "one", "b", spec={"n": 2}, force="true")
    assert forced.json["spec"] == {"n": 2}
    assert (await apply(api, "one", "a", spec={"m": 1})).json["spec"] == {"n": 2, "m": 1}


async def test_force_is_for_apply_alone(api: Api) -> None:
    await api.create(api.plain, "one")
    answer = await api.patch(f"{api.plain.path}/one", {"spec": {}}, force="true")
    refused(answer, 422, "Invalid", "force: Forbidden: may not be specified for non-apply patch")


async def test_apply_of_the_status_touches_the_status_alone(api: Api) -> None:
    await apply(api, "one", "a", spec={"n": 1}, staged=True, status={"phase": "ignored"})
    answer = await apply(
        api, "one", "c", below="/status", staged=True, spec={"n": 9}, status={"phase": "Healthy"}
    )
    assert (answer.json["spec"], answer.json["status"]) == ({"n": 1}, {"phase": "Healthy"})
    again = await apply(api, "one", "a", spec={"n": 2}, staged=True)
    assert (again.json["spec"], again.json["status"]) == ({"n": 2}, {"phase": "Healthy"})


async def test_apply_takes_yaml(api: Api) -> None:
    text = (
        f"apiVersion: {api.plain.group}/{api.plain.version}\nkind: {api.plain.kind}\n"
        "metadata:\n  name: one\nspec:\n  count: 5\n"
    )
    answer = await api.patch(f"{api.plain.path}/one", text, APPLY, fieldManager="a")
    assert answer.json["spec"] == {"count": 5}
    broken = await api.patch(f"{api.plain.path}/one", "a: [", APPLY, fieldManager="a")
    assert broken.status == 400
