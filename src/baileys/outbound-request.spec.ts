import { describe, expect, it } from 'vitest';
import type { MessageStatus } from '../repositories/message.js';
import { outcomeOf, requestHash, sendFailed } from './outbound-request.js';

describe('requestHash', () => {
  it('depends on recipient and text alone', () => {
    const hash = requestHash({ to: '5511999887766', message: 'x', idempotencyKey: 'a' });

    expect(requestHash({ to: '5511999887766', message: 'x', idempotencyKey: 'b' })).toBe(hash);
    expect(requestHash({ to: '5511999887765', message: 'x' })).not.toBe(hash);
    expect(requestHash({ to: '5511999887766', message: 'x ' })).not.toBe(hash);
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
    ['whatsapp_error_463', 'did not take'],
    ['not_confirmed_in_time', 'may or may not have arrived'],
    ['session_ended', 'may or may not have arrived'],
  ])('says of %s: %s', (reason, text) => {
    expect(sendFailed(reason)).toMatchObject({ code: 'send_failed', message: expect.stringContaining(text) });
  });
});
