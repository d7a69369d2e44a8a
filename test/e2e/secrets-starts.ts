import { vi } from 'vitest';
import { environmentOf, runToExit } from '../support/built-service.js';
import { BuiltWorker } from '../support/built-worker.js';
import { CONFIGURED } from './secrets-planted.js';
import type { SecretsFixture } from './secrets-fixture.js';

/** Starts that fail, with secrets in the environment that are mistyped, or no longer right. */
export async function startWrongly(fixture: SecretsFixture): Promise<void> {
  await startWith(fixture, 'mistyped', {
    NODE_ENV: 'production',
    SESSION_ENCRYPTION_KEY: `${CONFIGURED.encryptionKey.toString('base64')}x`,
    ADMIN_API_KEY: `${CONFIGURED.adminKey}${'0'.repeat(300)}`,
    SUPABASE_URL: `postgres://service:${CONFIGURED.databasePassword}@project.test`,
    DATABASE_URL: `mysql://service:${CONFIGURED.databasePassword}@project.test`,
    REDIS_URL: `http://:${CONFIGURED.redisPassword}@project.test`,
    SUPABASE_SERVICE_ROLE_KEY: CONFIGURED.serviceRoleKey,
    RATE_LIMIT_KEY: CONFIGURED.jwtSecret,
  });
  const nowhere = fixture.databaseUrl.replace(/:\d+\/\w+$/, ':9/postgres');
  await startWith(fixture, 'without database', {
    DATABASE_URL: nowhere,
    SUPABASE_URL: '',
    SUPABASE_SERVICE_ROLE_KEY: '',
    START_WAIT_SECONDS: '0',
  });
  await startWith(fixture, 'without project', {
    DATABASE_URL: '',
    SUPABASE_URL: 'http://127.0.0.1:9',
    SUPABASE_SERVICE_ROLE_KEY: CONFIGURED.serviceRoleKey,
    START_WAIT_SECONDS: '0',
  });
  await startWithChangedPassword(fixture);
}

async function startWith(
  fixture: SecretsFixture,
  name: string,
  changes: Record<string, string>,
): Promise<void> {
  const home = await fixture.home(name);
  const environment = { ...fixture.environment, ...environmentOf(home), ...changes };
  const { code, output } = await runToExit('main.js', environment);
  if (code !== 1) {
    throw new Error(`the start ${name} ended with ${code}`);
  }
  fixture.noteConsole(name, output);
}

/** A worker whose Redis no longer takes its password. */
async function startWithChangedPassword(fixture: SecretsFixture): Promise<void> {
  const home = await fixture.home('locked-out worker');
  const url = new URL(fixture.redis.url);
  url.password = `${CONFIGURED.redisPassword}-of-last-year`;
  const worker = await BuiltWorker.start({
    ...fixture.environment,
    ...environmentOf(home),
    REDIS_URL: url.href,
  });
  await vi.waitFor(
    () => worker.lines.some((line) => line.includes('queue error')) || Promise.reject(new Error('no error')),
    { timeout: 60_000, interval: 50 },
  );
  await worker.stop('SIGKILL');
  fixture.noteConsole('locked-out worker', worker.lines.join('\n'));
}
