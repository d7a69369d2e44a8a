import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { createClient } from '@auzap/client';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { SAMPLE_PDF } from '../../src/simulator/media-host/samples.js';
import { ClientHome } from '../support/client-home.js';
import { endProcess } from '../support/end-process.js';
import { freePort } from '../support/free-port.js';
import { ensureProgram } from '../support/system-package.js';

const FOLDER = join(import.meta.dirname, '../../docs/recipes');
const FILES = readdirSync(FOLDER).filter((name) => !name.endsWith('.md'));
const PATIENCE_MS = 60_000;

/** What runs a file, by its ending. */
const RUNNERS: Record<string, string[]> = {
  '.sh': ['bash'],
  '.ts': [process.execPath],
  '.py': ['python3'],
  '.php': ['php'],
};

/** How the recipes of a task are held to what they are for. */
const TASKS: Record<string, (file: string) => Promise<void>> = {
  'send-text': sendsText,
  'send-file': sendsFile,
  'list-messages': listsMessages,
  'confirm-booking': confirmsBooking,
  'receive-long-poll': receives,
  'receive-stream': receives,
  'receive-events': receives,
  'receive-webhook': receivesWebhook,
};

let home: ClientHome;
let client: ReturnType<typeof createClient>;
let instanceId: string;
let erased = 91_000_000;
let folder: string;
let children: ChildProcess[] = [];

beforeAll(async () => {
  for (const [program, debian] of [
    ['curl', 'curl'],
    ['jq', 'jq'],
    ['python3', 'python3'],
    ['php', 'php-cli'],
  ] as const) {
    await ensureProgram({ command: [program, '--version'], debian, elsewhere: `${program} of your system` });
  }
  folder = await mkdtemp(join(tmpdir(), 'auzap-recipes-'));
  home = await ClientHome.open();
  client = createClient({ url: home.url, token: home.token });
  instanceId = await home.link();
});
afterEach(async () => {
  await Promise.all(children.map((child) => endProcess(child, 'SIGKILL')));
  children = [];
});
afterAll(async () => {
  await home.close();
  await rm(folder, { recursive: true, force: true });
});

it.each(FILES)('%s', async (file) => {
  const task = TASKS[basename(file, extname(file))];
  if (!task || !RUNNERS[extname(file)]) {
    throw new Error(`Say in ${import.meta.filename} how ${file} is run, and what must come of it.`);
  }
  await expect(task(file)).resolves.toBeUndefined();
});

it('has each task in each language', () => {
  const missing = Object.keys(TASKS)
    .filter((task) => task !== 'receive-events' && task !== 'receive-stream')
    .flatMap((task) => Object.keys(RUNNERS).map((ending) => task + ending))
    .filter((name) => !FILES.includes(name));
  expect(missing).toEqual([]);
});

const environment = (more: Record<string, string>) => ({
  PATH: process.env['PATH'],
  HOME: folder,
  AUZAP_URL: home.url,
  AUZAP_TOKEN: home.token,
  INSTANCE_ID: instanceId,
  TO: home.ana.number,
  ...more,
});

/** @returns the lines that it prints until it ends, which it does with code 0 */
async function run(file: string, more: Record<string, string>): Promise<string[]> {
  const [command, ...args] = RUNNERS[extname(file)]!;
  const { stdout } = await promisify(execFile)(command!, [...args, join(FOLDER, file)], {
    env: environment(more),
    timeout: PATIENCE_MS,
  });
  return stdout.trim().split('\n');
}

/** @returns the lines that it prints, which grow, and those of its errors */
function start(command: string[], more: Record<string, string>) {
  const [program, ...args] = command;
  const child = spawn(program!, args, {
    env: environment(more),
    stdio: ['ignore', 'pipe', 'pipe'],
    // A script and what it runs are ended together.
    detached: true,
  });
  const lines: string[] = [];
  const errors: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  createInterface({ input: child.stderr }).on('line', (line) => errors.push(line));
  children.push(child);
  const stop = async () => {
    const ended = once(child, 'exit');
    process.kill(-child.pid!, 'SIGKILL');
    await ended;
    children = children.filter((other) => other !== child);
  };
  return { lines, errors, stop };
}

async function sendsText(file: string): Promise<void> {
  const text = `It's "quoted", from ${file}`;
  const first = await run(file, { TEXT: text, KEY: file });
  const again = await run(file, { TEXT: text, KEY: file });

  expect(again).toEqual(first);
  expect(first).toEqual([expect.stringMatching(/^[\da-f-]{36}$/)]);
  await home.ana.receives((message) => message.text === text);
}

async function sendsFile(file: string): Promise<void> {
  const path = join(folder, 'prices.pdf');
  await writeFile(path, SAMPLE_PDF);

  await run(file, { TEXT: `From ${file}`, FILE: path, KEY: file });

  const documentOf = ({ message }: Awaited<ReturnType<typeof home.ana.receives>>) =>
    message.documentMessage ?? message.documentWithCaptionMessage?.message?.documentMessage;
  const received = await home.ana.receives((message) => documentOf(message)?.caption === `From ${file}`);
  expect(documentOf(received)!.fileName).toBe('prices.pdf');
  expect(await home.ana.opens(received)).toEqual(SAMPLE_PDF);
}

async function listsMessages(file: string): Promise<void> {
  for (const number of [1, 2, 3]) {
    await (await home.ana.writes(home.owner, `${file} ${number}`)).acknowledged();
  }
  const [contact] = (await client.contacts.page({ phone_number: home.ana.number })).items;
  const expected: string[] = [];
  for await (const { direction, content } of client.messages.list({ contact_id: contact!.id })) {
    expected.push(`${direction} ${content}`);
  }

  const lines = await run(file, { CONTACT_ID: contact!.id });

  expect(lines.length).toBeGreaterThan(2);
  expect(lines).toEqual(expected.map((line) => line.trim()));
}

async function confirmsBooking(file: string): Promise<void> {
  await home.ana.writes(home.owner, `A booking for ${file}`);
  const pending = async () => (await client.bookings.page({ status: 'pending' })).items[0];
  await expect.poll(pending).toBeDefined();
  const { id } = (await pending())!;

  expect(await run(file, { BOOKING_ID: id })).toEqual(['confirmed']);

  expect((await client.bookings.get(id)).booking).toMatchObject({ status: 'confirmed', title: 'Haircut' });
  await expect(run(file, { BOOKING_ID: '00000000-0000-4000-8000-000000000000' })).rejects.toThrow(
    'Command failed',
  );
}

async function head(): Promise<number> {
  for (let after = 0; ;) {
    const { data } = await client.GET('/api/events', { params: { query: { after, limit: 500 } } });
    if (!data.has_more) {
      return data.last_sequence;
    }
    after = data.last_sequence;
  }
}

/** It is ended and begun again, with something to receive before, meanwhile and after. */
async function receives(file: string): Promise<void> {
  const cursor = join(folder, `${file}.cursor`);
  await writeFile(cursor, String(await head()));
  await writesAndIsErased(file);
  const command = [...RUNNERS[extname(file)]!, join(FOLDER, file)];
  const lineOf = (text: string) => `${home.ana.number} ${file} ${text}`;
  const first = start(command, { CURSOR_FILE: cursor });
  await home.ana.writes(home.owner, `${file} before`);
  await expect.poll(() => first.lines).toEqual([lineOf('before')]);
  const { lastOfMessages } = await untilRemembered(cursor);
  expect(lastOfMessages).toBeGreaterThan(0);
  await first.stop();

  await home.ana.writes(home.owner, `${file} meanwhile`);
  const second = start(command, { CURSOR_FILE: cursor });
  await expect.poll(() => second.lines).toEqual([lineOf('meanwhile')]);
  await home.ana.writes(home.owner, `${file} after`);
  await expect.poll(() => second.lines).toEqual([lineOf('meanwhile'), lineOf('after')]);
  await second.stop();
}

/** Somebody whose events are places in the list alone by now. */
async function writesAndIsErased(text: string): Promise<void> {
  const bob = home.simulator.addPhone({ number: `55119${String(erased++)}`, name: 'Bob' });
  const after = await head();
  await (await bob.writes(home.owner, text)).acknowledged();
  const contact = async () => (await client.contacts.page({ phone_number: bob.number })).items[0];
  await expect.poll(contact).toBeDefined();
  await client.DELETE('/api/contacts/{id}', { params: { path: { id: (await contact())!.id } } });
  const payloads = async () => {
    const { data } = await client.GET('/api/events', { params: { query: { after } } });
    return data.events.filter(({ name }) => name === 'whatsapp:message').map(({ payload }) => payload);
  };
  await expect.poll(payloads).toEqual([{ erased: true }]);
}

/** Waits until the cursor of a recipe is where the service is. */
async function untilRemembered(cursor: string): Promise<{ lastOfMessages: number }> {
  const remembered = async () => Number(await readFile(cursor, 'utf8')) - (await head());
  await expect.poll(remembered, { timeout: PATIENCE_MS }).toBe(0);
  return { lastOfMessages: await head() };
}

async function receivesWebhook(file: string): Promise<void> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const [secret] = await run('receive-webhook.sh', { WEBHOOK_URL: url });
  expect(secret).toMatch(/^whsec_/);
  if (file === 'receive-webhook.sh') {
    return;
  }
  const done = join(folder, `${file}.done`);
  await mkdir(done);
  const path = join(FOLDER, file);
  const command = file.endsWith('.php')
    ? ['php', '-S', `127.0.0.1:${port}`, path]
    : [...RUNNERS[extname(file)]!, path];
  const receiver = start(command, { WEBHOOK_SECRET: secret!, PORT: String(port), DONE_FOLDER: done });
  await expect.poll(() => receiver.errors.join('\n')).toMatch(/listening|started/);

  const forged = await fetch(url, {
    method: 'POST',
    headers: {
      'webhook-id': 'a',
      'webhook-timestamp': String(Math.floor(Date.now() / 1_000)),
      'webhook-signature': 'v1,AAAA',
    },
    body: '{}',
  });
  expect(forged.status).toBe(400);

  const lineOf = (text: string) => `${home.ana.number} ${file} ${text}`;
  await home.ana.writes(home.owner, `${file} once`);
  await expect.poll(() => receiver.lines).toEqual([lineOf('once')]);
  const webhook = await webhookOf(url);
  await client.POST('/api/webhooks/{id}/redrive', {
    params: { path: { id: webhook.id } },
    body: { after: 0 },
  });
  await home.ana.writes(home.owner, `${file} and on`);
  await expect.poll(() => receiver.lines).toContain(lineOf('and on'));
  expect(receiver.lines.filter((line) => line === lineOf('once'))).toHaveLength(1);
  await client.webhooks.remove(webhook.id);
}

async function webhookOf(url: string) {
  for await (const webhook of client.webhooks.list()) {
    if (webhook.url === url) {
      return webhook;
    }
  }
  throw new Error(`no webhook calls ${url}`);
}
