import pino from 'pino';
import { describe, expect, it, vi } from 'vitest';
import { Logs } from '../logging/logs.js';
import { EmbeddedBell } from './embedded-bell.js';

class SilentLogs extends Logs {
  override component(): pino.Logger {
    return pino({ level: 'silent' });
  }
  override flush(): void {}
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('EmbeddedBell', () => {
  it('rings once for each instance, after the turn in which it was rung', async () => {
    const bell = new EmbeddedBell(new SilentLogs());
    const listener = vi.fn<(instanceId: string) => void>();
    bell.onRing(listener);

    bell.ring('a');
    bell.ring('b');
    bell.ring('a');
    expect(listener).not.toHaveBeenCalled();
    await nextTurn();

    expect(listener.mock.calls).toEqual([['a'], ['b']]);
  });

  it('does not lose a ring that comes while it rings', async () => {
    const bell = new EmbeddedBell(new SilentLogs());
    const heard: string[] = [];
    bell.onRing((instanceId) => {
      heard.push(instanceId);
      if (heard.length < 3) {
        bell.ring(instanceId);
      }
    });

    bell.ring('a');
    await nextTurn();
    await nextTurn();
    await nextTurn();

    expect(heard).toEqual(['a', 'a', 'a']);
  });

  it('rings for the others when one listener fails, and no more for one that left', async () => {
    const bell = new EmbeddedBell(new SilentLogs());
    const listener = vi.fn<(instanceId: string) => void>();
    const left = vi.fn<(instanceId: string) => void>();
    bell.onRing(() => {
      throw new Error('listener');
    });
    bell.onRing(listener);
    bell.onRing(left)();

    bell.ring('a');
    await nextTurn();

    expect(listener).toHaveBeenCalledOnce();
    expect(left).not.toHaveBeenCalled();
  });
});
