"""Rows <-> jobs of a topic: what external workers find."""

from __future__ import annotations

from workflows.models import Job, JobState


def is_topic_waiting(topic: str) -> bool:
    """Say whether a worker of the topic finds something to take; locks nothing."""
    jobs = Job.objects.of_topic(topic)
    return jobs.takeable().exists() or jobs.expired().exists()


def free_expired_of(topic: str) -> None:
    """Make the jobs of a topic due whose workers have not kept their leases; as `free_expired`."""
    expired = Job.objects.of_topic(topic).expired()
    expired.update(state=JobState.DUE, dispatched_at=None)
