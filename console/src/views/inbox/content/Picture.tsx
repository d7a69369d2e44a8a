import { useState } from 'react';
import { useMessages } from '../../../i18n/I18n.tsx';
import { useErrorText } from '../../../ui/error-text.ts';
import { whenOpened } from '../../../ui/when-opened.ts';
import { useMediaFile } from '../data/media-files.ts';
import { messages } from '../messages.ts';
import type { Shown } from './shown.ts';
import styles from './Content.module.css';
import { metadataOf, textOf } from './metadata.ts';
import { boxOf } from './box-of.ts';

const Lightbox = whenOpened(async () => (await import('./Lightbox.tsx')).Lightbox);

/** A picture or a sticker; the picture opens large. */
export function Picture({ shown, path }: { shown: Shown; path: string }) {
  const t = useMessages(messages);
  const errorText = useErrorText();
  const { url, error } = useMediaFile(path);
  const [isOpen, setOpen] = useState(false);
  const isSticker = shown.type === 'sticker';
  const label = textOf(metadataOf(shown)['accessibility_label']) ?? t(`kind-${shown.type}`);
  const box = boxOf(shown.media, isSticker ? 9 : 18);
  if (error !== undefined) {
    return <p className={styles.gone}>{errorText(error)}</p>;
  }
  const image =
    url === undefined ? (
      <span className={styles.blank} style={box} />
    ) : (
      <img src={url} alt={label} className={isSticker ? styles.sticker : styles.picture} style={box} />
    );
  if (isSticker) {
    return image;
  }
  return (
    <>
      <button
        type="button"
        className={styles.open}
        aria-label={t('openPicture', { name: label })}
        onClick={() => setOpen(true)}
        disabled={url === undefined}
      >
        {image}
      </button>
      {isOpen && url !== undefined && (
        <Lightbox
          url={url}
          label={label}
          path={path}
          fileName={shown.media?.file_name ?? undefined}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}
