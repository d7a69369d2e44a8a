import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import {
  BuiltService,
  environmentOf,
  makeServiceHome,
  runToExit,
  type ServiceHome,
} from '../support/built-service.js';
import { type EventCollector, listen } from '../support/event-collector.js';
import type { FaultKind } from '../support/hosted/fault-answers.js';
import type { FaultRule } from '../support/hosted/faults.js';
import { type MigratedProject, startMigratedProject } from '../support/hosted/migrated-project.js';

const ORGANIZATION = 'org_project';
const NUMBERS = 2;

let made: MigratedProject;
let home: ServiceHome;
let running: BuiltService | undefined;
beforeAll(async () => {
  made = await startMigratedProject(inject('testDatabaseUrl'), { roundTripMs: 5 });
  home = await makeServiceHome();
});
afterEach(async () => {
  made.project.faults.clear();
  await running?.stop('SIGKILL');
  running = undefined;
});
afterAll(async () => {
  await made.close();
  await home.remove();
});

const environment = () => ({
  SUPABASE_URL: made.project.url,
  // Its other name, for once.
  SUPABASE_SECRET_KEY: made.project.keys.secret,
  LOG_LEVEL: 'info',
});
const meet = (rule: FaultRule) => made.project.faults.add(rule);

describe('a start with a Supabase project', () => {
  async function failedStart(): Promise<string> {
    const { code, output } = await runToExit('main.js', { ...environment(), ...environmentOf(home) });
    expect(code).toBe(1);
    expect(output).not.toContain('Cannot read properties');
    return output;
  }

  it.each<[string, FaultKind, RegExp]>([
    ['that does not know the key', 'key-401', /could not start: .*refuses SUPABASE_SERVICE_ROLE_KEY/],
    ['that is paused', 'paused-540', /paused or restricted/],
    ['that is a web page', 'html-200', /SUPABASE_URL is not the address/],
    ['without a schema', 'cache-404', /`supabase db push`/],
  ])('%s ends with one sentence and code 1', async (_name, kind, sentence) => {
    meet({ kinds: [kind], target: 'schema_versions' });

    expect(await failedStart()).toMatch(sentence);
  });

  it('with half a schema ends with one sentence and code 1', async () => {
    const [record] = (
      await made.query(
        `delete from supabase_migrations.schema_migrations where version = '${made.migrated.at(-1)!}' returning version, name`,
      )
    ).rows;
    try {
      expect(await failedStart()).toMatch(/lacks 1 of the migrations.*`supabase db push`/);
    } finally {
      await made.query(
        `insert into supabase_migrations.schema_migrations (version, name) values ('${String(record!['version'])}', '${String(record!['name'])}')`,
      );
    }
  });

  it('waits for what passes by itself, and says so', async () => {
    const passing: FaultKind[] = ['empty-401', 'jwt-401', 'rate-429', 'html-502'];
    passing.forEach((kind) => meet({ kinds: [kind], target: 'schema_versions', count: 1 }));

    running = await BuiltService.start(home, environment());

    expect(running.output.split('start waits for the database')).toHaveLength(passing.length + 1);
  });
});

describe('a service that waits for its project', () => {
  it('ends when it is told to', async () => {
    meet({ kinds: ['html-503'] });
    const { code, output } = await runToExit(
      'main.js',
      { ...environment(), ...environmentOf(home) },
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
    meet({ kinds: ['html-403'], target: 'commit_session_batch' });
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

  it('holds what is received while it is refused, and says why', async () => {
    const service = await start();
    await expect.poll(() => online(service)).toBe(NUMBERS);
    const target = /^(commit_session_batch|commit_and_ingest|node_tick|organizations)$/;
    const refusal = meet({ kinds: ['key-401'], target });
    const sent = await client.writes(owners[1]!, 'while refused');
    const checks = async () =>
      (await service.api.call<{ checks: unknown }>('GET', '/health/ready')).body.checks;
    await expect.poll(checks).toMatchObject({
      database: { status: 'down', reason: 'database_refuses_us' },
      sessions: { reason: 'database_refuses_us', connected: NUMBERS },
    });
    expect(sent.isAcknowledged).toBe(false);
    refusal.remove();

    await sent.acknowledged();
    await events.next('whatsapp:message', ({ text }) => text === 'while refused');
    expect(events.all('whatsapp:disconnected')).toEqual([]);
    await end();
  });

  it('keeps a number on line whose client is called as an attack looks, and sets the message aside', async () => {
    const mallory = simulator.addPhone({ number: '5511988880002', name: `'); DROP TABLE inbox; --` });
    const service = await start();
    await expect.poll(() => online(service)).toBe(NUMBERS);
    const firewall = meet({ kinds: ['html-403'], text: 'DROP TABLE' });

    await (await mallory.writes(owners[0]!, 'of Mallory')).acknowledged();
    await (await client.writes(owners[0]!, 'after it')).acknowledged();
    await events.next('whatsapp:message', ({ text }) => text === 'after it');

    expect(events.all('whatsapp:disconnected')).toEqual([]);
    const { rows } = await made.query('select reason from public.inbox where state = 2');
    expect(rows).toEqual([{ reason: 'refused_by_gateway' }]);
    firewall.remove();
    await service.api.call('POST', '/api/admin/inbox/redrive', { organization_id: ORGANIZATION });
    await events.next('whatsapp:message', ({ text }) => text === 'of Mallory');
    await end();
  });
});
