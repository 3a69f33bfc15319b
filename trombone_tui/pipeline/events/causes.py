"""Why something failed, in words: what the pods of Argo Events log as ``error``, told apart.

Where the texts come from: ``argo-events@v1.9.11:pkg/sensors``, the API server's ``Status``, client-go, NATS.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from trombone_tui.core.objects.phrases import one_line, shortened

_LONGEST = 200
_PREFIX = re.compile(
    r"^(?:failed to execute trigger[,:]|failed after retries:|timed out waiting for the condition:)\s*"
)
_WORKFLOWS = "workflows.argoproj.io"

Words = Callable[[re.Match[str]], str]


def cause(error: str, before: str = "") -> str:
    """Say in words why something failed; ``before`` is the plain text that was written before it.

    The ``argo`` CLI and the parameters' resolver write what is wrong there, and not into the error.
    """
    text = one_line(error.replace('\\"', '"'))
    for pattern, words in _KNOWN:
        if found := pattern.search(text):
            told = words(found)
            break
    else:
        told = _plain(text)
    if before and _POINTS_BACK.search(text):
        told = f"{told}; before it: {cause(before)}"
    return shortened(told, _LONGEST * 2)


_POINTS_BACK = re.compile(r"exit status \d+|unable to resolve")


def _plain(text: str) -> str:
    while (left := _PREFIX.sub("", text)) != text:
        text = left
    return shortened(text, _LONGEST) or "the error is empty"


def _may_not(found: re.Match[str]) -> str:
    account = found["who"].removeprefix("system:serviceaccount:")
    who = f"service account {account.replace(':', '/')}" if account != found["who"] else f"user {account}"
    what = f"{found['what']}.{found['group']}" if found["group"] else found["what"]
    where = f"in namespace {found['where']}" if found["where"] else "in the whole cluster"
    help_ = f"a Role with verb {found['verb']} on {what}, bound to it, would help"
    return f"RBAC: {who} may not {found['verb']} {what} {where}; {help_}"


def _not_there(found: re.Match[str]) -> str:
    kind, name = found["kind"], found["name"]
    plain = kind.partition(".")[0].lower()
    if plain in _TEMPLATES:
        return f"template missing: {_TEMPLATES[plain]} {name} does not exist"
    if kind == _WORKFLOWS:
        return f"Workflow {name} does not exist; a trigger with submit-from says so although it started one"
    return f"{kind} {name} does not exist"


_TEMPLATES = {
    "workflowtemplate": "WorkflowTemplate",
    "workflowtemplates": "WorkflowTemplate",
    "clusterworkflowtemplate": "ClusterWorkflowTemplate",
    "clusterworkflowtemplates": "ClusterWorkflowTemplate",
}


def _invalid(found: re.Match[str]) -> str:
    rest = shortened(found["rest"], _LONGEST)
    label = "; a label can't hold such a value, an annotation can" if "metadata.labels" in rest else ""
    return f"the API server refuses {found['name'] or 'the object'}: {rest}{label}"


def _said(text: str) -> Words:
    return lambda _: text


def _with(text: str) -> Words:
    """Put what was found into a text; the rest of the error is ``rest``."""
    return lambda found: text.format(**found.groupdict(""), rest=shortened(_plain(found.string), _LONGEST))


_KNOWN: tuple[tuple[re.Pattern[str], Words], ...] = (
    (
        re.compile(
            r'User "(?P<who>[^"]*)" cannot (?P<verb>\S+) resource "(?P<what>[^"]*)"'
            r'(?: in API group "(?P<group>[^"]*)")?(?: in the namespace "(?P<where>[^"]*)")?'
        ),
        _may_not,
    ),
    (
        re.compile(r"exceeded quota: (?P<quota>[^,]+)(?:, (?P<more>.*))?"),
        _with("quota: {quota} of the namespace is used up ({more})"),
    ),
    (
        re.compile(r'admission webhook "(?P<hook>[^"]*)" denied the request: (?P<why>.*)'),
        _with("admission webhook {hook} denies it: {why}"),
    ),
    (
        re.compile(r'(?P<kind>\S+) "(?P<name>[^"]*)" already exists'),
        _with("already there: {kind} {name} exists, so nothing was created again"),
    ),
    (re.compile(r'(?P<kind>[\w.]+) "(?P<name>[^"]*)" not found'), _not_there),
    (re.compile(r'"(?P<name>[^"]*)" is invalid: (?P<rest>.*)'), _invalid),
    (
        re.compile(r"could not find the requested resource|no matches for kind"),
        _said(
            "the API server serves no such kind: check apiVersion and kind in the trigger, "
            "and that the CRD is installed"
        ),
    ),
    (
        re.compile(r"rate limit|too many requests|\b429\b", re.IGNORECASE),
        _with("rate limit: asked to come back later ({rest})"),
    ),
    (
        re.compile(r"unable to resolve '(?P<dependency>[^']*)' parameter value"),
        _with("a parameter has no value: event {dependency} lacks what it names, and it has no default"),
    ),
    (
        re.compile(r"http response status (?P<status>\d+) is not allowed"),
        _with("answered with HTTP {status}, which its policy does not allow"),
    ),
    (
        re.compile(r"failed to determine status of the triggered resource"),
        _said("what was created did not get the labels that its policy waits for"),
    ),
    (
        re.compile(
            r"failed to execute (?P<operation>\S+) command for workflow \S*,? ?(?P<status>exit status \d+)"
        ),
        _with("argo {operation} ended with {status}"),
    ),
    (
        re.compile(r"no suitable peers for placement"),
        _said("the bus has fewer servers than its stream asks for copies: set replicas in its streamConfig"),
    ),
    (
        re.compile(r"signature", re.IGNORECASE),
        _with("bad signature, so sender and webhookSecret differ ({rest})"),
    ),
    (
        re.compile(r"authorization violation", re.IGNORECASE),
        _with("the bus refuses the credentials ({rest})"),
    ),
    (
        re.compile(
            r"connection refused|no such host|i/o timeout|deadline exceeded|TLS handshake"
            r"|network is unreachable|no servers available|connection closed"
            r"|nats: timeout|no responders|\bEOF\b"
        ),
        _with("no connection: {rest}"),
    ),
)
