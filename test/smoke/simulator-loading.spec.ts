import { randomBytes } from 'node:crypto';
import { copyFile, cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BuiltService, type ServiceHome } from '../support/built-service.js';
import { makeMigratedHome } from '../support/migrated-copy.js';

const ROOT = join(import.meta.dirname, '../..');
const SIMULATOR = join(ROOT, 'dist/simulator');

describe('a build without the files of the simulated network', () => {
  let home: ServiceHome;
  let build: string;

  beforeAll(async () => {
    home = await makeMigratedHome();
    build = await mkdtemp(join(tmpdir(), 'auzap-build-'));
    await cp(join(ROOT, 'dist'), join(build, 'dist'), {
      recursive: true,
      filter: (path) => path !== SIMULATOR,
    });
    await copyFile(join(ROOT, 'package.json'), join(build, 'package.json'));
    await symlink(join(ROOT, 'node_modules'), join(build, 'node_modules'));
    await symlink(join(ROOT, 'supabase'), join(build, 'supabase'));
  });

  afterAll(async () => {
    await home.remove();
    await rm(build, { recursive: true, force: true });
  });

  const start = (environment: Record<string, string>) =>
    BuiltService.start(home, environment, { entry: join(build, 'dist/main.js') });

  it('runs a service of production, which reads none of them', async () => {
    const service = await start({
      NODE_ENV: 'production',
      ADMIN_API_KEY: randomBytes(24).toString('hex'),
      SESSION_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
      QUEUE_DRIVER: 'embedded',
    });

    expect(await service.stop()).toBe(0);
  });

  it('does not run one that simulates the network, which reads them', async () => {
    await expect(start({ NODE_ENV: 'development', WHATSAPP_SIMULATOR: 'true' })).rejects.toThrow(
      /simulator\/whatsapp-simulator\.js/,
    );
  });
});
