import { FileText, Music, Video, X } from 'lucide-react';
import { useMessages } from '../../../i18n/I18n.tsx';
import { IconButton } from '../../../ui/Button.tsx';
import { useSize } from '../content/DocumentFile.tsx';
import { messages } from '../messages.ts';
import type { Attachment } from './attachments.ts';
import styles from './Composer.module.css';

interface AttachmentTrayProps {
  attachments: readonly Attachment[];
  onRemove: (id: string) => void;
}

/** Files that go with the next message. */
export function AttachmentTray({ attachments, onRemove }: AttachmentTrayProps) {
  const t = useMessages(messages);
  const sizeText = useSize();
  if (attachments.length === 0) {
    return null;
  }
  return (
    <ul className={styles.tray} aria-label={t('attachments')}>
      {attachments.map((attachment) => (
        <li key={attachment.id} className={styles.attachment}>
          <Preview attachment={attachment} />
          <span className={styles.attachmentText}>
            <bdi>{attachment.name}</bdi>
            <span className={styles.small}>{sizeText(attachment.file.size)}</span>
          </span>
          <IconButton
            label={t('removeFile', { name: attachment.name })}
            onClick={() => onRemove(attachment.id)}
          >
            <X size={18} aria-hidden />
          </IconButton>
        </li>
      ))}
    </ul>
  );
}

function Preview({ attachment: { file, type } }: { attachment: Attachment }) {
  if (type === 'image') {
    return <img alt="" className={styles.preview} ref={(image) => showFile(image, file)} />;
  }
  const Icon = type === 'video' ? Video : type === 'audio' ? Music : FileText;
  return <Icon size={26} aria-hidden />;
}

/** @returns lets go of the file */
function showFile(image: HTMLImageElement | null, file: Blob): (() => void) | undefined {
  if (image === null) {
    return undefined;
  }
  const url = URL.createObjectURL(file);
  image.src = url;
  return () => URL.revokeObjectURL(url);
}
