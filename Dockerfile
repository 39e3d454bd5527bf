# Goflow for a server: compose.yml runs it as web, as worker and for the migrations.
FROM python:3.11-slim AS packages
COPY requirements.txt .
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --disable-pip-version-check -r requirements.txt

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /app goflow \
    && install -d -o goflow -g goflow /data
COPY --from=packages /venv /venv
COPY . /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    GOFLOW_DATA_DIR=/data \
    GOFLOW_STATIC_DIR=/app/collected
# The files belong to root: what runs here cannot change its own code.
RUN python -m compileall -q /app \
    && GOFLOW_DATA_DIR=/tmp/build LOG_LEVEL=WARNING python manage.py collectstatic --noinput \
    && rm -rf /tmp/build
USER goflow
VOLUME /data
EXPOSE 8000
ENV HOST=0.0.0.0 PORT=8000
CMD ["gunicorn", "-c", "python:goflow_site.web", "goflow_site.wsgi"]
