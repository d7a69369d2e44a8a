import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BuiltService, makeServiceHome, type ServiceHome } from '../support/built-service.js';
import { endProcess } from '../support/end-process.js';
import { freePort } from '../support/free-port.js';
import { PostgresCluster } from '../support/postgres-cluster.js';

let folder: string;
let port: number;
let server: ChildProcess;
let home: ServiceHome;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'auzap-socket-'));
  port = await freePort();
  const cluster = await PostgresCluster.create(folder);
  server = await cluster.serve(port, ['listen_addresses=', `unix_socket_directories=${folder}`]);
  home = await makeServiceHome();
});
afterAll(async () => {
  await endProcess(server, 'SIGINT');
  await home.remove();
  await rm(folder, { recursive: true, force: true });
});

it.each([
  ['without a host', () => `postgres://postgres@:${port}/postgres?host=${folder}`],
  ['with a mode of TLS', () => `postgres://postgres@:${port}/postgres?host=${folder}&sslmode=require`],
  ['as a parameter alone', () => `postgresql:///postgres?user=postgres&port=${port}&host=${folder}`],
])('a Postgres behind a socket of this machine, named %s, is used', async (_name, url) => {
  const service = await BuiltService.start(home, { DATABASE_URL: url() });
  try {
    expect((await service.api.call('GET', '/health/ready')).body).toMatchObject({
      checks: { database: { status: 'up' } },
    });
    expect(service.output).not.toContain('not encrypted');
  } finally {
    expect(await service.stop()).toBe(0);
  }
});
