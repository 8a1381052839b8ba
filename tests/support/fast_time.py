"""A database whose clock a test sets: every process on it lives in that time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime

from django.db import connection

# Found before pg_catalog by every session of this database: the portal cannot tell it from the real one.
INSTALL = """
CREATE SCHEMA fast_time;
CREATE TABLE fast_time.shift (ahead interval NOT NULL);
INSERT INTO fast_time.shift VALUES ('0');
CREATE FUNCTION fast_time.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
    $$ SELECT pg_catalog.clock_timestamp() + ahead FROM fast_time.shift $$;
"""


def travel(moment: datetime) -> None:
    """Set the database's clock to the aware `moment`; it runs on from there."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE fast_time.shift SET ahead = %s - pg_catalog.clock_timestamp()", [moment])


@contextlib.contextmanager
def fast_time(moment: datetime) -> Iterator[None]:
    """Let the test database live at `moment`; only sessions opened inside the block do."""
    name = connection.ops.quote_name(str(connection.settings_dict["NAME"]))
    with connection.cursor() as cursor:
        cursor.execute(INSTALL)
        cursor.execute(f"ALTER DATABASE {name} SET search_path = fast_time, pg_catalog, public")
    connection.close()
    travel(moment)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER DATABASE {name} RESET search_path")
            cursor.execute("DROP SCHEMA fast_time CASCADE")
        connection.close()
