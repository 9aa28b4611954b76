"""The settings with a home of their own: a test run shares no server, file or key with anything else."""

import os
import tempfile

os.environ["ONSHORE_ENV"] = "test"
os.environ["ONSHORE_DURABLE"] = "no"
os.environ.setdefault("ONSHORE_VISIBILITY_TIMEOUT", "5")
# A busy machine must not look like a broker that is down: what is not sent then waits for a sweep that no test runs.
os.environ.setdefault("ONSHORE_BROKER_MS", "30000")
os.environ.setdefault(
    "ONSHORE_WORKER_NICE", "0"
)  # a test that waits for a worker waits beside whatever else runs
os.environ["ONSHORE_HOME"] = tempfile.mkdtemp(prefix="onshore-test-")
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's event loop runs in the thread of the tests

from portal.settings import *  # noqa: F403

# What a test without a worker enqueues waits in a queue that no worker reads: tests/processes/broker.py.
CELERY_TASK_ROUTES = ["tests.processes.broker.route"]

# Each test client builds the middleware anew; it would look at two thousand icons each time.
WHITENOISE_AUTOREFRESH = True
