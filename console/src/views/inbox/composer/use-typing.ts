import { useCallback, useEffect, useMemo, useRef } from 'react';
import { answerOf, api } from '../../../api/client.ts';

/** WhatsApp shows it for some seconds; it is repeated while somebody writes. */
const REPEAT_MS = 8_000;
/** Whoever wrote nothing for so long has stopped. */
const QUIET_MS = 10_000;

/**
 * Has the contact see that somebody writes, as on a phone.
 * @param instanceId of the number that it goes from; undefined where nobody is to see it
 * @param onWriting told when it begins and ends
 * @returns `write` is to be called at each key, `stop` once it is sent or left
 */
export function useTyping(
  instanceId: string | undefined,
  to: string | undefined,
  onWriting: (isWriting: boolean) => void,
) {
  const shownAt = useRef(0);
  const quiet = useRef<ReturnType<typeof setTimeout>>(undefined);
  const show = useCallback(
    (state: 'composing' | 'paused') => {
      if (instanceId !== undefined && to !== undefined) {
        const params = { path: { id: instanceId } };
        // It is nothing that anybody waits for, and a number may be off line.
        answerOf(api.POST('/api/whatsapp/instances/{id}/typing', { params, body: { to, state } })).catch(
          () => undefined,
        );
      }
    },
    [instanceId, to],
  );
  const stop = useCallback(() => {
    clearTimeout(quiet.current);
    if (shownAt.current > 0) {
      shownAt.current = 0;
      onWriting(false);
      show('paused');
    }
  }, [show, onWriting]);
  const write = useCallback(() => {
    clearTimeout(quiet.current);
    quiet.current = setTimeout(stop, QUIET_MS);
    if (Date.now() - shownAt.current > REPEAT_MS) {
      shownAt.current = Date.now();
      onWriting(true);
      show('composing');
    }
  }, [show, stop, onWriting]);
  useEffect(() => stop, [stop]);
  return useMemo(() => ({ write, stop }), [write, stop]);
}
