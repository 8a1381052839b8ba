"""PostgreSQL and Redis of a machine without servers, and the process group behind `make run`.

Stands alone: the standard library, and the programs that two wheels carry. Nothing here imports Django.
"""
