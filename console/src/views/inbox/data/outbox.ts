import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { useLiveState } from '../../../live/Live.tsx';
import { useOrganizationId } from '../../../session/caller.ts';
import { session } from '../../../session/session.ts';
import { deliver } from './delivery.ts';
import { keepOutgoing, keptOutgoing } from './kept-outgoing.ts';
import { type Outgoing, OutboxQueue } from './outbox-queue.ts';

export type { Outgoing } from './outbox-queue.ts';

/** What is on its way from this page. */
export const outbox = new OutboxQueue(deliver);

let owner = session.id;
outbox.subscribe(() => keepOutgoing(outbox.snapshot(), owner));
outbox.restore(keptOutgoing(owner));
session.subscribe(() => {
  // What one person wrote is not sent by the next one.
  if (session.id !== owner) {
    owner = session.id;
    outbox.clear();
  }
});
addEventListener('online', () => outbox.wake());
addEventListener('beforeunload', (event) => {
  // A tab that is closed forgets all of it, and one that is loaded again the files.
  if (outbox.snapshot().some(({ state }) => state === 'waiting' || state === 'sending')) {
    event.preventDefault();
  }
});

/** @returns what is on its way to a contact, in the order of writing */
export function useOutgoing(contactId: string): readonly Outgoing[] {
  const organizationId = useOrganizationId();
  const isLive = useLiveState() === 'live';
  const all = useSyncExternalStore(outbox.subscribe, outbox.snapshot);
  useEffect(() => {
    if (isLive) {
      outbox.wake();
    }
  }, [isLive]);
  return useMemo(
    () => all.filter((one) => one.organizationId === organizationId && one.contactId === contactId),
    [all, organizationId, contactId],
  );
}
