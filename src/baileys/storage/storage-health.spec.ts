import { describe, expect, it, vi } from 'vitest';
import { AppError } from '../../common/app-error.js';
import { DatabaseRejectedError } from '../../repositories/database-rejected-error.js';
import { DatabaseUnavailableError } from '../../repositories/database-unavailable-error.js';
import { StorageHealth } from './storage-health.js';
import { StoreStuckError } from './store-stuck-error.js';

function unavailable(code?: string): AppError {
  return new AppError('database_unavailable', { cause: { code } });
}

describe('StorageHealth', () => {
  it.each([
    ['a connection that was refused', unavailable(), 'database_unavailable'],
    ['a full disk', unavailable('53100'), 'disk_full'],
    ['a database that only reads', unavailable('25006'), 'database_read_only'],
    [
      'a gateway that refuses',
      new DatabaseUnavailableError({ httpStatus: 401, answerCode: '' }),
      'database_refuses_us',
    ],
    [
      'a gateway in trouble',
      new DatabaseUnavailableError({ httpStatus: 502, answerCode: '' }),
      'database_unavailable',
    ],
    ['a right that is missing', new DatabaseRejectedError('42501', ''), 'database_refuses_us'],
    ['a call that did not return', new StoreStuckError(), 'database_slow'],
  ] as const)('names %s', (_name, error, reason) => {
    const health = new StorageHealth();
    health.failed(error);
    expect(health.fault).toMatchObject({ reason, isGivenUp: false });
  });

  it('tells the first failure of an outage from the rest, and its end from any success', () => {
    const health = new StorageHealth();
    expect([health.worked(), health.failed(unavailable()), health.failed(unavailable())]).toEqual([
      false,
      true,
      false,
    ]);
    expect([health.worked(), health.worked(), health.fault]).toEqual([true, false, undefined]);
  });

  it('stays given up until a write goes through, and tells whoever wants to ask when', () => {
    const health = new StorageHealth();
    const listener = vi.fn<() => void>();
    health.onGivenUp(listener);
    health.gaveUp(unavailable());
    health.failed(unavailable('53100'));

    expect(health.fault).toMatchObject({ reason: 'disk_full', isGivenUp: true });
    expect(listener).toHaveBeenCalledTimes(1);
  });
});
