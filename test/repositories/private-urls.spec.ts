import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { IntegrityRepository } from '../../src/instances/integrity.repository.js';
import { openTestDatabase, type TestDatabase } from '../support/databases.js';
import { Scenario } from './scenario.js';

const PHONE = '5511988887777';
const LID = '99887766554433';
const NAME = 'Canária';
const TEXT = 'planted-text';
const WHATSAPP_ID = '3EB0PLANTED';
const JID = `${PHONE}@s.whatsapp.net`;

let database: TestDatabase;
let scenario: Scenario;

beforeAll(async () => {
  database = await openTestDatabase('hosted');
  scenario = await Scenario.create(database);
  database.project!.counters.reset();
});
afterAll(() => database.close());

/** What a host would have in its log of all of these calls. */
const logged = () => [...database.project!.counters.urls].map((url) => decodeURIComponent(url)).join('\n');

it('says nothing about a person in the address of a call, which hosts log', async () => {
  const { organizationId, instanceId, contacts, messages, notes, bookings, instances } = scenario;
  const person = { phone: PHONE, lid: LID };
  const page = { limit: 5 };
  await scenario.ingest(await scenario.received({ ...person, name: NAME, text: TEXT, id: WHATSAPP_ID }));
  await scenario.ingest(await scenario.ownerWrote({ ...person, text: TEXT }));
  const contact = (await scenario.contactOf(PHONE))!;
  await contacts.searchContacts(organizationId, { ...page, search: NAME });
  await contacts.searchContacts(organizationId, { ...page, search: PHONE });
  await contacts.findContact(organizationId, contact.id);
  const mine = await instances.insertInstance({ organizationId, instanceName: NAME, phoneNumber: PHONE });
  await instances.updateInstance('all', mine.id, { phoneNumber: PHONE, instanceName: NAME });
  await instances.listInstances('all', page);
  const address = { phone: PHONE, lid: LID, chatJid: JID };
  const text = { instanceId, organizationId, content: TEXT, contentType: 'text' };
  await messages.beginOutboundTo({
    ...text,
    whatsappMessageId: randomUUID(),
    numbers: [PHONE],
    otherwise: address,
  });
  const { messageId } = await messages.beginOutbound({
    ...text,
    ...address,
    whatsappMessageId: WHATSAPP_ID,
    idempotencyKey: TEXT,
  });
  await messages.findOutbound(instanceId, TEXT, WHATSAPP_ID);
  await messages.findOutboundContent(instanceId, WHATSAPP_ID);
  await messages.wereSentTo(instanceId, [WHATSAPP_ID], person);
  await messages.finishOutbound({ messageId, status: 'failed', error: TEXT });
  await messages.applyReceipts([
    { instanceId, whatsappMessageId: WHATSAPP_ID, status: 'read', chat: person },
  ]);
  await messages.listMessages(organizationId, { ...page, contactId: contact.id });
  await notes.listNotes(organizationId, { ...page, contactId: contact.id });
  await bookings.listBookings(organizationId, { ...page, contactId: contact.id });
  await new IntegrityRepository(database.client).listUndecrypted(organizationId, instanceId, page);
  await scenario.organizations.renameOrganization(organizationId, NAME);

  expect(database.project!.counters.total).toBeGreaterThan(20);
  for (const planted of [PHONE, LID, NAME, TEXT, WHATSAPP_ID, JID]) {
    expect(logged()).not.toContain(planted);
  }
});
