import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BuiltService, environmentOf, runToExit } from '../support/built-service.js';
import { makeMigratedHome } from '../support/migrated-copy.js';

const SECRET = 'd1f0c2b3a49586776859a4b3c2d1e0f9';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'auzap-env-file-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function envFile(content: string | Buffer): Promise<void> {
  await writeFile(join(folder, '.env'), content, { mode: 0o600 });
}

/** In UTF-16, big end first. */
function bigEndian(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}

function run(entry: string, environment: Record<string, string> = {}, args: string[] = []) {
  return runToExit(entry, environment, args, undefined, folder);
}

/** The first variable is the one that a mark hides. */
const FAULTY = 'PORT=first\nAUTH_MODE=second\n';

describe('a .env file', () => {
  it.each([
    ['UTF-8', Buffer.from(FAULTY)],
    ['UTF-8 with a byte order mark', Buffer.from(`\uFEFF${FAULTY}`)],
    ['UTF-16 as PowerShell writes it', Buffer.from(`\uFEFF${FAULTY.replaceAll('\n', '\r\n')}`, 'utf16le')],
    ['UTF-16 LE without a mark', Buffer.from(FAULTY, 'utf16le')],
    ['UTF-16 BE', bigEndian(`\uFEFF${FAULTY}`)],
    ['UTF-16 BE without a mark', bigEndian(FAULTY)],
    ['with export and quotes', Buffer.from(`export PORT="first"\r\n  AUTH_MODE='second' # both\r\n`)],
  ])('is read whole: %s', async (_name, content) => {
    await envFile(content);

    const { code, output } = await run('main.js');

    expect(code).toBe(1);
    expect(output).toContain('PORT must be a whole number');
    expect(output).toContain('AUTH_MODE must be one of');
  });

  it.each([
    ['NUL bytes', 'AUTH_MODE=required\nLOG_LEVEL=in\0fo\n', /\.env holds NUL bytes/],
    [
      'another encoding',
      Buffer.from(`ADMIN_API_KEY=${SECRET}\xe9\n`, 'latin1'),
      /ADMIN_API_KEY in \.env holds char/,
    ],
    [
      'YAML',
      `AUTH_MODE: required\nADMIN_API_KEY: ${SECRET}\n`,
      /AUTH_MODE in line 1 of \.env is not set by it/,
    ],
    ['PowerShell', `$env:ADMIN_API_KEY = "${SECRET}"\n`, /ADMIN_API_KEY in line 1 of \.env is not set by it/],
    ['cmd', `set ADMIN_API_KEY=${SECRET}\n`, /ADMIN_API_KEY in line 1 of \.env is not set by it/],
    ['no =', `\nADMIN_API_KEY ${SECRET}\n`, /ADMIN_API_KEY in line 2 of \.env is not set by it/],
    [
      'open quotes',
      `NAME="x\nAUTH_MODE=required\nOTHER="y"\n`,
      /AUTH_MODE in line 2 of \.env is inside the quotes/,
    ],
    ['open quotes of ours', `LOG_FILE="x\nNAME="y"\n`, /LOG_FILE must not hold line breaks/],
  ])('is refused with a sentence: %s', async (_name, content, sentence) => {
    await envFile(content);

    const { code, output } = await run('main.js');

    expect(code).toBe(1);
    expect(output).toMatch(sentence);
    expect(output).not.toContain(SECRET);
    expect(output).not.toMatch(/\n\s+at /);
  });

  it('is refused where it is a folder', async () => {
    await mkdir(join(folder, '.env'));

    expect(await run('main.js')).toMatchObject({
      code: 1,
      output: expect.stringMatching(/\.env is a folder/),
    });
  });

  it('is refused where it is a link that leads nowhere', async () => {
    await symlink('/nowhere/env', join(folder, '.env'));

    expect(await run('main.js')).toMatchObject({
      code: 1,
      output: expect.stringMatching(/leads nowhere/),
    });
  });

  it('names beside a fault what may be misspelt, and no value', async () => {
    await envFile(`PORT=x\nADMIN_KEY=${SECRET}\n`);

    const { output } = await run('main.js', { API_KEYS: SECRET });

    for (const name of ['ADMIN_KEY', 'API_KEYS']) {
      expect(output).toContain(`${name} is no variable of this service: was ADMIN_API_KEY meant?`);
    }
    expect(output).not.toContain(SECRET);
  });
});

describe.each([
  ['worker.js', []],
  ['admin-cli.js', ['list-keys']],
])('a .env file of %s', (entry, args) => {
  it('is read in UTF-16, and what may be misspelt in it is named', async () => {
    await envFile(Buffer.from(`\uFEFF${FAULTY}ADMIN_KEY=${SECRET}\r\n`, 'utf16le'));

    const { code, output } = await run(entry, {}, args);

    expect(code).toBe(1);
    expect(output).toContain('PORT must be a whole number');
    expect(output).toContain('ADMIN_KEY is no variable of this service: was ADMIN_API_KEY meant?');
    expect(output).not.toContain(SECRET);
  });

  it('is refused with a sentence', async () => {
    await envFile(`AUTH_MODE: required\n`);

    const { code, output } = await run(entry, {}, args);

    expect(code).toBe(1);
    expect(output).toMatch(/AUTH_MODE in line 1 of \.env is not set by it/);
    expect(output).not.toMatch(/\n\s+at /);
  });
});

describe('npm run sql', () => {
  it('refuses a .env file that it can not use, with 2', async () => {
    await envFile('DATABASE_URL: postgres://db/auzap\n');

    const { code, output } = await run('supabase/sql-cli.js', {}, ['select 1']);

    expect(code).toBe(2);
    expect(output).toContain('DATABASE_URL in line 1 of .env is not set by it');
  });

  it('says that the address of the database may be misspelt', async () => {
    await envFile(Buffer.from(`\uFEFFDATABASE_URI=postgres://db/auzap\n`, 'utf16le'));

    const { output } = await run('supabase/sql-cli.js', {}, ['select 1']);

    expect(output).toContain('DATABASE_URI is no variable of this service: was DATABASE_URL meant?');
  });
});

describe('the built service', () => {
  it('is closed where a .env of PowerShell says so, and warns by name of what it does not know', async () => {
    const home = await makeMigratedHome();
    const lines = [
      'AUTH_MODE=required',
      `ADMIN_API_KEY=${SECRET}`,
      `SESSION_KEY=${SECRET}`,
      'TRUST_PROXY=1',
      'TRUST_PROXY=2',
      'POSTGRES_PASSWORD=x',
      '',
    ];
    await envFile(Buffer.from(`\uFEFF${lines.join('\r\n')}`, 'utf16le'));
    const service = await BuiltService.start(home, { API_KEYS: SECRET, HOST: '127.0.0.1' }, { cwd: folder });

    const refused = await service.api.call('GET', '/api/whatsapp/instances');
    const allowed = await service.api.call('GET', '/api/whatsapp/instances', undefined, {
      authorization: `Bearer ${SECRET}`,
    });
    await service.stop();
    const log = (await readFile(home.logFile, 'utf8')).trim().split('\n');
    await home.remove();

    expect([refused.status, allowed.status]).toEqual([401, 200]);
    const warnings = log
      .map((line) => JSON.parse(line) as { warning?: string })
      .flatMap(({ warning }) => warning ?? []);
    expect(warnings.toSorted()).toEqual([
      'API_KEYS is no variable of this service: was ADMIN_API_KEY meant?',
      'SESSION_KEY is no variable of this service: was SESSION_ENCRYPTION_KEY meant?',
      'TRUST_PROXY is in .env more than once, with different values: the last one counts',
    ]);
    expect(log.join('\n')).not.toContain(SECRET);
  });

  it('warns of nothing where a shell, npm and a platform set what they do', async () => {
    const home = await makeMigratedHome();
    const { PATH: _path, ...surroundings } = environmentOf(home);
    const service = await BuiltService.start(home, {
      ...surroundings,
      npm_lifecycle_event: 'start',
      npm_config_loglevel: 'notice',
      NODE_VERSION: '26.10.0',
      HOSTNAME: 'auzap-1',
      KUBERNETES_SERVICE_HOST: '10.0.0.1',
      REDIS_PORT: 'tcp://10.0.0.2:6379',
      PGPASSWORD: 'x',
    });
    await service.stop();
    const log = await readFile(home.logFile, 'utf8');
    await home.remove();

    expect(log).not.toContain('"warning"');
  });
});
