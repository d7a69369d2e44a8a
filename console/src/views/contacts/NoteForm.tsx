import { type FormEvent, useRef, useState } from 'react';
import { randomId } from '../../api/random-id.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { Button } from '../../ui/Button.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Card } from '../../ui/Page.tsx';
import { TextArea } from '../../ui/TextArea.tsx';
import { toast } from '../../ui/Toasts.tsx';
import styles from './History.module.css';
import { messages } from './messages.ts';
import { useAddNote } from './add-note.ts';

/** Writes a note about a contact, which only the team sees. */
export function NoteForm({ contactId }: { contactId: string }) {
  const t = useMessages(messages);
  const textOf = useErrorText();
  const add = useAddNote(contactId);
  const key = useRef(randomId());
  const [text, setText] = useState('');
  const [isMissing, setMissing] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setMissing(text.trim() === '');
    if (text.trim() === '' || add.isPending) {
      return;
    }
    add.mutate(
      { text: text.trim(), key: key.current },
      {
        onSuccess() {
          key.current = randomId();
          setText('');
          toast(t('noteAdded'));
        },
      },
    );
  };
  const write = (next: string) => {
    // Other words are another note.
    key.current = randomId();
    setText(next);
  };
  return (
    <Card>
      <form className={styles.form} onSubmit={submit} noValidate>
        <TextArea
          label={t('writeNote')}
          hint={t('noteHint')}
          rows={2}
          value={text}
          onChange={write}
          maxLength={10_000}
          error={
            isMissing && text.trim() === '' ? t('noteMissing') : add.isError ? textOf(add.error) : undefined
          }
        />
        <div className={styles.actions}>
          <Button type="submit" isBusy={add.isPending}>
            {t('addNote')}
          </Button>
        </div>
      </form>
    </Card>
  );
}
