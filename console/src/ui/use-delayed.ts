import { useEffect, useState } from 'react';

/** @returns the value, once it has not changed for a moment: what is typed is looked for when somebody pauses */
export function useDelayed<T>(value: T, delayMs = 200): T {
  const [delayed, setDelayed] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setDelayed(value), delayMs);
    return () => clearTimeout(timer);
  }, [value, delayMs]);
  return delayed;
}
