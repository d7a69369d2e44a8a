import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { type AuditException, type Judged, judge, readAdvisories } from './advisories.js';

const USAGE = `Usage: npm run audit [-- --strict]

Asks the registry for known faults of the packages that the product consists of (moderate and above). Ends with 1 when there
is one that test/supply-chain/audit-exceptions.json does not excuse. Without an answer it warns and ends with 0, so that a
registry that is away stops nobody; with --strict it ends with 2.`;

const LIMIT_MS = 60_000;
const EXCEPTIONS = new URL('./audit-exceptions.json', import.meta.url);

/** @returns what npm printed; npm's exit code says nothing that is not in there */
async function askRegistry(): Promise<string> {
  const args = ['audit', '--omit=dev', '--json', '--fetch-retries=1', '--fetch-timeout=20000'];
  const npm = spawn('npm', args, { stdio: ['ignore', 'pipe', 'inherit'], timeout: LIMIT_MS });
  const failed = new Promise<string>((resolve) => npm.once('error', ({ message }) => resolve(message)));
  return Promise.race([text(npm.stdout), failed]);
}

function say(lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}

function describe({ open, excused, stale }: Judged): string[] {
  return [
    ...open.map(
      ({ id, package: name, severity, title, url }) => `${severity}: ${name}: ${title} (${id}, ${url})`,
    ),
    ...excused.map(({ id, package: name }) => `excused: ${name} (${id})`),
    ...stale.map(
      ({ id, until }) => `no longer an exception, remove it or decide anew: ${id} (until ${until})`,
    ),
    open.length === 0 ? 'audit: no known faults' : `audit: ${open.length} known faults`,
  ];
}

/**
 * Looks for known faults of the product's dependencies, and says what it found.
 * @param args see `USAGE`
 * @returns the exit code
 */
export async function runCommand(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { strict: { type: 'boolean' }, help: { type: 'boolean' } } });
  if (values.help) {
    say([USAGE]);
    return 0;
  }
  const advisories = readAdvisories(await askRegistry());
  if (!advisories) {
    say([
      '*** audit: NOT DONE. The registry did not answer the question for known faults. ***',
      '*** Run `npm run audit` where it can be reached before you release.             ***',
    ]);
    return values.strict ? 2 : 0;
  }
  const exceptions = JSON.parse(await readFile(EXCEPTIONS, 'utf8')) as AuditException[];
  const judged = judge(advisories, exceptions, new Date().toISOString().slice(0, 10));
  say(describe(judged));
  return judged.open.length === 0 ? 0 : 1;
}
