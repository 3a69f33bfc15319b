"""States that the many objects of the scenario ``big`` go round, as JSON with marks for what differs.

Marks stand between two ``@``: ``@name@``, ``@service@``, ``@namespace@``, ``@began@`` (a time), ``@commit@``,
``@revision@``, ``@old@`` and ``@new@`` (pod template hashes), and a node id for each task of a build.
"""

from __future__ import annotations

from trombone_tui.demo.crowd.applications import application_states
from trombone_tui.demo.crowd.builds import TASKS, workflow_states
from trombone_tui.demo.crowd.rollouts import rollout_states
from trombone_tui.demo.crowd.sections import Sections

__all__ = ["TASKS", "Sections", "application_states", "rollout_states", "workflow_states"]
