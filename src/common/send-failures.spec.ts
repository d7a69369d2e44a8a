import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  codeOfStored,
  codeOfWhatsApp,
  isPassing,
  isSendFailure,
  SEND_FAILURE_CODES,
  sendFailure,
} from './send-failures.js';

describe('codeOfWhatsApp', () => {
  it.each([
    [400, 'whatsapp_bad_request'],
    [401, 'whatsapp_unauthorized'],
    [403, 'whatsapp_forbidden'],
    [404, 'whatsapp_recipient_not_found'],
    [405, 'whatsapp_not_allowed'],
    [406, 'whatsapp_not_acceptable'],
    [408, 'whatsapp_timeout'],
    [410, 'whatsapp_recipient_gone'],
    [420, 'whatsapp_rate_limited'],
    [421, 'whatsapp_wrong_addressing'],
    [429, 'whatsapp_rate_limited'],
    ['463', 'whatsapp_contact_restricted'],
    ['479', 'whatsapp_stanza_rejected'],
    [500, 'whatsapp_internal_error'],
    [503, 'whatsapp_unavailable'],
    [499, 'whatsapp_refused'],
    ['', 'whatsapp_refused'],
    ['nonsense', 'whatsapp_refused'],
  ])('makes of %s: %s', (error, code) => {
    expect(codeOfWhatsApp(error)).toBe(code);
  });
});

describe('codeOfStored', () => {
  it.each([
    ['whatsapp_rate_limited', 'whatsapp_rate_limited'],
    ['not_confirmed', 'not_confirmed'],
    ['whatsapp_error_463', 'whatsapp_contact_restricted'],
    ['whatsapp_error_999', 'whatsapp_refused'],
    ['All encryptions failed', 'send_failed'],
    ['constructor', 'send_failed'],
    [null, 'send_failed'],
  ])('reads %s as %s', (stored, code) => {
    expect(codeOfStored(stored)).toBe(code);
  });
});

describe('the codes', () => {
  it('are stable names, each with one sentence', () => {
    for (const code of SEND_FAILURE_CODES) {
      expect(code).toMatch(/^[a-z][a-z_]+$/);
      expect(sendFailure(code).sentence).toMatch(/^[A-Z].*\.$/);
      expect(isSendFailure(code)).toBe(true);
    }
  });

  it('are in the table of the README', () => {
    const readme = readFileSync('README.md', 'utf8');

    expect(SEND_FAILURE_CODES.filter((code) => !readme.includes(`\`${code}\``))).toEqual([]);
  });

  it('let a message be sent again where it certainly did not arrive, and waiting may help', () => {
    expect(SEND_FAILURE_CODES.filter((code) => isPassing(sendFailure(code).kind))).toEqual([
      'whatsapp_rate_limited',
      'whatsapp_timeout',
      'whatsapp_internal_error',
      'whatsapp_unavailable',
      'encryption_failed',
      'media_upload_failed',
    ]);
  });
});
