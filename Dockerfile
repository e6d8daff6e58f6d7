# hirewatch with every outlet and PostgreSQL; docs/containers.md says how to run it.
FROM python:3.11-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /source
# the pins change seldom, so this layer is kept
COPY requirements/server.txt requirements/build.txt requirements/
RUN python -m venv /opt/hirewatch \
    && /opt/hirewatch/bin/pip install --require-hashes -r requirements/server.txt \
    && python -m venv /opt/build \
    && /opt/build/bin/pip install --require-hashes -r requirements/build.txt
COPY . .
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheel . \
    && /opt/hirewatch/bin/pip install --no-deps /wheel/hirewatch-*.whl

FROM python:3.11-slim
COPY --from=build /opt/hirewatch /opt/hirewatch
RUN groupadd --gid 1000 hirewatch \
    && useradd --uid 1000 --gid 1000 --no-create-home --home-dir /data hirewatch \
    && install --directory --owner 1000 --group 1000 --mode 700 /data
ENV PATH=/opt/hirewatch/bin:$PATH \
    HIREWATCH_HOME=/data \
    HIREWATCH_SERVE__HOST=0.0.0.0
USER 1000:1000
WORKDIR /data
VOLUME /data
EXPOSE 8777
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s \
    CMD ["python", "-c", "import os, urllib.request as web; web.urlopen('http://127.0.0.1:' + os.environ.get('HIREWATCH_SERVE__PORT', '8777') + '/health/ready', timeout=8)"]
ENTRYPOINT ["hirewatch"]
CMD ["serve"]
