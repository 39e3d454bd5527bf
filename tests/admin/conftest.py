"""Clients of people with different rights, and the forms that a browser would send."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from tests.admin.forms import page_fields
from tests.factories import grant, make_user
from workflows import flowfile, store
from workflows.models import Flow, FlowVersion

SOUND = """
flow: training
title: Training
data:
  type: object
  properties: {course: {type: string}, decision: {type: string}}
places: {start: {title: Start}, waiting: {title: With the manager}, end: {title: End}}
tasks:
  review: {kind: human, title: Decide, assign: manager(requester), otherwise: 'group("hr")'}
transitions:
  submit: {from: start, to: waiting}
  approve: {title: Approve, task: review, outcome: approve, from: waiting, to: end}
  reject: {title: Refuse, task: review, outcome: reject, from: waiting, to: end}
"""

UNSOUND = """
flow: trouble
title: Trouble
data: {type: object, properties: {}}
places: {start: {}, a: {title: With Finance}, b: {title: With HR}, end: {title: The end}}
tasks:
  finance: {kind: human, title: Finance decides, assign: 'group("finance")'}
  hr: {kind: human, title: HR decides, assign: 'group("hr")'}
transitions:
  split: {title: Ask both, from: start, to: [a, b]}
  refuse: {title: Finance refuses, task: finance, outcome: refuse, from: a, to: end}
  agree: {title: HR agrees, task: hr, outcome: agree, from: b, to: end}
"""


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def staff(name: str, *codenames: str) -> User:
    """Make a user who may open the admin and has these permissions."""
    return grant(make_user(name, is_staff=True), *codenames)


def draft(text: str) -> FlowVersion:
    return store.save_draft(flowfile.read(text), by=None)


def address(version: FlowVersion, name: str = "change", *args: Any) -> str:
    return reverse(f"admin:workflows_flowversion_{name}", args=[version.pk, *args])


def page_form(client: Client, url: str) -> dict[str, str]:
    """Return what a browser would send back from the page's form without a change."""
    response = client.get(url)
    assert response.status_code == 200, response.status_code
    return page_fields(response.content.decode())


@pytest.fixture
def root(company: Any) -> Client:
    """The superuser's browser."""
    return signed_in(company.admin)


@pytest.fixture
def editor(company: Any) -> Client:
    """One who draws flows and may not publish them."""
    return signed_in(
        staff(
            "edith",
            "view_flow",
            "add_flow",
            "view_flowversion",
            "add_flowversion",
            "change_flowversion",
        )
    )


@pytest.fixture
def operator(company: Any) -> Client:
    """One who sees every case and may intervene."""
    return signed_in(staff("oscar", "view_all_cases", "intervene_case"))


@pytest.fixture
def clerk(company: Any) -> Client:
    """One who may open the admin and has no rights in it."""
    return signed_in(staff("clara"))


@pytest.fixture
def sound(company: Any) -> FlowVersion:
    return draft(SOUND)


@pytest.fixture
def unsound(company: Any) -> FlowVersion:
    return draft(UNSOUND)


@pytest.fixture
def empty_flow(company: Any) -> Flow:
    return Flow.objects.create(key="travel", title="Travel")
