import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BuiltService, makeServiceHome, type ServiceHome } from '../support/built-service.js';
import { linkPackages } from '../support/deployment.js';

const ROOT = join(import.meta.dirname, '../..');
/** Lines of the Dockerfile that bring something from here into the build, and from the build into the image. */
const BROUGHT = /^COPY ([\w./ -]+) \S+$/gm;
const KEPT = /^COPY --from=build --chown=root:root \/app\/(\S+) \S+$/gm;

let image: string;
let home: ServiceHome;
beforeEach(async () => {
  image = await mkdtemp(join(tmpdir(), 'auzap-image-'));
  home = await makeServiceHome();
});
afterEach(async () => {
  await home.remove();
  await rm(image, { recursive: true, force: true });
});

const pathsIn = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].flatMap(([, paths]) => paths!.split(' '));

it('has what the service needs to start, and to migrate a database', async () => {
  const dockerfile = await readFile(join(ROOT, 'Dockerfile'), 'utf8');
  const ignored = await readFile(join(ROOT, '.dockerignore'), 'utf8');
  const brought = pathsIn(dockerfile, BROUGHT);
  // What is made by the build, or brought as it is.
  const kept = pathsIn(dockerfile, KEPT).filter((path) => path !== 'node_modules');
  for (const path of kept.filter((one) => one !== 'supabase')) {
    await cp(join(ROOT, path), join(image, path), { recursive: true });
  }
  for (const path of brought.filter((one) => one.startsWith('supabase/'))) {
    expect(ignored).toContain(`!${path}\n`);
    await cp(join(ROOT, path), join(image, path), { recursive: true });
  }
  await linkPackages(image);

  const service = await BuiltService.start(home, {}, { entry: join(image, 'dist/main.js') });
  const { status } = await service.api.call('GET', '/health/ready');
  const { status: page } = await service.api.call('GET', '/api/events-docs');

  expect(await service.stop()).toBe(0);
  expect(status).toBe(200);
  expect(page).toBe(200);
  expect(kept).toEqual(['package.json', 'dist', 'asyncapi.json', 'asyncapi.html', 'supabase']);
  expect((await readdir(join(image, 'supabase'))).toSorted()).toEqual(['migrations', 'upgrade']);
  expect(await readdir(join(image, 'supabase/upgrade'))).not.toEqual([]);
});
