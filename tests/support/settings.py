"""The portal's settings for a server under test: a sign-in costs no quarter of a second."""

from mpp.settings import *  # noqa: F403

# With the real one, a server would strengthen the password of whoever signs in.
PASSWORD_HASHERS = ["tests.support.hasher.QuickArgon2"]
