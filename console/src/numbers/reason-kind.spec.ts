import { expect, it } from 'vitest';
import { messages } from './messages.ts';
import { reasonKind } from './reason-kind.ts';

it.each([
  ['qr_expired', 'qrExpired'],
  ['network', 'unreachable'],
  ['banned', 'banned'],
  ['a_reason_of_tomorrow', 'ours'],
])('tells a shop owner of %s what is said of %s', (reason, kind) => {
  expect(reasonKind(reason)).toBe(kind);
  expect(messages.en).toHaveProperty(kind);
  expect(messages.en).toHaveProperty(`${kind}Do`);
});
