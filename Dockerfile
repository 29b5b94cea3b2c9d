# One image for the web server, the worker and the feed; the database is a service of its own (see compose.yaml).
FROM python:3.12-slim-bookworm

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 CORPUSAPP_HOME=/data
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir --disable-pip-version-check -r requirements.txt
COPY manage.py openapi.yaml ./
COPY corpusapp corpusapp
COPY annotations annotations
COPY templates templates
COPY static static

RUN useradd --system --home-dir /data corpusapp && install -d -m 0700 -o corpusapp -g corpusapp /data
USER corpusapp
VOLUME /data
EXPOSE 8000 8001
CMD ["gunicorn", "--config", "python:corpusapp.desk.web", "--bind", "0.0.0.0:8000", "corpusapp.wsgi:application"]
