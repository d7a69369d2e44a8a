import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BuiltService, type ServiceHome } from '../support/built-service.js';
import { makeMigratedHome } from '../support/migrated-copy.js';

let home: ServiceHome;

beforeAll(async () => {
  home = await makeMigratedHome();
});
afterAll(() => home.remove());

it('logs to standard output alone where it is told LOG_FILE=none, also after a log rotation', async () => {
  const service = await BuiltService.start(home, { NODE_ENV: 'test', LOG_FILE: 'none' });
  service.signal('SIGHUP');
  await service.api.call('GET', '/api/whatsapp/instances', undefined, {
    'x-request-id': 'after-the-rotation',
  });
  await expect.poll(() => service.output).toContain('after-the-rotation');
  const ready = await service.api.call<{ checks: object }>('GET', '/health/ready');
  const code = await service.stop('SIGTERM');

  const lines = service.output.trim().split('\n');
  expect(lines.map((line) => JSON.parse(line) as object).length).toBeGreaterThan(3);
  expect(ready).toMatchObject({ status: 200, body: { checks: { logs: { status: 'up' } } } });
  expect(code).toBe(0);
  // Where it would be: in the folder of the process, or where it is by default.
  expect(existsSync(join(tmpdir(), 'none'))).toBe(false);
  expect(existsSync(dirname(home.logFile))).toBe(false);
});
