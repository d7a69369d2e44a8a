import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LinkedService, startLinkedService } from '../support/linked-service.js';

const ORGANIZATION = 'org_123';

interface Note {
  id: string;
  whatsapp_message_id: string;
  [column: string]: unknown;
}

let service: LinkedService;
let events: LinkedService['events'];
let owner: LinkedService['owner'];
let ana: LinkedService['ana'];

beforeAll(async () => {
  service = await startLinkedService(ORGANIZATION);
  ({ events, owner, ana } = service);
});

afterAll(() => service.stop());

async function noteOf(id: string): Promise<Note | undefined> {
  const answer = await service.api.call<{ notes: Note[] }>(
    'GET',
    `/api/notes?organization_id=${ORGANIZATION}&limit=50`,
  );
  return answer.body.notes.find((note) => note.whatsapp_message_id === id);
}

it('a note says what it is, what it answers, and what was done to it', async () => {
  const question = await ana.writes(owner, 'where are you?');
  const asked = await events.next('whatsapp:message', ({ messageId }) => messageId === question.id);
  const place = await owner.writes(ana, {
    location: { latitude: 1.5, longitude: 2.5, name: 'Clinic' },
    replyTo: question,
  });
  await expect.poll(() => noteOf(place.id)).toBeDefined();
  await ana.reacts(owner, '👍', place);
  const reacted = await events.next('whatsapp:reaction', ({ messageId }) => messageId === place.id);

  const { body } = await service.api.call<{ messages: { id: string; whatsapp_message_id: string }[] }>(
    'GET',
    `/api/messages?organization_id=${ORGANIZATION}&contact_id=${asked.contactId}`,
  );
  expect(await noteOf(place.id)).toMatchObject({
    id: reacted.id,
    contact_id: asked.contactId,
    type: 'location',
    metadata: { latitude: 1.5, longitude: 2.5, name: 'Clinic' },
    reply_to: {
      id: body.messages[0]!.id,
      whatsapp_message_id: question.id,
      from_me: false,
      content: 'where are you?',
    },
    reactions: [{ emoji: '👍', from: ana.number, from_me: false }],
    mentions: [],
    is_forwarded: false,
    is_view_once: false,
    edited_at: null,
    deleted_at: null,
  });
});

it('a note that was edited and taken back on the phone is', async () => {
  const first = await owner.writes(ana, 'at five');
  await expect.poll(() => noteOf(first.id)).toMatchObject({ type: 'text', content: 'at five' });
  await owner.writes(ana, { edit: first, text: 'at six' });
  await events.next('whatsapp:message-edited', ({ messageId }) => messageId === first.id);
  expect(await noteOf(first.id)).toMatchObject({
    content: 'at six',
    edited_at: expect.any(String) as unknown,
  });

  await owner.writes(ana, { revoke: first });
  await events.next('whatsapp:message-deleted', ({ messageId }) => messageId === first.id);
  expect(await noteOf(first.id)).toMatchObject({ content: '', deleted_at: expect.any(String) as unknown });
});

it('what the owner shows somebody once says so', async () => {
  const sent = await owner.writes(ana, { image: {} }, { unavailable: 'view_once' });

  await expect
    .poll(() => noteOf(sent.id))
    .toMatchObject({ content: '[view once] look on the phone', is_view_once: true, type: 'unsupported' });
});

it('the file of a note is fetched, shown and goes with it', async () => {
  const sent = await owner.writes(ana, { image: { caption: 'the entrance' } });
  const fetched = await events.next('whatsapp:media', ({ messageId }) => messageId === sent.id);
  const note = await noteOf(sent.id);
  expect(fetched).toMatchObject({ id: note!.id, state: 'ready', contactId: note!['contact_id'] });
  expect(note).toMatchObject({
    type: 'image',
    content: expect.stringContaining('the entrance') as unknown,
    media: { state: 'ready', url: `/api/messages/${note!.id}/media`, error: null },
  });
  const file = () => service.api.call('GET', `/api/messages/${note!.id}/media`);
  expect((await file()).status).toBe(200);

  await owner.writes(ana, { revoke: sent });
  await events.next('whatsapp:message-deleted', ({ messageId }) => messageId === sent.id);
  expect((await noteOf(sent.id))?.['media']).toBeNull();
  expect((await file()).status).toBe(404);
});

it('the file of a note that WhatsApp has no longer is asked for from the phone', async () => {
  service.simulator.faults.disturbDownloads({ kind: 'status', status: 410 }, 1);
  const asked: string[] = [];
  service.simulator.on('media.asked-again', ({ id }) => asked.push(id));

  const sent = await owner.writes(ana, { image: {} });
  const fetched = await events.next('whatsapp:media', ({ messageId }) => messageId === sent.id);

  expect(fetched).toMatchObject({ state: 'ready' });
  expect(asked).toEqual([sent.id]);
});
