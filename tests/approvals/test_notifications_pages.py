"""The notices in the portal: the list, the bell, and the choice of mails."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from approvals.models import Notice, NoticeKind, NoticeSettings, Request
from tests.approvals.conftest import decide, tell
from tests.approvals.test_pages import signed_in


def make_notices(user: User, count: int) -> None:
    at = timezone.now() - timedelta(minutes=5)
    Notice.objects.bulk_create(
        Notice(
            key=f"{user.pk}/{n}",
            recipient=user,
            kind=NoticeKind.OFFERED,
            parts={"task": f"Task {n}", "number": f"LV-{n}", "title": "Leave", "requester": "Ada"},
            created_at=at,
        )
        for n in range(count)
    )


def page(user: User, url: str = "/notices/") -> str:
    tell()
    answer = signed_in(user).get(url)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_list_tells_what_came_and_leads_to_it(submitted_leave: Request, ben: User) -> None:
    shown = page(ben)
    assert "Decide on the leave" in shown
    assert f'href="/requests/{submitted_leave.number}/"' in shown


def test_nobody_sees_the_notices_of_others(submitted_leave: Request, gina: User) -> None:
    shown = page(gina)
    assert submitted_leave.number not in shown
    assert "Nothing to tell" in shown


def test_the_bell_counts_what_is_unread_on_every_page(submitted_leave: Request, ben: User) -> None:
    assert '<span class="bell-count">1' in page(ben, "/")
    Notice.objects.of(ben).mark_read(at=timezone.now())
    assert '<span class="bell-count">' not in page(ben, "/")


def test_the_bell_costs_one_statement(ben: User) -> None:
    client = signed_in(ben)
    with CaptureQueriesContext(connection) as captured:
        client.get("/requests/")
    counts = [q["sql"] for q in captured if "approvals_notice" in q["sql"]]
    assert len(counts) == 1


def test_opening_a_request_marks_its_notices_read(submitted_leave: Request, ben: User) -> None:
    tell()
    signed_in(ben).get(submitted_leave.get_absolute_url())
    assert not Notice.objects.of(ben).unread().exists()


def test_opening_a_request_leaves_the_notices_of_others_unread(
    submitted_leave: Request, ada: User, ben: User
) -> None:
    tell()
    signed_in(ada).get(submitted_leave.get_absolute_url())
    assert Notice.objects.of(ben).unread().count() == 1


def test_the_unread_ones_stand_first(ada: User) -> None:
    make_notices(ada, 3)
    Notice.objects.filter(key=f"{ada.pk}/2").mark_read(at=timezone.now())
    shown = page(ada)
    assert shown.index("Task 1") < shown.index("Task 0") < shown.index("Task 2")


def test_one_is_marked_read_by_its_button(ada: User) -> None:
    make_notices(ada, 2)
    notice = Notice.objects.earliest("pk")
    signed_in(ada).post(f"/notices/{notice.pk}/read/")
    assert [n.pk for n in Notice.objects.of(ada).unread()] != [notice.pk]
    assert Notice.objects.of(ada).unread().count() == 1


def test_the_notice_of_somebody_else_cannot_be_marked(ada: User, abe: User) -> None:
    make_notices(ada, 1)
    notice = Notice.objects.get()
    assert signed_in(abe).post(f"/notices/{notice.pk}/read/").status_code == 404
    assert Notice.objects.get().is_unread


def test_all_are_marked_read_but_not_those_of_others(ada: User, abe: User) -> None:
    make_notices(ada, 30)
    make_notices(abe, 1)
    signed_in(ada).post("/notices/read/")
    assert [n.recipient for n in Notice.objects.unread()] == [abe]


def test_a_link_marks_nothing(ada: User) -> None:
    make_notices(ada, 1)
    client = signed_in(ada)
    assert client.get("/notices/read/").status_code == 405
    assert client.get(f"/notices/{Notice.objects.get().pk}/read/").status_code == 405


def test_many_notices_are_shown_in_pages(ada: User) -> None:
    make_notices(ada, 30)
    assert page(ada).count('<li class="notice-row') == 25
    assert page(ada, "/notices/?page=2").count('<li class="notice-row') == 5


def test_a_page_of_notices_costs_the_same_for_one_and_for_many(
    submitted_leave: Request, ada: User, ben: User
) -> None:
    def statements() -> int:
        client = signed_in(ben)
        with CaptureQueriesContext(connection) as captured:
            client.get("/notices/")
        return len(captured)

    tell()
    statements()
    one = statements()
    make_notices(ben, 24)
    assert statements() == one


def test_without_an_account_there_are_no_notices(company: Any) -> None:
    for url in ("/notices/", "/settings/"):
        assert Client().get(url)["Location"].startswith("/login/")


def test_mails_of_a_kind_are_switched_off_and_on(ada: User) -> None:
    client = signed_in(ada)
    client.post("/settings/", {"decided": "on", "finished": "on"})
    mail = NoticeSettings.objects.get(user=ada).mail
    assert mail["decided"] is mail["finished"] is True
    assert mail["offered"] is False
    shown = page(ada, "/settings/")
    assert 'name="finished" id="id_finished" checked' in shown.replace('class="" ', "")


def test_whoever_never_chose_gets_mails_of_all_but_what_was_told_before(ada: User) -> None:
    form = signed_in(ada).get("/settings/").context["form"]
    assert [name for name in form.fields if not form[name].initial] == ["finished"]
    assert "failed" not in form.fields


def test_the_admin_page_of_a_failed_case_is_where_an_operator_looks(
    submitted_leave: Request, admin: User
) -> None:
    Notice.objects.create(
        key="failed",
        recipient=admin,
        kind=NoticeKind.FAILED,
        case=submitted_leave.case,
        created_at=timezone.now(),
    )
    assert f"/admin/workflows/case/{submitted_leave.case_id}/change/" in page(admin)


def test_what_people_write_is_shown_as_text(submitted_leave: Request, ada: User, ben: User) -> None:
    decide(submitted_leave, ben, "manager_review", "reject", "<script>alert(1)</script>")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page(ada)
