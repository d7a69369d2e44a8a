import { describe, expect, it } from 'vitest';
import { SessionSettings } from './session-settings.js';

const { sendMs, queryMs, lookupMs, outbound } = new SessionSettings();

describe('a send', () => {
  it.each([
    ['a question that it asks', queryMs],
    ['finding its devices, which takes two', 2 * lookupMs],
  ])('outlasts %s, so that it is known that nothing left', (_name, ms) => {
    expect(sendMs).toBeGreaterThan(ms);
  });

  it('is decided before its caller hears that nobody knows', () => {
    expect(outbound.answerMs).toBeGreaterThanOrEqual(sendMs);
  });
});
