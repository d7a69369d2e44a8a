import { describe, expect, it } from 'vitest';
import { MIGRATIONS_OF_0_1 } from './migrations-of-0-1.js';
import { compareMigrations, type RecordedMigration } from './recorded-migrations.js';

const BASELINE = { version: '20251201000000', name: 'auzap_baseline', sql: '' };
const LATER = { version: '20260201000000', name: 'auzap_later', sql: '' };
const OURS = [BASELINE, LATER];

const RELEASE_0_1 = MIGRATIONS_OF_0_1.map(([version, name]) => ({ version, name }));
const FOREIGN = { version: '20250101000000', name: 'products' };
const record = ({ version, name }: { version: string; name: string | null }): RecordedMigration => ({
  version,
  name,
});

describe('what a database has recorded', () => {
  it.each<[string, RecordedMigration[], string[], boolean]>([
    ['nothing', [], ['auzap_baseline', 'auzap_later'], false],
    ['the baseline', [record(BASELINE)], ['auzap_later'], false],
    ['everything', OURS.map(record), [], false],
    ['everything, without names', OURS.map(({ version }) => ({ version, name: null })), [], false],
    ['what another application applied', [FOREIGN], ['auzap_baseline', 'auzap_later'], false],
    ['a later one of another application', [...OURS.map(record), { version: '2099', name: null }], [], false],
    ['release 0.1', RELEASE_0_1, ['auzap_baseline', 'auzap_later'], true],
    [
      'release 0.1 beside another application',
      [FOREIGN, ...RELEASE_0_1],
      ['auzap_baseline', 'auzap_later'],
      true,
    ],
    ['release 0.1 and what came after it', [...RELEASE_0_1, record(BASELINE)], ['auzap_later'], false],
    [
      'a version of release 0.1 by another name',
      [{ version: RELEASE_0_1[0]!.version, name: 'products' }],
      ['auzap_baseline', 'auzap_later'],
      false,
    ],
  ])('%s: is told what is missing', (_, recorded, missing, isOfRelease01) => {
    const state = compareMigrations(recorded, OURS);

    expect({ ...state, missing: state.missing.map(({ name }) => name) }).toEqual({ missing, isOfRelease01 });
  });

  it.each<[string, RecordedMigration[], string, RegExp]>([
    [
      'a newer version of the service',
      [...OURS.map(record), { version: '20270101000000', name: 'auzap_new' }, FOREIGN],
      'NewerDatabaseError',
      /does not know \(20270101000000\)\. Start the version that made them/,
    ],
    [
      'the beginning of release 0.1',
      RELEASE_0_1.slice(0, 20),
      'UnfitDatabaseError',
      /^The database has 20 of the 43 migrations of release 0\.1: start release 0\.1\.0 with it once, .* Nothing was changed\.$/,
    ],
    [
      'release 0.1 with a hole',
      RELEASE_0_1.toSpliced(5, 1),
      'UnfitDatabaseError',
      /^The database has 42 of the 43 migrations/,
    ],
    [
      "another application's migration under a version of ours",
      [{ version: BASELINE.version, name: 'products' }],
      'UnfitDatabaseError',
      /^The database has another application's migration under the version 20251201000000 of auzap_baseline\. Take a database of its own/,
    ],
  ])('%s: is refused', (_, recorded, name, message) => {
    expect(() => compareMigrations(recorded, OURS)).toThrow(
      expect.objectContaining({ name, message: expect.stringMatching(message) as string }),
    );
  });
});
