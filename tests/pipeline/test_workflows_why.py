"""What is said of what real controllers wrote, and the verb that would help."""

from __future__ import annotations

import base64
import gzip
import json
import sys
from functools import partial

import brotli
import pytest
from changing import changed
from stage_readers import read, row, stored

from trombone_tui.core.objects.basics import Health
from trombone_tui.pipeline.workflows import STAGE

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

D, P, S, H, U = Health.DEGRADED, Health.PROGRESSING, Health.SUSPENDED, Health.HEALTHY, Health.UNKNOWN

WHY = [
    ("error-dag", D, "Step one failed: pod deleted; retry or resubmit."),
    ("error", D, 'Ended with an error: workflowtemplates.argoproj.io "missing" not found; resubmit.'),
    ("failed-dag-podfailed", D, "Step early failed: main: Error (exit code 2); retry or resubmit."),
    (
        "failed-dag-retry-skipped-podfailed",
        D,
        "Step unit test failed after 3 attempts: main: Error (exit code 2); retry or resubmit.",
    ),
    (
        "failed-podfailed",
        D,
        "Step in-vain-1795660892 failed: main: Error (exit code 1); retry or resubmit.",
    ),
    (
        "failed-steps-podfailed",
        D,
        "Step build failed: main: Error (exit code 7); child 'two-fail-3600507825' failed; "
        "retry or resubmit.",
    ),
    (
        "failed-steps-suspend",
        D,
        "Step gate failed: Stopped with strategy 'Terminate'; told to Terminate; resubmit.",
    ),
    (
        "failed-steps",
        D,
        "Step build failed: pod deleted; child 'runs-543633180' failed; retry or resubmit.",
    ),
    ("failed", D, "Failed: invalid spec: template name 'nowhere' undefined; resubmit."),
    ("new", U, "No phase yet: the workflow controller has not taken it up."),
    ("pending", P, "Waits for the mutex lab/deploy; held by lab/a-holds; stop ends the wait."),
    (
        "running-dag-podfailed",
        P,
        "Step leaving.onExit runs since 26 Nov 02:41Z; 0/2 done; step build has failed.",
    ),
    (
        "running-dag-retry-podfailed",
        P,
        "Step unit test, attempt 3, is about to start; 0/3 done.",
    ),
    ("running-dag-retry", P, "Step unit test is about to start; 0/1 done."),
    ("running-dag", P, "Step two waits: Waiting for lab/Mutex/step lock. Lock status: 0/1; 0/2 done."),
    (
        "running-steps-podfailed",
        P,
        "Step build runs since 26 Nov 02:41Z; 0/2 done.",
    ),
    (
        "running-steps-suspend",
        S,
        "Waits at step approve to be resumed since 26 Nov 02:41Z; 2/3 done; resume or stop.",
    ),
    ("running-steps", P, "Step build runs since 26 Nov 02:41Z; 1/2 done."),
    (
        "running-suspend",
        S,
        "Waits at step a-holds to be resumed since 26 Nov 02:41Z; 0/1 done; resume or stop.",
    ),
    ("running", S, "Suspended as a whole by spec.suspend, so no new step starts; 0/0 done; resume."),
    ("succeeded-dag-podfailed", H, "Succeeded in 4 s, 1/2 done."),
    ("succeeded-dag", H, "Succeeded in 7 s, 2/2 done; built 1.4.2."),
    ("succeeded-skipped-steps", H, "Succeeded in 2 s, 1/1 done."),
]


@pytest.mark.parametrize(("name", "health", "why"), WHY, ids=[name for name, *_ in WHY])
def test_a_workflow_of_the_lab_says_what_holds_it_and_what_would_help(name, health, why):
    item = row(read(STAGE, stored("workflows", f"lab/workflow-{name}")), "Workflow")
    assert (item.health, item.why) == (health, why)


STOPPING = [
    ("Stop", "0/2 done; it was told to Stop; terminate ends its exit handler, too; step build has failed."),
    ("Terminate", "0/2 done; it was told to Terminate; step build has failed."),
]


@pytest.mark.parametrize(("shutdown", "ending"), STOPPING)
def test_a_run_that_is_being_stopped_says_what_would_end_it_sooner(shutdown, ending):
    obj = stored("workflows", "lab/workflow-running-dag-podfailed", spec__shutdown=shutdown)
    assert row(read(STAGE, obj), "Workflow").why.endswith(ending)


def semaphore(message):
    """Change the Workflow that waits for a mutex into one that waits for a semaphore, as 3.7 writes it."""
    held = {"semaphore": "lab/ConfigMap/limits/builds", "holders": ["lab/a", "lab/b"]}
    return stored(
        "workflows",
        "lab/workflow-pending",
        status__message=message,
        status__synchronization={"semaphore": {"waiting": [held]}},
    )


SEMAPHORES = [
    (
        "Waiting for lab/ConfigMap/limits/builds lock. Lock status: 0/2",
        "Waits for the semaphore lab/limits/builds, 0 of 2 free; held by lab/a, lab/b; stop ends the wait.",
    ),
    (
        "Waiting for lab/Database/builds lock (x/builds). Lock status: 2/2",
        "Waits for the semaphore lab/limits/builds; held by lab/a, lab/b; stop ends the wait.",
    ),
]


@pytest.mark.parametrize(("message", "why"), SEMAPHORES)
def test_a_semaphore_says_how_many_places_are_free_and_who_has_the_others(message, why):
    assert row(read(STAGE, semaphore(message)), "Workflow").why == why


CRONS = [
    ("active", H, "Runs at @every 3s; last on 26 Nov 02:41Z; 3 Workflows active; 4 succeeded, 0 failed."),
    (
        "active-failing",
        H,
        "Runs at @every 3s; last on 26 Nov 02:41Z; 3 Workflows active; 0 succeeded, 4 failed.",
    ),
    (
        "failing-submissionerror",
        D,
        "Can't start its Workflow: run policy error: failed to evaluate expression: cronworkflow.nope is "
        "missing; not run yet; 0 succeeded, 9 failed.",
    ),
    (
        "suspended",
        S,
        "Suspended by spec.suspend, so it starts nothing; not run yet; 0 succeeded, 0 failed; resume.",
    ),
    (
        "stopped",
        S,
        "Stopped for good by its stopStrategy; last on 26 Nov 02:41Z; 1 Workflow active; "
        "4 succeeded, 0 failed.",
    ),
]


@pytest.mark.parametrize(("name", "health", "why"), CRONS, ids=[name for name, *_ in CRONS])
def test_a_cron_workflow_of_the_lab_says_when_it_runs_or_why_not(name, health, why):
    item = row(read(STAGE, stored("workflows", f"lab/cronworkflow-{name}")), "CronWorkflow")
    assert (item.health, item.why, item.needs_human) == (health, why, health is D)


def packed(obj, compress=gzip.compress):
    """Put the nodes where a controller puts them that may not write a larger object."""
    text = json.dumps(obj["status"]["nodes"]).encode()
    return changed(obj, status__nodes=None, status__compressedNodes=base64.b64encode(compress(text)).decode())


@pytest.mark.parametrize(
    "compress", [gzip.compress, zstd.compress, brotli.compress], ids=["gzip", "zstd", "brotli"]
)
def test_nodes_are_unpacked_whichever_way_they_were_packed(compress):
    obj = stored("workflows", "lab/workflow-failed-steps-podfailed")
    plain = row(read(STAGE, obj), "Workflow")
    assert row(read(STAGE, packed(obj, compress)), "Workflow") == plain


WITHOUT_NODES = ("error", "failed", "new", "pending", "running")


@pytest.mark.parametrize(("name", "health", "why"), [one for one in WHY if one[0] not in WITHOUT_NODES])
def test_packed_nodes_read_as_plain_ones_do(name, health, why):
    obj = stored("workflows", f"lab/workflow-{name}")
    item = row(read(STAGE, packed(obj)), "Workflow")
    assert (item.health, item.why) == (health, why)


UNREADABLE = [
    ("not base64!", "it is no base64"),
    (base64.b64encode(gzip.compress(b"{")).decode(), "what is packed is no JSON"),
    (base64.b64encode(gzip.compress(b'{"a": 1}')).decode(), "a node does not fit"),
    (base64.b64encode(gzip.compress(b"{}" * 50)[:20]).decode(), "what is packed is cut off"),
    (base64.b64encode(b"\x1f\x8b\x08\x00" + b"\xff" * 30).decode(), "the gzip data is damaged"),
    (base64.b64encode(zstd.compress(b"{}" * 50)[:-2]).decode(), "what is packed is cut off"),
    (base64.b64encode(b"\x28\xb5\x2f\xfd" + b"\xff" * 30).decode(), "the zstd data is damaged"),
    (base64.b64encode(b"what is this").decode(), "packed neither with gzip, zstd nor brotli"),
    (base64.b64encode(brotli.compress(b"{}" * 50)[:-2]).decode(), "what is packed is cut off"),
]


@pytest.mark.parametrize(
    ("text", "reason"), UNREADABLE, ids=[f"{reason} {n}" for n, (_, reason) in enumerate(UNREADABLE)]
)
def test_nodes_that_can_not_be_unpacked_say_why_and_hide_nothing_else(text, reason):
    item = row(read(STAGE, holding(text)), "Workflow")
    assert item.health is D
    assert f"can't be read: {reason}" in item.why


def holding(text):
    """Put something else where the packed nodes were."""
    obj = stored("workflows", "lab/workflow-failed-podfailed")
    return changed(obj, status__nodes=None, status__compressedNodes=text)


QUICK = {
    "gzip": partial(gzip.compress, compresslevel=1),
    "zstd": zstd.compress,
    "brotli": partial(brotli.compress, quality=1),
}


@pytest.mark.parametrize("compress", QUICK.values(), ids=QUICK)
def test_nodes_that_are_too_much_unpacked_say_so_and_hide_nothing_else(compress):
    text = base64.b64encode(compress(bytes(2**26))).decode()
    item = row(read(STAGE, holding(text)), "Workflow")
    assert item.health is D
    assert "can't be read: unpacked it is larger than 32 MiB" in item.why
