"""The browser of the tests for pages; its fixtures serve here too."""

from tests.e2e.conftest import browser, people, server

__all__ = ["browser", "people", "server"]
