# One file for all services. Targets: services (everything but what needs ffmpeg; the site, for the gateway) and media (video, image-search).
#   docker build --target services -t fanone:0.1.0 .
#   docker build --target media -t fanone-media:0.1.0 .
# What npm installs and the site carry the time SOURCE_EPOCH. Two builds were not compared yet.
ARG NODE_IMAGE=node:24-slim

# What npm reads, alone: packages are installed anew only when this changes.
FROM ${NODE_IMAGE} AS manifests
WORKDIR /app
COPY package.json package-lock.json ./
COPY packages packages
COPY services services
COPY web/package.json web/
RUN find packages services -type f ! -name package.json -delete && find . -type d -empty -delete

FROM ${NODE_IMAGE} AS packages
ARG SOURCE_EPOCH=1767225600
WORKDIR /app
COPY --from=manifests /app ./
RUN npm ci --omit=dev --workspace=packages --workspace=services --ignore-scripts --no-audit --no-fund --cache=/tmp/npm \
  && rm -rf /tmp/npm node_modules/.package-lock.json node_modules/onnxruntime-node/bin/*/darwin node_modules/onnxruntime-node/bin/*/win32 node_modules/onnxruntime-node/bin/*/linux/arm64 \
  && find . -path '*node_modules*' -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.md' \) -delete \
  && find . -exec touch -h -d @${SOURCE_EPOCH} {} +

FROM packages AS packages-without-model
ARG SOURCE_EPOCH=1767225600
RUN rm -rf node_modules/onnxruntime-node node_modules/onnxruntime-common && touch -h -d @${SOURCE_EPOCH} node_modules

FROM manifests AS site
ARG SOURCE_EPOCH=1767225600
RUN npm ci --workspace=web --ignore-scripts --no-audit --no-fund --cache=/tmp/npm && rm -rf /tmp/npm
COPY tsconfig.json ./
COPY packages/contracts packages/contracts
COPY web web
RUN npm exec --workspace=web -- vite build --outDir /site --logLevel warn && find /site -exec touch -h -d @${SOURCE_EPOCH} {} +

FROM ${NODE_IMAGE} AS base
LABEL org.opencontainers.image.title="FanOne" \
  org.opencontainers.image.description="A video community built from Express services with Dapr sidecars" \
  org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production
WORKDIR /app
USER 1000:1000
CMD ["node", "--version"]

FROM base AS services
ARG REVISION=unknown
LABEL org.opencontainers.image.revision=${REVISION}
ENV SITE_FOLDER=/app/site
COPY --from=site /site ./site
COPY --from=packages-without-model /app ./
COPY packages packages
COPY services services

# ffmpeg, and the programs that confine it (prlimit, setpriv, unshare of util-linux), which every Debian has.
FROM base AS media
ARG REVISION=unknown
LABEL org.opencontainers.image.revision=${REVISION}
USER root
RUN apt-get update && apt-get install -y --no-install-recommends ffmpeg \
  && rm -rf /var/lib/apt/lists/* /var/log/* /var/cache/* && prlimit --version && setpriv --version
USER 1000:1000
COPY --from=packages /app ./
COPY packages packages
COPY services services
