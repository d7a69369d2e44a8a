import type { ReactNode } from 'react';
import { useMessages } from '../i18n/I18n.tsx';
import { Button } from './Button.tsx';
import styles from './ConflictChoice.module.css';
import { messages } from './messages.ts';
import { Notice } from './States.tsx';

interface ConflictChoiceProps {
  /** Says what somebody else did. */
  children: ReactNode;
  /** What somebody else made of it is on its way. */
  isReading?: boolean;
  isSaving: boolean;
  onTakeTheirs: () => void;
  onKeepMine: () => void;
}

/** Where somebody else was first: what was written stays, and whose words hold is the person's to say. */
export function ConflictChoice(props: ConflictChoiceProps) {
  const { children, isReading = false, isSaving, onTakeTheirs, onKeepMine } = props;
  const t = useMessages(messages);
  return (
    <>
      <div role="alert">
        <Notice kind="warn">{children}</Notice>
      </div>
      <div className={styles.actions}>
        <Button isBusy={isReading} onClick={onTakeTheirs}>
          {t('takeTheirs')}
        </Button>
        <Button look="main" isBusy={isSaving || isReading} onClick={onKeepMine}>
          {t('keepMine')}
        </Button>
      </div>
    </>
  );
}
