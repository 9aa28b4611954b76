"""The Celery application: `celery -A portal.celery worker`, `celery -A portal.celery beat`.

Tasks come from each app's `tasks.py` and `schedule.py`. A `schedule.py` names what runs when in a dict
`SCHEDULE`, in the form of Celery's `beat_schedule`.
"""

import os
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from celery import Celery
from celery.signals import import_modules
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("onshore")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@import_modules.connect(weak=False)
def collect_schedules(sender: Celery, **kwargs: Any) -> None:
    """Runs in workers and in beat, after Django is set up."""
    for name in settings.ONSHORE_APPS:
        if find_spec(f"{name}.schedule"):
            sender.conf.beat_schedule.update(import_module(f"{name}.schedule").SCHEDULE)
