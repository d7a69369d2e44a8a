import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { signedHeaders, toWebhookMessage } from './webhook-message.js';
import { decodeSecrets, drawWebhookSecret, encodeSecrets } from './webhook-secret.js';

const EVENT = { name: 'whatsapp:message', createdAt: '2026-01-01T00:00:01.000Z' };

describe('a message', () => {
  it.each([
    ['that says when it happened', { timestamp: '2026-01-01T00:00:00.000Z' }, '2026-01-01T00:00:00.000Z'],
    ['that does not', {}, EVENT.createdAt],
  ])('tells of an event %s', (_which, payload, timestamp) => {
    const { id, body } = toWebhookMessage('org_1', 42, { ...EVENT, payload });

    expect(id).toBe('evt_org_1_42');
    expect(JSON.parse(body)).toEqual({
      type: 'whatsapp:message',
      timestamp,
      sequence: 42,
      organization_id: 'org_1',
      data: { ...payload, sequence: 42 },
    });
  });

  it('is signed by each secret, as the library verifies it', () => {
    const [one, other, third] = [drawWebhookSecret(), drawWebhookSecret(), drawWebhookSecret()];
    const message = toWebhookMessage('org_1', 42, { ...EVENT, payload: { text: 'olá 👋' } as object });
    const headers = signedHeaders(message, [one, other], new Date());

    for (const secret of [one, other]) {
      expect(new Webhook(secret).verify(message.body, headers)).toEqual(JSON.parse(message.body));
    }
    expect(() => new Webhook(third).verify(message.body, headers)).toThrow('No matching signature');
    const late = signedHeaders(message, [one], new Date(Date.now() - 6 * 60_000));
    expect(() => new Webhook(one).verify(message.body, late)).toThrow('too old');
  });
});

describe('secrets', () => {
  it.each([{ current: 'whsec_YQ==' }, { current: 'whsec_YQ==', former: 'whsec_Yg==' }])(
    'are sealed together: %j',
    (secrets) => {
      expect(decodeSecrets(encodeSecrets(secrets))).toEqual(secrets);
    },
  );

  it('are not quoted by the error about them', () => {
    expect(() => decodeSecrets(Buffer.from('whsec_secret'))).toThrow(/^(?!.*whsec_secret)/);
  });
});
