import { describe, expect, it } from 'vitest';
import type { MessageStatus } from '../../repositories/message.js';
import { named, outcomeOf, requestHash, sendFailed } from './send-request.js';

describe('requestHash', () => {
  it('depends on recipient and text alone', () => {
    const hash = requestHash({ to: '5511999887766', message: 'x', idempotencyKey: 'a' });

    expect(requestHash({ to: '5511999887766', message: 'x', idempotencyKey: 'b' })).toBe(hash);
    expect(requestHash({ to: '5511999887765', message: 'x' })).not.toBe(hash);
    expect(requestHash({ to: '5511999887766', message: 'x ' })).not.toBe(hash);
  });
});

describe('named', () => {
  const text = { to: '5511999887766', message: 'x', idempotencyKey: 'order 1' };
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

  it('gives a text without a key new ids each time', () => {
    const ids = [1, 2].map(() => named('a', { to: '5511999887766', message: 'x' }));

    expect(ids[0]!.messageId).not.toBe(ids[1]!.messageId);
    expect(ids[0]!.whatsappMessageId).not.toBe(ids[1]!.whatsappMessageId);
  });

  it('gives a text with a key the same ids each time, of the usual form', () => {
    const first = named('a', text);

    expect(named('a', text)).toEqual(first);
    expect(first.messageId).toMatch(uuid);
    expect(first.whatsappMessageId).toMatch(/^3EB0[0-9A-F]{18}$/);
  });

  it.each([
    ['instance', 'b', text],
    ['key', 'a', { ...text, idempotencyKey: 'order 2' }],
    ['text', 'a', { ...text, message: 'y' }],
  ])('gives others for another %s', (_what, instanceId, other) => {
    const [one, two] = [named('a', text), named(instanceId, other)];

    expect(two.messageId).not.toBe(one.messageId);
    expect(two.whatsappMessageId).not.toBe(one.whatsappMessageId);
  });
});

describe('outcomeOf', () => {
  it.each<[MessageStatus, string]>([
    ['pending', 'unknown'],
    ['unknown', 'unknown'],
    ['sent', 'sent'],
    ['delivered', 'sent'],
    ['read', 'sent'],
    ['failed', 'failed'],
  ])('makes of %s: %s', (status, outcome) => {
    expect(outcomeOf(status, null).status).toBe(outcome);
  });
});

describe('sendFailed', () => {
  it.each([
    ['whatsapp_contact_restricted', 'counts against the account'],
    ['not_confirmed_in_time', 'may or may not have arrived'],
    ['session_ended', 'may or may not have arrived'],
    ['recipient_not_on_whatsapp', 'no WhatsApp account'],
  ] as const)('says of %s: %s', (code, text) => {
    expect(sendFailed(code)).toMatchObject({ code, message: expect.stringContaining(text) });
  });
});
