"""Details and logs of a Workflow never raise, whatever the whole object and its pods hold."""

from __future__ import annotations

from typing import Any

import msgspec.inspect as inspect
from any_json import fitting, objects
from hypothesis import given, settings
from hypothesis import strategies as st
from stage_readers import decoded, read, row, stored

from trombone_tui.core.details import Branch, Facts, Lines, Tree
from trombone_tui.core.objects.basics import Object
from trombone_tui.core.objects.pods import POD
from trombone_tui.core.objects.workflow_tree import WHOLE_WORKFLOW, TreeNode
from trombone_tui.core.ports import LogLine
from trombone_tui.core.questions import Answer, LogSource, LogTail, Objects, Question
from trombone_tui.pipeline.workflows import STAGE

NAMES = ("a", "b", "w", "w.a", "a(0:x)", "a(1)", "w.onExit", "unit-test")
TYPES = ("Pod", "DAG", "Steps", "StepGroup", "TaskGroup", "Retry", "Suspend", "Container", "Skipped", "Odd")
PHASES = ("Succeeded", "Failed", "Error", "Running", "Pending", "Skipped", "Omitted", "", "Odd")
node = st.builds(
    lambda any_of, known: any_of | {key: value for key, value in known.items() if value is not None},
    fitting(inspect.type_info(TreeNode), 4),
    st.fixed_dictionaries(
        {
            "id": st.sampled_from(NAMES),
            "name": st.sampled_from(NAMES),
            "type": st.sampled_from(TYPES),
            "phase": st.sampled_from(PHASES),
            "boundaryID": st.none() | st.sampled_from(NAMES),
            "children": st.none() | st.lists(st.sampled_from(NAMES), max_size=3),
        }
    ),
)
nodes = st.dictionaries(st.sampled_from(NAMES), node, max_size=8)


def branches(found: tuple[Branch, ...]) -> int:
    return sum(1 + branches(one.branches) for one in found)


@settings(deadline=None, max_examples=150)
@given(objects(WHOLE_WORKFLOW), st.none() | nodes, st.lists(objects(POD), max_size=3))
def test_details_and_logs_of_anything(obj: Any, known: dict[str, Any] | None, pods: list[Any]) -> None:
    if known is not None and isinstance(obj.get("status"), dict):
        obj["status"] |= {"nodes": known, "offloadNodeStatusVersion": None}
    wholes = [one for one in [decoded(WHOLE_WORKFLOW, obj, whole=True)] if isinstance(one, Object)]
    found = [one for one in (decoded(POD, pod) for pod in pods) if isinstance(one, Object)]

    def ask(question: Question[Any]) -> Answer[Any]:
        if isinstance(question, LogTail):
            return Answer((LogLine("x"),))
        assert isinstance(question, Objects)
        return Answer(wholes if question.kind.name == "Workflow" else found)

    reader = read(STAGE, stored("workflows", "failed-after-retries"))
    ref = row(reader, "Workflow").ref
    for part in reader.details(ref, ask):
        assert isinstance(part, Facts | Tree | Lines)
        if isinstance(part, Tree):
            assert branches(part.branches) >= 1
    assert all(isinstance(source, LogSource) for source in reader.logs(ref, ask))
