import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import { BuiltService, makeServiceHome, runToExit, type ServiceHome } from '../support/built-service.js';
import { type EventCollector, listen } from '../support/event-collector.js';
import { ProjectServer, type StrangeAnswer } from '../support/project-server.js';

const ORGANIZATION = 'org_project';
const KEY = 'sb_secret_of_a_project_in_a_test_0123';
const PAGE = '<!DOCTYPE html><html><body>Attention Required! | Cloudflare</body></html>';
const NUMBERS = 8;
const FAULTS_MS = 20_000;
/** What comes in place of answers, see the table of `supabase-error.spec.ts`. */
const STRANGE: StrangeAnswer[] = [
  { status: 401 },
  { status: 401, body: '{"code":"PGRST303","message":"JWT issued at future","details":null,"hint":null}' },
  { status: 402, body: '{"message":"exceed_egress_quota"}' },
  { status: 403, body: PAGE },
  { status: 404 },
  { status: 404, body: '[]' },
  {
    status: 404,
    body: '{"code":"PGRST202","message":"Could not find the function","details":null,"hint":null}',
  },
  { status: 200 },
  { status: 200, body: 'null' },
  { status: 204 },
  { status: 429, body: '{"message":"API rate limit exceeded"}' },
  { status: 502, body: PAGE },
];

let project: ProjectServer;
let home: ServiceHome;
let running: BuiltService | undefined;
beforeAll(async () => {
  project = await ProjectServer.start();
  home = await makeServiceHome();
});
afterEach(async () => {
  project.instead = () => undefined;
  await running?.stop('SIGKILL');
  running = undefined;
});
afterAll(async () => {
  await project.stop();
  await home.remove();
});

const environment = () => ({ SUPABASE_URL: project.url, SUPABASE_SECRET_KEY: KEY, LOG_LEVEL: 'info' });

describe('a start with a Supabase project', () => {
  it.each<[string, StrangeAnswer, RegExp]>([
    [
      'that does not know the key',
      { status: 401, body: '{"message":"Invalid API key"}' },
      /could not start: .*refuses SUPABASE_SERVICE_ROLE_KEY/,
    ],
    ['that is paused', { status: 540, body: '{"message":"Project paused"}' }, /paused or restricted/],
    ['that is a web page', { status: 200, body: PAGE }, /SUPABASE_URL is not the address/],
    ['without a schema', { status: 404, body: '{"code":"PGRST202","message":"x"}' }, /`supabase db push`/],
    [
      'with half a schema',
      { status: 200, body: '[["20251001000100","roles"]]' },
      /lacks \d+ of the migrations.*`supabase db push`/,
    ],
  ])('%s ends with one sentence and code 1', async (_name, answer, sentence) => {
    project.instead = ({ name }) => (name === 'schema_versions' ? answer : undefined);

    const { code, output } = await runToExit('main.js', {
      ...environment(),
      DATA_DIR: home.dataDir,
      LOG_FILE: home.logFile,
      PORT: '0',
    });

    expect(code).toBe(1);
    expect(output).toMatch(sentence);
    expect(output).not.toContain('Cannot read properties');
  });

  it('waits for what passes by itself, and says so', async () => {
    const passing = STRANGE.filter(({ status }) => status === 401 || status === 429 || status === 502);
    const inOrder = [...passing];
    project.instead = ({ name }) => (name === 'schema_versions' ? inOrder.shift() : undefined);

    running = await BuiltService.start(home, environment());

    expect(running.output.split('start waits for the database')).toHaveLength(passing.length + 1);
  });
});

describe('a service that waits for its project', () => {
  it('ends when it is told to', async () => {
    project.instead = () => ({ status: 503 });
    const { code, output } = await runToExit(
      'main.js',
      { ...environment(), DATA_DIR: home.dataDir, LOG_FILE: home.logFile, PORT: '0' },
      [],
      (child) => child.stdout?.once('data', () => child.kill('SIGTERM')),
    );

    expect(output).toMatch(/start waits for the database[^]*service stopped while it was starting/);
    expect(code).toBe(0);
  });
});

describe('check-database', () => {
  const check = () =>
    runToExit('admin-cli.js', { ...environment(), DATA_DIR: home.dataDir }, ['check-database']);

  it('says that all is well', async () => {
    const { code, output } = await check();

    expect(output).toMatch(/ok +key +role \S+, Postgres 1\d/);
    expect(output).toMatch(/ok +lists +501 rows/);
    expect(output).toMatch(/ok +write +commit [\d.]+ ms, kept/);
    expect(output).toMatch(/ok +1 MB up +\d+ ms/);
    expect(output).not.toContain('FAIL');
    expect(code).toBe(0);
  });

  it('says what is not well', async () => {
    project.instead = ({ name }) =>
      name === 'commit_session_batch' ? { status: 403, body: PAGE } : undefined;
    const { code, output } = await check();

    expect(output).toMatch(/FAIL +write +HTTP 403/);
    expect(output).toContain('1 of 10 checks failed');
    expect(code).toBe(1);
  });
});

describe('a project whose gateway answers for it', () => {
  let simulator: WhatsAppSimulator;
  let owners: Phone[];
  let ids: string[];
  let client: Phone;
  let events: EventCollector;

  beforeAll(async () => {
    simulator = await WhatsAppSimulator.start({});
    owners = Array.from({ length: NUMBERS }, (_, number) =>
      simulator.addPhone({ number: `551199988${1000 + number}`, name: `Owner ${number}` }),
    );
    client = simulator.addPhone({ number: '5511988880001', name: 'Ana' });
    const service = await start();
    ids = [];
    for (const owner of owners) {
      const id = await service.api.createInstance(ORGANIZATION, owner.number);
      await owner.types(await service.api.pairingCode(id));
      await events.next('whatsapp:connected', ({ instanceId }) => instanceId === id);
      ids.push(id);
    }
    await end();
  });
  afterAll(() => simulator.stop());

  async function start(): Promise<BuiltService> {
    running = await BuiltService.start(home, {
      ...environment(),
      WHATSAPP_WS_URL: simulator.url,
      WHATSAPP_ROOT_KEY: simulator.rootPublicKey,
    });
    events = await listen(running.url, ORGANIZATION);
    return running;
  }

  async function end(): Promise<void> {
    events.close();
    await running?.stop('SIGTERM');
    running = undefined;
  }

  async function online(service: BuiltService): Promise<number> {
    const { body } = await service.api.call<{ checks: { sessions: { connected: number } } }>(
      'GET',
      '/health/ready',
    );
    return body.checks.sessions.connected;
  }

  it('loses no number and no message where one answer of twenty is strange', async () => {
    const service = await start();
    await expect.poll(() => online(service)).toBe(NUMBERS);
    let strange = 0;
    let calls = 0;
    project.instead = () => {
      calls += 1;
      return Math.random() < 0.05 ? STRANGE[(strange += 1) % STRANGE.length] : undefined;
    };
    const sent: string[] = [];
    const endAt = performance.now() + FAULTS_MS;
    for (let message = 0; performance.now() < endAt; message++) {
      const text = `message ${message}`;
      sent.push(text);
      await (await client.writes(owners[message % NUMBERS]!, text)).acknowledged();
    }
    project.instead = () => undefined;

    const received = await events.count('whatsapp:message', sent.length);
    expect(received.map(({ text }) => text).toSorted()).toEqual(sent.toSorted());
    expect(events.all('whatsapp:disconnected')).toEqual([]);
    expect(await online(service)).toBe(NUMBERS);
    expect((await readFile(home.logFile, 'utf8')).includes('session given up')).toBe(false);
    expect(strange, `of ${calls} calls`).toBeGreaterThan(20);
    await end();
  });

  it('holds what is received while it is refused, and says why', async () => {
    const service = await start();
    await expect.poll(() => online(service)).toBe(NUMBERS);
    project.instead = ({ name }) =>
      ['commit_session_batch', 'organizations'].includes(name)
        ? { status: 401, body: '{"message":"Invalid API key"}' }
        : undefined;
    const sent = await client.writes(owners[1]!, 'while refused');
    const checks = async () =>
      (await service.api.call<{ checks: unknown }>('GET', '/health/ready')).body.checks;
    await expect.poll(checks).toMatchObject({
      database: { status: 'down', reason: 'database_refuses_us' },
      sessions: { reason: 'database_refuses_us', connected: NUMBERS },
    });
    expect(sent.isAcknowledged).toBe(false);
    project.instead = () => undefined;

    await sent.acknowledged();
    await events.next('whatsapp:message', ({ text }) => text === 'while refused');
    expect(events.all('whatsapp:disconnected')).toEqual([]);
    await end();
  });

  it('keeps a number on line whose client is called as an attack looks, and sets the message aside', async () => {
    const mallory = simulator.addPhone({ number: '5511988880002', name: `'); DROP TABLE inbox; --` });
    const service = await start();
    await expect.poll(() => online(service)).toBe(NUMBERS);
    project.instead = ({ body }) => (body.includes('DROP TABLE') ? { status: 403, body: PAGE } : undefined);

    await (await mallory.writes(owners[0]!, 'of Mallory')).acknowledged();
    await (await client.writes(owners[0]!, 'after it')).acknowledged();
    await events.next('whatsapp:message', ({ text }) => text === 'after it');

    expect(events.all('whatsapp:disconnected')).toEqual([]);
    expect(await project.sql(`select reason from public.inbox where state = 2`)).toEqual([
      { reason: 'refused_by_gateway' },
    ]);
    project.instead = () => undefined;
    await service.api.call('POST', '/api/admin/inbox/redrive', { organization_id: ORGANIZATION });
    await events.next('whatsapp:message', ({ text }) => text === 'of Mallory');
    await end();
  });
});
