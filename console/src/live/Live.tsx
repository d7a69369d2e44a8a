import { type QueryKey, useQueryClient } from '@tanstack/react-query';
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useRef,
  useMemo,
  useSyncExternalStore,
} from 'react';
import { type EventListener, LiveConnection, type LiveState } from './live-connection.ts';

const Context = createContext<LiveConnection | undefined>(undefined);

/** Keeps one connection for the organization's events. What was read is read again where events may have been missed. */
export function LiveProvider({ organizationId, children }: { organizationId: string; children: ReactNode }) {
  const queries = useQueryClient();
  const connection = useMemo(() => new LiveConnection(organizationId), [organizationId]);
  useEffect(() => {
    const forget = connection.onGap(() => void queries.invalidateQueries({ queryKey: [organizationId] }));
    connection.start();
    return () => {
      forget();
      connection.stop();
    };
  }, [connection, organizationId, queries]);
  return <Context value={connection}>{children}</Context>;
}

const NEVER = () => () => undefined;

/** @returns whether events come */
export function useLiveState(): LiveState {
  const connection = useContext(Context);
  return useSyncExternalStore(
    connection?.subscribe ?? NEVER,
    connection?.snapshot ?? (() => 'starting' as const),
  );
}

/** Has each event of the organization handled while the component is shown. */
export function useLiveEvents(listener: EventListener): void {
  const connection = useContext(Context);
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(() => connection?.onEvent((event) => latest.current(event)), [connection]);
}

/** @returns tells the others of the organization what somebody does in a conversation */
export function useShowActivity(): LiveConnection['showActivity'] {
  const connection = useContext(Context);
  return useCallback((contactId, activity) => connection?.showActivity(contactId, activity), [connection]);
}

/** However many events come, what they are about is read again no more often than this. */
const PAUSE_MS = 500;

/** Has a query read again when one of these events comes. Keys begin with the organization's id. */
export function useInvalidation(names: readonly string[], queryKey: QueryKey): void {
  const queries = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  useLiveEvents(({ name }) => {
    if (names.includes(name) && timer.current === undefined) {
      timer.current = setTimeout(() => {
        timer.current = undefined;
        void queries.invalidateQueries({ queryKey });
      }, PAUSE_MS);
    }
  });
}
