import { useState } from 'react';
import { useMessages } from '../../i18n/I18n.tsx';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Select } from '../../ui/Select.tsx';
import { Notice } from '../../ui/States.tsx';
import styles from './Integrations.module.css';
import { messages } from './messages.ts';

const HOUR = 3_600;

interface RotateDialogProps {
  title: string;
  text: string;
  isBusy: boolean;
  error: unknown;
  onClose: () => void;
  onRotate: (overlapSeconds: number) => void;
}

/** Lets a new key or secret take the place of one, which goes on for a while beside it. */
export function RotateDialog({ title, text, isBusy, error, onClose, onRotate }: RotateDialogProps) {
  const t = useMessages(messages);
  const textOf = useErrorText();
  const [seconds, setSeconds] = useState(String(24 * HOUR));
  return (
    <Dialog isOpen onClose={onClose} title={title} description={text}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          onRotate(Number(seconds));
        }}
      >
        <Select
          label={t('overlap')}
          value={seconds}
          options={[
            ['0', t('overlapNone')],
            [String(HOUR), t('hours', { count: 1 })],
            [String(24 * HOUR), t('hours', { count: 24 })],
            [String(7 * 24 * HOUR), t('days', { count: 7 })],
          ]}
          onChange={setSeconds}
        />
        {error !== null && <Notice kind="bad">{textOf(error)}</Notice>}
        <Button type="submit" look="main" isLarge isBusy={isBusy}>
          {t('rotate')}
        </Button>
      </form>
    </Dialog>
  );
}
