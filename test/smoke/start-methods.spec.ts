import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ApiClient } from '../support/api-client.js';
import type { BuiltService } from '../support/built-service.js';
import { Deployment } from '../support/deployment.js';
import { listen } from '../support/event-collector.js';
import { freePort } from '../support/free-port.js';
import { childrenOf, ContainedProcess } from '../support/contained-process.js';
import { NodeCluster, ORGANIZATION } from '../support/node-cluster.js';
import { TestRedis } from '../support/redis.js';
import { startSharedStore } from '../support/store-under-test.js';
import { ensureProgram } from '../support/system-package.js';
import {
  documented,
  imageCommand,
  type Started,
  type StartMethod,
  START_METHODS,
  WORKER,
} from './start-methods.js';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../..');
/** What the documentation gives the service to end. */
const GRACE_MS = 50_000;
/** Longer than the test waits: what comes to the other node before was handed over. */
const LEASE_SECONDS = '120';

let deployment: Deployment | undefined;
let started: Started | undefined;

afterEach(async () => {
  await started?.end();
  started = undefined;
  await deployment?.remove();
  deployment = undefined;
});

describe('a node that is stopped', () => {
  let cluster: NodeCluster;
  let other: BuiltService;

  beforeAll(async () => {
    cluster = await NodeCluster.start();
    other = await cluster.add('other', { LEASE_SECONDS });
  });
  afterAll(() => cluster.stop());

  describe.each(START_METHODS.map((method): [string, StartMethod] => [method.name, method]))(
    'and was started by %s',
    (_name, method) => {
      beforeAll(() => method.prepare?.());
      afterAll(() => method.clear?.());

      it('ends in time, leaves nothing behind, and the other node has its numbers at once', async () => {
        const port = await freePort();
        const name = `node-${port}`;
        deployment = await Deployment.make({
          ...cluster.environment(name),
          LEASE_SECONDS,
          PORT: String(port),
        });
        started = await method.start(deployment);
        await expect.poll(() => deployment!.log()).toContain('"service started"');
        const node = new ApiClient(`http://127.0.0.1:${port}`);
        const events = await listen(other.url, ORGANIZATION);
        const phone = cluster.simulator.addPhone({
          number: `55119${randomInt(80_000_000, 99_999_999)}`,
          name: 'Owner',
        });
        const id = await node.createInstance(ORGANIZATION, phone.number);
        await phone.types(await node.pairingCode(id));
        const isOfIt = ({ instanceId }: { instanceId: string }) => instanceId === id;
        await events.next('whatsapp:connected', isOfIt);
        expect(await cluster.owners()).toEqual({ [id]: name });

        const stoppedAt = performance.now();
        await started.stop();

        expect(performance.now() - stoppedAt).toBeLessThan(GRACE_MS);
        expect(await deployment.processes()).toEqual([]);
        await events.count('whatsapp:connected', 2, isOfIt);
        expect(await cluster.owners()).toEqual({ [id]: 'other' });
        const log = await deployment.log();
        expect(log).toContain('"service stopped"');
        expect(log).not.toMatch(/second signal|shutdown took too long/);
        events.close();
        await other.api.call('DELETE', `/api/whatsapp/instances/${id}`);
      });
    },
  );
});

it('a worker of npm run worker ends in order, and leaves nothing behind', async () => {
  const [store, redis] = await Promise.all([startSharedStore(), TestRedis.start()]);
  try {
    deployment = await Deployment.make({
      ...store.environment,
      REDIS_URL: redis.url,
      SESSION_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
    });
    started = await WORKER.start(deployment);
    await expect.poll(() => deployment!.log()).toContain('"Message worker started"');

    await started.stop();

    expect(await deployment.processes()).toEqual([]);
    expect(await deployment.log()).toContain('"service stopped"');
  } finally {
    await started?.end();
    await redis.stop();
    await store.stop();
  }
});

it('the unit is one that systemd takes', async () => {
  await ensureProgram({
    command: ['systemd-analyze', '--version'],
    debian: 'systemd',
    elsewhere: 'a machine with systemd',
  });
  const unit = await documented('# systemd');
  const folder = await mkdtemp(join(tmpdir(), 'auzap-unit-'));
  try {
    const file = join(folder, 'auzap.service');
    await writeFile(file, unit);

    const { stdout, stderr } = await run('systemd-analyze', ['verify', '--man=no', file]);

    expect(stdout + stderr).not.toContain('auzap.service');
    expect(unit).toMatch(/^TimeoutStopSec=50$/m);
    expect(unit).toMatch(/^KillMode=mixed$/m);
  } finally {
    await rm(folder, { recursive: true });
  }
});

describe('process 1 of the image', () => {
  it('hears a signal while Node is still loading', async () => {
    deployment = await Deployment.make({ PORT: '0' });
    const container = ContainedProcess.run(await imageCommand(), deployment.environment, deployment.folder);
    let output = '';
    container.onOutput((text) => (output += text));
    const nodeOf = () => (container.firstPid === undefined ? [] : childrenOf(container.firstPid));
    await expect.poll(nodeOf, { interval: 1 }).toHaveLength(1);

    container.signal('SIGTERM');

    await container.ended();
    expect(output).not.toContain('"service started"');
  });

  it('buries what others leave', async () => {
    deployment = await Deployment.make({ PORT: '0' });
    const container = ContainedProcess.run(await imageCommand(), deployment.environment, deployment.folder);
    container.onOutput(() => undefined);
    started = {
      stop: () => Promise.resolve(),
      end: async () => {
        container.signal('SIGKILL');
        await container.ended();
      },
    };
    const processes = () => (container.firstPid === undefined ? [] : childrenOf(container.firstPid));
    await expect.poll(processes).toHaveLength(1);
    const [service] = processes();

    // The shell ends at once, and what it started is process 1's then.
    await container.exec(['sh', '-c', 'true & sleep 0.2 &']);

    await expect.poll(processes).toEqual([service]);
  });
});

it('gives each service of Compose the time that it needs, and no shell that keeps signals', async () => {
  const compose = await readFile(join(ROOT, 'docker-compose.yml'), 'utf8');
  const own = compose.slice(compose.indexOf('x-service:'), compose.indexOf('\nservices:'));

  expect(own).toMatch(/^ {2}stop_grace_period: 50s$/m);
  expect(compose.match(/<<: \*service$/gm)).toHaveLength(3);
  expect([...compose.matchAll(/^ {4}command: (.*)$/gm)].map(([, command]) => command!.slice(0, 1))).toEqual([
    '[',
    '[',
  ]);
  const [tini, ...rest] = await imageCommand();
  expect([tini, ...rest]).toEqual(['tini', '--', 'node', 'dist/main.js']);
});

it('gives all services of Compose one folder for files, which the image has for their user', async () => {
  const compose = await readFile(join(ROOT, 'docker-compose.yml'), 'utf8');

  expect(compose.match(/-data:\/app\/data, media:\/app\/data\/media\]$/gm)).toHaveLength(4);
  expect(await readFile(join(ROOT, 'Dockerfile'), 'utf8')).toMatch(/-o node -g node .*\bdata\/media\b/);
});
