"""The settings of a real server, with a place of their own for collected static files."""

import os
from pathlib import Path

from mpp.settings import *  # noqa: F403
from mpp.settings import STORAGES

STATIC_ROOT = Path(os.environ["TEST_STATIC_ROOT"])
# Hashed names as on a real server; packing each file three times would take longer than all tests here.
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}
