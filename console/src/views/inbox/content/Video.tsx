import { useQuery } from '@tanstack/react-query';
import { Play } from 'lucide-react';
import { useState } from 'react';
import { useMessages } from '../../../i18n/I18n.tsx';
import { useErrorText } from '../../../ui/error-text.ts';
import { useMediaFile } from '../data/media-files.ts';
import { mediaLink } from '../data/media-link.ts';
import { messages } from '../messages.ts';
import { boxOf } from './box-of.ts';
import type { Shown } from './shown.ts';
import styles from './Content.module.css';
import { minutes } from './minutes.ts';

/** A video, which is read while it plays: nothing of it before somebody wants to see it. */
export function Video({ shown }: { shown: Shown }) {
  const t = useMessages(messages);
  const errorText = useErrorText();
  const [isWanted, setWanted] = useState(false);
  const { url: poster } = useMediaFile(shown.media?.thumbnail_url);
  const link = useQuery({
    queryKey: ['media-link', shown.id],
    queryFn: () => mediaLink(shown.id),
    enabled: isWanted,
    staleTime: Infinity,
    gcTime: 0,
  });
  const box = boxOf(shown.media, 18);
  const seconds = shown.media?.seconds;
  if (link.isError) {
    return <p className={styles.gone}>{errorText(link.error)}</p>;
  }
  if (link.data !== undefined) {
    const isLoop = shown.type === 'gif';
    return (
      // What people send each other has no captions.
      // oxlint-disable-next-line jsx-a11y/media-has-caption
      <video
        src={link.data}
        poster={poster}
        className={`${styles.video} ${shown.type === 'video_note' ? styles.round : ''}`}
        style={box}
        controls={!isLoop}
        autoPlay
        loop={isLoop}
        muted={isLoop}
        playsInline
        aria-label={t(`kind-${shown.type}`)}
        onError={() => void link.refetch()}
      />
    );
  }
  return (
    <button
      type="button"
      className={`${styles.open} ${styles.still} ${shown.type === 'video_note' ? styles.round : ''}`}
      style={box}
      onClick={() => setWanted(true)}
    >
      {poster !== undefined && <img src={poster} alt="" />}
      <span className={styles.play}>
        <span className="visually-hidden">{t('playVideo')}</span>
        <Play size={26} aria-hidden />
      </span>
      {typeof seconds === 'number' && <span className={styles.length}>{minutes(seconds)}</span>}
    </button>
  );
}
