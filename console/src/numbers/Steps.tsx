import type { ReactNode } from 'react';
import styles from './LinkPhone.module.css';

/** What to do on the phone, in order, each with a picture. */
export function Steps({ children }: { children: ReactNode }) {
  return <ol className={styles.steps}>{children}</ol>;
}

export function Step({ picture, children }: { picture: keyof typeof PICTURES; children: ReactNode }) {
  return (
    <li className={styles.step}>
      <svg
        className={styles.picture}
        viewBox="0 0 60 60"
        fill="none"
        stroke="currentColor"
        strokeWidth="2.2"
        aria-hidden
      >
        <rect x="17" y="7" width="26" height="46" rx="5" fill="var(--surface)" />
        {PICTURES[picture]}
      </svg>
      <p>{children}</p>
    </li>
  );
}

/** On the screen of a phone. */
const PICTURES = {
  open: (
    <>
      <circle cx="30" cy="28" r="8.5" fill="currentColor" stroke="none" />
      <path
        d="m26.5 28 2.5 2.5 4.5-4.8"
        stroke="var(--surface)"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <path d="M27 47.500h6" strokeLinecap="round" />
    </>
  ),
  menu: (
    <>
      <g fill="currentColor" stroke="none">
        <circle cx="38.5" cy="13" r="1.3" />
        <circle cx="38.5" cy="17" r="1.3" />
        <circle cx="38.5" cy="21" r="1.3" />
      </g>
      <path d="M22 29h16M22 35h11" strokeLinecap="round" />
      <path d="M20.5 40.500h19v6h-19z" fill="currentColor" stroke="none" />
    </>
  ),
  scan: (
    <>
      <path d="M23 25v-4h4M37 25v-4h-4M23 33v4h4M37 33v4h-4" strokeLinecap="round" />
      <path d="M26.5 24.500h3v3h-3zM31 30h3v3h-3zM27 31h1.500v1.500H27z" fill="currentColor" stroke="none" />
      <path d="M22 46h16" strokeLinecap="round" />
    </>
  ),
  number: (
    <>
      <path d="M22 16h16" strokeLinecap="round" />
      <g fill="currentColor" stroke="none">
        {[24, 30, 36].map((x) => [26, 32, 38].map((y) => <circle key={`${x} ${y}`} cx={x} cy={y} r="1.7" />))}
      </g>
      <path d="M22 46h16" strokeLinecap="round" />
    </>
  ),
  type: (
    <>
      <path d="M21 24h4.200v6H21zM27.9 24h4.200v6h-4.200zM34.8 24H39v6h-4.200z" />
      <path d="M22 40h16M22 45h10" strokeLinecap="round" />
    </>
  ),
};
