"""The hasher of passwords that tests use."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class QuickArgon2(Argon2PasswordHasher):
    """The real one at its least effort; its strength is the default of Django and not what a test proves."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1
