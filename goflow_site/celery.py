"""The Celery application, for installations with a broker.

A message only wakes a worker up; what must be done stands in the database, so a lost message costs
time and nothing else.
"""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goflow_site.settings")

# Every wait for the broker ends: a person who presses a button must not hang with it.
SOCKET_SECONDS = 2

app = Celery("goflow")
# CELERY_* of the settings, which come from the environment; the rest is the same everywhere.
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    # Pickle would let whoever reaches the broker run code in the worker.
    accept_content=["json"],
    result_serializer="json",
    task_serializer="json",
    # Outcomes are rows; nobody reads them from the broker.
    task_ignore_result=True,
    # A worker that dies hands its message back; the handler is made to be run twice.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    enable_utc=True,
    timezone="UTC",
    broker_connection_timeout=SOCKET_SECONDS,
    broker_connection_retry_on_startup=True,
    task_publish_retry=True,
    task_publish_retry_policy={
        "max_retries": 2,
        "interval_start": 0.1,
        "interval_step": 0.2,
        "interval_max": 0.5,
    },
)
if not app.conf.broker_url:
    # Without one Celery would quietly look for RabbitMQ on this machine.
    app.conf.broker_url = "memory://"
if app.conf.broker_url.startswith(("redis", "sentinel")):
    # Only Redis knows these; RabbitMQ's client takes its limits from the connection timeout.
    app.conf.broker_transport_options = {
        "socket_timeout": SOCKET_SECONDS,
        "socket_connect_timeout": SOCKET_SECONDS,
        "retry_on_timeout": False,
        "max_retries": 2,
        # How long a message of a dead worker stays hidden. The sweep over the job table is quicker.
        "visibility_timeout": 300,
    }
app.autodiscover_tasks()
