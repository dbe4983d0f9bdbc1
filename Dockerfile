# The image holds the program alone. Configuration is mounted at /etc/lumen, data live in the volume /var/lib/lumen, secrets come by
# the environment (docs/deploying.md). tests/deploy/image.test.ts takes these steps without Docker.
ARG NODE=24-bookworm-slim

# Build tools stay in this stage.
FROM node:${NODE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN ["npm", "ci", "--ignore-scripts"]
COPY . .
RUN ["npm", "run", "build"]
# Whatever the umask of the checkout was: readable for the user of the process, writable for none but root.
RUN ["chmod", "-R", "u=rwX,go=rX", "."]

# What runs needs no compiler: the binaries of argon2 are a part of its package.
FROM node:${NODE} AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN ["npm", "ci", "--omit=dev", "--ignore-scripts"]

FROM node:${NODE}
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=8080 \
    LUMEN_CONFIG=/etc/lumen/config.yaml \
    LUMEN_DATA=/var/lib/lumen/data
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/package.json /app/LICENSE /app/gateway.config.yml /app/system.config.yml ./
COPY --from=build /app/dist ./dist
COPY --from=build /app/bin/lumen.js ./bin/lumen.js
COPY --from=build /app/core/stores/postgres/migrations ./core/stores/postgres/migrations
COPY --from=build /app/docs/help ./docs/help
COPY --from=build /app/public ./public
COPY --from=build /app/themes ./themes
COPY --from=build /app/views ./views
RUN ["install", "-d", "-m", "0700", "-o", "node", "-g", "node", "/var/lib/lumen"]
RUN ["ln", "-s", "/app/bin/lumen.js", "/usr/local/bin/lumen"]

# The user `node` of the base image, by number, so that Kubernetes can see that it is not root.
USER 1000:1000
VOLUME /var/lib/lumen
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --start-interval=1s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--single-threaded-gc", "/app/bin/lumen.js"]
CMD ["start"]
