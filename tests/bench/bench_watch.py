"""What a watch event costs, and how much is kept of a Workflow.

An API server of its own process streams 10,000 Workflows and as many changes over loopback HTTP; the
client is the real adapter. Goals: 20 µs of CPU an event, 2 KB a Workflow.

On a machine whose caches others use too, what goes over HTTP takes up to half as long again. So its rounds
and those of the baseline alternate, and the least of them is printed beside the median.
"""

from __future__ import annotations

import asyncio
import gc
import json
import statistics
import sys
import time
import tracemalloc
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from crowd import line, workflows  # noqa: E402 - after the path is set

from trombone_tui.adapters.decode import Decoder  # noqa: E402 - after the path is set
from trombone_tui.adapters.kubernetes import Access, KubernetesCluster  # noqa: E402 - after the path is set
from trombone_tui.core.objects.argo_workflows import WORKFLOW  # noqa: E402 - after the path is set
from trombone_tui.core.objects.basics import Object, Ref  # noqa: E402 - after the path is set
from trombone_tui.core.ports import Batch, Listed  # noqa: E402 - after the path is set
from trombone_tui.core.reader import StageReader  # noqa: E402 - after the path is set
from trombone_tui.pipeline import PIPELINE  # noqa: E402 - after the path is set

COUNT = 10_000
ROUNDS = 7
DISCOVERY = {
    "kind": "APIGroupDiscoveryList",
    "items": [
        {
            "metadata": {"name": "argoproj.io"},
            "versions": [{"version": "v1alpha1", "resources": [{"resource": "workflows"}]}],
        }
    ],
}
END = {"metadata": {"resourceVersion": "1", "annotations": {"k8s.io/initial-events-end": "true"}}}


async def serve() -> None:
    """Answer discovery, then a streaming list and the same objects again as changes."""
    objects = list(workflows(COUNT))
    body = [line("ADDED", obj) for obj in objects]
    changes = [line("MODIFIED", obj) for obj in objects]

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            writer.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
            )
            if head.startswith(b"GET /apis "):
                await send(writer, [json.dumps(DISCOVERY).encode()])
                writer.write(b"0\r\n\r\n")
                continue
            await send(writer, body)
            await send(writer, [line("BOOKMARK", END)])
            await asyncio.sleep(0.2)
            await send(writer, changes)
            with suppress(ConnectionError):
                await reader.read()
            return

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


async def send(writer: asyncio.StreamWriter, lines: list[bytes]) -> None:
    for start in range(0, len(lines), 10):
        chunk = b"".join(lines[start : start + 10])
        writer.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
        await writer.drain()


@asynccontextmanager
async def cluster() -> AsyncIterator[KubernetesCluster]:
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(sys.executable, __file__, "serve", stdin=pipe, stdout=pipe)
    assert child.stdout is not None
    assert child.stdin is not None
    url = f"http://127.0.0.1:{int(await child.stdout.readline())}"
    with TemporaryDirectory() as folder:
        path = Path(folder, "config")
        named = {"name": "bench"}
        config = {
            "current-context": "bench",
            "clusters": [named | {"cluster": {"server": url}}],
            "users": [named | {"user": {"token": "t"}}],
            "contexts": [named | {"context": {"cluster": "bench", "user": "bench"}}],
        }
        path.write_text(yaml.safe_dump(config))  # noqa: ASYNC240  # nothing is measured yet
        connected = await KubernetesCluster.connect(Access(kubeconfig=str(path)))
    try:
        yield connected
    finally:
        await connected.close()
        child.stdin.close()
        await child.wait()


async def ingest(connected: KubernetesCluster, take: Callable[[Batch], None]) -> tuple[float, float]:
    """Return µs of CPU an object of the list, and an event of the watch."""
    seen, listed, began = 0, 0.0, time.process_time()
    async with aclosing(connected.follow(WORKFLOW, None)) as changes:
        async for change in changes:
            if isinstance(change, Listed):
                listed, seen, began = (time.process_time() - began) / seen, 0, time.process_time()
            elif isinstance(change, Batch):
                take(change)
                seen += len(change.put)
                if listed and seen >= COUNT:
                    break
    return listed * 1e6, (time.process_time() - began) / seen * 1e6


def reader_of(name: str) -> StageReader:
    stage = next(stage for stage in PIPELINE if stage.name == name)
    return StageReader(stage, "bench", lambda: datetime(2026, 11, 23, 18, tzinfo=UTC))


def put(reader: StageReader, batch: Batch) -> None:
    for obj in batch.put:
        meta = obj.metadata
        reader.put(WORKFLOW, Ref("bench", "Workflow", meta.namespace, meta.name, meta.uid), obj)


def ignore(_: Batch) -> None:
    """Take a batch and keep nothing of it."""


def cpu(what: Callable[[bytes], object], lines: list[bytes]) -> float:
    began = time.process_time()
    for one in lines:
        what(one)
    return (time.process_time() - began) / len(lines) * 1e6


def row(name: str, figure: float, unit: str, note: str = "") -> None:
    print(f"  {name:<58}{figure:>9.1f} {unit:<12}{note}")


async def events() -> None:
    lines = [line("MODIFIED", obj) for obj in workflows(2_000)]
    decode = Decoder(WORKFLOW).event
    loads, listed, watched = [], [], []
    typed = statistics.median(cpu(decode, lines) for _ in range(ROUNDS))

    def keep(one: bytes) -> object:
        found = decode(one).object
        return found.reduced() if isinstance(found, Object) else found

    reduced = statistics.median(cpu(keep, lines) for _ in range(ROUNDS))
    async with cluster() as connected:
        for _ in range(ROUNDS):
            loads.append(cpu(json.loads, lines))
            one, other = await ingest(connected, ignore)
            listed.append(one)
            watched.append(other)
        reader = reader_of("workflows")
        _, through = await ingest(connected, lambda batch: put(reader, batch))
    began = time.process_time()
    reader.refresh()
    rows = (time.process_time() - began) / COUNT * 1e6
    plain, watch = statistics.median(loads), statistics.median(watched)
    print(f"\nWatch events, {COUNT:,} Workflows of {len(lines[0]):,} bytes, µs of CPU each")
    row("json.loads of the line (baseline)", plain, "µs")
    row("decoded into the typed struct", typed, "µs", f"{typed / plain:.2f} × json.loads")
    row("decoded and reduced", reduced, "µs", f"{reduced / plain:.2f} × json.loads")
    row("streaming list over HTTP, all of the adapter", statistics.median(listed), "µs")
    row("watch over HTTP, all of the adapter", watch, "µs", f"{watch / plain:.2f} × json.loads; goal 20 µs")
    row("the least of it in a round", min(watched), "µs", f"{min(watched) / min(loads):.2f} × json.loads")
    row("the same, put into the stage's reader", through, "µs")
    row("reading a row of an object", rows, "µs", "only those shown again")


def memory() -> None:
    lines = [line("ADDED", obj) for obj in workflows(COUNT)]
    decode = Decoder(WORKFLOW).event
    reader = reader_of("workflows")
    gc.collect()
    tracemalloc.start()
    for start in range(0, COUNT, 200):
        objects = [decode(one).object for one in lines[start : start + 200]]
        put(reader, Batch(put=tuple(o.reduced() if isinstance(o, Object) else o for o in objects)))
        del objects
    gc.collect()
    structs = tracemalloc.get_traced_memory()[0] / COUNT
    reader.refresh()
    gc.collect()
    everything = tracemalloc.get_traced_memory()[0] / COUNT
    tracemalloc.stop()
    print("\nKept of a Workflow")
    row("struct, Ref and index", structs, "bytes")
    row("struct, Ref, index, Item and fields", everything, "bytes", "goal 2,048")


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        asyncio.run(serve())
    else:
        memory()
        asyncio.run(events())
