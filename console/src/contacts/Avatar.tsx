import styles from './Avatar.module.css';

/** Initials in a circle, whose colour is the same for the same name. */
export function Avatar({ name }: { name: string }) {
  const letters = name
    .replace(/[^\p{L}\p{N} ]/gu, '')
    .trim()
    .split(/\s+/);
  const initials = letters
    .slice(0, 2)
    .map((word) => /./u.exec(word)?.[0].toUpperCase() ?? '?')
    .join('');
  const tone = ((name.codePointAt(0) ?? 0) + name.length) % 5;
  return (
    <span className={`${styles.avatar} ${styles[`tone${tone}`]}`} aria-hidden>
      {initials}
    </span>
  );
}
