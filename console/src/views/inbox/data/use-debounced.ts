import { useEffect, useState } from 'react';

const QUIET_MS = 250;

/** @returns the value as it was once nothing changed it for a moment, such as a word when somebody has written it */
export function useDebounced<T>(value: T, quietMs = QUIET_MS): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), quietMs);
    return () => clearTimeout(timer);
  }, [value, quietMs]);
  return settled;
}
