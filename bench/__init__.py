"""`make bench`: numbers under pressure, beside the database's own figures in the same run."""
