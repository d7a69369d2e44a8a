import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../src/common/app-error.js';
import type { ErrorCode } from '../../src/common/errors/catalogue.js';
import { MessagesRepository } from '../../src/repositories/messages.repository.js';
import { type HttpApp, startHttpApp } from './http-app.js';

const MESSAGE = { to: '5511999887766', message: 'x' };

let http: HttpApp;
let id: string;

beforeAll(async () => {
  http = await startHttpApp();
});
afterAll(() => http.stop());

beforeEach(async () => {
  id = await http.api.createInstance('org_123', '5511999887766');
  http.sessions.connected.add(id);
  http.sessions.sendStatus = 'sent';
});

const send = (key?: string, body: object = MESSAGE) =>
  http.api.call(
    'POST',
    `/api/whatsapp/instances/${id}/send`,
    body,
    key === undefined ? {} : { 'idempotency-key': key },
  );

describe('the Idempotency-Key header', () => {
  it.each(['order-4711', 'with blanks, "quotes" and ~', 'x'.repeat(255)])(
    'is passed on: %.30s',
    async (key) => {
      expect((await send(key)).status).toBe(200);
      expect(http.sessions.calls.at(-1)?.argument).toEqual({ ...MESSAGE, idempotencyKey: key });
    },
  );

  it.each(['', 'x'.repeat(256), 'caf\u00e9', 'a\tb'])('is refused when it is %j', async (key) => {
    const before = http.sessions.calls.length;

    expect(await send(key)).toMatchObject({
      status: 400,
      body: { code: 'validation_failed', details: [{ path: 'Idempotency-Key' }] },
    });
    expect(http.sessions.calls).toHaveLength(before);
  });

  it('may be sent by web pages', async () => {
    const answer = await fetch(`${http.url}/api/whatsapp/instances/${id}/send`, {
      method: 'OPTIONS',
      headers: {
        origin: 'http://localhost:5173',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,idempotency-key',
      },
    });

    expect(answer.headers.get('access-control-allow-headers')).toContain('idempotency-key');
  });

  it('says when the message was stored by an earlier call', async () => {
    const sent = { messageId: randomUUID(), whatsappMessageId: '3EB0', status: 'sent' as const };
    const sending = vi.spyOn(http.sessions, 'sendText').mockResolvedValueOnce({ ...sent, isReplay: true });
    const replayed = await send('order-1');
    sending.mockRestore();

    expect(replayed.headers.get('idempotency-replayed')).toBe('true');
    expect((await send('order-1')).headers.get('idempotency-replayed')).toBeNull();
  });
});

describe('send', () => {
  it('says where to ask while nobody knows how it went', async () => {
    http.sessions.sendStatus = 'unknown';

    const { status, body } = await send();

    expect(status).toBe(202);
    expect(body['status_url']).toBe(`/api/messages/${String(body['message_id'])}`);
  });

  it.each<[ErrorCode, number, string | null]>([
    ['send_queue_full', 429, '2'],
    ['idempotency_key_reused', 409, null],
    ['shutting_down', 503, '5'],
  ])('answers %s with %i', async (code, status, retryAfter) => {
    http.sessions.nextFailure = new AppError(code, { message: 'No.' });

    const answer = await send();

    expect(answer).toMatchObject({ status, body: { success: false, code } });
    expect(answer.headers.get('retry-after')).toBe(retryAfter);
  });
});

describe('what changes a message', () => {
  const CHANGES = [
    ['PATCH', { message: 'second' }],
    ['DELETE', undefined],
  ] as const;
  const begun = () =>
    http.app.get(MessagesRepository, { strict: false }).beginOutbound({
      instanceId: id,
      organizationId: 'org_123',
      whatsappMessageId: `3EB0${randomUUID()}`,
      phone: '5521988776655',
      chatJid: '5521988776655@s.whatsapp.net',
      content: 'first',
      contentType: 'text',
    });

  it.each(CHANGES)('waits until it is stored that this was sent: %s', async (method, body) => {
    const messages = http.app.get(MessagesRepository, { strict: false });
    const { messageId } = await begun();
    const find = messages.findMessage.bind(messages);
    const looks = vi.spyOn(messages, 'findMessage').mockImplementationOnce(async (...asked) => {
      const found = await find(...asked);
      await messages.finishOutbound({ messageId, status: 'sent' });
      return found;
    });

    const answer = await http.api.call(method, `/api/messages/${messageId}`, body);
    const count = looks.mock.calls.length;
    looks.mockRestore();

    expect(answer).toMatchObject({ status: 200, body: { success: true } });
    expect(count).toBe(2);
  });

  it.each(CHANGES)('is refused where it was not sent in the end: %s', async (method, body) => {
    const { messageId } = await begun();

    const answer = await http.api.call(method, `/api/messages/${messageId}`, body);

    expect(answer).toMatchObject({ status: 409, body: { code: 'message_not_own' } });
  });
});

describe('one message', () => {
  it('is read by its id', async () => {
    const messages = http.app.get(MessagesRepository, { strict: false });
    const { messageId } = await messages.beginOutbound({
      instanceId: id,
      organizationId: 'org_123',
      whatsappMessageId: '3EB0C767D097B7C7C030',
      phone: '5521988776655',
      chatJid: '5521988776655@s.whatsapp.net',
      content: 'hello',
      contentType: 'text',
    });
    await messages.finishOutbound({ messageId, status: 'failed', error: 'whatsapp_error_463' });

    const answer = await http.api.call('GET', `/api/messages/${messageId}`);
    const failed = await http.api.call('GET', '/api/messages?organization_id=org_123&status=failed');
    const unknown = await http.api.call('GET', '/api/messages?organization_id=org_123&status=unknown');

    // As an earlier version stored it.
    const error = 'whatsapp_contact_restricted';
    const message = { id: messageId, status: 'failed', error, content: 'hello' };
    expect(answer).toMatchObject({ status: 200, body: { success: true, message } });
    expect(failed.body['messages']).toMatchObject([message]);
    expect(unknown.body['messages']).toEqual([]);
  });

  it.each([
    [randomUUID(), 404, 'message_not_found'],
    ['5', 400, 'invalid_id'],
  ])('is not found as %s', async (messageId, status, code) => {
    expect(await http.api.call('GET', `/api/messages/${messageId}`)).toMatchObject({
      status,
      body: { code },
    });
  });

  it('is not looked for by a status that there is not', async () => {
    expect(await http.api.call('GET', '/api/messages?organization_id=o&status=lost')).toMatchObject({
      status: 400,
      body: { details: [{ path: 'status' }] },
    });
  });
});
