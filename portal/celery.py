"""The Celery application: `celery -A portal.celery worker`, `celery -A portal.celery beat`.

Tasks come from the `tasks.py` of each app and of each of its wings, and from each app's `schedule.py`, which names what
runs when in a dict `SCHEDULE`, in the form of Celery's `beat_schedule`. A task says itself in which queue it waits:
`portal.frame.jobs.job`.

Workers run below the web server's priority: on a busy machine people's pages come first.
"""

import gc
import logging
import os
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import Any

from celery import Celery, bootsteps
from celery.beat import EmbeddedService
from celery.signals import celeryd_after_setup, celeryd_init, import_modules
from django.conf import settings

log = logging.getLogger(__name__)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("onshore")
app.config_from_object("django.conf:settings", namespace="CELERY")


def _apps_and_wings() -> list[str]:
    """The installed apps, and the packages right inside ours: Celery looks for a `tasks.py` in each."""
    ours = [import_module(name) for name in settings.ONSHORE_APPS]
    wings = [
        f"{app.__name__}.{found.name}" for app in ours for found in iter_modules(app.__path__) if found.ispkg
    ]
    return [*settings.INSTALLED_APPS, *wings]


app.autodiscover_tasks(_apps_and_wings)


@import_modules.connect(weak=False)
def collect_schedules(sender: Celery, **kwargs: Any) -> None:
    """Runs in workers and in beat, after Django is set up."""
    for name in settings.ONSHORE_APPS:
        if find_spec(f"{name}.schedule"):
            sender.conf.beat_schedule.update(import_module(f"{name}.schedule").SCHEDULE)


@celeryd_init.connect(weak=False)
def yield_to_people(**kwargs: Any) -> None:
    """Before the pool is forked, so that it inherits the priority."""
    if settings.WORKER_NICE:
        os.nice(settings.WORKER_NICE)


@celeryd_after_setup.connect(weak=False)
def share_memory(**kwargs: Any) -> None:
    """Before the pool and the clock are forked: what is loaded by now is collected no more, and so stays shared."""
    gc.collect()
    gc.freeze()


class KeepsBeat(bootsteps.StartStopStep):
    """In a worker that also runs the clock (`--beat`): start the clock's process again when it died."""

    requires = {"celery.worker.components:Beat", "celery.worker.components:Timer"}
    seconds = 5.0

    def __init__(self, worker: Any, **kwargs: Any) -> None:
        super().__init__(worker, **kwargs)
        self.again: Any = None

    def start(self, worker: Any) -> None:
        if worker.beat is not None:
            log.info("beat runs, as process %s", worker.beat.pid)
            worker.timer.call_repeatedly(self.seconds, self.look, (worker,))

    def look(self, worker: Any) -> None:
        if worker.beat.is_alive():
            return
        self.again = worker.beat = EmbeddedService(
            worker.app, schedule_filename=worker.schedule_filename, scheduler_cls=worker.scheduler
        )
        self.again.start()
        log.warning("beat ended; it runs again, as process %s", self.again.pid)

    def stop(self, worker: Any) -> None:
        if self.again is not None:
            self.again.stop()

    terminate = stop


app.steps["worker"].add(KeepsBeat)
