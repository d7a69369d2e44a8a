import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../support/databases.js';

/** As much of a plan as is looked at. */
interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: Plan[];
}

const FOREIGN_ORGANIZATIONS = 100;
/** Of each organization. */
const ROWS = 200;

let opened: TestDatabase;
let database: pg.Client;
let contactId: string;
const member = randomUUID();

beforeAll(async () => {
  opened = await openTestDatabase('postgres');
  database = new pg.Client({ connectionString: opened.url });
  await database.connect();
  contactId = await fill('org_mine', 1);
  await fill('org_foreign_', FOREIGN_ORGANIZATIONS);
  await database.query(`insert into organization_members values ('org_mine', $1, 'viewer')`, [member]);
  await database.query('analyze');
});
afterAll(async () => {
  await database.end();
  await opened.close();
});

/** Makes organizations with a contact, and rows of each; @returns the contact of one of them */
async function fill(prefix: string, organizations: number): Promise<string> {
  const { rows } = await database.query<{ id: string }>(
    `with organization as (
        insert into organizations (id)
          select $1 || case $2::int when 1 then '' else n::text end from generate_series(1, $2::int) n returning id),
      instance as (
        insert into whatsapp_instances (organization_id, instance_name)
          select id, 'x' from organization returning id, organization_id),
      contact as (
        insert into contacts (organization_id, phone_number)
          select id, '5511988880001' from organization returning id, organization_id),
      event as (
        insert into events (organization_id, sequence, name, payload)
          select o.id, n, 'x', '{}' from organization o, generate_series(1, $3::int) n),
      message as (
        insert into messages (organization_id, contact_id, instance_id, direction, content, chat_key, status)
          select c.organization_id, c.id, i.id, 'inbound', 'hi', 'x', 'received'
          from contact c join instance i using (organization_id), generate_series(1, $3::int))
    select id from contact`,
    [prefix, organizations, ROWS],
  );
  return rows[0]!.id;
}

/** Runs a query as the member; its plan as it went, and how often the member's organizations were looked up. */
async function explained(query: string): Promise<{ nodes: Plan[]; lookUps: number }> {
  await database.query('begin');
  try {
    await database.query(`set local track_functions = 'all'`);
    const before = await countLookUps();
    await database.query(`select set_config('request.jwt.claims', $1, true)`, [
      JSON.stringify({ sub: member }),
    ]);
    await database.query('set local role authenticated');
    const { rows } = await database.query<{ 'QUERY PLAN': { Plan: Plan }[] }>(
      `explain (analyze, timing off, format json) ${query}`,
    );
    await database.query('reset role');
    return { nodes: flat(rows[0]!['QUERY PLAN'][0]!.Plan), lookUps: (await countLookUps()) - before };
  } finally {
    await database.query('rollback');
  }
}

async function countLookUps(): Promise<number> {
  const { rows } = await database.query<{ calls: number | null }>(
    `select pg_stat_get_xact_function_calls('my_organizations()'::regprocedure)::int as calls`,
  );
  return rows[0]!.calls ?? 0;
}

function flat(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(flat)];
}

describe('row-level security costs an index look-up', () => {
  it.each([
    ['everything', () => 'select * from messages', ROWS],
    [
      'the newest of an organization',
      () => `select * from messages where organization_id = 'org_mine' order by ordinal desc limit 20`,
      20,
    ],
    [
      'the conversation with a contact',
      () => `select * from messages where contact_id = '${contactId}' order by ordinal desc limit 20`,
      20,
    ],
    ['another organization', () => `select * from messages where organization_id = 'org_foreign_7'`, 0],
    ['all contacts', () => 'select * from contacts', 1],
    [
      'events after the last that was seen',
      () => `select * from events where organization_id = 'org_mine' and sequence > 150 order by sequence`,
      50,
    ],
    ['all events', () => 'select * from events', ROWS],
  ])('of a member who reads %s', async (_, query, count) => {
    const { nodes, lookUps } = await explained(query());

    expect(nodes[0]!['Actual Rows']).toBe(count);
    expect(lookUps).toBeLessThanOrEqual(1);
    const touched = nodes.map(
      (node) => node['Actual Loops'] * (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)),
    );
    expect(Math.max(...touched), JSON.stringify(nodes)).toBeLessThanOrEqual(ROWS);
  });
});
