import { vi } from 'vitest';
import { environmentOf, runToExit } from '../support/built-service.js';
import { BuiltWorker } from '../support/built-worker.js';
import { CONFIGURED } from './secrets-planted.js';
import type { SecretsWorld } from './secrets-world.js';

/** Starts that fail, with secrets in the environment that are mistyped, or no longer right. */
export async function startWrongly(world: SecretsWorld): Promise<void> {
  await startWith(world, 'mistyped', {
    NODE_ENV: 'production',
    SESSION_ENCRYPTION_KEY: `${CONFIGURED.encryptionKey.toString('base64')}x`,
    ADMIN_API_KEY: `${CONFIGURED.adminKey}${'0'.repeat(300)}`,
    SUPABASE_URL: `postgres://service:${CONFIGURED.databasePassword}@project.test`,
    DATABASE_URL: `mysql://service:${CONFIGURED.databasePassword}@project.test`,
    REDIS_URL: `http://:${CONFIGURED.redisPassword}@project.test`,
    SUPABASE_SERVICE_ROLE_KEY: CONFIGURED.serviceRoleKey,
    RATE_LIMIT_KEY: CONFIGURED.jwtSecret,
  });
  const nowhere = world.databaseUrl.replace(/:\d+\/\w+$/, ':9/postgres');
  await startWith(world, 'without database', {
    DATABASE_URL: nowhere,
    SUPABASE_URL: '',
    SUPABASE_SERVICE_ROLE_KEY: '',
    START_WAIT_SECONDS: '0',
  });
  await startWith(world, 'without project', {
    DATABASE_URL: '',
    SUPABASE_URL: 'http://127.0.0.1:9',
    SUPABASE_SERVICE_ROLE_KEY: CONFIGURED.serviceRoleKey,
    START_WAIT_SECONDS: '0',
  });
  await startWithChangedPassword(world);
}

async function startWith(world: SecretsWorld, name: string, changes: Record<string, string>): Promise<void> {
  const home = await world.home(name);
  const environment = { ...world.environment, ...environmentOf(home), ...changes };
  const { code, output } = await runToExit('main.js', environment);
  if (code !== 1) {
    throw new Error(`the start ${name} ended with ${code}`);
  }
  world.noteConsole(name, output);
}

/** A worker whose Redis no longer takes its password. */
async function startWithChangedPassword(world: SecretsWorld): Promise<void> {
  const home = await world.home('locked-out worker');
  const url = new URL(world.redis.url);
  url.password = `${CONFIGURED.redisPassword}-of-last-year`;
  const worker = await BuiltWorker.start({
    ...world.environment,
    ...environmentOf(home),
    REDIS_URL: url.href,
  });
  await vi.waitFor(
    () => worker.lines.some((line) => line.includes('queue error')) || Promise.reject(new Error('no error')),
    { timeout: 60_000, interval: 50 },
  );
  await worker.stop('SIGKILL');
  world.noteConsole('locked-out worker', worker.lines.join('\n'));
}
