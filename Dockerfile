# syntax=docker/dockerfile:1
# The whole service in one image: `node dist/main.js` (API and sessions, the default) or `node dist/worker.js`.

FROM node:26-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
COPY console/package.json console/
RUN npm ci
COPY nest-cli.json tsconfig.json tsconfig.build.json ./
COPY src src
COPY asyncapi.json asyncapi.html ./
COPY console console
COPY supabase/migrations supabase/migrations
COPY supabase/upgrade supabase/upgrade
RUN npm run build && npm prune --omit=dev

FROM node:26-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build --chown=root:root /app/package.json ./
COPY --from=build --chown=root:root /app/node_modules node_modules
COPY --from=build --chown=root:root /app/dist dist
COPY --from=build --chown=root:root /app/asyncapi.json ./
COPY --from=build --chown=root:root /app/asyncapi.html ./
COPY --from=build --chown=root:root /app/supabase supabase
# Process 1: Node as such would hear no signal until it has loaded, and bury nobody.
RUN apt-get update && apt-get install -y --no-install-recommends tini && rm -rf /var/lib/apt/lists/*
# The only places that the service writes to.
RUN install -d -m 700 -o node -g node data data/media logs
USER node
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/health/live`, { signal: AbortSignal.timeout(4000) }).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["tini", "--"]
CMD ["node", "dist/main.js"]
