import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, expect, it } from 'vitest';
import { MESSAGE_STEPS, passed } from './message-steps.js';

describe('a step of messages', () => {
  it('tells whoever listens to its channel what passed, as it is, and nobody else', () => {
    const stanza = { attrs: { id: 'A' } };
    const heard: unknown[] = [];
    const listener = (passing: unknown) => heard.push(passing);

    passed(MESSAGE_STEPS.read, stanza);
    subscribe('auzap.message.read', listener);
    passed(MESSAGE_STEPS.read, stanza);
    passed(MESSAGE_STEPS.begun, stanza);
    unsubscribe('auzap.message.read', listener);
    passed(MESSAGE_STEPS.read, stanza);

    expect(heard).toHaveLength(1);
    expect(heard[0]).toBe(stanza);
  });

  it('has a channel of its own', () => {
    const names = Object.entries(MESSAGE_STEPS).map(([name, step]) => [name, step.name]);

    expect(names).toEqual(Object.keys(MESSAGE_STEPS).map((name) => [name, `auzap.message.${name}`]));
  });
});
