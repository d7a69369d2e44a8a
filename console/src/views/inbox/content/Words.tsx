import { Fragment } from 'react';
import { linksIn } from './links-in.ts';
import styles from './Content.module.css';

/** A text as it was written. Addresses of pages in it lead there; whatever else looks like one is text. */
export function Words({ children }: { children: string }) {
  return (
    <p className={styles.words} dir="auto">
      {linksIn(children).map(({ text, at, href }) =>
        href === undefined ? (
          <Fragment key={at}>{text}</Fragment>
        ) : (
          <a key={at} href={href} target="_blank" rel="noopener noreferrer nofollow">
            {text}
          </a>
        ),
      )}
    </p>
  );
}
