"""The lab's command line; ``make help`` lists the targets that call it."""

from __future__ import annotations

import argparse
import os
import sys

from lab import lifecycle
from lab.journey import Journey, next_tag
from lab.part import Absent
from lab.parts import PARTS, with_needs
from lab.places import ADMIN, USED

_TRY = """
The lab is up, with one service under delivery. Its kubeconfig, and those of viewer, dev and nobody beside it:
  export KUBECONFIG={admin}
Try:
  trombone-tui                                   the dashboard, on real controllers (.venv/bin/trombone-tui)
  make lab-push                                  a signed push, all the way to promotion
  make lab-push BAD=1                            the same with a canary that fails its analysis
  {bin}/kubectl get workflows,applications,rollouts -A
  {bin}/kubectl-argo-rollouts get rollout demo -n shop --watch
  make lab-status, make lab-down                 what runs; end it
"""


def main() -> int:
    """Do what the command line says; 1 when something is missing."""
    words = sys.argv[1:]
    command = words[words.index("--") + 1 :] if "--" in words else []
    parser = argparse.ArgumentParser(prog="lab", description="Real controllers as plain processes.")
    parser.add_argument("verb", choices=["build", "up", "down", "status", "push", "during", "watch"])
    parser.add_argument("part", nargs="*", help=f"of {', '.join(PARTS)}; without any, all")
    parser.add_argument("--tag", default="", help="push: the version to build; the next one without it")
    parser.add_argument("--bad", action="store_true", help="push: the canary fails its analysis")
    given = parser.parse_args(words[: words.index("--")] if "--" in words else words)
    try:
        return _do(given, command)
    except KeyError as error:
        parser.error(f"there is no part {error}; there are {', '.join(PARTS)}")
    except Absent as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # of `make lab-status | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _do(given: argparse.Namespace, command: list[str]) -> int:
    minutes = float(os.environ.get("LAB_BUILD_MINUTES") or lifecycle.MINUTES)
    match given.verb:
        case "build":
            return 1 if lifecycle.build(with_needs(given.part), minutes) else 0
        case "up":
            return _up(given.part, minutes)
        case "down":
            lifecycle.down()
        case "status":
            print("\n".join(lifecycle.status()))
        case "push":
            Journey(given.tag or next_tag(), bad=given.bad, say=lambda line: print(line, flush=True)).run()
        case "during":
            return lifecycle.during(given.part, minutes, command)
        case "watch":
            lifecycle.watch()
    return 0


def _up(parts: list[str], minutes: float) -> int:
    reasons = {name: why for name, why in lifecycle.up(parts, minutes).items() if why}
    for name, why in reasons.items():
        print(f"error: {name} is not there: {why}", file=sys.stderr)
    if not reasons:
        print(_TRY.format(admin=ADMIN, bin=USED))
    return 1 if reasons else 0


if __name__ == "__main__":
    sys.exit(main())
