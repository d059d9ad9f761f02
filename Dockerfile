# The service and the ingest in one image. Root of the file system can be read-only:
# everything that is written lies under /data and /tmp. Others reach it, so it does not
# start before there is a key: frontdesk keys create --name first --scope admin
FROM node:22-slim AS pages
WORKDIR /build
COPY app/web .
RUN npm ci --no-audit --no-fund && npm run build

FROM python:3.11-slim AS build
# With the address of PyTorch's CPU wheels here, the image is several gigabytes smaller.
ARG PIP_EXTRA_INDEX_URL=""
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/frontdesk
WORKDIR /build
COPY pyproject.toml README.md LICENSE ./
COPY app app
COPY --from=pages /build/built app/web/built
COPY ingest ingest
RUN /opt/frontdesk/bin/pip install .

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin frontdesk \
    && mkdir -p /data/index /data/models /data/records /data/spool && chown -R frontdesk /data
COPY --from=build /opt/frontdesk /opt/frontdesk
COPY --chown=frontdesk data/documents /data/documents
ENV PATH=/opt/frontdesk/bin:$PATH PYTHONUNBUFFERED=1 \
    INDEX_URL=file:/data/index EMBEDDING_CACHE=/data/models SERVER_HOST=0.0.0.0 \
    DATABASE_URL=sqlite:////data/frontdesk.db CONVERSATIONS_SPOOL=/data/spool \
    DESK_FOLDER=/data/documents
USER frontdesk
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s CMD \
    ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/live', timeout=2)"]
CMD ["frontdesk", "serve"]
