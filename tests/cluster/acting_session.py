"""Records docs/bad-canary.md: a bad canary on the lab, aborted and taken back for good from the command line.

``make lab``, then ``.venv/bin/python tests/cluster/acting_session.py docs/bad-canary.md``. Every command and
every line it printed is real; addresses and paths of the machine are replaced by names.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from acting_delivery import HOST, OwnDelivery, own_delivery
from lab.running import Lab
from patience import until

NAME, NAMESPACE = "shop-api", "store"
BOTH = f"-n {NAMESPACE} -n argocd"
LOOK = f"trombone-tui status {BOTH} | grep {NAME}"
PLAN = f"trombone-tui rollback-plan {NAME} {BOTH}"
HEAD = """# A bad canary, aborted and rolled back for good
Recorded on the [lab](lab.md) by `tests/cluster/acting_session.py`: real controllers, real commands, and what
they really printed. Only the machine's addresses are replaced, by `registry.example` and
`https://git.example/config.git`. The Image Updater is the lab's stand-in.

`shop-api` runs 1.0.0. Argo CD syncs it by itself, prunes and heals itself; the Image Updater follows `1.x`.
A build has just pushed 1.0.1: the tag was written to git, synced, and the canary got 20 % of the traffic.
"""


@dataclass(slots=True)
class Session:
    """What is said and done, as Markdown."""

    shop: OwnDelivery
    folder: Path
    kubeconfig: Path
    text: list[str] = field(default_factory=lambda: [HEAD])

    def say(self, *lines: str) -> None:
        self.text.append("\n".join(lines) + "\n")

    def run(self, *commands: str) -> None:
        """Run commands of a shell, and write them down with what they printed and how they ended."""
        shown = []
        for command in commands:
            done = subprocess.run(
                ["bash", "-c", command],
                text=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                check=False,
                cwd=self.folder,
                env=self._environment(),
            )
            ended = [f"# exit code {done.returncode}"] if done.returncode else []
            shown += [f"$ {command}", *filter(None, done.stdout.rstrip().splitlines()), *ended]
        self.text.append("\n".join(["```console", *map(self._cut, shown), "```\n"]))

    def _environment(self) -> dict[str, str]:
        program = f'#!/bin/sh\nexec "{sys.executable}" -m trombone_tui "$@"\n'
        script = self.folder / "bin" / "trombone-tui"
        script.parent.mkdir(exist_ok=True)
        script.write_text(program, encoding="utf-8")
        script.chmod(0o755)
        git = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "op", "GIT_AUTHOR_EMAIL": "op@git.example"}
        return {
            **os.environ,
            **git,
            "GIT_COMMITTER_NAME": "op",
            "GIT_COMMITTER_EMAIL": "op@git.example",
            "HOME": str(self.folder),
            "PATH": f"{script.parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "KUBECONFIG": str(self.kubeconfig),
            "XDG_STATE_HOME": str(self.folder),
            "XDG_CONFIG_HOME": str(self.folder),
        }

    def _cut(self, line: str) -> str:
        """Replace what names this machine."""
        line = line.replace(self.shop.repository.url, "https://git.example/config.git")
        line = line.replace(HOST, "registry.example").replace(str(self.folder), "~")
        line = line.replace("&& cd bare &&", "&& cd config &&")
        return re.sub(r"https?://127\.0\.0\.1:\d+", "https://cluster.example", line).rstrip()


def story(session: Session) -> Iterator[str]:
    """Go through it; yields what is being done."""
    shop = session.shop
    yield "look"
    session.say("## Where is my change, and why there?")
    session.run(LOOK)
    session.say("The analysis could not decide. Going on is possible, and it is said what that would mean:")
    session.run(f"trombone-tui promote {NAME} -n {NAMESPACE} --dry-run")
    session.say("## Users first")
    session.run(f"trombone-tui abort {NAME} -n {NAMESPACE} --yes")
    yield "aborted"
    session.say(
        "All traffic is on 1.0.0 again, and the Application is still Synced, to the version given up:"
    )
    session.run(LOOK)
    session.say("An `undo` looks like the end of it, and is none:")
    session.run(f"trombone-tui undo {NAME} {BOTH} --dry-run")
    session.say("## The way back that stays", "Nothing is written by the plan:")
    session.run(PLAN)
    yield "planned"
    session.say("The tag is held back, so that the Image Updater does not write it again:")
    session.run(f'trombone-tui hold imageupdater {NAME} 1.0.1 --reason "error rate at 3 %" -n argocd --yes')
    yield "held"
    session.say("Git is taken back by the commands of the plan:")
    session.run(
        f"git clone -q {shop.repository.url} config",
        "git -C config log --oneline -1",
        "git -C config revert --no-edit HEAD | head -1",
        "git -C config push -q origin main",
    )
    session.say("Argo CD need not be waited for:")
    session.run(f"trombone-tui sync {NAME} -n argocd --yes")
    yield "synced"
    until(lambda: shop.stands() == ("Synced", "Healthy", "Healthy"), what="the good version", seconds=60)
    for _ in range(3):
        shop.refresh()
    shop.checked(2)
    session.say("## Is it over?", "Three comparisons by Argo CD and two checks of the Image Updater later:")
    session.run(f"{PLAN} | grep -E '^[0-9]|check  '")
    session.run(LOOK)
    session.say("What was done, by whom, and what became of it:")
    session.run("trombone-tui audit | grep outcome")
    session.say(
        "When a better version is there, `trombone-tui release imageupdater shop-api -n argocd` lets go of",
        "the tag; until then every screen reminds of it.",
    )
    yield "over"


def main(target: Path) -> None:
    """Record it into a file."""
    lab = Lab.find()
    with tempfile.TemporaryDirectory(prefix="trombone-session-") as name:
        with own_delivery(lab, NAME, NAMESPACE) as shop:
            session = Session(shop, Path(name), lab.kubeconfig("admin"))
            shop.canary_of("1.0.1")
            for done in story(session):
                print(done, flush=True)
        target.write_text("\n".join(session.text), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
