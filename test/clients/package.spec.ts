import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { createClient } from '@auzap/client';
import { publint } from 'publint';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ClientHome } from '../support/client-home.js';
import { endProcess } from '../support/end-process.js';

const ROOT = join(import.meta.dirname, '../..');
const PACKAGE = join(ROOT, 'clients/typescript');
const run = promisify(execFile);
const LIMIT = { timeout: 120_000 };

interface Locked {
  dependencies?: Record<string, string>;
}

let folder: string;
let child: ChildProcess | undefined;

/** As a user has it: the tarball in a project of its own. What it depends on comes from this repository's installation, not over the network. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'auzap-package-'));
  const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const { stdout } = await run('npm', pack, { cwd: PACKAGE, ...LIMIT });
  const packed = JSON.parse(stdout) as { filename: string }[] | Record<string, { filename: string }>;
  const [{ filename }] = Object.values(packed) as [{ filename: string }];
  const needed = neededBy('clients/typescript').map((name) => [name, `file:${ROOT}/node_modules/${name}`]);
  const dependencies = { ...Object.fromEntries(needed), '@auzap/client': `file:${filename}` } as object;
  const overrides = Object.fromEntries(needed.map(([name]) => [name, `$${name}`]));
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies, overrides }));
  await run('npm', ['install', '--offline', '--install-links', '--ignore-scripts', '--no-audit'], {
    cwd: folder,
    ...LIMIT,
  });
});
afterAll(async () => {
  await (child && endProcess(child, 'SIGKILL'));
  await rm(folder, { recursive: true, force: true });
});

/** @returns what a workspace depends on, and what that depends on */
function neededBy(workspace: string): string[] {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, Locked>;
  };
  const names = new Set<string>();
  const look = (path: string): void => {
    for (const name of Object.keys(packages[path]?.dependencies ?? {})) {
      if (!names.has(name)) {
        names.add(name);
        look(`node_modules/${name}`);
      }
    }
  };
  look(workspace);
  return [...names];
}

it('is a package as package managers and bundlers want it', async () => {
  const { messages } = await publint({ pkgDir: PACKAGE, pack: false, strict: true });

  expect(messages).toEqual([]);
});

it.each([
  ['an ES module', 'it.mjs', `import { AuzapError, createClient } from '@auzap/client';`],
  ['CommonJS', 'it.cjs', `const { AuzapError, createClient } = require('@auzap/client');`],
])('is loaded by %s, and calls', async (_kind, file, load) => {
  const source = `${load}
    const client = createClient({ url: 'http://127.0.0.1:1', retries: 0 });
    client.me().catch((error) => console.log(error instanceof AuzapError, error.code));
    client.events({ organizationId: 'a', onState: (state, error) => error && (console.log(state, error.code), process.exit()) }).ready();`;
  await writeFile(join(folder, file), source);

  const { stdout } = await run(process.execPath, [file], { cwd: folder, ...LIMIT });

  expect(stdout.trim().split('\n').toSorted()).toEqual(['connecting network_error', 'true network_error']);
});

it.each([
  ['it.mts', ['DOM', 'DOM.Iterable'], []],
  ['it.cts', [], ['node']],
])('has types for %s that stand the strictest compiler', async (file, libraries, types) => {
  const source = `import { type Booking, type ClientEvent, createClient } from '@auzap/client';
    const client = createClient({ url: 'https://example.com', token: async () => 'token' });
    export async function use(): Promise<Booking[]> {
      const { data } = await client.GET('/api/bookings/{id}', { params: { path: { id: 'a' } } });
      const title: string | null = data.booking.title;
      // @ts-expect-error there is no such path
      await client.GET('/api/nothing');
      // @ts-expect-error its id is missing
      await client.GET('/api/bookings/{id}');
      // @ts-expect-error no such status
      await client.bookings.change('a', { status: 'lost' });
      // @ts-expect-error no such event
      client.events().on('whatsapp:nothing', () => undefined);
      const see = (event: ClientEvent): string =>
        event.name === 'whatsapp:message' ? event.payload.text + event.sequence.toFixed() : event.name;
      client.events().onEvery(see);
      client.events().on('whatsapp:booking', ({ bookingId, status }) => [bookingId, status, title]);
      return (await client.bookings.page({ status: 'pending' })).items;
    }`;
  await writeFile(join(folder, file), source);
  if (types.length > 0) {
    await symlink(join(ROOT, 'node_modules/@types'), join(folder, 'node_modules/@types')).catch(
      () => undefined,
    );
  }
  const flags = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--noEmit'];
  const lib = ['--lib', ['ES2023', ...libraries].join(','), ...types.flatMap((name) => ['--types', name])];
  const kind = ['--target', 'ES2022', '--module', 'nodenext', '--skipLibCheck', 'false'];

  const checked = run(join(ROOT, 'node_modules/.bin/tsc'), [...flags, ...lib, ...kind, file], {
    cwd: folder,
    ...LIMIT,
  });

  await expect(checked.catch(({ stdout }: { stdout: string }) => stdout)).resolves.toMatchObject({
    stdout: '',
  });
});

it('tells each event once, in its order, while the service is killed under it', async () => {
  const home = await ClientHome.open();
  await home.link();
  const script = `import { createClient } from '@auzap/client';
    const client = createClient({ url: process.env.URL, token: process.env.TOKEN });
    for await (const { sequence, name } of client.events({ after: 0 })) console.log(sequence, name);`;
  await writeFile(join(folder, 'listen.mjs'), script);
  const lines: string[] = [];
  child = spawn(process.execPath, ['listen.mjs'], {
    cwd: folder,
    env: { PATH: process.env['PATH'], URL: home.url, TOKEN: home.token },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  createInterface({ input: child.stdout! }).on('line', (line) => lines.push(line));

  for (const [round, signal] of (['SIGKILL', 'SIGTERM', 'SIGKILL'] as const).entries()) {
    const before = lines.length;
    for (let number = 0; number < 10; number++) {
      await home.ana.writes(home.owner, `round ${round}, message ${number}`);
    }
    await expect.poll(() => lines.length).toBeGreaterThan(before);
    await home.restart(signal, 200);
  }
  await home.ana.writes(home.owner, 'the last one');

  const client = createClient({ url: home.url, token: home.token });
  const listed = async () => {
    const { data } = await client.GET('/api/events', { params: { query: { after: 0, limit: 500 } } });
    return data.events;
  };
  const texts = async () => (await listed()).filter(({ name }) => name === 'whatsapp:message').length;
  await expect.poll(texts, { timeout: 60_000 }).toBe(31);
  const expected = (await listed()).map(({ sequence, name }) => `${sequence} ${name}`);
  await expect.poll(() => lines.length, { timeout: 60_000 }).toBeGreaterThanOrEqual(expected.length);
  expect(lines.slice(0, expected.length)).toEqual(expected);
  await home.close();
});
