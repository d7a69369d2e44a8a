import { describe, expect, it } from 'vitest';
import { AppError } from '../../common/app-error.js';
import { DatabaseRejectedError } from '../../repositories/database-rejected-error.js';
import { DatabaseUnavailableError } from '../../repositories/database-unavailable-error.js';
import { FencedError } from '../../repositories/fenced-error.js';
import { mayBeOfContent, readCommitFault } from './commit-fault.js';

const rejected = (sqlState: string) => new DatabaseRejectedError(sqlState, '');
const answered = (httpStatus: number, answerCode = '') =>
  new DatabaseUnavailableError({ httpStatus, answerCode });

describe('a commit that failed', () => {
  it.each<[string, unknown, string]>([
    ['an epoch that is over', new FencedError(['i']), 'fenced'],
    ['a number that was skipped', rejected('AZ002'), 'out_of_order'],
    ['no answer', answered(0), 'in_doubt'],
    ['an answer in vain', new AppError('database_unavailable'), 'in_doubt'],
    ...[401, 402, 403, 404, 406, 429, 503].map((s): [string, unknown, string] => [
      `HTTP ${s}`,
      answered(s),
      'in_doubt',
    ]),
    ...['42501', '42883', '42P01', '28000', 'XX000', 'P0001', 'PGRST100', 'PGRST116'].map(
      (code): [string, unknown, string] => [code, rejected(code), 'in_doubt'],
    ),
    ...['21000', '22021', '22P05', '23505', '54000'].map((code): [string, unknown, string] => [
      code,
      rejected(code),
      'data',
    ]),
    ['a closed organization', new AppError('not_found'), 'data'],
    ['a defect of our own', new TypeError('oops'), 'data'],
  ])('by %s', (_name, error, kind) => {
    expect(readCommitFault(error).kind).toBe(kind);
  });

  it.each<[unknown, boolean]>([
    [answered(403), true],
    [answered(413), true],
    [answered(401), false],
    [answered(402), false],
    [answered(404), false],
    [answered(406, 'PGRST106'), false],
    [answered(0), false],
    [answered(503), false],
    [rejected('42501'), true],
    [rejected('XX000'), true],
    [rejected('22021'), false],
    [new TypeError('oops'), false],
  ])('%o may be for what is in it: %s', (error, expected) => {
    expect(mayBeOfContent(error)).toBe(expected);
  });
});
