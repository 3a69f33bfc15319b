"""What the containers of a pipeline write: a run of pytest, an image's build, its push."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

Timed = tuple[float, str]
"""A line, and the share of the run's time after which it is written."""

_FILES = (("cart", 36), ("orders", 52), ("prices", 41), ("shipping", 47), ("stock", 38))
_TESTS = sum(count for _, count in _FILES)
_WIDTH = 80
_FAILURE = """
    def test_rounding():
        basket = Basket([Line("tea", price="4.995", count=2)], tax=MIXED)
>       assert basket.total() == 10
E       AssertionError: assert 9.99 == 10
E        +  where 9.99 = total()
E        +    where total = <shop.basket.Basket object at 0x7f3c1d2a4e50>.total

tests/test_prices.py:87: AssertionError"""
_OTHERS: Mapping[str, tuple[str, ...]] = {
    "docker-build": (
        "#1 [internal] load build definition from Dockerfile",
        "#4 [1/4] FROM docker.io/library/python:3.13-slim",
        "#5 [2/4] COPY requirements.txt .",
        "#6 [3/4] RUN pip install --no-cache-dir -r requirements.txt",
        "#7 [4/4] COPY . .",
        "#8 exporting to image",
    ),
    "docker-push": ("pushing layers", "pushing manifest"),
}
_BROKEN = {"docker-push": ("error: failed to push: unexpected status: 503 Service Unavailable",)}


def transcript(task: str, seconds: float, *, fails: bool) -> Iterator[Timed]:
    """Yield what a task's container writes."""
    if task == "unit-test":
        yield from _pytest(seconds, fails=fails)
        return
    texts = (*_OTHERS.get(task, ("working",)), *(_BROKEN.get(task, ()) if fails else ("done",)))
    for place, text in enumerate(texts):
        yield (place + 1) / (len(texts) + 1), text


def _pytest(seconds: float, *, fails: bool) -> Iterator[Timed]:
    """Write as pytest 8 does, a line for each file of tests."""
    yield 0.05, _ruled(" test session starts ")
    yield 0.05, "platform linux -- Python 3.13.9, pytest-8.4.2, pluggy-1.6.0"
    yield 0.05, "rootdir: /src"
    yield 0.15, f"collected {_TESTS} items"
    yield 0.15, ""
    done = 0
    for place, (name, count) in enumerate(_FILES):
        dots = "." * count
        if fails and name == "prices":
            dots = dots[:16] + "F" + dots[17:]
        done += count
        text = f"tests/test_{name}.py {dots} "
        yield 0.3 + 0.6 * place / len(_FILES), f"{text.ljust(_WIDTH - 6)}[{100 * done // _TESTS:3}%]"
    yield 0.97, ""
    took = f"in {0.9 * seconds:.2f}s"
    if not fails:
        yield 0.97, _ruled(f" {_TESTS} passed {took} ")
        return
    yield 0.97, _ruled(" FAILURES ")
    yield 0.97, _ruled(" test_rounding ", "_")
    for line in _FAILURE.split("\n"):
        yield 0.97, line
    yield 0.97, _ruled(" short test summary info ")
    yield 0.97, "FAILED tests/test_prices.py::test_rounding - AssertionError: assert 9.99 == 10"
    yield 0.97, _ruled(f" 1 failed, {_TESTS - 1} passed {took} ")


def _ruled(text: str, sign: str = "=") -> str:
    return text.center(_WIDTH, sign)
