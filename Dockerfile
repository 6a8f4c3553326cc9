# The page as a container; docs/hosting.md has the commands.
#
#   DEVICE       cpu, or cuda for a machine with NVIDIA's container toolkit
#   TORCH_INDEX  address of PyTorch's CPU builds, from its "Get started" page; not needed for cuda
#   TORCH        version of PyTorch
FROM python:3.12-slim-bookworm

ARG DEVICE=cpu
ARG TORCH_INDEX=
ARG TORCH=2.13.0

WORKDIR /app
COPY requirements.txt ./
RUN case "$DEVICE" in \
      cpu) torch="torch==$TORCH+cpu" ;; \
      cuda) torch="torch==$TORCH" ;; \
      *) echo "DEVICE is cpu or cuda, not $DEVICE." >&2; exit 1 ;; \
    esac; \
    if [ "$DEVICE" = cpu ] && [ -z "$TORCH_INDEX" ]; then \
      echo "TORCH_INDEX is missing: give the address of PyTorch's CPU builds, or DEVICE=cuda." >&2; exit 1; \
    fi; \
    pip install --no-cache-dir ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} "$torch" --requirement requirements.txt

COPY . .
RUN pip install --no-cache-dir --no-deps --editable . \
    && useradd --create-home --uid 1000 facet \
    && mkdir --parents /data \
    && chown facet:facet /data

USER 1000
ENV FACET_HOME=/data/facet \
    HF_HOME=/data/huggingface \
    PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 7860
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=120s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7860/healthz', timeout=8)"]
ENTRYPOINT ["facet"]
CMD ["serve", "--host", "0.0.0.0"]
