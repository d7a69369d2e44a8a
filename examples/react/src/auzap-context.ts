import type { AuzapClient } from '@auzap/client';
import { createContext, useContext } from 'react';

/** Which service components talk to, and for whom. */
export const AuzapContext = createContext<AuzapClient | undefined>(undefined);

/** @throws Error outside of an `AuzapContext` */
export function useAuzap(): AuzapClient {
  const client = useContext(AuzapContext);
  if (!client) {
    throw new Error('Put <AuzapContext value={createClient(…)}> around what uses it.');
  }
  return client;
}
