"""SpiffWorkflow: its state is written to PostgreSQL after each step, as one document.

Each step reads it back, as an application has to that runs in more than one process. With
`--in-memory` it stays in the process from step to step, and is only written.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

import psycopg

from workflows.bench.peers.worker import Stopwatch, serve

BPMN = b"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="bench">
  <process id="whole" isExecutable="true">
    <startEvent id="start"/>
    <userTask id="approve" name="approve"/>
    <userTask id="pay" name="pay"/>
    <scriptTask id="record" name="record"><script>recorded = True</script></scriptTask>
    <endEvent id="end"/>
    <sequenceFlow id="f1" sourceRef="start" targetRef="approve"/>
    <sequenceFlow id="f2" sourceRef="approve" targetRef="pay"/>
    <sequenceFlow id="f3" sourceRef="pay" targetRef="record"/>
    <sequenceFlow id="f4" sourceRef="record" targetRef="end"/>
  </process>
</definitions>"""


def main(*, is_in_memory: bool) -> None:
    # By name, since it is installed for this benchmark alone.
    parser = importlib.import_module("SpiffWorkflow.bpmn.parser").BpmnParser()
    Workflow = importlib.import_module("SpiffWorkflow.bpmn").BpmnWorkflow
    serializers = importlib.import_module("SpiffWorkflow.bpmn.serializer")
    ready = importlib.import_module("SpiffWorkflow").TaskState.READY
    parser.add_bpmn_str(BPMN)
    specification = parser.get_spec("whole")
    serializer = serializers.BpmnWorkflowSerializer()
    connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)

    def submit() -> tuple[Any, int]:
        workflow = Workflow(specification)
        workflow.data["amount"] = 100
        workflow.do_engine_steps()
        with connection.transaction():
            state = serializer.serialize_json(workflow)
            insert = "INSERT INTO spiff_state (state) VALUES (%s) RETURNING id"
            row = connection.execute(insert, [state]).fetchone()
        return workflow, row[0] if row else 0

    def decide(workflow: Any, key: int) -> Any:
        with connection.transaction():
            select = "SELECT state FROM spiff_state WHERE id = %s FOR UPDATE"
            row = connection.execute(select, [key]).fetchone()
            if row and not is_in_memory:
                workflow = serializer.deserialize_json(row[0])
            workflow.get_next_task(state=ready, manual=True).run()
            workflow.do_engine_steps()
            state = serializer.serialize_json(workflow)
            connection.execute("UPDATE spiff_state SET state = %s WHERE id = %s", [state, key])
        return workflow

    def process(stopwatch: Stopwatch) -> None:
        workflow, key = stopwatch(submit)
        for _ in ("approve", "pay"):
            workflow = stopwatch(decide, workflow, key)
        if not workflow.is_completed():
            raise RuntimeError("The workflow has not ended.")

    serve(process)


if __name__ == "__main__":
    main(is_in_memory="--in-memory" in sys.argv)
