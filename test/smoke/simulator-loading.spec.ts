import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BuiltService, makeServiceHome, type ServiceHome } from '../support/built-service.js';

const RECORDER = pathToFileURL(join(import.meta.dirname, '../support/record-modules.ts')).href;

let home: ServiceHome;

beforeEach(async () => {
  home = await makeServiceHome();
});

afterEach(() => home.remove());

/** @returns the files of the build that a service reads from its start until it answers, relative to `dist/` */
async function filesReadBy(environment: Record<string, string>): Promise<string[]> {
  const file = join(home.dataDir, '../modules.txt');
  await rm(file, { force: true });
  const service = await BuiltService.start(home, {
    ...environment,
    NODE_OPTIONS: `--import=${RECORDER}`,
    RECORDED_MODULES: file,
  });
  expect(await service.stop()).toBe(0);
  const urls = (await readFile(file, 'utf8')).split('\n');
  return urls.flatMap((url) => url.split('/dist/')[1] ?? []).filter((path) => path.endsWith('.js'));
}

describe('the simulated network', () => {
  const isOfSimulator = (path: string) => path.startsWith('simulator/');

  it('is not read by a service of production', async () => {
    const files = await filesReadBy({
      NODE_ENV: 'production',
      ADMIN_API_KEY: randomBytes(24).toString('hex'),
      SESSION_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
      QUEUE_DRIVER: 'embedded',
    });

    expect(files).toContain('service.js');
    expect(files.filter(isOfSimulator)).toEqual([]);
  });

  it('is read where it runs', async () => {
    const files = await filesReadBy({ NODE_ENV: 'development', WHATSAPP_SIMULATOR: 'true' });

    expect(files).toContain('simulator/whatsapp-simulator.js');
  });
});
