import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SettingsRepository } from '../../src/organization-settings/settings.repository.js';
import type { OfficeHours } from '../../src/organization-settings/office-hours.js';
import { openTestDatabase, TEST_STORES, type TestDatabase } from '../support/databases.js';
import { Scenario } from './scenario.js';

const ANA = '5511988887777';
const WEEK: OfficeHours['weekly'] = [
  { day: 'sunday', opens: '22:00', closes: '24:00' },
  { day: 'monday', opens: '00:00', closes: '02:00' },
  { day: 'monday', opens: '09:00', closes: '18:00' },
];

describe.each(TEST_STORES)('settings, on %s', (store) => {
  let database: TestDatabase;
  let scenario: Scenario;
  let settings: SettingsRepository;

  beforeAll(async () => {
    database = await openTestDatabase(store);
    settings = new SettingsRepository(database.client);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    scenario = await Scenario.create(database);
  });

  const change = async (fields: Parameters<SettingsRepository['updateSettings']>[1]) => {
    const { version } = (await settings.findSettings(scenario.organizationId))!;
    return settings.updateSettings(scenario.organizationId, fields, [version]);
  };

  async function closedAt(at: string): Promise<unknown[]> {
    const { rows } = await database.sql(
      `select c.is_closed, public.event_time(c.since) as since, public.event_time(c.until) as until
        from public.closed_hours(public.settings_of($1::text), $2::text::timestamptz) c`,
      [scenario.organizationId, at],
    );
    return Object.values(rows[0]!);
  }

  it.each([
    ['in the open', '2026-03-02T15:00:00Z', [false, null, null]],
    [
      'at the very end',
      '2026-03-02T23:00:00Z',
      [true, '2026-03-02T23:00:00.000Z', '2026-03-09T02:00:00.000Z'],
    ],
    ['at the very beginning', '2026-03-02T14:00:00Z', [false, null, null]],
    ['over midnight, of two intervals', '2026-03-02T05:00:00Z', [false, null, null]],
    [
      'before daylight saving, which moves what comes after it',
      '2026-03-07T15:00:00Z',
      [true, '2026-03-02T23:00:00.000Z', '2026-03-09T02:00:00.000Z'],
    ],
    ['by daylight saving', '2026-03-09T13:30:00Z', [false, null, null]],
    [
      'an hour before it opens by daylight saving',
      '2026-03-09T12:59:59Z',
      [true, '2026-03-09T06:00:00.000Z', '2026-03-09T13:00:00.000Z'],
    ],
    ['on a day off', '2026-03-16T15:00:00Z', [true, '2026-03-16T04:00:00.000Z', '2026-03-17T14:00:00.000Z']],
    ['on a day that is open for once', '2026-03-17T15:00:00Z', [false, null, null]],
  ])('know whether it is closed %s', async (_name, at, expected) => {
    await change({
      timeZone: 'America/New_York',
      officeHours: {
        weekly: WEEK.map((one) => (one.closes === '18:00' ? { ...one, opens: '09:00' } : one)),
        exceptions: [
          { date: '2026-03-16', intervals: [] },
          { date: '2026-03-17', intervals: [{ opens: '10:00', closes: '12:00' }] },
        ],
      },
    });

    expect(await closedAt(at)).toEqual(expected);
  });

  it('hold in each organization of a batch', async () => {
    const other = await Scenario.create(database);
    await change({ bookingPolicy: 'off' });
    const rows = [
      ...(await scenario.received({ phone: ANA, id: 'A1', text: 'one' })),
      ...(await other.received({ phone: ANA, id: 'B1', text: 'two' })),
    ];

    expect((await scenario.ingest(rows)).processed).toBe(2);
    const { rows: bookings } = await database.sql(
      'select organization_id, reason from bookings where organization_id in ($1::text, $2::text)',
      [scenario.organizationId, other.organizationId],
    );
    expect(bookings).toEqual([{ organization_id: other.organizationId, reason: 'first_message' }]);
  });

  it('of a zone that the database does not know are not stored', async () => {
    expect(await change({ timeZone: 'Mars/Olympus' })).toBe('unknown_time_zone');
    expect((await settings.findSettings(scenario.organizationId))!.version).toBe('0');
  });

  it('what stands for nothing leaves no gap, and a name is no template', async () => {
    const filled = async (template: string, values: object) => {
      const { rows } = await database.sql(
        'select public.filled_template($1::text, $2::text::jsonb) as text',
        [template, JSON.stringify(values)],
      );
      return rows[0]!['text'];
    };

    expect(await filled('Hello {{contact_name}}!', {})).toBe('Hello!');
    expect(await filled('Hi {{contact_name}}', { contact_name: '{{opens_at}} $& \\1', opens_at: 'x' })).toBe(
      'Hi {{opens_at}} $& \\1',
    );
  });
});
