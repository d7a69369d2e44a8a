import { type FormEvent, useState } from 'react';
import { useMutation } from '@tanstack/react-query';
import { useMessages } from '../../../i18n/I18n.tsx';
import { Button } from '../../../ui/Button.tsx';
import { Dialog } from '../../../ui/Dialog.tsx';
import { useErrorText } from '../../../ui/error-text.ts';
import { Notice } from '../../../ui/States.tsx';
import { messages } from '../messages.ts';
import styles from './Thread.module.css';

interface EditDialogProps {
  title: string;
  initial: string;
  onSave: (text: string) => Promise<unknown>;
  onClose: () => void;
}

/** A text that is written anew. */
export function EditDialog({ title, initial, onSave, onClose }: EditDialogProps) {
  const t = useMessages(messages);
  const errorText = useErrorText();
  const [text, setText] = useState(initial);
  const save = useMutation({ mutationFn: () => onSave(text.trim()), onSuccess: onClose });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() !== '' && !save.isPending) {
      save.mutate();
    }
  };
  return (
    <Dialog isOpen onClose={onClose} title={title}>
      <form className={styles.edit} onSubmit={submit}>
        <textarea
          className={styles.editText}
          aria-label={title}
          value={text}
          rows={4}
          maxLength={10_000}
          onChange={(event) => setText(event.target.value)}
        />
        {save.isError && <Notice kind="bad">{errorText(save.error)}</Notice>}
        <Button type="submit" look="main" isBusy={save.isPending} disabled={text.trim() === ''}>
          {t('saveText')}
        </Button>
      </form>
    </Dialog>
  );
}
