import { createAdapter } from '@socket.io/redis-adapter';
import type { RedisLinks } from '../redis/redis-links.js';

/**
 * Socket.IO's adapter for several processes, over connections that it shares with others. It does not wait for the answers
 * to its commands: a failed one must not end the process, and costs no more than the events of other processes.
 *
 * @param links the connections of this process
 * @returns what Socket.IO takes as `adapter`
 */
export function acrossProcesses({ commands, subscriber, prefix }: RedisLinks) {
  const publisher = {
    on: commands.on.bind(commands),
    off: commands.off.bind(commands),
    publish: (channel: string, message: string | Buffer) => quietly(commands.publish(channel, message)),
  };
  const listener = {
    on: subscriber.on.bind(subscriber),
    off: subscriber.off.bind(subscriber),
    subscribe: (channels: string[]) => quietly(subscriber.subscribe(...channels)),
    psubscribe: (pattern: string) => quietly(subscriber.psubscribe(pattern)),
    unsubscribe: (channels: string[]) => quietly(subscriber.unsubscribe(...channels)),
    punsubscribe: (pattern: string) => quietly(subscriber.punsubscribe(pattern)),
  };
  return createAdapter(publisher, listener, { key: `${prefix}:socket.io` });
}

async function quietly(command: Promise<unknown>): Promise<void> {
  await command.catch(() => undefined);
}
