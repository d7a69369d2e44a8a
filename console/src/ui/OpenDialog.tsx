import { AlertDialog } from '@base-ui/react/alert-dialog';
import { Dialog as BaseDialog } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { useRef, useState } from 'react';
import { useMessages } from '../i18n/I18n.tsx';
import { Button, IconButton } from './Button.tsx';
import type { ConfirmationProps, DialogProps } from './Dialog.tsx';
import styles from './Dialog.module.css';
import { messages } from './messages.ts';

export function OpenDialog({ isOpen, onClose, title, description, isWide = false, children }: DialogProps) {
  const t = useMessages(messages);
  return (
    <BaseDialog.Root open={isOpen} onOpenChange={(open) => open || onClose()}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className={styles.veil} />
        <BaseDialog.Popup className={`${styles.window} ${isWide ? styles.wide : ''}`}>
          <div className={styles.head}>
            <BaseDialog.Title className={styles.title}>{title}</BaseDialog.Title>
            <BaseDialog.Close
              render={
                <IconButton label={t('close')}>
                  <X size={22} aria-hidden />
                </IconButton>
              }
            />
          </div>
          {description !== undefined && (
            <BaseDialog.Description className={styles.description}>{description}</BaseDialog.Description>
          )}
          {children}
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}

export function OpenConfirmation(props: ConfirmationProps) {
  const t = useMessages(messages);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const cancel = useRef<HTMLButtonElement>(null);
  const confirm = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await props.onConfirm();
      props.onClose();
    } catch (cause) {
      setError(props.errorOf?.(cause) ?? t('failed'));
    } finally {
      setBusy(false);
    }
  };
  return (
    <AlertDialog.Root open={props.isOpen} onOpenChange={(open) => open || props.onClose()}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={styles.veil} />
        <AlertDialog.Popup className={styles.window} initialFocus={cancel}>
          <AlertDialog.Title className={styles.title}>{props.title}</AlertDialog.Title>
          <AlertDialog.Description className={styles.description}>
            {props.description}
          </AlertDialog.Description>
          {error !== undefined && (
            <p role="alert" className={styles.error}>
              {error}
            </p>
          )}
          <div className={styles.actions}>
            <AlertDialog.Close render={<Button ref={cancel}>{props.wayBack ?? t('cancel')}</Button>} />
            <Button
              look={props.isDangerous ? 'danger' : 'main'}
              isBusy={isBusy}
              onClick={() => void confirm()}
            >
              {props.action}
            </Button>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
