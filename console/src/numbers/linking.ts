import { useEffect, useRef } from 'react';
import { useLiveEvents } from '../live/Live.tsx';
import { useNumbers } from './numbers.ts';

const REPLACED = 'pairing_replaced';

interface LinkingListener {
  onLinked: () => void;
  /** Linking ended without a link, and no newer try took its place: that shows a code of its own. */
  onEnded: (reason: string) => void;
}

/** Follows one number while it is being linked: by events, and by what lists say where those are late. */
export function useLinking(id: string, { onLinked, onEnded }: LinkingListener): void {
  const isTold = useRef(false);
  const tell = () => {
    if (!isTold.current) {
      isTold.current = true;
      onLinked();
    }
  };
  useLiveEvents(({ name, payload }) => {
    if (payload.instanceId !== id) {
      return;
    }
    if (name === 'whatsapp:connected') {
      tell();
    } else if (
      name === 'whatsapp:disconnected' &&
      typeof payload['reason'] === 'string' &&
      payload['reason'] !== REPLACED
    ) {
      onEnded(payload['reason']);
    }
  });
  const isConnected = useNumbers().data?.find((number) => number.id === id)?.status === 'connected';
  const wasConnected = useRef(isConnected);
  useEffect(() => {
    if (isConnected && !wasConnected.current) {
      tell();
    }
    wasConnected.current = isConnected;
  });
}
