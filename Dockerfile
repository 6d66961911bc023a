# syntax=docker/dockerfile:1
# `make pin-base` writes the digest of the base image here, as a step of a release.
ARG BASE=docker.io/library/python:3.13-slim-trixie

FROM ${BASE} AS build
WORKDIR /src
COPY requirements requirements
RUN python3 -m venv /opt/okrsync \
 && /opt/okrsync/bin/pip install --no-cache-dir --require-hashes -r requirements/run.txt \
 && python3 -m venv /opt/build \
 && /opt/build/bin/pip install --no-cache-dir --require-hashes -r requirements/build.txt
COPY . .
RUN /opt/build/bin/hatchling build -t wheel \
 && /opt/okrsync/bin/pip install --no-cache-dir --no-deps dist/*.whl \
 && /opt/okrsync/bin/pip uninstall --yes pip \
 && rm -rf /opt/okrsync/lib/python3*/site-packages/setuptools*

FROM ${BASE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="okrsync" \
      org.opencontainers.image.description="Keeps key results current from the tools where the numbers already live" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /opt/okrsync /opt/okrsync
# Our package names are short: without a safe path a folder of the operator's could stand before them.
ENV PATH=/opt/okrsync/bin:$PATH \
    PYTHONSAFEPATH=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    OKRSYNC_CONFIG=/etc/okrsync/okrsync.yaml \
    OKRSYNC_STORE=sqlite:////var/lib/okrsync/okrsync.sqlite
# Nothing is installed in a running container, so nothing that installs is left in it.
RUN install -d -o 10001 -g 10001 /var/lib/okrsync /etc/okrsync \
 && rm -rf /usr/local/lib/python3*/site-packages/pip* /usr/local/lib/python3*/ensurepip /usr/local/bin/pip*
WORKDIR /var/lib/okrsync
VOLUME /var/lib/okrsync
USER 10001:10001
ENTRYPOINT ["okrsync"]
CMD ["sync"]
