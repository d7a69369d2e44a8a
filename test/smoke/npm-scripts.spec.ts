import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};
/** Longer than a process may take to end. */
const GRACE_MS = 50_000;

let folder: string;
let npm: ChildProcess | undefined;

beforeEach(async () => {
  // Away from the repository: its .env, its build, and what else is done with that build meanwhile stay out of this.
  folder = await mkdtemp(join(tmpdir(), 'auzap-npm-'));
  const built = Object.entries(scripts).map(([name, script]) => [
    name,
    script.replace('npm run --silent build && ', '').replace(/(?<= )(dist|test)\//, `${ROOT}/$1/`),
  ]);
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'npm-scripts', type: 'module', scripts: Object.fromEntries(built) as object }),
  );
});
afterEach(async () => {
  if (isSomebodyLeft()) {
    process.kill(-npm!.pid!, 'SIGKILL');
  }
  await rm(folder, { recursive: true, force: true });
});

/** @returns what the script wrote until the line, and on */
async function runScript(args: string[], line: string, shell: string): Promise<{ output: string }> {
  const child = spawn('npm', args, {
    cwd: folder,
    env: {
      PATH: [join(ROOT, 'node_modules/.bin'), process.env.PATH].join(delimiter),
      HOME: folder,
      DATA_DIR: join(folder, 'data'),
      LOG_FILE: join(folder, 'app.log'),
      PORT: '0',
      npm_config_script_shell: shell,
      npm_config_update_notifier: 'false',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, as a terminal gives it.
    detached: true,
  });
  npm = child;
  const written = { output: '' };
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      written.output += text;
      if (written.output.includes(line)) {
        resolve();
      }
    });
  }
  child.once('exit', () => reject(new Error(`npm ended before:\n${written.output}`)));
  await promise;
  return written;
}

/** @returns the exit code of npm, or the signal that ended it */
async function endOfNpm(): Promise<number | string> {
  const [code, signal] = (await once(npm!, 'exit', { signal: AbortSignal.timeout(GRACE_MS) })) as [
    number | null,
    NodeJS.Signals | null,
  ];
  return code ?? signal ?? 'unknown';
}

/** @returns whether a process of npm's group is left */
function isSomebodyLeft(): boolean {
  try {
    return npm?.pid !== undefined && process.kill(-npm.pid, 0);
  } catch {
    return false;
  }
}

describe('npm start', () => {
  it.each([
    ['SIGTERM to npm', '/bin/sh', (pid: number) => process.kill(pid, 'SIGTERM')],
    ['SIGINT to npm', '/bin/sh', (pid: number) => process.kill(pid, 'SIGINT')],
    ['Ctrl-C, which npm and the service both get', '/bin/sh', (pid: number) => process.kill(-pid, 'SIGINT')],
    ['SIGTERM to npm over bash', 'bash', (pid: number) => process.kill(pid, 'SIGTERM')],
  ])('ends the service in order on %s, and leaves nothing behind', async (_name, shell, stop) => {
    const written = await runScript(['start'], '"service started"', shell);

    stop(npm!.pid!);

    expect(await endOfNpm()).toBe(0);
    expect(isSomebodyLeft()).toBe(false);
    expect(written.output).toContain('"service stopped"');
    expect(written.output).not.toContain('second signal');
    expect(await readdir(join(folder, 'data'))).not.toContain('db.lock');
  });
});

describe.each([
  ['simulator', ['run', 'simulator'], 'Start a service'],
  ['demo', ['run', 'demo', '--', '--port', '0'], 'Press Ctrl-C to stop.'],
  ['hosted', ['run', 'hosted'], '# anon: '],
])('npm run %s', (_name, args, line) => {
  it.each([
    ['SIGTERM to npm', (pid: number) => process.kill(pid, 'SIGTERM')],
    ['Ctrl-C', (pid: number) => process.kill(-pid, 'SIGINT')],
  ])('ends on %s, and leaves nothing behind', async (_signal, stop) => {
    await runScript(args, line, '/bin/sh');

    stop(npm!.pid!);

    expect(await endOfNpm()).toBe(0);
    expect(isSomebodyLeft()).toBe(false);
  });
});

describe('npm run demo', () => {
  it('shows the main job and files both ways, and ends by itself', async () => {
    const written = await runScript(
      ['run', 'demo', '--', '--once', '--port', '0'],
      'Everything worked.',
      '/bin/sh',
    );

    expect(await endOfNpm()).toBe(0);
    expect(written.output).toMatch(/message +{"type":"image",[^]*file +{"state":"ready"/);
    expect(written.output).toMatch(/message +{"type":"voice",[^]*file +{"state":"ready"/);
    expect(written.output).toMatch(/on phone +prices\.pdf, \d+ bytes: Our prices/);
  });
});

it.each([
  'start',
  'worker',
  'simulator',
  'demo',
  'admin',
  'sql',
  'hosted',
  'test:chaos',
  'test:cluster',
  'test:differential',
])('the shell of npm run %s makes room for Node, which then gets the signals', (name) => {
  expect(scripts[name]?.split(' && ').at(-1)).toMatch(/^exec node (dist|test)\//);
});
