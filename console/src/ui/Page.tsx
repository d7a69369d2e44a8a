import { ArrowLeft } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { IconLink } from './Button.tsx';
import styles from './Page.module.css';

interface PageProps {
  title: string;
  /** Where one comes from, such as the list that this is one of. */
  back?: { to: string; label: string };
  /** A sentence below the title. */
  lead?: ReactNode;
  /** Buttons beside the title. */
  actions?: ReactNode;
  /** Where the view decides about the whole room itself, as the inbox does. */
  isFull?: boolean;
  children: ReactNode;
}

/** Frame of a view: its title takes the focus when the view is entered, so that screen readers say where one is. */
export function Page({ title, back, lead, actions, isFull = false, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · AuZap`;
  }, [title]);
  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
    // The page itself does not scroll: what is in it does.
    heading.current?.closest('main')?.scrollTo(0, 0);
  }, []);
  return (
    <div className={isFull ? styles.full : styles.page}>
      <header className={isFull ? 'visually-hidden' : styles.head}>
        {back !== undefined && (
          <IconLink to={back.to} label={back.label}>
            <ArrowLeft size={22} aria-hidden />
          </IconLink>
        )}
        <div className={styles.titles}>
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {lead !== undefined && <p className={styles.lead}>{lead}</p>}
        </div>
        {actions !== undefined && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

/** A sheet of its own on the page. */
export function Card({ children, className = '' }: { children: ReactNode; className?: string }) {
  return <div className={`${styles.card} ${className}`}>{children}</div>;
}
