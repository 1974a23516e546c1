# Two stages: the first installs the locked packages, the second holds them, the code, and nothing else.
ARG PYTHON_VERSION=3.13

FROM python:${PYTHON_VERSION}-slim-bookworm AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
COPY requirements/base.lock .
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --require-hashes --requirement base.lock \
    && /opt/venv/bin/pip uninstall --yes pip

FROM python:${PYTHON_VERSION}-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=cartpath.settings
RUN groupadd --gid 10001 cartpath \
    && useradd --uid 10001 --gid cartpath --no-create-home --home-dir /nonexistent \
        --shell /usr/sbin/nologin cartpath
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY . .
# The image carries its static files with hashed names; no secret is needed to collect them.
RUN python -m compileall -q . \
    && python manage.py collectstatic --noinput --verbosity 0
# The code belongs to root: the program cannot change itself.
USER 10001:10001
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", \
     "--blocking-threads", "4", "--no-ws", "--respawn-failed-workers", "cartpath.wsgi:application"]
