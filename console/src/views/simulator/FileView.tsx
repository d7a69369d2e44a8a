import { useQuery } from '@tanstack/react-query';
import { FileText } from 'lucide-react';
import { useCallback } from 'react';
import { useFormats } from '../../i18n/formats.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { messages } from './messages.ts';
import { fileQuery, type PhoneMessage } from './phones.ts';
import styles from './Simulator.module.css';

interface FileViewProps {
  number: string;
  id: string;
  file: NonNullable<PhoneMessage['file']>;
}

/** Types that browsers show or play by themselves, and that can hold no script. */
const SHOWN = /^(image\/(jpeg|png|webp|gif)|(audio|video)\/)/;

/** The file of a message: shown, played, or named where it can not be. */
export function FileView({ number, id, file }: FileViewProps) {
  const t = useMessages(messages);
  const format = useFormats();
  const type = file.mimetype ?? '';
  const isShown = SHOWN.test(type);
  const { data: base64, isError } = useQuery({ ...fileQuery(number, id), enabled: isShown });
  const show = useShownFile(base64 ?? '', type);
  const name = file.fileName ?? t(file.kind as 'image' | 'video' | 'audio' | 'document' | 'sticker');
  if (isShown && typeof base64 === 'string') {
    if (type.startsWith('image/')) {
      return <img ref={show} className={styles.picture} alt={name} />;
    }
    return type.startsWith('audio/') ? (
      <audio ref={show} className={styles.sound} controls aria-label={name}>
        <track kind="captions" />
      </audio>
    ) : (
      <video ref={show} className={styles.picture} controls aria-label={name}>
        <track kind="captions" />
      </video>
    );
  }
  return (
    <span className={styles.document}>
      <FileText size={22} aria-hidden />
      <span>
        {name}
        <small>{isError ? t('fileGone') : t('bytes', { count: format.number(file.size) })}</small>
      </span>
    </span>
  );
}

/** @returns gives an element the file, for as long as it is there */
function useShownFile(base64: string, type: string) {
  return useCallback(
    (element: HTMLImageElement | HTMLMediaElement | null) => {
      if (element === null) {
        return undefined;
      }
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const url = URL.createObjectURL(new Blob([bytes], { type }));
      element.src = url;
      return () => URL.revokeObjectURL(url);
    },
    [base64, type],
  );
}
