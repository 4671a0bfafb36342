# Debian with its own Chromium, whose sandbox stays on: run it as compose.yaml says (docs/operating.md). No secret is in here.

FROM debian:bookworm-slim AS build
# Not pinned: what Debian releases for this suite are security updates.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends python3 python3-venv
WORKDIR /src
COPY . .
RUN python3 -m venv /opt/pec-autorenew \
    && PIP_CONSTRAINT=constraints.txt /opt/pec-autorenew/bin/pip install --no-cache-dir .

FROM debian:bookworm-slim
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        ca-certificates chromium-headless-shell fonts-dejavu-core libatomic1 python3 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --user-group --home-dir /var/lib/pec-autorenew --no-create-home --shell /usr/sbin/nologin pec-autorenew \
    && install --directory --owner=10001 --group=10001 --mode=0700 /var/lib/pec-autorenew
COPY --from=build /opt/pec-autorenew /opt/pec-autorenew
ENV PATH=/opt/pec-autorenew/bin:/usr/local/bin:/usr/bin:/bin \
    HOME=/var/lib/pec-autorenew \
    LANG=C.UTF-8 \
    PYTHONUNBUFFERED=1 \
    PEC_AUTORENEW_CONFIG=/etc/pec-autorenew/config.toml \
    PEC_AUTORENEW_LEDGER__STATE_DIR=/var/lib/pec-autorenew
USER 10001:10001
WORKDIR /var/lib/pec-autorenew
ENTRYPOINT ["pec-autorenew"]
CMD ["renew", "--quiet"]
