"""Rows that are made once for many tests are to each of them as if it had made them itself."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import connection

from approvals.models import Employee
from tests import ground
from workflows.models import Flow


def change_everything(company):
    company.ada.first_name = "Changed"
    company.ada.save()
    Employee.objects.update(manager=None)
    Flow.objects.create(key="more", title="More")


def test_what_a_test_changes(company):
    change_everything(company)


def test_the_next_does_not_find(company):
    assert company.ada.first_name == "Ada"
    assert User.objects.get(username="ada").first_name == "Ada"
    assert company.ada.employee.manager.user == company.ben
    assert not Flow.objects.exists()


def test_a_flow_is_there_for_who_asks(leave_flow):
    assert list(Flow.objects.values_list("key", flat=True)) == ["leave"]


def test_and_for_nobody_else(expense_flow):
    assert list(Flow.objects.values_list("key", flat=True)) == ["expense"]


def test_who_asks_for_nothing_finds_nothing(db):
    assert not User.objects.exists()


def test_a_transaction_of_its_own_is_around_each_test(company):
    """That of the company, and the test's."""
    assert len(connection.atomic_blocks) == 2


def test_who_commits_stands_on_no_ground(transactional_db):
    assert not connection.in_atomic_block
    assert not User.objects.exists()


def test_who_commits_makes_the_rows_anew(transactional_db, company):
    assert not connection.in_atomic_block
    assert Employee.objects.count() == 9


def test_a_ground_that_cannot_be_laid_leaves_nothing(db, monkeypatch):
    def make():
        User.objects.create(username="half")
        raise ValueError("no more")

    monkeypatch.setattr(ground, "_makers", {"broken": make})
    monkeypatch.setattr(ground, "_layers", [])
    monkeypatch.setattr(ground, "_is_broken", lambda: False)
    with pytest.raises(ValueError, match="no more"):
        ground.stand_on(["broken"])

    assert not User.objects.exists()
