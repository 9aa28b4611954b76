"""For the web server. gunicorn loads this once and forks (`--preload`); what is frozen stays shared by the forks."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

application = get_wsgi_application()

gc.collect()
gc.freeze()
