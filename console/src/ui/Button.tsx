import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';
import { Link } from 'wouter';
import styles from './Button.module.css';

type Look = 'main' | 'plain' | 'quiet' | 'danger';

interface Common {
  /** How much it asks for attention: one `main` button at most stands on a screen. */
  look?: Look;
  isLarge?: boolean;
  icon?: ReactNode;
}

interface ButtonProps extends Common, ButtonHTMLAttributes<HTMLButtonElement> {
  /** While what it began goes on: it can be focused, and does nothing. */
  isBusy?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

export function Button({ look = 'plain', isLarge, icon, isBusy, children, onClick, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={classOf(look, isLarge, rest.className)}
      aria-disabled={isBusy || undefined}
      aria-busy={isBusy || undefined}
      onClick={(event) => (isBusy ? event.preventDefault() : onClick?.(event))}
    >
      {isBusy ? <span className={styles.spinner} aria-hidden /> : icon}
      {children}
    </button>
  );
}

interface ButtonLinkProps extends Common {
  to: string;
  children: ReactNode;
}

/** Looks like a button, and leads to another view. */
export function ButtonLink({ to, look = 'plain', isLarge, icon, children }: ButtonLinkProps) {
  return (
    <Link href={to} className={classOf(look, isLarge)}>
      {icon}
      {children}
    </Link>
  );
}

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** What it does, for those who do not see the icon. */
  label: string;
  children: ReactNode;
  ref?: Ref<HTMLButtonElement>;
}

export function IconButton({ label, children, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={`${styles.icon} ${rest.className ?? ''}`}
      aria-label={label}
      title={label}
    >
      {children}
    </button>
  );
}

/** An icon that leads to another view. */
export function IconLink({ to, label, children }: { to: string; label: string; children: ReactNode }) {
  return (
    <Link href={to} className={styles.icon} aria-label={label} title={label}>
      {children}
    </Link>
  );
}

function classOf(look: Look, isLarge = false, more = ''): string {
  return `${styles.button} ${styles[look]} ${isLarge ? styles.large : ''} ${more}`;
}
