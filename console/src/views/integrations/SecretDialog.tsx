import { KeyRound } from 'lucide-react';
import { useMessages } from '../../i18n/I18n.tsx';
import { Button } from '../../ui/Button.tsx';
import { CopyText } from '../../ui/CopyText.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Notice } from '../../ui/States.tsx';
import styles from './Integrations.module.css';
import { messages } from './messages.ts';

interface SecretDialogProps {
  title: string;
  secret: string;
  onClose: () => void;
}

/** A key or a secret, which is shown this once. */
export function SecretDialog({ title, secret, onClose }: SecretDialogProps) {
  const t = useMessages(messages);
  return (
    <Dialog isOpen onClose={onClose} title={title}>
      <div className={styles.form}>
        <Notice kind="warn" icon={<KeyRound size={20} aria-hidden />}>
          {t('shownOnce')}
        </Notice>
        <CopyText label={title} text={secret} />
        <Button look="main" onClick={onClose}>
          {t('kept')}
        </Button>
      </div>
    </Dialog>
  );
}
