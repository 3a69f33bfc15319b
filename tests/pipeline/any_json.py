"""JSON for properties: whatever fits a kind or does not, in all of an object or in one place of it."""

from __future__ import annotations

from typing import Any

import msgspec.inspect as inspect
from hypothesis import strategies as st

from trombone_tui.core.objects.basics import Kind

WORDS = """a b a/b:1.2 * [z-a] True False Unknown Running Failed Error Paused Pending Succeeded Successful
Healthy Degraded Synced Pod Retry Suspend DAG Ready Deployed Progressing nan 1 10s é"""
texts = st.sampled_from([*WORDS.split(), "", "x y\nz", "[red]\x1b[31m", "result[0] >= 0.95"])
moments = st.sampled_from(
    [
        *(f"2026-11-23T13:{minute:02}:00Z" for minute in range(12)),
        "2026-11-23T14:00:00.5+01:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2026-11-23T13:00:00",
    ]
)
numbers = st.sampled_from([0, 1, 2, 3, -1, 100, 2**63, 0.5, -0.0, 1e300])
scalars = st.none() | st.booleans() | numbers | texts | moments
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


def fitting(of: inspect.Type, depth: int = 0) -> st.SearchStrategy[Any]:
    """Make JSON that mostly fits a type, so that readers are reached and not only the decoder."""
    if isinstance(of, inspect.Metadata):
        return fitting(of.type, depth)
    if isinstance(of, inspect.UnionType):
        return st.one_of(*(fitting(one, depth) for one in of.types))
    if isinstance(of, inspect.StructType):
        if depth > 7:
            return st.just({})
        fields = {field.encode_name: fitting(field.type, depth + 1) for field in of.fields}
        return st.fixed_dictionaries({}, optional=fields)
    if isinstance(of, inspect.ListType | inspect.VarTupleType):
        return st.lists(fitting(of.item_type, depth + 1), max_size=2)
    if isinstance(of, inspect.DictType):
        return st.dictionaries(texts, fitting(of.value_type, depth + 1), max_size=2)
    return _PLAIN.get(type(of), scalars if depth > 6 else anything)


_PLAIN: dict[type, st.SearchStrategy[Any]] = {
    inspect.StrType: texts,
    inspect.IntType: st.sampled_from([0, 1, 2, 3, 100]),
    inspect.FloatType: st.sampled_from([0.0, 0.5, 1.0]),
    inspect.BoolType: st.booleans(),
    inspect.NoneType: st.none(),
    inspect.DateTimeType: moments,
}


def objects(kind: Kind) -> st.SearchStrategy[Any]:
    of = inspect.type_info(kind.shape)
    assert isinstance(of, inspect.StructType)
    parts = {field.encode_name: fitting(field.type, 1) for field in of.fields if field.name != "metadata"}
    extra = {"labels": st.dictionaries(texts, texts, max_size=2), "creationTimestamp": moments}
    extra |= {"annotations": extra["labels"], "generation": st.sampled_from([1, 2])}
    named = {"name": st.sampled_from("ab"), "namespace": st.sampled_from("nm")}
    meta = st.fixed_dictionaries(named, optional=extra)
    typed = st.fixed_dictionaries({"metadata": meta, **parts})
    wild = st.fixed_dictionaries({"metadata": meta | anything}, optional=dict.fromkeys(parts, anything))
    return st.one_of(typed, typed, typed, wild)


def places(of: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Name every place in an object, as keys and indices; the first is the object itself."""
    inner = of.items() if isinstance(of, dict) else enumerate(of) if isinstance(of, list) else ()
    return [above, *(place for key, one in inner for place in places(one, (*above, key)))]


wild = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
"""Any JSON, any text and number in it."""
odd = st.recursive(
    st.none() | st.booleans() | st.sampled_from([0, -1, 2**70, 0.5, "", "x", "9999-12-31T23:59:59-14:00"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=4,
)
"""A few values that are at the edge of what fits."""
