# syntax=docker/dockerfile:1
# Streetwork Hub in one image: `serve` (web, with or without worker), `worker`, and every other command.
# It needs a PostgreSQL elsewhere (compose.yaml brings one) or, with no STREETWORK_DATABASE_URL, runs its own in /data.

FROM python:3.11-slim-trixie AS builder
ENV UV_NO_PROGRESS=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=/opt/hub/venv
RUN python -m venv /opt/hub/venv && python -m venv /opt/uv && /opt/uv/bin/pip install --quiet --no-cache-dir "uv>=0.9,<1"
WORKDIR /opt/hub/src
# The lock first: this layer is made again only when a dependency changes.
COPY requirements.txt ./
RUN /opt/uv/bin/uv pip install --no-cache --no-deps --require-hashes -r requirements.txt
# Then the hub, as on a machine: its folders as they are, so that texts, templates and migrations are found beside the
# code, and so that everybody who runs the image has its source, which the licence grants them.
COPY pyproject.toml README.md LICENSE ./
COPY app app
COPY channels channels
COPY flows flows
COPY migrations migrations
COPY translations translations
RUN /opt/uv/bin/uv pip install --no-cache --no-deps --no-build-isolation -e . \
 && python -m compileall -q /opt/hub/src /opt/hub/venv \
 && /opt/hub/venv/bin/streetwork --help > /dev/null

FROM python:3.11-slim-trixie
LABEL org.opencontainers.image.title="Streetwork Hub" \
      org.opencontainers.image.description="Telegram and web chat in one router, approved answers in Bulgarian, Romanian and Ukrainian, and a shared inbox for streetworkers" \
      org.opencontainers.image.licenses="AGPL-3.0-or-later"
RUN groupadd --system --gid 10001 streetwork \
 && useradd --system --uid 10001 --gid streetwork --home-dir /data --no-create-home --shell /usr/sbin/nologin streetwork \
 && install --directory --owner streetwork --group streetwork --mode 0700 /data
COPY --from=builder /opt/hub /opt/hub
ENV PATH=/opt/hub/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    ORT_DISABLE_TELEMETRY=1 \
    STREETWORK_DATA_DIR=/data
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=120s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["streetwork"]
CMD ["serve", "--host", "0.0.0.0"]
