# For Docker and Podman; no engine has built it yet. `make test-image` does each step of it without one. The image holds
# no database and no broker: requirements-embedded.txt is for machines that have neither.
FROM node:22-slim AS assets
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts

FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 \
    ONSHORE_ENV=production ONSHORE_HOME=/var/lib/onshore
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fontconfig fonts-dejavu-core poppler-utils \
      fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /var/lib/onshore --create-home --shell /usr/sbin/nologin onshore \
 && chmod 0700 /var/lib/onshore
WORKDIR /app
COPY requirements.txt ./
RUN pip install --require-hashes -r requirements.txt
COPY . .
COPY --from=assets /app/node_modules ./node_modules
# The keys made here belong to the build only; the folder is a volume at run time.
RUN ONSHORE_HOME=/tmp/build DATABASE_URL=postgresql://build/build REDIS_URL=redis://build \
    python manage.py collectstatic --noinput --verbosity 0 && rm -rf /tmp/build
USER onshore
VOLUME /var/lib/onshore
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["gunicorn", "portal.wsgi:application", "--bind=0.0.0.0:8000", "--worker-class=gthread", \
     "--workers=2", "--threads=8", "--preload", "--worker-tmp-dir=/dev/shm", "--access-logfile=-"]
