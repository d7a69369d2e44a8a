import { mkdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runSql } from '../../src/supabase/sql-client.js';
import { QuotaDisk } from '../chaos/quota-disk.js';
import { RunResources } from '../chaos/run-resources.js';
import { BuiltService, environmentOf, runToExit, type ServiceHome } from '../support/built-service.js';
import { makeMigratedHome } from '../support/migrated-copy.js';

interface Ready {
  status: string;
  checks: {
    logs: { status: string; reason?: string; dropped: number };
    database: { status: string };
  };
}

let running: BuiltService | undefined;

async function endRunning(): Promise<void> {
  const service = running;
  running = undefined;
  await service?.stop('SIGKILL');
}

async function readinessOf(service: BuiltService): Promise<Ready> {
  return (await service.api.call<Ready>('GET', '/health/ready')).body;
}

describe('a log file that can not be written', () => {
  let home: ServiceHome;

  beforeEach(async () => {
    home = await makeMigratedHome();
    await mkdir(dirname(home.logFile));
  });
  afterEach(async () => {
    await endRunning();
    await home.remove();
  });

  it('on a full disk costs lines and nothing else, and tells how many once there is room', async () => {
    // A disk that is always full.
    await symlink('/dev/full', home.logFile);
    running = await BuiltService.start(home);
    await running.api.createInstance('org_123');
    expect(await readinessOf(running)).toMatchObject({
      status: 'degraded',
      checks: { logs: { status: 'dropping', reason: 'ENOSPC' } },
    });
    expect(running.output).toMatch(/"component":"logs".*"reason":"ENOSPC".*are dropped from now on/);

    await rm(home.logFile);

    await expect
      .poll(() => readFile(home.logFile, 'utf8').catch(() => ''))
      .toMatch(/"place":"file","reason":"ENOSPC","dropped":[1-9]\d*,.*"log lines were dropped"/);
    expect(await readinessOf(running)).toMatchObject({ status: 'ready', checks: { logs: { status: 'up' } } });
    expect(await running.stop('SIGTERM')).toBe(0);
    running = undefined;
  });

  it('because its folder vanished is made again', async () => {
    running = await BuiltService.start(home);
    await rename(dirname(home.logFile), `${dirname(home.logFile)}-moved`);

    await expect
      .poll(async () => {
        await running!.api.createInstance('org_123');
        return readFile(home.logFile, 'utf8').catch(() => '');
      })
      .toContain('"component"');
  });

  it('because its folder is none does not keep the service from starting', async () => {
    running = await BuiltService.start(home, { LOG_FILE: '/dev/null/app.log' });

    expect(await readinessOf(running)).toMatchObject({
      status: 'degraded',
      checks: { logs: { status: 'dropping', reason: expect.stringMatching(/^E/) as string } },
    });
  });
});

describe('standard output', () => {
  let home: ServiceHome;

  beforeEach(async () => {
    home = await makeMigratedHome();
  });
  afterEach(async () => {
    await endRunning();
    await home.remove();
  });

  it.each([
    ['that nobody reads', (service: BuiltService) => service.stopReading()],
    ['that was closed', (service: BuiltService) => service.closeOutput()],
  ])('%s holds up nothing', async (_name, spoil) => {
    running = await BuiltService.start(home, { RATE_LIMIT_ADDRESS: '0' });
    spoil(running);

    // More than a pipe and what may wait for it take: each call is a line of 6 kB.
    const longPath = `/api/${'segment-of-a-path/'.repeat(350)}`;
    for (let round = 0; round < 6; round += 1) {
      const answers = await Promise.all(Array.from({ length: 80 }, () => running!.api.call('GET', longPath)));
      expect(answers.every(({ status }) => status === 404)).toBe(true);
    }

    expect((await readinessOf(running)).checks.logs.dropped).toBeGreaterThan(0);
    expect(await running.stop('SIGTERM')).toBe(0);
    running = undefined;
  });
});

describe('the disk of the embedded database', () => {
  let resources: RunResources;
  let disk: QuotaDisk | undefined;

  beforeEach(async () => {
    resources = await RunResources.open();
    disk = await QuotaDisk.mount(resources);
  });
  afterEach(async () => {
    await endRunning();
    await resources.close();
  });

  it('may be full at the start, while it runs and at the end: nothing that was confirmed is lost', async ({
    skip,
  }) => {
    if (disk === undefined) {
      skip('who may not mount a disk can not try it: run this as root');
      return;
    }
    const home = {
      dataDir: join(disk.path, 'data'),
      logFile: join(disk.path, 'logs/app.log'),
      remove: () => Promise.resolve(),
    };
    const confirmed: string[] = [];
    const create = async (service: BuiltService) => {
      const { status, body } = await service.api.call<{ instance?: { id: string } }>(
        'POST',
        '/api/whatsapp/instances',
        { organization_id: 'org_123', instance_name: 'One' },
      );
      if (status === 200) {
        confirmed.push(body.instance!.id);
      }
      return status;
    };

    await disk.fill();
    const refused = await runToExit('main.js', environmentOf(home));
    expect(refused.code).toBe(1);
    expect(refused.output).toMatch(/DATA_DIR .*(no space left|is full)/i);

    disk.free();
    running = await BuiltService.start(home);
    expect(await create(running)).toBe(200);
    await disk.fill();
    // Wants a new file of the write-ahead log, as any statement may.
    await runSql({ dataDir: home.dataDir }, 'select pg_switch_wal()');
    const duringIt = await Promise.all(Array.from({ length: 20 }, () => create(running!)));
    expect(duringIt).toContain(503);
    expect((await running.api.call('GET', '/health/live')).status).toBe(200);
    expect(await readinessOf(running)).toMatchObject({
      status: 'unavailable',
      checks: { database: { status: 'down' } },
    });

    disk.free();
    await expect.poll(() => create(running!)).toBe(200);
    await expect.poll(async () => (await readinessOf(running!)).status).toBe('ready');

    await disk.fill();
    await create(running);
    expect(await running.stop('SIGTERM')).toBe(0);
    const stillFull = await runToExit('main.js', environmentOf(home));
    expect(stillFull.code).toBe(1);
    expect(stillFull.output).toMatch(/The disk of DATA_DIR .* is full: make room for at least 33 MiB/);

    disk.free();
    running = await BuiltService.start(home);
    const { body } = await running.api.call<{ instances: { id: string }[] }>(
      'GET',
      '/api/whatsapp/instances?organization_id=org_123&limit=100',
    );
    expect(body.instances.map(({ id }) => id)).toEqual(expect.arrayContaining(confirmed));
    await running.stop('SIGTERM');
    running = undefined;
  });
});
