import { useEffect, useState } from 'react';
import { addDays, startOfDay } from './calendar-dates.ts';

/** @returns the beginning of today, also after midnight */
export function useToday(): Date {
  const [today, setToday] = useState(() => startOfDay(new Date()));
  useEffect(() => {
    const timer = setTimeout(
      () => setToday(startOfDay(new Date())),
      addDays(today, 1).getTime() - Date.now() + 1_000,
    );
    return () => clearTimeout(timer);
  }, [today]);
  return today;
}
