import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ReadsRepository } from '../../src/repositories/reads.repository.js';
import { openTestDatabase, type TestDatabase } from '../support/databases.js';
import { Scenario } from './scenario.js';

const ANA = '5511988887777';
const ANA_LATER = '5521988776655';

let database: TestDatabase;
let merging: pg.Client;

beforeAll(async () => {
  database = await openTestDatabase('postgres');
  merging = new pg.Client({ connectionString: database.url });
  await merging.connect();
});

afterAll(async () => {
  await merging.end();
  await database.close();
});

const waiting = async () => {
  const text = `select count(*)::int as n from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`;
  return (await merging.query<{ n: number }>(text)).rows[0]!.n;
};

/** @param call about a contact that becomes part of another one while the call waits for the organization */
async function whileMerged<Answer>(
  call: (scenario: Scenario, lost: string) => Promise<Answer>,
): Promise<{ answer: Answer; kept: string }> {
  const scenario = await Scenario.create(database);
  const { organizationId, instanceId } = scenario;
  await scenario.ingest(await scenario.received({ phone: ANA, id: 'A', text: 'one' }));
  await scenario.ingest(await scenario.received({ phone: ANA_LATER, id: 'B', text: 'two' }));
  const [kept, lost] = [await scenario.contactOf(ANA), await scenario.contactOf(ANA_LATER)].map(
    (contact) => contact!.id,
  ) as [string, string];

  await merging.query('begin');
  await merging.query('select 1 from organizations where id = $1 for no key update', [organizationId]);
  const answering = call(scenario, lost);
  await expect.poll(waiting).toBe(1);
  await merging.query(`select merge_contacts($1, $2, 'off', $3)`, [kept, lost, instanceId]);
  await merging.query('commit');
  return { answer: await answering, kept };
}

describe('of a contact that is merged meanwhile', () => {
  it('a booking is made for the one that it became', async () => {
    const { answer, kept } = await whileMerged(({ bookings, organizationId }, lost) =>
      bookings.createBooking(organizationId, lost, { title: 'Haircut' }),
    );

    expect(answer?.booking.contactId).toBe(kept);
  });

  it('the one that it became is named', async () => {
    const { answer, kept } = await whileMerged(({ contacts, organizationId }, lost) =>
      contacts.renameContact(organizationId, lost, { name: 'Ana' }),
    );

    expect(answer?.contact).toMatchObject({ id: kept, name: 'Ana' });
  });

  it('all is read of the one that it became', async () => {
    const { answer } = await whileMerged(({ organizationId }, lost) =>
      new ReadsRepository(database.client).readContact(organizationId, lost),
    );

    expect(answer?.count).toBe(2);
  });
});
