import { randomBytes } from 'node:crypto';
import { copyFile, cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BuiltService, type ServiceHome } from '../support/built-service.js';
import { makeMigratedHome } from '../support/migrated-copy.js';

const ROOT = join(import.meta.dirname, '../..');
const LIBRARIES = join(ROOT, 'node_modules');
/** What belongs to Redis, to other stores, to users of Supabase, and to pictures, voice notes and QR codes. */
const FOR_SOME = new Set([
  '@aws-sdk/client-s3',
  '@bull-board/api',
  '@bull-board/express',
  '@nestjs/bullmq',
  'bullmq',
  'ioredis',
  'jose',
  'opus-decoder',
  'pg',
  'qrcode',
  'sharp',
  'undici',
]);

describe('a build without the libraries that only some configurations need', () => {
  let home: ServiceHome;
  let build: string;

  beforeAll(async () => {
    home = await makeMigratedHome();
    build = await mkdtemp(join(tmpdir(), 'auzap-build-'));
    await cp(join(ROOT, 'dist'), join(build, 'dist'), { recursive: true });
    await copyFile(join(ROOT, 'package.json'), join(build, 'package.json'));
    await symlink(join(ROOT, 'supabase'), join(build, 'supabase'));
    await mkdir(join(build, 'node_modules'));
    for (const name of await librariesIn(LIBRARIES)) {
      if (!FOR_SOME.has(name)) {
        await mkdir(join(build, 'node_modules', name, '..'), { recursive: true });
        await symlink(join(LIBRARIES, name), join(build, 'node_modules', name));
      }
    }
  });

  afterAll(async () => {
    await home.remove();
    await rm(build, { recursive: true, force: true });
  });

  const start = (environment: Record<string, string>) =>
    BuiltService.start(
      home,
      {
        NODE_ENV: 'production',
        ADMIN_API_KEY: randomBytes(24).toString('hex'),
        SESSION_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
        ...environment,
      },
      { entry: join(build, 'dist/main.js') },
    );

  it('runs a service over the embedded database, which reads none of them', async () => {
    const service = await start({ QUEUE_DRIVER: 'embedded' });

    expect(await service.stop()).toBe(0);
  });

  it.each([
    ['REDIS_URL', { REDIS_URL: 'redis://127.0.0.1:9', QUEUE_DRIVER: 'bullmq' }, /package '@nestjs\/bullmq'/],
    [
      'DATABASE_URL',
      { DATABASE_URL: 'postgres://nobody@127.0.0.1:9/none', QUEUE_DRIVER: 'embedded' },
      /package 'pg'/,
    ],
    [
      'SUPABASE_JWT_SECRET',
      { SUPABASE_JWT_SECRET: randomBytes(32).toString('hex'), QUEUE_DRIVER: 'embedded' },
      /package 'jose'/,
    ],
  ])('does not run one with %s, which reads its own', async (_name, environment, library) => {
    await expect(start(environment)).rejects.toThrow(library);
  });
});

/** @returns the names of what is installed, e.g. `@nestjs/core` */
async function librariesIn(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.'));
  const found = names.map(async (name) =>
    name.startsWith('@') ? (await readdir(join(folder, name))).map((within) => `${name}/${within}`) : [name],
  );
  return (await Promise.all(found)).flat();
}
