import { expect, it } from 'vitest';
import { runAdmin } from './run-admin.js';

/** Without an environment that anything could be opened with. */
async function admin(...args: string[]) {
  let said = '';
  const say = (text: string) => (said += text);
  const code = await runAdmin(args, { DATABASE_URL: 'nowhere' }, { result: say, note: say });
  return { code, said };
}

const { said: help } = await admin('--help');
const usages = [...help.matchAll(/^ {2}(\S+).*$/gm)].map(([line, name]) => ({
  line: line.trim(),
  name: name!,
}));

it('lists several commands', () => {
  expect(usages.length).toBeGreaterThan(4);
});

it.each(usages)('tells how to use $name, and does nothing', async ({ line, name }) => {
  for (const flag of ['--help', '-h']) {
    const { code, said } = await admin(name, flag);

    expect(code).toBe(0);
    expect(said).toContain(line);
  }
});

it.each([
  ['nowhere', 2],
  ['mysql://db/auzap', 2],
  ['postgres://auzap@/auzap?host=/nowhere', 1],
])('takes %s as an address to move data to, or not: %i', async (address, expected) => {
  const environment = {
    DATABASE_URL: 'postgres://auzap@/auzap?host=/nowhere',
    SESSION_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
    START_WAIT_SECONDS: '0',
  };
  let said = '';
  const say = (text: string) => (said += text);

  const code = await runAdmin(['move-data', '--to', address], environment, { result: say, note: say });

  expect(code, said).toBe(expected);
});
