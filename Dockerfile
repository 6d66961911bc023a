# syntax=docker/dockerfile:1
ARG BASE=docker.io/library/python:3.13-slim-trixie

FROM ${BASE} AS build
WORKDIR /src
COPY requirements requirements
RUN python -m venv /opt/okrsync \
 && /opt/okrsync/bin/pip install --no-cache-dir --require-hashes -r requirements/run.txt \
 && python -m venv /opt/build \
 && /opt/build/bin/pip install --no-cache-dir --require-hashes -r requirements/build.txt
COPY . .
RUN /opt/build/bin/hatchling build -t wheel \
 && /opt/okrsync/bin/pip install --no-cache-dir --no-deps dist/*.whl \
 && /opt/okrsync/bin/pip uninstall --yes pip

FROM ${BASE}
COPY --from=build /opt/okrsync /opt/okrsync
# Our package names are short: without a safe path a folder of the operator's could stand before them.
ENV PATH=/opt/okrsync/bin:$PATH \
    PYTHONSAFEPATH=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    OKRSYNC_CONFIG=/etc/okrsync/okrsync.yaml \
    OKRSYNC_STORE=sqlite:////var/lib/okrsync/okrsync.sqlite
RUN install -d -o 10001 -g 10001 /var/lib/okrsync /etc/okrsync
WORKDIR /var/lib/okrsync
VOLUME /var/lib/okrsync
USER 10001:10001
ENTRYPOINT ["okrsync"]
CMD ["sync"]
