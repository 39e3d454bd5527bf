"""Gives a case a history that would take days to make by hand: claims and releases, sealed.

Usage: python -m tests.faults.world.long_history CASE EVENTS
"""

from __future__ import annotations

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goflow_site.settings")
AT_ONCE = 5_000


def main(case_id: int, count: int) -> None:
    django.setup()
    from django.db import transaction
    from django.utils import timezone

    from workflows import store
    from workflows.history import NewEvent, seal
    from workflows.models import Event, EventKind

    with transaction.atomic():
        case = store.lock_case(case_id)
        item = case.work_items.open().first()
        assert item is not None
        kinds = (EventKind.CLAIMED, EventKind.RELEASED)
        lines = [
            NewEvent(kinds[n % 2], actor_id=case.requester_id, work_item_id=item.pk)
            for n in range(count)
        ]
        rows = [Event(**vars(line)) for line in seal(case, lines, at=timezone.now())]
        Event.objects.bulk_create(rows, batch_size=AT_ONCE)
        case.save(update_fields=["history_length", "history_hash"])


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
