"""The tables of agreements in the admin: one module for each kind of paper or act."""

from agreements.admin import findings, instruments, promises, readiness, road, rules, trial

__all__ = ["findings", "instruments", "promises", "readiness", "road", "rules", "trial"]
