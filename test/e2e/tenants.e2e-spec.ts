import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { READABLE } from '../repositories/exposure.js';
import { claimsOf } from '../support/identity-provider.js';
import { NodeCluster } from '../support/node-cluster.js';
import { TestRedis } from '../support/redis.js';
import { type Shown, Tenant } from '../support/tenant.js';
import { type TenantData, leakingLines, leaksIn } from '../support/tenant-leaks.js';
import { type WorkloadPhones, UNSTORABLE_TEXT, runWorkload } from './tenant-workload.js';
import { followCursor, type NamedObjects, attemptCrossTenantAccess } from './cross-tenant-access.js';

const ADMIN_KEY = 'an-admin-key-that-is-long-enough-0123456789';
const JWT_SECRET = 'a-shared-secret-of-an-older-project-0123456789';
const PROCESSES = ['a', 'b', 'worker'];
const LOAD_LIMIT_MS = 110_000;
const SOON = { timeout: 60_000, interval: 100 };

interface Side {
  tenant: Tenant;
  workloadPhones: WorkloadPhones;
  /** What of it the other asked for. */
  asked?: NamedObjects;
  /** Filled after the load. */
  data: TenantData;
}

let redis: TestRedis;
let cluster: NodeCluster;
let sides: [Side, Side];
let attempts: number[];
let rounds: number[];

beforeAll(async () => {
  [redis, cluster] = await Promise.all([TestRedis.start(), NodeCluster.start()]);
  const environment = {
    AUTH_MODE: 'required',
    ADMIN_API_KEY: ADMIN_KEY,
    SUPABASE_JWT_SECRET: JWT_SECRET,
    REDIS_URL: redis.url,
    RUN_WORKER: 'false',
    RATE_LIMIT_KEY: '400',
  };
  const first = await cluster.add('a', environment);
  const [second] = await Promise.all([
    cluster.add('b', environment),
    cluster.addWorker('worker', environment),
  ]);
  const access = { urls: [first.url, second.url], adminKey: ADMIN_KEY, jwtSecret: JWT_SECRET };
  await refuse(UNSTORABLE_TEXT);
  const shared = cluster.simulator.addPhone({ number: '5531988887777', name: 'Known to both' });
  sides = [await open('1', 'lid'), await open('2', 'pn')];
  await runBoth();
  for (const side of sides) {
    await lookAtEverything(side.tenant);
    side.data = await dataOf(side);
  }

  async function open(digit: string, addressing: WorkloadPhones['addressing']): Promise<Side> {
    const phone = (name: string, index: number) =>
      cluster.simulator.addPhone({ number: `55119${digit}77${digit}000${index}`, name });
    const tenant = await Tenant.found(access, [phone('Desk', 1), phone('Desk', 2)]);
    await tenant.link();
    const [client, leaver] = [phone(tenant.says('Client'), 3), phone(tenant.says('Leaver'), 4)];
    return { tenant, workloadPhones: { client, shared, leaver, addressing }, data: { ids: [], words: [] } };
  }
}, LOAD_LIMIT_MS);

afterAll(async () => {
  sides?.forEach(({ tenant }) => tenant.close());
  await cluster?.stop();
  await redis?.stop();
});

/** The database refuses a message with this word, and says it again in its error. */
async function refuse(word: string): Promise<void> {
  await cluster.sql(
    `create function refuse_message() returns trigger language plpgsql as $$
      begin
        raise exception 'refused: %', new.content using errcode = '22000', detail = new::text;
      end
    $$`,
  );
  await cluster.sql(
    `create trigger refuse_message before insert on messages for each row
       when (new.content like '%${word}%') execute function refuse_message()`,
  );
}

/** Both run their workload, and reach for what is the other's meanwhile. */
async function runBoth(): Promise<void> {
  const closing = new AbortController();
  const workloads = sides.map(({ tenant, workloadPhones }) =>
    runWorkload(tenant, workloadPhones, cluster.simulator, closing.signal),
  );
  const reaching = sides.map(async ({ tenant }, index) => {
    const other = sides[1 - index]!.tenant;
    const asked = (sides[1 - index]!.asked = await named(other));
    const made = await attemptCrossTenantAccess(tenant, asked, nobodys(other));
    await followCursor(
      tenant,
      `/api/messages?organization_id=${tenant.organizationId}&limit=5&cursor=${await cursorOf(other)}`,
    );
    return made;
  });
  const reached = Promise.all(reaching).finally(() => closing.abort());
  [attempts, rounds] = await Promise.all([reached, Promise.all(workloads)]);
  for (const { tenant } of sides) {
    await vi.waitFor(async () => expect(await inboxOf(tenant)).toEqual({ pending: 0, dead: 1 }), SOON);
  }
}

/** Things of a tenant, as soon as it has some of each kind. */
async function named({ organizationId, instanceIds, userId }: Tenant): Promise<NamedObjects> {
  const first = (table: string) =>
    vi.waitFor(async () => {
      const text = `select id::text from ${table} where organization_id = $1 order by id limit 1`;
      const [row] = await cluster.sql<{ id: string }>(text, [organizationId]);
      return row?.id ?? Promise.reject(new Error(`nothing in ${table}`));
    }, SOON);
  return {
    organization: organizationId,
    instance: instanceIds[0]!,
    contact: await first('contacts'),
    message: await first('messages'),
    key: await first('api_keys'),
    erasure: await first('erasures'),
    member: userId,
  };
}

/** Nobody has these. */
function nobodys({ userId }: Tenant): NamedObjects {
  return {
    organization: `org_${randomBytes(6).toString('hex')}`,
    instance: randomUUID(),
    contact: randomUUID(),
    message: randomUUID(),
    key: randomUUID(),
    erasure: randomUUID(),
    member: userId,
  };
}

async function cursorOf(tenant: Tenant): Promise<string> {
  const { text } = await tenant.ask('GET', `/api/messages?organization_id=${tenant.organizationId}&limit=1`);
  return encodeURIComponent(String((JSON.parse(text) as { next_cursor: string }).next_cursor));
}

async function inboxOf(tenant: Tenant): Promise<{ pending: number; dead: number }> {
  const { text } = await tenant.ask('GET', '/api/admin/queue-stats');
  const { pending, dead } = (JSON.parse(text) as { inbox: { pending: number; dead: number } }).inbox;
  return { pending, dead };
}

/** Reads all that there is to read. */
async function lookAtEverything(tenant: Tenant): Promise<void> {
  for (const name of ['contacts', 'messages', 'bookings', 'notes', 'erasures', 'whatsapp/instances']) {
    await tenant.list(name);
  }
  await tenant.list('admin/audit', '', 'entries');
  const pages = ['/api/organizations', '/api/admin/queue-stats'];
  const places = ['', '/members', '/api-keys', '/retention'].map((route) => tenant.path + route);
  const instancePaths = tenant.instanceIds.flatMap((id) =>
    ['', '/status', '/integrity', '/integrity/undecrypted'].map(
      (route) => `/api/whatsapp/instances/${id}${route}`,
    ),
  );
  const events = `/api/events?organization_id=${tenant.organizationId}&limit=500`;
  for (const path of [...pages, ...places, ...instancePaths, events]) {
    expect([path, (await tenant.ask('GET', path)).status]).toEqual([path, 200]);
  }
}

async function dataOf({ tenant, workloadPhones: { client, leaver } }: Side): Promise<TenantData> {
  const { organizationId, userId, words, phones } = tenant;
  const tables = ['whatsapp_instances', 'contacts', 'messages', 'bookings', 'notes', 'api_keys', 'erasures'];
  const ids = tables.map((table) => `select id::text from ${table} where organization_id = $1`);
  const outbound = `select whatsapp_message_id from messages where organization_id = $1 and direction = 'outbound'`;
  const rows = await cluster.sql<{ id: string }>([...ids, outbound].join(' union all '), [organizationId]);
  return {
    ids: [organizationId, userId, ...rows.map(({ id }) => id)],
    words: [words, ...[...phones, client, leaver].flatMap(({ number, lid }) => [number, lid])],
  };
}

/** What the tenant's user reads directly in the database, as in a Supabase project. */
async function rowsSeenBy({ userId }: Tenant): Promise<Shown[]> {
  await cluster.sql('begin');
  try {
    await cluster.sql(`select set_config('request.jwt.claims', $1, true)`, [
      JSON.stringify(claimsOf(userId)),
    ]);
    await cluster.sql('set local role authenticated');
    const seen: Shown[] = [];
    for (const [table, columns] of Object.entries(READABLE)) {
      const rows = await cluster.sql(`select ${columns.split(' ').join(', ')} from public.${table}`);
      seen.push({ where: `table ${table}`, text: JSON.stringify(rows) });
    }
    return seen;
  } finally {
    await cluster.sql('rollback');
  }
}

const isAudit = ({ where }: Shown) => where.startsWith('GET /api/admin/audit');

async function logs(): Promise<string> {
  return (await Promise.all(PROCESSES.map((name) => cluster.log(name)))).join('\n');
}

describe.each([
  ['the first of two tenants', 0],
  ['the second', 1],
] as const)('%s under load', (_name, index) => {
  const mine = () => sides[index];
  const others = () => sides[1 - index]!.data;

  it('did what it came for, and tried to do more', async () => {
    const { tenant, workloadPhones } = mine();
    const contents = (await tenant.list<{ content: string }>('messages')).map(({ content }) => content);
    const contacts = await tenant.list<{ phone_number: string }>('contacts');

    expect(contents).toEqual(
      expect.arrayContaining(['same id', 'after the line broke', 'once'].map((one) => tenant.says(one))),
    );
    expect(contents.filter((one) => /^(question|both|answer) /.test(one))).toHaveLength(3 * rounds[index]!);
    expect(contacts.map((one) => one.phone_number)).toEqual(
      expect.arrayContaining([workloadPhones.client.number, workloadPhones.shared.number]),
    );
    expect(attempts[index]).toBeGreaterThan(150);
    expect(tenant.shown.some(({ text }) => text.includes('rate_limited'))).toBe(true);
    expect(
      tenant.everythingShown().filter(({ where }) => where === 'event whatsapp:message').length,
    ).toBeGreaterThan(40);
  });

  it('got no answer, event or acknowledgement with anything of the other', () => {
    const shown = mine().tenant.everythingShown();

    expect(
      leaksIn(
        shown.filter((one) => !isAudit(one)),
        others(),
      ),
    ).toEqual([]);
  });

  it('finds of the other in its audit log what it asked for itself, and nothing else', () => {
    const audit = mine().tenant.everythingShown().filter(isAudit);
    const asked = Object.values(sides[1 - index]!.asked!);

    expect(audit.length).toBeGreaterThan(1);
    expect(
      leaksIn(audit, {
        ids: others().ids.filter((id) => !asked.includes(id)),
        words: others().words,
      }),
    ).toEqual([]);
  });

  it('sees no row with anything of the other', async () => {
    const rows = await rowsSeenBy(mine().tenant);

    expect(leaksIn(rows, others())).toEqual([]);
    expect(leaksIn(rows, mine().data)).toContain(`table messages: ${mine().tenant.words}`);
  });
});

describe('the logs', () => {
  it('have no line about both, and none with what somebody said', async () => {
    const log = await logs();

    expect(
      leakingLines(
        log,
        sides.map(({ data }) => data),
      ),
    ).toEqual([]);
    // They do speak of each, and of what the database refused.
    sides.forEach(({ tenant }) => expect(log).toContain(tenant.instanceIds[0]));
    expect(log).toContain('message can not be stored');
  });
});

describe('a leak', () => {
  it('of any kind is found', async () => {
    const [mine, theirs] = sides;
    const { tenant, data } = theirs;
    const kinds = [`GET ${tenant.path}`, 'join-organization acknowledged', 'event whatsapp:message'];
    const leaked = kinds.map((kind) => tenant.everythingShown().find(({ where }) => where === kind)!);
    for (const one of leaked) {
      expect(leaksIn([...mine.tenant.everythingShown(), one], data)).not.toEqual([]);
    }
    const lines = [mine, theirs].map((side) => `{"instanceId":"${side.tenant.instanceIds[0]}"}`);
    const both = sides.map((side) => side.data);
    expect(leakingLines(lines.join('\n'), both)).toEqual([]);
    expect(leakingLines(lines.join(','), both)).toHaveLength(1);
    expect(leakingLines(`{"err":"refused: ${tenant.says('x')}"}`, both)).toHaveLength(1);
  });

  it('in a row is seen by the user and by the keys', async () => {
    const [{ tenant, workloadPhones }, theirs] = sides;
    const shownBefore = tenant.shown.length;
    await cluster.sql('update contacts set name = $1 where organization_id = $2 and phone_number = $3', [
      theirs.tenant.says('Client'),
      tenant.organizationId,
      workloadPhones.client.number,
    ]);
    await tenant.list('contacts');

    const { words } = theirs.tenant;
    expect(leaksIn(await rowsSeenBy(tenant), theirs.data)).toEqual([`table contacts: ${words}`]);
    expect(leaksIn(tenant.shown.slice(shownBefore), theirs.data).join()).toContain(words);
  });
});
