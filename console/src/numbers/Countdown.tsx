import { useEffect, useState } from 'react';
import styles from './LinkPhone.module.css';

/** @returns seconds until then, counted down; 0 when it is over */
export function useSecondsUntil(end: number | undefined): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, []);
  return end === undefined ? 0 : Math.max(0, Math.ceil((end - now) / 1000));
}

/** Time that runs out, as a bar and in words. It is not read out by itself, each second. */
export function Countdown({ seconds, of, children }: { seconds: number; of: number; children: string }) {
  return (
    <div className={styles.countdown}>
      <progress className={styles.bar} max={of} value={seconds} aria-label={children} />
      <p>{children}</p>
    </div>
  );
}
