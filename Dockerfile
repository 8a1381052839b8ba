# The portal's own processes: pages, live streams, worker, beat. PostgreSQL and Valkey are services beside it.
FROM python:3.12-slim AS build

ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /app
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-dev --extra production --extra printer --extra documents
COPY . .
# Settings refuse to start without these; collectstatic opens no connection, and none of them is kept.
RUN SECRET_KEY=only-for-collectstatic \
    DATABASE_URL=postgres://nobody@localhost/none \
    REDIS_URL=redis://localhost/0 \
    .venv/bin/python manage.py collectstatic --noinput

FROM python:3.12-slim

ENV PATH=/app/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
WORKDIR /app
COPY --from=build /app /app
# A new volume takes its owner from here.
RUN install --directory --owner=10001 --group=10001 /app/media
# A number, so that a platform can check that it is not root without reading /etc/passwd.
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
    CMD ["python", "deploy/healthcheck.py", "http://127.0.0.1:8000/healthz"]
CMD ["gunicorn", "mpp.wsgi:application", "--worker-class", "gthread", "--workers", "2", "--threads", "4", \
     "--bind", "0.0.0.0:8000", "--worker-tmp-dir", "/dev/shm", "--no-control-socket", "--log-level", "warning"]
