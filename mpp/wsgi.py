"""Pages and API for a WSGI server."""

import gc
import os
import sys

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mpp.settings")

application = get_wsgi_application()

# What is loaded by now stays: the collector need not look at it again, nor come after every few hundred
# objects of a request.
gc.freeze()
gc.set_threshold(20_000, 20, 50)

# A thread whose answer from the database has come waits for those that draw: for one thousandth of a second
# instead of five (docs/benchmarks.md).
sys.setswitchinterval(0.001)
