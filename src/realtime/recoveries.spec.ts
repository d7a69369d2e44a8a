import type { Adapter } from 'socket.io-adapter';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { managersRoomOf, roomOf } from './realtime-emitter.js';
import { RECOVERABLE_MS, Recoveries } from './recoveries.js';

afterEach(() => vi.useRealTimers());

const anAdapter = () => new Recoveries().recover({} as Adapter);
const lost = (pid: string, rooms: string[], replays: string[] = []) => ({
  sid: `sid of ${pid}`,
  pid,
  rooms,
  data: { replays: new Map(replays.map((id) => [id, {}])) },
});

describe('Recoveries', () => {
  it.each([
    ['one that listens', [roomOf('a'), managersRoomOf('a'), 'sid'], [], 'a:4', 4],
    ['one that catches up', ['sid'], ['a'], 'a:4', 4],
    ['one that has another event last', [roomOf('a')], [], 'b:4', undefined],
    ['an offset that is none', [roomOf('a')], [], 'a:x', undefined],
    ['one that listens to two', [roomOf('a'), roomOf('b')], [], 'a:4', undefined],
    ['one that listens to one, and catches up with another', [roomOf('a')], ['b'], 'a:4', undefined],
    ['one that listens to none', ['sid'], [], 'a:4', undefined],
  ])('of %s', async (_case, rooms, replays, offset, after) => {
    const adapter = anAdapter();
    adapter.persistSession(lost('p', rooms, replays));
    const session = (await adapter.restoreSession('p', offset)) as unknown;

    expect(session).toEqual(
      after === undefined
        ? null
        : {
            sid: 'sid of p',
            pid: 'p',
            rooms: [],
            missedPackets: [],
            data: { resumes: { organizationId: 'a', after } },
          },
    );
  });

  it('are good once, and for two minutes', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const adapter = anAdapter();
    for (const pid of ['used', 'late']) {
      adapter.persistSession(lost(pid, [roomOf('a')]));
    }

    vi.advanceTimersByTime(RECOVERABLE_MS - 1);
    expect(await adapter.restoreSession('used', 'a:1')).not.toBeNull();
    expect(await adapter.restoreSession('used', 'a:1')).toBeNull();
    vi.advanceTimersByTime(2);
    expect(await adapter.restoreSession('late', 'a:1')).toBeNull();
  });

  it('are bounded', async () => {
    const adapter = anAdapter();
    for (let index = 0; index <= 10_000; index += 1) {
      adapter.persistSession(lost(`p${index}`, [roomOf('a')]));
    }

    expect(await adapter.restoreSession('p0', 'a:1')).toBeNull();
    expect(await adapter.restoreSession('p1', 'a:1')).not.toBeNull();
  });
});
