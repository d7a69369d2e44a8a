import { type ReactNode, useEffect, useRef } from 'react';
import { Link, useLocation } from 'wouter';
import styles from './Tabs.module.css';

interface TabsProps {
  label: string;
  /** Where each leads, and what it is called. Each part has an address of its own. */
  tabs: readonly { to: string; title: ReactNode }[];
}

/** The parts of a view, of which one is shown. */
export function Tabs({ label, tabs }: TabsProps) {
  const [path] = useLocation();
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a phone they are one line, which scrolls.
    const { current: line } = nav;
    const tab = line?.querySelector<HTMLElement>('[aria-current]');
    if (tab) {
      line!.scrollLeft = tab.offsetLeft - (line!.clientWidth - tab.offsetWidth) / 2;
    }
  }, [path]);
  return (
    <nav ref={nav} className={styles.tabs} aria-label={label}>
      {tabs.map(({ to, title }) => (
        <Link key={to} href={to} className={styles.tab} aria-current={path === to ? 'page' : undefined}>
          {title}
        </Link>
      ))}
    </nav>
  );
}
