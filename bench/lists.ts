import { Agent, request } from 'undici';
import pg from 'pg';
import { BuiltService, makeServiceHome } from '../test/support/built-service.js';
import { type EnvironmentInfo, environmentInfo } from './environment-info.js';
import type { BenchEnvironment } from './bench-environment.js';
import { type Latency, latencyOf } from './figures.js';
import { seedLists } from './lists-seed.js';
import type { BenchOptions } from './options.js';

const MESSAGES_OF_A_CONTACT = 100;
const CALLS = 100;
/** A table is large from so many rows on: its pages are not all read by the way. */
const LARGE_ROWS = 10_000;

/** One kind of call, for one reader. */
export interface ListFigures extends Latency {
  what: string;
  /** Items of the last answer. */
  items: number;
}

export interface ListsReport extends EnvironmentInfo {
  messages: number;
  calls: number;
  lists: ListFigures[];
  /** Large tables that were read from end to end meanwhile, and how often. */
  sequentialScans: Record<string, number>;
}

type Answer = Record<string, unknown> & { next_cursor?: string | null };

/**
 * Fills a database and reads every list of it over HTTP, one call after the other.
 * @param messages how many there are in all
 * @throws Error when a call is not answered with 200
 */
export async function measureLists(
  bench: BenchEnvironment,
  messages: number,
  { databaseUrl }: Pick<BenchOptions, 'databaseUrl'>,
): Promise<ListsReport> {
  await bench.open({ needsPostgres: true, databaseUrl });
  const url = await bench.createDatabase();
  const home = await makeServiceHome();
  bench.onCleanUp(() => home.remove());
  // The first start makes the tables.
  await (await start(bench, home, url)).stop();
  const database = new pg.Client({ connectionString: url });
  await database.connect();
  bench.onCleanUp(() => database.end());
  await seedLists(database, { messages, contacts: Math.ceil(messages / MESSAGES_OF_A_CONTACT) }, bench.say);
  const { rows } = await database.query<{
    contact: string;
    instance: string;
    group: string;
    webhook: string;
  }>(
    `select (select contact_id from messages where organization_id = 'org_big_1' and contact_id is not null order by ordinal limit 1) as contact,
      (select id from whatsapp_instances where organization_id = 'org_big_1' order by id limit 1) as instance,
      (select id from groups where organization_id = 'org_big_1' order by id limit 1) as group`,
  );
  const service = await start(bench, home, url);
  const agent = new Agent({ connections: 1 });
  bench.onCleanUp(() => agent.close());
  const before = await scansOf(database);
  const lists: ListFigures[] = [];
  for (const [what, path] of callsOf(rows[0]!)) {
    lists.push(await measureList(`${service.url}${path}`, what, agent));
    bench.say(`${what}: ${lists.at(-1)!.p50?.toFixed(1)} ms, p99 ${lists.at(-1)!.p99?.toFixed(1)} ms`);
  }
  await service.stop();
  const after = await scansOf(database);
  const sequentialScans = Object.fromEntries(
    [...after]
      .map(([table, count]) => [table, count - (before.get(table) ?? 0)] as const)
      .filter(([, count]) => count > 0),
  );
  return {
    ...environmentInfo(await bench.describeDatabase()),
    messages,
    calls: CALLS,
    lists,
    sequentialScans,
  };
}

async function start(
  bench: BenchEnvironment,
  home: Awaited<ReturnType<typeof makeServiceHome>>,
  url: string,
): Promise<BuiltService> {
  const service = await BuiltService.start(home, {
    DATABASE_URL: url,
    QUEUE_DRIVER: 'embedded',
    RATE_LIMIT_ADDRESS: '0',
  });
  bench.onCleanUp(() => service.stop());
  return service;
}

/** What is called, by what it is; `{cursor}` stands for the one of a page far down. */
function callsOf(ids: { contact: string; instance: string; group: string }): [string, string][] {
  const big = 'organization_id=org_big_1&limit=50';
  const small = 'organization_id=org_small_1&limit=50';
  const search = (words: string, whose = big) => `/api/messages?${whose}&search=${encodeURIComponent(words)}`;
  const day = new Date(Date.now() - 86_400_000).toISOString();
  const longAgo = new Date(Date.now() - 300 * 86_400_000).toISOString();
  return [
    ['messages of a big tenant', `/api/messages?${big}`],
    ['… of a small one', `/api/messages?${small}`],
    ['… only their ids and texts', `/api/messages?${big}&fields=id,content`],
    ['… of a contact', `/api/messages?${big}&contact_id=${ids.contact}`],
    ['… of an instance, outbound', `/api/messages?${big}&instance_id=${ids.instance}&direction=outbound`],
    ['… of a group', `/api/messages?${big}&group_id=${ids.group}`],
    ['… of the last day', `/api/messages?${big}&sent_from=${day}`],
    ['… of long ago', `/api/messages?${big}&sent_before=${longAgo}`],
    ['search: what many write', search('obrigado')],
    ['search: part of a word, no accent', search('confirma')],
    ['search: what few write', search('audiencia cartorio escritura')],
    ['search: one message', search('1234')],
    ['search: nobody wrote it', search('xyzzy')],
    ['search: two letters', search('oi')],
    ['search: two letters that nobody wrote', search('zq')],
    ['search: Chinese', search('预约')],
    ['search: an emoji', search('🎉')],
    ['search: in a small tenant', search('audiencia cartorio', small)],
    ['search: in a conversation', search('audiencia', `${big}&contact_id=${ids.contact}`)],
    [
      'search: outbound, of an instance',
      search('audiencia', `${big}&direction=outbound&instance_id=${ids.instance}`),
    ],
    ['conversations', `/api/conversations?${big}`],
    ['conversations: search', `/api/conversations?${big}&search=goncalves`],
    ['contacts', `/api/contacts?${big}`],
    ['contacts by name', `/api/contacts?${big}&sort=name`],
    ['contacts: search', `/api/contacts?${big}&search=goncalves`],
    ['contacts: search for a number', `/api/contacts?${big}&search=9000012`],
    ['bookings', `/api/bookings?${big}`],
    ['bookings by start', `/api/bookings?${big}&sort=starts_at&starts_from=${new Date().toISOString()}`],
    ['bookings that are confirmed', `/api/bookings?${big}&status=confirmed`],
    ['notes', `/api/notes?${big}`],
    ['groups', `/api/groups?${big}`],
    ['events', '/api/events?organization_id=org_big_1&after=1000'],
    ['instances', '/api/whatsapp/instances?organization_id=org_big_1'],
    ['organizations', '/api/organizations'],
  ];
}

async function measureList(url: string, what: string, agent: Agent): Promise<ListFigures> {
  const times: number[] = [];
  let items = 0;
  let cursor = '';
  for (let call = 0; call < CALLS; call += 1) {
    const startedAt = performance.now();
    const { statusCode, body } = await request(`${url}${cursor}`, { dispatcher: agent });
    const answer = (await body.json()) as Answer;
    times.push(performance.now() - startedAt);
    if (statusCode !== 200) {
      throw new Error(`${url} answers ${statusCode}: ${JSON.stringify(answer).slice(0, 500)}`);
    }
    items = (Object.values(answer).find((value) => Array.isArray(value)) as unknown[]).length;
    // Down the list, and from its beginning again where it ends.
    cursor = answer.next_cursor ? `&cursor=${answer.next_cursor}` : '';
  }
  return { what, items, ...latencyOf(times) };
}

async function scansOf(database: pg.Client): Promise<Map<string, number>> {
  await database.query('select pg_stat_clear_snapshot()');
  const { rows } = await database.query<{ name: string; count: number }>(
    `select c.relname as name, pg_stat_get_numscans(c.oid)::int as count
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'public' and c.relkind = 'r' and c.reltuples >= $1`,
    [LARGE_ROWS],
  );
  return new Map(rows.map(({ name, count }) => [name, count]));
}
