import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { createClient } from '@supabase/supabase-js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import { BuiltService, type ServiceHome } from '../support/built-service.js';
import { makeMigratedHome } from '../support/migrated-copy.js';
import { blocksIn, blocksOf, commandsIn, type DocBlock, firstLineOf } from '../support/doc-snippets.js';
import { freePort } from '../support/free-port.js';
import { NpmFolder, type Outcome } from '../support/npm-folder.js';
import { ensureProgram } from '../support/system-package.js';

const ROOT = join(import.meta.dirname, '../..');
const SOCKET_CLIENT = join(ROOT, 'node_modules/socket.io-client/build/esm-debug/index.js');
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

/** How a snippet is held to what it says. */
interface Handling {
  hold(text: string): Promise<void>;
  /** Why it is not run. */
  reason?: string;
}

/** It is run here. */
function run(hold: (text: string) => Promise<void>): Handling {
  return { hold };
}

/** Another test runs it, which has this in it. */
function runIn(file: string, has: string): Handling {
  return { hold: () => holdsThat(file, has) };
}

async function holdsThat(file: string, has: string): Promise<void> {
  expect(await readFile(join(ROOT, file), 'utf8')).toContain(has);
}

/** It can't be run here; what of it can be checked is. */
function notRun(reason: string, check?: (text: string) => Promise<void> | void): Handling {
  return { reason, hold: async (text) => check?.(text) };
}

let simulator: WhatsAppSimulator;
let owner: Phone;
let client: Phone;
let home: ServiceHome;
let folder: NpmFolder;
let port: number;
let service: BuiltService;
let instanceId: string;

async function startService(): Promise<void> {
  service = await BuiltService.start(home, {
    PORT: String(port),
    WHATSAPP_WS_URL: simulator.url,
    WHATSAPP_ROOT_KEY: simulator.rootPublicKey,
  });
}

beforeAll(async () => {
  simulator = await WhatsAppSimulator.start({});
  owner = simulator.addPhone({ number: '5511999887766', name: 'Owner' });
  client = simulator.addPhone({ number: '5511988887777', name: 'Ana' });
  home = await makeMigratedHome();
  port = await freePort();
  folder = await NpmFolder.make({ DATA_DIR: home.dataDir });
  await startService();
});
afterAll(async () => {
  await folder.remove();
  await service.stop();
  await simulator.stop();
  await home.remove();
});

/** A snippet with the address of the service under test. */
function here(text: string): string {
  return text
    .replaceAll('http://localhost:3000', service.url)
    .replaceAll('http://127.0.0.1:3000', service.url)
    .replaceAll('{instance_id}', instanceId);
}

async function curl(text: string): Promise<Record<string, unknown>> {
  const command = here(text).replace(/^curl /, 'curl --silent --show-error --fail-with-body ');
  const { code, stdout, stderr } = await folder.run(command);
  expect(code, stdout + stderr).toBe(0);
  return JSON.parse(stdout) as Record<string, unknown>;
}

async function link(text: string): Promise<void> {
  const answer = await curl(text);
  expect(answer).toMatchObject({
    success: true,
    method: 'code',
    pairingCode: expect.stringMatching(/^[A-Z0-9]{8}$/) as string,
  });
  await owner.types(String(answer['pairingCode']));
  await expect.poll(statusOfInstance).toBe('connected');
}

async function statusOfInstance(): Promise<unknown> {
  const { body } = await service.api.call<{ instance: { status: string } }>(
    'GET',
    `/api/whatsapp/instances/${instanceId}`,
  );
  return body.instance.status;
}

/** Joins, hears a client, and does so again after a restart of the service. */
async function hearThroughRestart(source: string, node = 'node'): Promise<void> {
  await writeFile(
    join(folder.path, 'listener.mjs'),
    // A page stays open while it waits to come again.
    `import { io } from ${JSON.stringify(SOCKET_CLIENT)};\nsetInterval(() => undefined, 60_000);\n${here(source)}`,
  );
  const next = folder.start(`exec ${node} listener.mjs`);
  for (const text of ['before the restart', 'after the restart']) {
    await next(/success: true/);
    await client.writes(owner, text);
    if (source.includes('whatsapp:message')) {
      await next(new RegExp(`${client.number}.* ${text}`));
    }
    if (text.startsWith('before')) {
      expect(await service.stop()).toBe(0);
      await startService();
    }
  }
  await folder.endAll();
}

const helps: Record<string, Promise<Outcome>> = {};

/** The scripts of a command are there, and know its options. */
async function knowsOptions(command: string): Promise<void> {
  const [, name = '', options = ''] =
    /^npm (?:run )?(?:--silent )?([\w:]+)(?: -- (.*))?$/.exec(command) ?? [];
  expect(Object.keys(scripts)).toContain(name);
  const entry = scripts[name]!.split(' && ')
    .at(-1)!
    .replace(/^exec /, '');
  const flags = options.match(/--[\w-]+/g) ?? [];
  if (flags.length > 0) {
    const help = await (helps[entry] ??= folder.run(`cd ${ROOT} && ${entry} --help`));
    expect(help.code, help.stderr).toBe(0);
    expect(flags.filter((flag) => !help.stdout.includes(flag))).toEqual([]);
  }
}

/** What is searched for is something that the service writes, and the search itself works. */
async function searchesLog(command: string): Promise<void> {
  const [, quoted, bare] = /grep (?:-E )?(?:'([^']*)'|(\w+))/.exec(command) ?? [];
  const pattern = new RegExp((quoted ?? bare!).replaceAll('"', `['"]`));
  const names = (await readdir(join(ROOT, 'src'), { recursive: true })).filter((name) =>
    name.endsWith('.ts'),
  );
  const sources = await Promise.all(names.map((name) => readFile(join(ROOT, 'src', name), 'utf8')));
  expect(sources.some((text) => pattern.test(text)) || pattern.source === 'ERROR').toBe(true);

  await copyFile(home.logFile, join(folder.path, 'logs/app.log'));
  const { code, stderr } = await folder.run(command.replace('tail -f', 'tail'));
  expect([0, 1]).toContain(code);
  expect(stderr).toBe('');
}

async function simulate(text: string): Promise<void> {
  const at = String(await freePort());
  const [network, start] = commandsIn({ file: '', language: 'bash', text: text.replaceAll('4000', at) });
  const [, key] = /WHATSAPP_ROOT_KEY=(\w+)/.exec(start!) ?? [];
  const nextOfNetwork = folder.start(network!);
  await nextOfNetwork(new RegExp(key!));
  const [, number] = await nextOfNetwork(/Phone +(\d+) /);
  const nextOfService = folder.start(start!, {
    DATA_DIR: join(folder.path, 'simulated'),
    LOG_FILE: join(folder.path, 'simulated.log'),
    PORT: '0',
  });
  const [, url] = await nextOfService(/"url":"([^"]+)".*"service started"/);
  const call = async (path: string, body: object) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    return (await answer.json()) as { instance: { id: string }; pairingCode: string };
  };
  const { instance } = await call('/api/whatsapp/instances', {
    organization_id: 'org_123',
    instance_name: 'Simulated',
    phone_number: number,
  });
  const { pairingCode } = await call(`/api/whatsapp/instances/${instance.id}/connect`, { method: 'code' });
  expect(pairingCode).toMatch(/^[A-Z0-9]{8}$/);
  await folder.endAll();
}

async function readFromFrontend(text: string): Promise<void> {
  const asked: string[] = [];
  const supabase = createClient('http://127.0.0.1:1', 'a-key', {
    global: {
      fetch: async (input) => {
        asked.push(decodeURIComponent(input instanceof Request ? input.url : String(input)));
        return new Response('[]', { headers: { 'content-type': 'application/json' } });
      },
    },
  });
  const answer = (await runInContext(text, createContext({ supabase }))) as { data: unknown };

  expect(answer.data).toEqual([]);
  expect(asked).toEqual([
    'http://127.0.0.1:1/rest/v1/messages?select=*&organization_id=eq.org_123&order=ordinal.desc&limit=50',
  ]);
}

/** nginx itself, before the service. */
async function proxyByNginx(text: string): Promise<void> {
  await ensureProgram({ command: ['nginx', '-v'], debian: 'nginx-light', elsewhere: 'nginx.org' });
  const at = await freePort();
  const path = folder.path;
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${path}/${name};`)
    .join('\n');
  const server = `server { listen 127.0.0.1:${at}; ${here(text)} }`;
  await writeFile(
    join(path, 'nginx.conf'),
    `daemon off; pid ${path}/nginx.pid; error_log stderr notice;
    events {} http { access_log off; ${temporary} ${server} }`,
  );
  const next = folder.start(`exec nginx -p ${path} -c ${path}/nginx.conf`);
  await next(/start worker process/);
  const root = `http://127.0.0.1:${at}/whatsapp`;

  const document = (await (await fetch(`${root}/api/docs-json`)).json()) as { servers: { url: string }[] };
  const server0 = new URL(document.servers[0]!.url, `${root}/api/docs-json`).href.replace(/\/$/, '');
  expect(server0).toBe(root);
  expect((await fetch(`${server0}/api/whatsapp/instances`)).status).toBe(200);
  const handshake = await fetch(`${root}/socket.io/?EIO=4&transport=polling`);
  expect(await handshake.text()).toContain('"sid"');
  await folder.endAll();
}

/** As step 3 of a restore says: nothing runs meanwhile, and afterwards numbers have to be linked again. */
async function forgetSessions(text: string): Promise<void> {
  expect(await service.stop()).toBe(0);
  for (const statement of text.split(';').filter((one) => one.trim() !== '')) {
    const { code, stderr } = await folder.run(`npm run --silent sql -- "$STATEMENT"`, {
      STATEMENT: statement.trim(),
    });
    expect(code, stderr).toBe(0);
  }
  await startService();
  expect(await statusOfInstance()).toBe('disconnected');
  owner.unlinks();
  await link(
    `curl -X POST http://localhost:3000/api/whatsapp/instances/{instance_id}/connect -H "Content-Type: application/json" -d '{"method": "code"}'`,
  );
}

async function createInstance(text: string): Promise<void> {
  const answer = (await curl(text)) as { success: boolean; instance: { id: string } };
  expect(answer.success).toBe(true);
  instanceId = answer.instance.id;
}

async function sendMessage(text: string): Promise<void> {
  expect(await curl(text)).toMatchObject({ success: true });
  await client.receives((message) => message.text === 'Hello from AuZap!');
}

async function showInstances(text: string): Promise<void> {
  const { code, stdout, stderr } = await folder.run(text);
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(/Main WhatsApp.*connected.*true/);
}

async function createKey(text: string): Promise<void> {
  const { code, stdout, stderr } = await folder.run(text.replace('npm run', 'npm run --silent'));
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(/^auz_[\w-]+\n$/);
}

async function createWebhook(text: string): Promise<void> {
  // This service is open: it asks nobody for a key.
  const answer = await curl(text.replace(/ -H "Authorization: [^"]*"/, ''));
  expect(answer).toMatchObject({ success: true, secret: expect.stringMatching(/^whsec_/) as string });
}

async function changeSettings(text: string): Promise<void> {
  expect(await curl(text)).toMatchObject({ success: true, settings: { time_zone: 'America/Sao_Paulo' } });
}

async function billMaterials(text: string): Promise<void> {
  const target = join(folder.path, 'sbom.cdx.json');
  const { code, stderr } = await folder.run(`cd ${ROOT} && ${text.replace('sbom.cdx.json', target)}`);
  expect(code, stderr).toBe(0);
  expect(JSON.parse(await readFile(target, 'utf8'))).toMatchObject({ bomFormat: 'CycloneDX' });
}

function isThere(path: string): void {
  expect(existsSync(join(ROOT, path)), path).toBe(true);
}

/** How the tests start the service as the documentation says. */
const START_METHODS_FILE = 'test/smoke/start-methods.ts';
const PROOF = 'is itself a run of tests or measurements, of minutes to hours';

const COMPILED = runIn('test/clients/documented.spec.ts', "'docs/client.md', 'clients/typescript/README.md'");

/** Blocks that are more, or other, than a list of commands: by file and first line. */
const BLOCKS: Readonly<Record<string, Handling>> = {
  "README.md: const socket = io('http://localhost:3000');": run(hearThroughRestart),
  "README.md: // A browser's own EventSource, for a service that needs no token.": run((text) =>
    hearThroughRestart(text, 'node --experimental-eventsource'),
  ),
  'README.md: supabase': run(readFromFrontend),
  'README.md: npm run simulator -- --port 4000 --phones 2 --seed readme': run(simulate),
  'docs/architecture.md: WhatsApp ─ socket ─ decrypt ──▶ group commit ─ decode ─ classify ──▶ Postgres: session keys + inbox row, done, with contact, message,':
    notRun('a drawing'),
  'docs/architecture.md: call ─ session calls ─ local sessions ─ message sender ──▶ Postgres: the message under its id       (one transaction)':
    notRun('a drawing'),
  "docs/bookings.md: curl -X PATCH http://localhost:3000/api/organizations/org_123/settings -H 'Content-Type: application/json' -d '{":
    run(changeSettings),
  'docs/keys.md: SESSION_ENCRYPTION_KEY ──wraps──▶ data keys (table data_keys) ──seal──▶ values':
    notRun('a drawing'),
  'docs/operations.md: # systemd: /etc/systemd/system/auzap.service': runIn(
    START_METHODS_FILE,
    "documented('# systemd'",
  ),
  'docs/operations.md: // pm2: ecosystem.config.cjs. One process: cluster mode would start several over one port and one DATA_DIR.':
    runIn(START_METHODS_FILE, "documented('// pm2'"),
  'docs/operations.md: ; supervisord': runIn(START_METHODS_FILE, "documented('; supervisord'"),
  'docs/operations.md: #!/bin/sh': runIn(START_METHODS_FILE, "documented('#!/bin/sh'"),
  'docs/operations.md: DATA=(--data-only --schema=public --no-owner --no-privileges --quote-all-identifiers)':
    runIn('test/repositories/dump-restore.spec.ts', '### Dump and restore'),
  'docs/operations.md: delete from whatsapp_session_keys;': run(forgetSessions),
  'docs/operations.md: {': notRun('is read by Amazon alone', (text) => void JSON.parse(text)),
  'docs/operations.md: aws s3 sync "$DATA_DIR/media/files" s3://my-media': runIn(
    'test/smoke/media-move.spec.ts',
    'aws s3 sync',
  ),
  'docs/integrations.md: {': runIn(
    'test/integrations/mcp.spec.ts',
    "args: ['run', '--silent', '--prefix', ROOT, 'mcp']",
  ),
  'docs/sessions.md: stateDiagram-v2': runIn('tools/session-docs.spec.ts', 'docs/sessions.md'),
  'docs/troubleshooting.md: location /whatsapp/ {': run(proxyByNginx),
  "docs/troubleshooting.md: const socket = io('http://localhost:3000');": run(hearThroughRestart),
  "openapi.json: socket.on('connect', () => socket.emit('join-organization', 'org_123', (answer) => console.log(answer)));":
    run((text) => hearThroughRestart(`const socket = io('http://localhost:3000');\n${text}`)),
};

/** Commands in lists of them. */
const COMMANDS: readonly [RegExp, Handling][] = [
  [/^npm ci$/, runIn('Dockerfile', 'RUN npm ci')],
  [/^npm run demo( -- --once)?$/, runIn('test/smoke/npm-scripts.spec.ts', "describe('npm run demo'")],
  [/^npm run build$/, notRun('made what every test here runs', knowsOptions)],
  [/^npm start$/, runIn('test/smoke/npm-scripts.spec.ts', "describe('npm start'")],
  [/^curl -X POST http:\/\/localhost:3000\/api\/whatsapp\/instances -H/, run(createInstance)],
  [/^curl -X POST \S+\/connect /, run(link)],
  [/^curl -X POST \S+\/send /, run(sendMessage)],
  [/^npm run sql -- "SELECT/, run(showInstances)],
  [/^npm run admin -- create-key /, run(createKey)],
  [/^curl -X POST \S+\/api\/webhooks /, run(createWebhook)],
  [/^cd integrations\/n8n && npm pack$/, runIn('test/integrations/n8n-host.ts', "run('npm', ['pack'")],
  [
    /^cd ~\/\.n8n\/nodes && npm install /,
    runIn('test/integrations/n8n-host.ts', 'node_modules/n8n-nodes-auzap'),
  ],
  [/^npx supabase db push --db-url /, runIn('test/supabase-cli/push.spec.ts', 'db push')],
  [/^(tail -f \S+ \| )?grep /, run(searchesLog)],
  [/^npm run admin -- move-data --to /, runIn('test/e2e/move-data.e2e-spec.ts', 'move-data')],
  [/^\.ci\/run$/, notRun(PROOF, isThere)],
  [/^npm run check$/, runIn('.ci/run', 'npm run check')],
  [/^npm run audit$/, runIn('test/supply-chain/advisories.spec.ts', 'describe')],
  [/^npm run --silent sbom > sbom\.cdx\.json$/, run(billMaterials)],
  [/^npm (test|run (test:|bench|hosted))/, notRun(PROOF, knowsOptions)],
];

const { description } = (
  JSON.parse(readFileSync(join(ROOT, 'openapi.json'), 'utf8')) as { info: { description: string } }
).info;
const FILES = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
  'docs/recipes/README.md',
  'clients/typescript/README.md',
  'examples/react/README.md',
];
const blocks = [...blocksOf(FILES), ...blocksIn('openapi.json', description)];

/** @returns how each snippet is handled; undefined where nobody decided about it */
function handlingsOf(block: DocBlock): [string, string, Handling | undefined][] {
  const name = `${block.file}: ${firstLineOf(block)}`;
  const whole = BLOCKS[name] ?? (block.language === 'typescript' ? COMPILED : undefined);
  if (whole || block.language !== 'bash') {
    return [[name, block.text, whole]];
  }
  return commandsIn(block).map((command) => [
    `${block.file}: ${command}`,
    command,
    COMMANDS.find(([pattern]) => pattern.test(command))?.[1],
  ]);
}

const snippets = blocks.flatMap(handlingsOf);

it('finds the snippets of every document', () => {
  expect(FILES.every((name) => name.endsWith('.md'))).toBe(true);
  expect(snippets.length).toBeGreaterThan(40);
});

it.each(snippets)('%s', async (name, text, handling) => {
  if (handling === undefined) {
    throw new Error(`Decide how this snippet is held to what it says, in ${import.meta.filename}: ${name}`);
  }
  await expect(handling.hold(text)).resolves.toBeUndefined();
});

it('leaves to reasons no more than what can not be run', () => {
  const reasons = snippets.flatMap(([, , handling]) => handling?.reason ?? []);

  expect(new Set(reasons).size).toBeLessThanOrEqual(4);
});

it('names in its prose only scripts that there are', () => {
  const named = FILES.flatMap((file) =>
    [...readFileSync(join(ROOT, file), 'utf8').matchAll(/npm run (?:--silent )?([\w:]+)/g)].map(
      ([, name]) => name!,
    ),
  );

  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});
