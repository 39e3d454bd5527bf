"""The process as a Viewflow flow: in a module of an installed app, where Viewflow looks for it."""

from __future__ import annotations

import importlib
from typing import Any

# By name, since it is installed for this benchmark alone.
_this = importlib.import_module("viewflow").this
_nodes = importlib.import_module("viewflow.workflow.flow")
_lock = importlib.import_module("viewflow.workflow.lock")
_Process = importlib.import_module("viewflow.workflow.models").Process


def _page(request: Any) -> None:
    """The page of a task: nobody looks at it here."""


class Whole(_nodes.Flow):  # type: ignore[misc,name-defined]  # without types
    process_class = _Process
    lock_impl = _lock.select_for_update_lock

    start = _nodes.Start(_page).Available(lambda user: True).Next(_this.approve)
    approve = _nodes.View(_page).Assign(username="approver").Next(_this.pay)
    pay = _nodes.View(_page).Assign(username="payer").Next(_this.record)
    record = _nodes.Function(_this.recorded).Next(_this.end)
    end = _nodes.End()

    def recorded(self, activation: Any) -> None:
        activation.process.data = {**activation.process.data, "recorded": True}
        activation.process.save()
