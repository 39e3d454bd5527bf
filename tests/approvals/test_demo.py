"""The demo company."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from approvals.models import Employee, Request
from workflows.models import FlowVersion, WorkItem


def load(settings: Any) -> str:
    settings.DEBUG = True
    out = StringIO()
    call_command("demo", stdout=out)
    return out.getvalue()


def test_the_demo_is_refused_without_debug(db: Any, settings: Any) -> None:
    settings.DEBUG = False
    with pytest.raises(CommandError, match="DEBUG"):
        call_command("demo")
    assert not User.objects.exists()


def test_everybody_of_the_demo_can_sign_in(db: Any, settings: Any) -> None:
    load(settings)
    for name in ("ada", "abe", "ben", "carl", "cleo", "dana", "eve", "finn", "gina", "admin"):
        assert authenticate(username=name, password="goflow") is not None, name


def test_the_line_of_managers_is_that_of_the_company(db: Any, settings: Any) -> None:
    load(settings)
    rows = Employee.objects.values_list("user__username", "manager__user__username")
    assert dict(rows) == {
        "ada": "ben",
        "abe": "ben",
        "ben": "dana",
        "carl": "dana",
        "cleo": "dana",
        "dana": None,
        "eve": "dana",
        "finn": "gina",
        "gina": "dana",
    }


def test_a_second_load_changes_nothing(db: Any, settings: Any) -> None:
    load(settings)
    before = (User.objects.count(), FlowVersion.objects.count(), Request.objects.count())
    load(settings)
    assert (User.objects.count(), FlowVersion.objects.count(), Request.objects.count()) == before


def test_what_an_administrator_has_changed_stays(db: Any, settings: Any) -> None:
    load(settings)
    User.objects.filter(username="ada").update(first_name="Adele")
    load(settings)
    assert User.objects.get(username="ada").first_name == "Adele"


def test_the_inboxes_of_ada_and_ben_stay_small(db: Any, settings: Any) -> None:
    load(settings)
    waiting = {
        name: WorkItem.objects.actionable_by(User.objects.get(username=name)).awaited().count()
        for name in ("ada", "ben")
    }
    assert waiting == {"ada": 0, "ben": 1}
