import type { BinaryNode } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import type { ReceivedMessage } from '../signal/fast-receive.js';
import { fastLane } from './fast-lane.js';

const STANZA: BinaryNode = { tag: 'message', attrs: { id: '3EB0' } };
const MESSAGE: ReceivedMessage = { chat: '200000000001@lid', id: '3EB0', room: undefined };

function aLane(
  received: ReceivedMessage | undefined,
  isOpen = true,
  sending: Promise<void> = Promise.resolve(),
) {
  const done: unknown[] = [];
  const send = (chat: string, id: string) => {
    done.push(['receipt', chat, id]);
    return sending;
  };
  const receive = () => {
    done.push('received');
    return received;
  };
  const stage = fastLane(receive, { isOpen, send }, (error) => done.push(error));
  const take = () => stage(STANZA, () => done.push('library'));
  return { done, take };
}

describe('fastLane', () => {
  it('answers in the turn in which it has received', () => {
    const { done, take } = aLane(MESSAGE);
    take();

    expect(done).toEqual(['received', ['receipt', '200000000001@lid', '3EB0']]);
  });

  it('hands on what was not received', () => {
    const { done, take } = aLane(undefined);
    take();

    expect(done).toEqual(['received', 'library']);
  });

  it('receives nothing on a line that takes no answer', () => {
    const { done, take } = aLane(MESSAGE, false);
    take();

    expect(done).toEqual(['library']);
  });

  it('answers at once also where the group commit has no room, for which the next message waits', async () => {
    const room = Promise.withResolvers<void>();
    const { done, take } = aLane({ ...MESSAGE, room: room.promise });
    const taken = Promise.resolve(take()).then(() => done.push('over'));
    await Promise.resolve();
    const before = [...done];
    room.resolve();
    await taken;

    const answered = ['received', ['receipt', '200000000001@lid', '3EB0']];
    expect([before, done]).toEqual([answered, [...answered, 'over']]);
  });

  it('tells of an answer that could not be given', async () => {
    const fault = new Error('Connection Closed');
    const { done, take } = aLane(MESSAGE, true, Promise.reject(fault));
    take();
    await expect.poll(() => done.at(-1)).toBe(fault);
  });
});
