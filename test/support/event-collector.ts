import { io } from 'socket.io-client';
import type { WhatsappEventName, WhatsappEvents } from '../../src/common/whatsapp-events.js';

const LIMIT_MS = 30_000;

interface Seen {
  name: string;
  payload: unknown;
}

/** Everything that a subscriber of an organization hears, and ways to wait for it. */
export interface EventCollector {
  /** All events of a name so far, in the order of their arrival. */
  all<Name extends WhatsappEventName>(name: Name): WhatsappEvents[Name][];
  /** The first event that fits, also one that came before the call. */
  next<Name extends WhatsappEventName>(
    name: Name,
    fits?: (payload: WhatsappEvents[Name]) => boolean,
  ): Promise<WhatsappEvents[Name]>;
  /** The first `count` events that fit. */
  count<Name extends WhatsappEventName>(
    name: Name,
    count: number,
    fits?: (payload: WhatsappEvents[Name]) => boolean,
  ): Promise<WhatsappEvents[Name][]>;
  close(): void;
}

/** Connects to a service, joins an organization's room, and collects what it hears from then on. */
export async function listen(url: string, organizationId: string): Promise<EventCollector> {
  const socket = io(url, { transports: ['websocket'], forceNew: true, reconnection: true });
  const seen: Seen[] = [];
  const checks = new Set<() => void>();
  socket.onAny((name: string, payload: unknown) => {
    seen.push({ name, payload });
    checks.forEach((check) => check());
  });
  const answer: unknown = await socket.timeout(LIMIT_MS).emitWithAck('join-organization', organizationId);
  if ((answer as { success?: boolean }).success !== true) {
    throw new Error(`join-organization was refused: ${JSON.stringify(answer)}`);
  }

  function all<Name extends WhatsappEventName>(name: Name): WhatsappEvents[Name][] {
    return seen.filter((event) => event.name === name).map((event) => event.payload as WhatsappEvents[Name]);
  }

  function count<Name extends WhatsappEventName>(
    name: Name,
    wanted: number,
    fits: (payload: WhatsappEvents[Name]) => boolean = () => true,
  ): Promise<WhatsappEvents[Name][]> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        checks.delete(check);
        reject(new Error(`${all(name).filter(fits).length} of ${wanted} ${name} events came`));
      }, LIMIT_MS);
      const check = () => {
        const found = all(name).filter(fits);
        if (found.length >= wanted) {
          clearTimeout(timer);
          checks.delete(check);
          resolve(found.slice(0, wanted));
        }
      };
      checks.add(check);
      check();
    });
  }

  return {
    all,
    count,
    next: async (name, fits) => (await count(name, 1, fits))[0]!,
    close: () => socket.disconnect(),
  };
}
