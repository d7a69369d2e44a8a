import { describe, expect, it } from 'vitest';
import type { DisconnectReason } from '../../common/disconnect-reasons.js';
import { StatusQueue } from './status-queue.js';

describe('StatusQueue', () => {
  it('gives changes back in order', () => {
    const queue = new StatusQueue();
    void queue.push({ instanceId: 'a', status: 'connecting' });
    void queue.push({ instanceId: 'a', status: 'connected' });

    expect([queue.shift()?.change.status, queue.shift()?.change.status, queue.isEmpty]).toEqual([
      'connecting',
      'connected',
      true,
    ]);
  });

  it('merges the oldest when an outage makes too many wait: nothing that holds at the end is lost', async () => {
    const queue = new StatusQueue();
    const stored = [queue.push({ instanceId: 'a', status: 'connected', phoneNumber: '5511' })];
    for (let index = 0; index < 100; index++) {
      stored.push(
        queue.push({ instanceId: 'a', status: 'connecting', reason: String(index) as DisconnectReason }),
      );
    }
    const changes = [];
    for (let next = queue.shift(); next; next = queue.shift()) {
      changes.push(next.change);
      next.done.forEach(({ resolve }) => resolve());
    }
    await Promise.all(stored);

    expect(changes).toHaveLength(20);
    expect(changes[0]).toEqual({ instanceId: 'a', status: 'connecting', phoneNumber: '5511', reason: '80' });
    expect(changes.at(-1)?.reason).toBe('99');
  });
});
