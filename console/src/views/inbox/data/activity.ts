import { useEffect, useState } from 'react';
import { useLiveEvents, useLiveState, useShowActivity } from '../../../live/Live.tsx';
import { useVisible } from './use-visible.ts';

/** What somebody does is told again so often … */
const REPEAT_MS = 20_000;
/** … and holds for so long. */
const HOLDS_MS = 30_000;

/** Somebody else who has the conversation open. */
export interface Colleague {
  connectionId: string;
  /** Undefined where the service does not know who it is. */
  name: string | undefined;
  isWriting: boolean;
}

interface Activity {
  contactId: string;
  activity: 'reading' | 'writing' | 'left';
  actor: { kind: string; name: string };
  connectionId: string;
}

/**
 * Shows the others that somebody reads a conversation, or writes in it, while the page can be seen.
 * @returns who else does
 */
export function useActivity(contactId: string, isWriting: boolean): readonly Colleague[] {
  const show = useShowActivity();
  const isLive = useLiveState() === 'live';
  const isVisible = useVisible();
  const [colleagues, setColleagues] = useState<readonly (Colleague & { until: number })[]>([]);
  const activity = isWriting ? 'writing' : 'reading';
  const isShown = isLive && isVisible;

  useEffect(() => {
    if (!isShown) {
      return undefined;
    }
    show(contactId, activity);
    const timer = setInterval(() => show(contactId, activity), REPEAT_MS);
    return () => clearInterval(timer);
  }, [show, contactId, activity, isShown]);
  useEffect(
    () => (isShown ? () => show(contactId, 'left') : undefined),
    [show, contactId, isShown],
  );
  useLiveEvents(({ name, payload }) => {
    const told = payload as unknown as Activity;
    if (name !== 'whatsapp:activity' || told.contactId !== contactId) {
      return;
    }
    const { connectionId } = told;
    const isOther = (one: Colleague) => one.connectionId !== connectionId;
    if (told.activity === 'left') {
      setColleagues((all) => all.filter(isOther));
      return;
    }
    // Who comes has heard nothing of those who are here.
    if (isShown && colleagues.every(isOther)) {
      show(contactId, activity);
    }
    const colleague = {
      connectionId,
      name: told.actor.kind === 'open' ? undefined : told.actor.name,
      isWriting: told.activity === 'writing',
      until: Date.now() + HOLDS_MS,
    };
    setColleagues((all) => [...all.filter(isOther), colleague]);
  });
  useEffect(() => {
    if (colleagues.length === 0) {
      return undefined;
    }
    const next = Math.min(...colleagues.map(({ until }) => until));
    const timer = setTimeout(
      () => setColleagues((all) => all.filter(({ until }) => until > Date.now())),
      Math.max(next - Date.now(), 0) + 1,
    );
    return () => clearTimeout(timer);
  }, [colleagues]);
  return colleagues;
}
