# dms-live in an image: `docker build -t dms-live .`, or podman, or buildah. README of the deployment: deploy/README.md.

# What it runs on, and what it is built with. Both need the same C library, and the second one Node and npm.
ARG BASE=debian:bookworm-slim
ARG BUILD_BASE=node:24-bookworm-slim

FROM ${BUILD_BASE} AS build
WORKDIR /build
COPY package.json package-lock.json ./
COPY packages/sharing/package.json packages/sharing/
COPY client/package.json client/
COPY demo/server/package.json demo/server/
COPY demo/app/package.json demo/app/
RUN npm ci --ignore-scripts --include-workspace-root --workspace yoga-shared-subscriptions
COPY tsconfig.json tsconfig.build.json ./
COPY packages/sharing packages/sharing
COPY src src
COPY release/programs.mjs release/
RUN npm run build:server
# The same again, without what only a build needs.
RUN npm ci --ignore-scripts --include-workspace-root --workspace yoga-shared-subscriptions --omit=dev \
    && find node_modules dist packages/sharing/dist -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.cts' -o -name '*.d.mts' \) -delete
# Node without npm: nothing is installed in the image.
RUN mkdir -p /image/app/packages/sharing /image/usr/local/bin \
    && cp "$(command -v node)" /image/usr/local/bin/node \
    && cp -R package.json dist node_modules /image/app/ \
    && cp -R packages/sharing/package.json packages/sharing/dist /image/app/packages/sharing/
COPY schema.graphql LICENSE /image/app/
COPY contract /image/app/contract

FROM ${BASE}
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="dms-live" \
      org.opencontainers.image.description="Authorized, typed GraphQL subscriptions for a document management system, fed by Redis" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /image /
WORKDIR /app
ENV NODE_ENV=production HOST=0.0.0.0
# As much room for new objects as Node 20 takes. Node 24 takes more: 70 MB with 5,000 sockets, and connections cost no less for it.
ENV NODE_OPTIONS=--max-semi-space-size=16
# A number, so that Kubernetes can see that it is not root. The server writes no file.
USER 10001:10001
EXPOSE 4000
STOPSIGNAL SIGTERM
# The probes are on METRICS_PORT where there is one.
HEALTHCHECK --interval=15s --timeout=3s --start-period=15s --retries=3 \
    CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.METRICS_PORT || process.env.PORT || 4000}/health`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# No shell: node is process 1, gets SIGTERM itself, and ends when its clients have been sent elsewhere.
ENTRYPOINT ["node", "dist/cli/main.js"]
CMD ["serve"]
