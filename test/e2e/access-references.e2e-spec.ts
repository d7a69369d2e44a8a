import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from './access-ask.js';
import { type Reference, referencesIn } from './access-discovery.js';
import { asOwn, type Call, NOBODY, RULES } from './access-rules.js';
import { AccessFixture, ADMIN_KEY, FOREIGN, HOME } from './access-fixture.js';
import { aPicture } from './stored-picture.js';

const SEND = 'POST /api/whatsapp/instances/:id/send';

let fixture: AccessFixture;
let homeKey: string;
let foreignKey: string;

beforeAll(async () => {
  fixture = await AccessFixture.start();
  ({ key: homeKey } = await fixture.key(HOME));
  ({ key: foreignKey } = await fixture.key(FOREIGN));
  await doEverythingTwice();
});
afterAll(() => fixture?.stop());

interface Sendable {
  instanceId: string;
  messageId: string;
  uploadId: string;
  pictureId: string;
}

/** What of an organization is named by what is sent: `id` of a field, and the body around it. */
const IN_SENDS: Readonly<
  Record<string, { idOf: (sendable: Sendable) => string; body: (id: string, own: Sendable) => object }>
> = {
  reply_to: {
    idOf: ({ messageId }) => messageId,
    body: (id) => ({ to: '5521988776655', message: 'hello', reply_to: id }),
  },
  'reaction.message_id': {
    idOf: ({ messageId }) => messageId,
    body: (id) => ({ reaction: { message_id: id, emoji: '👍' } }),
  },
  'media.id': {
    idOf: ({ uploadId }) => uploadId,
    body: (id) => ({ to: '5521988776655', type: 'document', media: { id } }),
  },
  'thumbnail.id': {
    idOf: ({ pictureId }) => pictureId,
    body: (id, { uploadId }) => ({
      to: '5521988776655',
      type: 'document',
      media: { id: uploadId },
      thumbnail: { id },
    }),
  },
};

async function sendable(organizationId: string): Promise<Sendable> {
  const { instanceId, messageId } = await fixture.conversation(organizationId);
  await fixture.database.sql(
    `update messages set whatsapp_message_id = 'W', chat_jid = '5521988776655@s.whatsapp.net' where id = $1::text::uuid`,
    [messageId],
  );
  const uploadId = await upload(organizationId, Buffer.from(`the file of ${organizationId}`));
  return { instanceId, messageId, uploadId, pictureId: await upload(organizationId, await aPicture()) };
}

async function upload(organizationId: string, bytes: Buffer): Promise<string> {
  const form = new FormData();
  form.set('file', new Blob([new Uint8Array(bytes)]), 'a.txt');
  const answer = await fetch(`${fixture.http.url}/api/media?organization_id=${organizationId}`, {
    method: 'POST',
    body: form,
    headers: { authorization: `Bearer ${ADMIN_KEY}` },
    signal: AbortSignal.timeout(60_000),
  });
  const { media } = (await answer.json()) as { media: { id: string } };
  return media.id;
}

/** So that each list has a second page. */
async function doEverythingTwice(): Promise<void> {
  for (const [route, rule] of [...Object.entries(RULES), ...Object.entries(RULES)]) {
    await ask(fixture, route, await rule.call(fixture), ADMIN_KEY);
  }
  // Which administrators do not make.
  await fixture.invitation(HOME);
  await fixture.invitation(HOME);
}

/** What a list holds, whatever its name, each item as text. */
const itemsOf = ({ text }: { text: string }): string[] =>
  (Object.values(JSON.parse(text) as object).find((value) => Array.isArray(value)) as unknown[]).map((item) =>
    JSON.stringify(item),
  );

/** The call with one more field. */
function withField({ path, body }: Call, { field, place }: Reference, value: string | number): Call {
  return place === 'body'
    ? { path, body: { ...(body as object), [field]: value } }
    : { path: `${path}${path.includes('?') ? '&' : '?'}${field}=${value}`, body };
}

describe('in the own organization', () => {
  let references: Reference[];
  let home: Record<string, string>;
  beforeAll(async () => {
    references = referencesIn((await fixture.http.api.call<never>('GET', '/api/docs-json')).body);
    const { instanceId, contactId } = await fixture.conversation();
    await fixture.deadMessage(instanceId);
    home = {
      instance_id: instanceId,
      contact_id: contactId,
      group_id: await fixture.group(HOME, instanceId),
      service_id: await fixture.service(),
    };
  });

  it("another's id is like one of nothing, in every field that takes one", async () => {
    const ids = references.filter(({ route, field }) => route !== SEND && field !== 'cursor');
    expect(ids.length).toBeGreaterThan(4);
    for (const reference of ids) {
      const { route, field } = reference;
      const call = await RULES[route]!.call(fixture);
      const id = (call.body as Record<string, string> | undefined)?.[field] ?? home[field];
      if (id === undefined) {
        throw new Error(`${route}: whose id is ${field}? Name one of another organization's objects.`);
      }
      const answers = (one: Call, token: string) =>
        Promise.all(
          [id, NOBODY].map((value) => ask(fixture, route, withField(one, reference, value), token)),
        );

      for (const own of asOwn(call)) {
        const [theirs, nothing] = await answers(own, foreignKey);
        expect([reference, theirs]).toEqual([reference, nothing]);
      }
      // What administrators alone may ask for is everybody's; no organization's key is answered there.
      if (RULES[route]!.access === 'admin') {
        continue;
      }
      // There is something to be seen for those who may.
      const [own, none] = await answers(call, homeKey);
      expect([reference, own!.text]).not.toEqual([reference, none!.text]);
    }
  });

  it("another's object is like none in what is sent, in every field that takes one", async () => {
    const [theirs, own] = [await sendable(HOME), await sendable(FOREIGN)];
    const fields = references.filter(({ route }) => route === SEND).map(({ field }) => field);
    expect(fields.toSorted()).toEqual(Object.keys(IN_SENDS).toSorted());

    for (const [field, { idOf, body }] of Object.entries(IN_SENDS)) {
      const answers = [];
      for (const id of [idOf(theirs), NOBODY, idOf(own)]) {
        const call = { path: `/api/whatsapp/instances/${own.instanceId}/send`, body: body(id, own) };
        answers.push(await ask(fixture, SEND, call, foreignKey));
      }
      const [ofOthers, ofNobody, ofOwn] = answers;
      expect([field, ofOthers]).toEqual([field, ofNobody]);
      expect([field, ofOthers!.status < 500, ofOwn!.status]).toEqual([field, true, 200]);
    }
  });

  it("another's cursor shows nothing that is not in the own list", async () => {
    const lists: { reference: Reference; call: Call; own: Call }[] = [];
    for (const reference of references.filter(({ field }) => field === 'cursor')) {
      const call = await RULES[reference.route]!.call(fixture);
      const [own = call] = asOwn(call);
      if ((await ask(fixture, reference.route, own, foreignKey)).status === 200) {
        lists.push({ reference, call, own });
      }
    }

    expect(lists.length).toBeGreaterThan(8);
    for (const { reference, call, own } of lists) {
      const theirs = withField(own, reference, await cursorOf(call, reference));
      const shown = await ask(fixture, reference.route, theirs, foreignKey);
      const whole = withField(own, { ...reference, field: 'limit' }, 100);
      const all = await ask(fixture, reference.route, whole, foreignKey);
      const known = new Set(itemsOf(all));
      // A list of more than a page is of rows that say whose they are.
      const isWhole = all.text.includes('"next_cursor":null');

      expect([reference, shown.status]).toEqual([reference, 200]);
      expect([reference, shown.text]).not.toEqual([reference, expect.stringContaining(HOME)]);
      expect([reference, isWhole ? itemsOf(shown).filter((item) => !known.has(item)) : []]).toEqual([
        reference,
        [],
      ]);
    }
  });

  /** @returns the cursor after the first item of a list, as an administrator is given it */
  async function cursorOf(call: Call, reference: Reference): Promise<string> {
    const first = withField(call, { ...reference, field: 'limit' }, 1);
    const { text } = await ask(fixture, reference.route, first, ADMIN_KEY);
    const { next_cursor: cursor } = JSON.parse(text) as { next_cursor: string | null };
    expect([reference, cursor]).toEqual([reference, expect.any(String)]);
    return cursor!;
  }
});

describe("another organization's contact", () => {
  it('is like none in the own organization, too', async () => {
    const { contactId } = await fixture.conversation();
    const real = await ask(fixture, 'GET', { path: `/api/contacts/${contactId}` }, foreignKey);
    const missing = await ask(fixture, 'GET', { path: `/api/contacts/${randomUUID()}` }, foreignKey);

    expect(real).toMatchObject({ status: 404, code: 'contact_not_found' });
    expect(missing).toEqual(real);
  });
});
