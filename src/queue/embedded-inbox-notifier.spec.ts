import pino from 'pino';
import { describe, expect, it, vi } from 'vitest';
import { Logs } from '../logging/logs.js';
import { EmbeddedInboxNotifier } from './embedded-inbox-notifier.js';

class SilentLogs extends Logs {
  override component(): pino.Logger {
    return pino({ level: 'silent' });
  }
  override flush(): void {}
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('EmbeddedInboxNotifier', () => {
  it('rings once for each instance, after the turn in which it was rung', async () => {
    const notifier = new EmbeddedInboxNotifier(new SilentLogs());
    const listener = vi.fn<(instanceId: string) => void>();
    notifier.onNotification(listener);

    notifier.notify('a');
    notifier.notify('b');
    notifier.notify('a');
    expect(listener).not.toHaveBeenCalled();
    await nextTurn();

    expect(listener.mock.calls).toEqual([['a'], ['b']]);
  });

  it('does not lose a ring that comes while it rings', async () => {
    const notifier = new EmbeddedInboxNotifier(new SilentLogs());
    const heard: string[] = [];
    notifier.onNotification((instanceId) => {
      heard.push(instanceId);
      if (heard.length < 3) {
        notifier.notify(instanceId);
      }
    });

    notifier.notify('a');
    await nextTurn();
    await nextTurn();
    await nextTurn();

    expect(heard).toEqual(['a', 'a', 'a']);
  });

  it('rings for the others when one listener fails, and no more for one that left', async () => {
    const notifier = new EmbeddedInboxNotifier(new SilentLogs());
    const listener = vi.fn<(instanceId: string) => void>();
    const left = vi.fn<(instanceId: string) => void>();
    notifier.onNotification(() => {
      throw new Error('listener');
    });
    notifier.onNotification(listener);
    notifier.onNotification(left)();

    notifier.notify('a');
    await nextTurn();

    expect(listener).toHaveBeenCalledOnce();
    expect(left).not.toHaveBeenCalled();
  });
});
