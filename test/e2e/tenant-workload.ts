import { expect, vi } from 'vitest';
import type { Phone } from '../../src/simulator/phones/phone.js';
import type { SentMessage } from '../../src/simulator/phones/sent-message.js';
import type { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import type { Tenant } from '../support/tenant.js';

/** A word that the database refuses to store; the test that runs the workload sees to it. */
export const UNSTORABLE_TEXT = 'unstorable';
/** As callers and phones choose them, without knowing of each other. */
const COMMON_KEY = 'order-1';
const COMMON_ID = '3EB0COMMONCOMMON';

const ROUNDS = 10;
const SOON = { timeout: 60_000, interval: 50 };

/** The phones that take part in the workload of a tenant. */
export interface WorkloadPhones {
  /** A client of this tenant alone. */
  client: Phone;
  /** A client of both tenants. */
  shared: Phone;
  /** Writes once, and has everything erased. */
  leaver: Phone;
  /** How the shared client's messages are addressed here. */
  addressing: 'lid' | 'pn';
}

/**
 * What a tenant does under load: clients write, it answers, connections break, and it makes mistakes of its own.
 * @param closing goes on until this is aborted
 * @returns how many rounds it made, of three messages each
 */
export async function runWorkload(
  tenant: Tenant,
  workloadPhones: WorkloadPhones,
  simulator: WhatsAppSimulator,
  closing: AbortSignal,
): Promise<number> {
  const { client, shared, leaver, addressing } = workloadPhones;
  const [first, second] = tenant.phones as [Phone, Phone];
  await delivered(shared.writes(first, tenant.says('same id'), { id: COMMON_ID, addressing }));
  await delivered(leaver.writes(second, tenant.says('forget me')));
  const makeRound = async (round: number) => {
    const ownPhone = tenant.phones[round % 2]!;
    await delivered(client.writes(ownPhone, tenant.says(`question ${round}`)));
    await delivered(shared.writes(ownPhone, tenant.says(`both ${round}`), { addressing }));
    await answer(tenant, round, round % 3 === 0 ? shared : client);
  };
  simulator.faults.corrupt(second);
  simulator.faults.forgetSessions(client);
  await delivered(client.writes(first, tenant.says(UNSTORABLE_TEXT)));
  await Promise.all([
    ...Array.from({ length: ROUNDS }, (_, round) => makeRound(round)),
    sendTwice(tenant, shared),
    makeMistakes(tenant),
    callTooOften(tenant),
    eraseLeaver(tenant, leaver),
  ]);
  simulator.faults.dropConnection(first);
  await delivered(client.writes(first, tenant.says('after the line broke')));
  await loseKey(tenant);
  let rounds = ROUNDS;
  for (; !closing.aborted; rounds += 1) {
    await makeRound(rounds);
  }
  return rounds;
}

/** The service has it, and has stored it. */
async function delivered(writing: Promise<SentMessage>): Promise<void> {
  await (await writing).acknowledged();
}

async function answer(tenant: Tenant, round: number, to: Phone): Promise<void> {
  const message = tenant.says(`answer ${round}`);
  const sent = await tenant.ask('POST', sendPath(tenant, round), { to: to.number, message });
  expect([200, 202], sent.text).toContain(sent.status);
  to.reads(await to.receives(({ text }) => text === message, { timeoutMs: SOON.timeout }));
}

/** Under a key that the other tenant uses, too. */
async function sendTwice(tenant: Tenant, to: Phone): Promise<void> {
  const body = { to: to.number, message: tenant.says('once') };
  const ids = [];
  for (let time = 0; time < 2; time += 1) {
    const { text } = await tenant.ask('POST', sendPath(tenant, 0), body, { 'idempotency-key': COMMON_KEY });
    ids.push((JSON.parse(text) as { message_id: string }).message_id);
  }
  expect(ids[0]).toBe(ids[1]);
}

async function makeMistakes(tenant: Tenant): Promise<void> {
  const message = tenant.says('a mistake');
  const answers = await Promise.all([
    tenant.ask('POST', sendPath(tenant, 0), { to: '+55 11 99988-7766', message }),
    tenant.ask('POST', sendPath(tenant, 0), { to: '5521900000000', message }),
    tenant.ask('POST', sendPath(tenant, 0), { message }),
    tenant.ask('POST', '/api/whatsapp/instances/no-id/send', { message }),
    tenant.ask('GET', `/api/messages?organization_id=${tenant.organizationId}&cursor=garbage`),
    tenant.ask('GET', '/api/nothing'),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400, 404]);
}

/** With a key for that alone. */
async function callTooOften(tenant: Tenant): Promise<void> {
  const { key } = await tenant.makeKey('greedy');
  const path = `/api/contacts?organization_id=${tenant.organizationId}&limit=1`;
  let status = 0;
  while (status !== 429) {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => tenant.ask('GET', path, undefined, {}, key)),
    );
    status = Math.max(...answers.map((one) => one.status));
  }
}

async function eraseLeaver(tenant: Tenant, { number }: Phone): Promise<void> {
  const contact = await vi.waitFor(async () => {
    const contacts = await tenant.list<{ id: string; phone_number: string }>('contacts');
    return contacts.find((one) => one.phone_number === number) ?? Promise.reject(new Error('not there yet'));
  }, SOON);
  const path = `/api/contacts/${contact.id}`;
  expect((await tenant.ask('POST', `${path}/export`)).text).toContain(tenant.says('forget me'));
  expect((await tenant.ask('DELETE', path)).status).toBe(200);
}

async function loseKey(tenant: Tenant): Promise<void> {
  const { id, key } = await tenant.makeKey('stolen');
  const socket = await tenant.listen(0, key);
  expect((await tenant.ask('DELETE', `${tenant.path}/api-keys/${id}`)).status).toBe(200);
  expect((await tenant.ask('GET', '/api/organizations', undefined, {}, key)).status).toBe(401);
  await socket.disconnected();
}

function sendPath({ instanceIds }: Tenant, turn: number): string {
  return `/api/whatsapp/instances/${instanceIds[turn % 2]!}/send`;
}
