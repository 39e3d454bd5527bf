"""The admin's pages keep the content security policy: no inline style, no inline script."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.admin.conftest import address
from tests.factories import leave_data
from workflows import engine
from workflows.models import FlowVersion

TEMPLATES = Path(settings.BASE_DIR) / "templates" / "admin"
INLINE = re.compile(
    r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=|javascript:", re.IGNORECASE
)


@pytest.mark.parametrize(
    "template", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES))
)
def test_a_template_has_no_inline_style_or_script(template: Path) -> None:
    assert not INLINE.search(template.read_text(encoding="utf-8"))


def test_no_page_has_an_inline_style_or_script(
    root: Client, company: Any, leave_flow: FlowVersion, unsound: FlowVersion
) -> None:
    case = engine.start("leave", by=company.ada, data=leave_data())
    item = case.work_items.earliest("pk")
    pages = [
        reverse("admin:index"),
        *(
            reverse(f"admin:workflows_{name}_changelist")
            for name in ("flow", "flowversion", "case", "workitem", "job", "workerbeat", "event")
        ),
        reverse("admin:workflows_flow_change", args=[leave_flow.flow_id]),
        reverse("admin:workflows_flow_import"),
        reverse("admin:workflows_flowversion_add"),
        address(leave_flow),
        address(unsound),
        f"{reverse('admin:workflows_flowversion_publish')}?ids={unsound.pk}",
        f"{reverse('admin:workflows_flowversion_retire')}?ids={leave_flow.pk}",
        reverse("admin:workflows_case_change", args=[case.pk]),
        f"{reverse('admin:workflows_case_intervene', args=['cancel'])}?ids={case.pk}",
        reverse("admin:workflows_workitem_transfer", args=[item.pk]),
    ]
    for page in pages:
        answer = root.get(page)
        found = INLINE.search(answer.content.decode())
        assert answer.status_code == 200, page
        assert found is None, (page, found and found.group())
        assert "style-src 'self'" in answer.headers["Content-Security-Policy"]
