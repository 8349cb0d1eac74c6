# syntax=docker/dockerfile:1
# The server and the scripts. torch's CPU build is a tenth of the default one's size: pass the
# address of PyTorch's CPU wheels (named on pytorch.org's "Get Started" page) to the build:
#   docker build --build-arg PIP_EXTRA_INDEX_URL=... -t visual-search .
# What is optional is left out (docs/people.md, docs/text-models.md, docs/videos.md), unless named:
#   docker build --build-arg OPTIONAL="people text video" ...

FROM python:3.11-slim-bookworm AS build
ARG PIP_EXTRA_INDEX_URL=""
ARG OPTIONAL=""
ENV PIP_EXTRA_INDEX_URL=${PIP_EXTRA_INDEX_URL} PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /app
COPY requirements.txt requirements-people.txt requirements-text.txt requirements-video.txt ./
RUN pip install -r requirements.txt \
    && python -c "import torch, sys; sys.exit(torch.version.cuda and 'This is the CUDA build of torch; pass PIP_EXTRA_INDEX_URL, see the top of the Dockerfile')" \
    && for part in ${OPTIONAL}; do pip install -r "requirements-${part}.txt" || exit 1; done
# Convert the default network now, so that the first start is as quick as every other.
COPY features features
RUN VISUAL_SEARCH_CACHE=/opt/cache python -c "from features.extractors import load_extractor; load_extractor()"

FROM python:3.11-slim-bookworm
# Its home is the cache: whatever a library keeps of its own lies in the volume, and the rest of the
# file system may be read-only.
RUN useradd --no-create-home --home-dir /cache --uid 10001 shop \
    && install -d -o shop -g shop /data /cache
COPY --from=build /opt/venv /opt/venv
COPY --from=build --chown=shop:shop /opt/cache /cache
WORKDIR /app
COPY LICENSE requirements.txt gunicorn.conf.py ./
COPY features features
COPY server server
COPY scripts scripts
COPY templates templates
COPY static static
ENV PATH=/opt/venv/bin:$PATH \
    HOME=/cache \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    KERAS_HOME=/cache/keras \
    HF_HOME=/cache/huggingface \
    VISUAL_SEARCH_CACHE=/cache \
    VISUAL_SEARCH_STORE=/data/store
USER 10001
VOLUME ["/cache", "/data"]
EXPOSE 5000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:5000/livez', timeout=4)"]
# Workers and threads: gunicorn.conf.py, WEB_CONCURRENCY.
CMD ["gunicorn", "server.wsgi:app", "--bind", "0.0.0.0:5000"]
