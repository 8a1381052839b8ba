"""The portal's database settings, for an application that is nothing but `bench.bare`."""

from mpp.settings import *  # noqa: F403

ROOT_URLCONF = "bench.bare"
MIDDLEWARE = []
