import { createHash, randomUUID } from 'node:crypto';
import { proto, writeRandomPadMax16 } from '@whiskeysockets/baileys';
import { DataKeys, makeDataKey, type WrappedKey } from '../src/common/data-keys.js';
import { SecretBox } from '../src/common/secret-box.js';
import { ask, quote, type SqlTarget } from './sql.js';

const ORGANIZATIONS = 4;
const INSTANCES = 5;
const CLIENTS = 50;
/** One message of so many is an owner's. */
const OWNERS_TURN = 25;
const ROWS_PER_STATEMENT = 500;
const HOLDER = 'bench';
const TEXTS = [
  'Good morning! Is there a free slot this afternoon?',
  'Yes, that works. See you then 👍',
  'Could you move my appointment to Thursday at half past three? Something came up at work, and I can not make it before.',
  'How much is it?',
];

/** What an inbox was filled with. */
export interface Filling {
  rows: number;
  clientMessages: number;
  ownerMessages: number;
}

interface Instance {
  id: string;
  organization: number;
  phone: string;
  dataKey: WrappedKey;
  keys: DataKeys;
}

/**
 * Fills the inbox as sessions do, and keeps workers from it until `release`: the oldest row of each instance is claimed.
 * @param key the workers' `SESSION_ENCRYPTION_KEY`
 */
export async function fillInbox(target: SqlTarget, rows: number, key: Buffer): Promise<Filling> {
  const instances = await addInstances(target, new SecretBox([key]));
  let ownerMessages = 0;
  const made = Array.from({ length: rows }, (_, place) => {
    const instance = instances[place % instances.length]!;
    const turn = Math.floor(place / instances.length);
    const isOwner = turn % OWNERS_TURN === OWNERS_TURN - 1;
    ownerMessages += isOwner ? 1 : 0;
    return toRow(instance, turn, isOwner ? colleagueOf(instance, instances).phone : undefined);
  });
  await insert(target, made.slice(0, instances.length), HOLDER);
  for (let first = instances.length; first < rows; first += ROWS_PER_STATEMENT) {
    await insert(target, made.slice(first, first + ROWS_PER_STATEMENT));
  }
  return { rows, clientMessages: rows - ownerMessages, ownerMessages };
}

/**
 * Lets all workers begin at the same moment: each of them learns by its next look when the claims end.
 * @param ms longer than the time between two looks
 */
export async function release(target: SqlTarget, ms: number): Promise<void> {
  await ask(
    target,
    `update inbox set claimed_until = now() + interval '${ms} milliseconds' where claimed_by = '${HOLDER}'`,
  );
}

async function addInstances(target: SqlTarget, master: SecretBox): Promise<Instance[]> {
  const instances = Array.from({ length: ORGANIZATIONS * INSTANCES }, (_, place) =>
    makeInstance(place, master),
  );
  await ask(
    target,
    `insert into organizations (id) select 'bench-' || n from generate_series(0, ${ORGANIZATIONS - 1}) n`,
  );
  const values = instances.map(
    ({ id, organization, phone }) => `('${id}', 'bench-${organization}', 'Bench', '${phone}', '${phone}')`,
  );
  await ask(
    target,
    `insert into whatsapp_instances (id, organization_id, instance_name, phone_number, account_phone)
      values ${values.join(', ')}`,
  );
  const dataKeys = instances.map(
    ({ id, organization, dataKey: { keyId, wrapped } }) =>
      `('bench-${organization}', '${id}', 'inbox', '\\x${keyId.toString('hex')}', '\\x${wrapped.toString('hex')}')`,
  );
  await ask(
    target,
    `insert into data_keys (organization_id, instance_id, purpose, key_id, wrapped) values ${dataKeys.join(', ')}`,
  );
  return instances;
}

function makeInstance(place: number, master: SecretBox): Instance {
  const id = randomUUID();
  const owner = { id, purpose: 'inbox' } as const;
  const dataKey = makeDataKey(master, owner);
  return {
    id,
    organization: place % ORGANIZATIONS,
    phone: `5511910${String(place).padStart(6, '0')}`,
    dataKey,
    keys: DataKeys.unwrap(master, owner, [{ ...dataKey, isCurrent: true }]),
  };
}

/** An organization's own people write to each other's numbers: those are notes. */
function colleagueOf(instance: Instance, instances: readonly Instance[]): Instance {
  return instances.find(
    ({ id, organization }) => organization === instance.organization && id !== instance.id,
  )!;
}

function toRow(instance: Instance, turn: number, owner: string | undefined) {
  const client = (turn * 7) % CLIENTS;
  const number = `55119${instance.phone.slice(-4)}${String(client).padStart(4, '0')}`;
  const lid = `1${number}@lid`;
  const messageId = `3EB0${randomUUID().replaceAll('-', '').slice(0, 18).toUpperCase()}`;
  const hash = createHash('sha256').update(messageId).digest('hex');
  const text = TEXTS[turn % TEXTS.length]!;
  const body = writeRandomPadMax16(proto.Message.encode({ conversation: text }).finish());
  const from = owner === undefined ? lid : `${owner}@s.whatsapp.net`;
  const attrs = {
    id: messageId,
    from,
    type: 'text',
    t: String(Math.floor(Date.now() / 1_000)),
    notify: owner === undefined ? `Client ${client}` : 'Colleague',
    ...(owner === undefined && { sender_pn: `${number}@s.whatsapp.net`, addressing_mode: 'lid' }),
  };
  return {
    organization_id: `bench-${instance.organization}`,
    instance_id: instance.id,
    message_id: messageId,
    chat: from,
    sender: from,
    hash,
    attrs,
    body: instance.keys.seal(body, [instance.id, 'inbox', hash]).toString('hex'),
    account_phone: instance.phone,
  };
}

async function insert(
  target: SqlTarget,
  rows: readonly ReturnType<typeof toRow>[],
  claimedBy?: string,
): Promise<void> {
  const claim = claimedBy === undefined ? 'null, null' : `'${claimedBy}', now() + interval '1 hour'`;
  await ask(
    target,
    `insert into inbox (organization_id, instance_id, message_id, chat, sender, hash, attrs, encryption, body,
        account_phone, claimed_by, claimed_until)
      select r.organization_id, r.instance_id, r.message_id, r.chat, r.sender, r.hash, r.attrs, 'msg',
        decode(r.body, 'hex'), r.account_phone, ${claim}
      from jsonb_to_recordset(${quote(JSON.stringify(rows))}::jsonb) as r (organization_id text, instance_id uuid,
        message_id text, chat text, sender text, hash text, attrs jsonb, body text, account_phone text)`,
  );
}
