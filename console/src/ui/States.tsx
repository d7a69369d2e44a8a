import { CircleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { useMessages } from '../i18n/I18n.tsx';
import { Button } from './Button.tsx';
import { messages } from './messages.ts';
import { useErrorText } from './error-text.ts';
import styles from './States.module.css';

/** While something is read for the first time. It shows after a moment only, so that what is quick does not flicker. */
export function Loading({ label }: { label?: string }) {
  const t = useMessages(messages);
  return (
    <div className={styles.loading} role="status">
      <span className={styles.dots} aria-hidden>
        <i />
        <i />
        <i />
      </span>
      <span className="visually-hidden">{label ?? t('loading')}</span>
    </div>
  );
}

interface EmptyProps {
  icon?: ReactNode;
  title: string;
  /** What would be here, and how it comes to be. */
  children?: ReactNode;
  action?: ReactNode;
}

/** Where there is nothing yet: says what belongs here and how to begin. */
export function Empty({ icon, title, children, action }: EmptyProps) {
  return (
    <div className={styles.state}>
      {icon !== undefined && <div className={styles.picture}>{icon}</div>}
      <h2>{title}</h2>
      {children !== undefined && <p className={styles.text}>{children}</p>}
      {action}
    </div>
  );
}

/** Where something could not be read: says why in plain words, and offers to try again. */
export function Failed({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const t = useMessages(messages);
  const textOf = useErrorText();
  return (
    <div className={styles.state} role="alert">
      <div className={`${styles.picture} ${styles.bad}`}>
        <CircleAlert size={30} aria-hidden />
      </div>
      <h2>{t('failed')}</h2>
      <p className={styles.text}>{textOf(error)}</p>
      {onRetry !== undefined && <Button onClick={onRetry}>{t('retry')}</Button>}
    </div>
  );
}

/** A sentence about how something stands, with a colour that is never the only sign of it. */
export function Notice({
  kind = 'info',
  icon,
  children,
}: {
  kind?: 'info' | 'good' | 'warn' | 'bad';
  icon?: ReactNode;
  children: ReactNode;
}) {
  return (
    <div className={`${styles.notice} ${styles[`notice-${kind}`]}`}>
      {icon}
      <div className={styles['notice-text']}>{children}</div>
    </div>
  );
}

/** A word about how something stands. */
export function Badge({
  kind,
  children,
}: {
  kind: 'good' | 'warn' | 'bad' | 'neutral';
  children: ReactNode;
}) {
  return (
    <span className={`${styles.badge} ${styles[`badge-${kind}`]}`}>
      <span className={styles.dot} aria-hidden />
      {children}
    </span>
  );
}
