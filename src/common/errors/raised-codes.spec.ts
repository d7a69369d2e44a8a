import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES, type ErrorCode, errorEntry, isErrorCode } from './catalogue.js';

const ROOT = join(import.meta.dirname, '../../..');
const schema = textOf('supabase/schema/*.sql');

/** A documented example raises nothing, and neither does a comparison. */
const NO_PLACE = /\bcode: '\w+',$|[!=]== '\w+'|hasCode\([^)]*\)/gm;
const program = textOf(
  'src/**/*.ts',
  (file) => !/\.spec\.ts$|^src\/(common\/errors|simulator)\//.test(file),
).replaceAll(NO_PLACE, '');

function textOf(pattern: string, isMeant: (file: string) => boolean = () => true): string {
  const files = globSync(pattern, { cwd: ROOT }).filter(isMeant);
  return files.map((file) => readFileSync(join(ROOT, file), 'utf8')).join('\n');
}

/** What the schema raises under an SQLSTATE: literals, and what triggers are given for `'too_many_' || tg_argv[1]`. */
function raisedInSql(state: string): string[] {
  const bounds = [...schema.matchAll(/require_place\('\d+', '(\w+)'\)/g)].map(([, what]) => what!);
  const raises = [...schema.matchAll(/raise exception\b([^;]*);/g)].map(([, raise]) => raise!);
  return raises
    .filter((raise) => raise.includes(`errcode = '${state}'`))
    .flatMap((raise) => {
      const [, code, rest] = /(?:^ |message = )'([^']*)'( \|\| tg_argv\[1\])?/.exec(raise) ?? [];
      return rest === undefined ? [code ?? raise] : bounds.map((what) => `${code}${what}`);
    });
}

/** Reasons of which a code is made (`instance_…`) where a connect call is refused. */
const reasons = [...program.matchAll(/const UNTIL_\w+ = (\[[^\]]*\])/g)].map(([, list]) => list!).join('\n');

const bySchema = new Set(raisedInSql('AZ410'));

/** @returns whether something raises the code, by its name or by a reason that it is made of */
function isRaised(code: ErrorCode): boolean {
  return (
    program.includes(`'${code}'`) ||
    schema.includes(`'${code}'`) ||
    bySchema.has(code) ||
    reasons.includes(code.replace(/^instance_(.*)$/, "'$1'"))
  );
}

describe('the schema', () => {
  it('breaks no rule that the catalogue does not have, with a status of its kind', () => {
    const rules = raisedInSql('AZ410');

    expect(rules.length).toBeGreaterThan(8);
    expect(rules.filter((code) => !isErrorCode(code))).toEqual([]);
    expect(
      rules
        .map((code) => errorEntry(code as ErrorCode).status)
        .every((status) => [409, 412, 429].includes(status)),
    ).toBe(true);
  });

  it('withholds nothing for a reason that the catalogue does not have', () => {
    const withheld = raisedInSql('AZ403');

    expect(withheld.length).toBeGreaterThan(1);
    expect(withheld.filter((code) => !isErrorCode(code) || errorEntry(code).status !== 403)).toEqual([]);
  });

  it('raises no state of ours that nobody translates', () => {
    const states = new Set([...schema.matchAll(/errcode = '(AZ\w{3})'/g)].map(([, state]) => state!));

    // AZ002 is told apart by its state, AZ412 stops a migration, AZ414 is caught where a commit ingests.
    const ours = ['AZ001', 'AZ002', 'AZ403', 'AZ404', 'AZ409', 'AZ410', 'AZ412', 'AZ414'];
    expect([...states].toSorted()).toEqual(ours);
  });
});

describe('the catalogue', () => {
  it.each(ERROR_CODES)('has %s, which something raises', (code) => {
    expect(isRaised(code)).toBe(true);
  });
});
