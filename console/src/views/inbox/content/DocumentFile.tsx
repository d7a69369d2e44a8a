import { useMutation } from '@tanstack/react-query';
import { Download, FileText } from 'lucide-react';
import { useLocale, useMessages } from '../../../i18n/I18n.tsx';
import { IconButton } from '../../../ui/Button.tsx';
import { useErrorText } from '../../../ui/error-text.ts';
import { toast } from '../../../ui/Toasts.tsx';
import { saveFile } from '../data/media-files.ts';
import { messages } from '../messages.ts';
import type { Shown } from './shown.ts';
import styles from './Content.module.css';

/** A document: what it is called and how large it is. It is saved, never opened here: documents may run scripts. */
export function DocumentFile({ shown, path }: { shown: Shown; path: string }) {
  const t = useMessages(messages);
  const errorText = useErrorText();
  const sizeText = useSize();
  const name = shown.media?.file_name ?? t('kind-document');
  const { size } = shown.media ?? {};
  const save = useMutation({
    mutationFn: () => saveFile(path, name),
    onError: (error) => toast(errorText(error), 'bad'),
  });
  return (
    <div className={styles.document}>
      <FileText size={28} aria-hidden />
      <span className={styles.documentText}>
        <bdi className={styles.fileName}>{name}</bdi>
        {typeof size === 'number' && <span className={styles.small}>{sizeText(size)}</span>}
      </span>
      <IconButton label={t('saveFile', { name })} aria-busy={save.isPending} onClick={() => save.mutate()}>
        <Download size={20} aria-hidden />
      </IconButton>
    </div>
  );
}

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

/** @returns writes how large a file is */
export function useSize(): (bytes: number) => string {
  const { locale } = useLocale();
  return (bytes) => {
    const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), UNITS.length - 1);
    const value = bytes / 1_000 ** power;
    return new Intl.NumberFormat(locale, {
      style: 'unit',
      unit: UNITS[power]!,
      unitDisplay: 'short',
      maximumFractionDigits: 1,
    }).format(value);
  };
}
