"""`manage.py check_people`: can somebody always act, with the people of today?"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from workflows.directory import get_directory
from workflows.engine.rights import person_name
from workflows.staffing import (
    FlowPeople,
    Leaving,
    check_published,
    if_left,
    published_versions,
)

SECONDS = 60.0
"""For one flow."""


class Command(BaseCommand):
    help = (
        "Look whether each task of the flows in force finds somebody, whoever asks, with the "
        "people of today. To be run after people leave or move; with --without, before somebody "
        "leaves. Exit code: 0 somebody can always act, 1 not; what only a case's data can tell "
        "is listed and does not count."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--flow", metavar="KEY", help="this flow only")
        parser.add_argument(
            "--without", metavar="USER", help="tell only what would stand empty without this person"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        versions = published_versions(options["flow"])
        if options["flow"] and not versions:
            raise CommandError(f"There is no published flow with the key {options['flow']!r}.")
        people = get_directory().snapshot()
        if options["without"] is None:
            flows = check_published(versions, people, seconds=SECONDS)
            is_missed = any(each.report.findings for each in flows)
            told: dict[str, object] = {"flows": _flows(flows)}
            lines = _lines(flows) or ["Somebody can always act."]
        else:
            person = _person(options["without"])
            leaving = if_left(person, versions, people, seconds=SECONDS)
            is_missed = leaving.is_missed
            told = _leaving(leaving)
            lines = _leaving_lines(leaving)
        if options["json"]:
            self.stdout.write(json.dumps(told, ensure_ascii=False))
        else:
            self.stdout.write("\n".join(lines))
        if is_missed:
            sys.exit(1)


def _person(username: str) -> User:
    person = User.objects.filter(username=username).first()
    if person is None:
        raise CommandError(f"There is no account {username!r}.")
    if not person.is_active:
        raise CommandError(f"{person_name(person)} has left already: leave --without away.")
    return person


def _flows(flows: Sequence[FlowPeople]) -> list[object]:
    return [{"version": each.version.number, **each.report.as_dict()} for each in flows]


def _lines(flows: Sequence[FlowPeople]) -> list[str]:
    lines = []
    for each in flows:
        report = each.report
        for task in report.findings:
            lines += [f"{each.version}: {report.told(task, gap)}" for gap in task.certain_gaps]
        for task in report.undecided:
            lines.append(f"{each.version}: {task.title!r} cannot be told: {task.is_open}.")
    return lines


def _leaving(leaving: Leaving) -> dict[str, object]:
    return {
        "without": leaving.person.get_username(),
        "duties": list(leaving.duties),
        "work_items": [
            {"work_item": item.pk, "case": item.case_id, "task": item.task.key}
            for item in leaving.items
        ],
        "flows": _flows(leaving.flows),
    }


def _leaving_lines(leaving: Leaving) -> list[str]:
    name = person_name(leaving.person)
    lines = [f"{name} is {duty}." for duty in leaving.duties]
    lines += [f"Only {name} can do “{item.task}” of {item.case}." for item in leaving.items]
    lines += _lines(leaving.flows)
    if not leaving.is_missed:
        lines.append(f"Without {name} somebody could still always act.")
    return lines
