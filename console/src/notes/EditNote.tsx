import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError } from '../api/api-error.ts';
import { isChangedMeanwhile } from '../api/versions.ts';
import { useMessages } from '../i18n/I18n.tsx';
import { useInvalidation } from '../live/Live.tsx';
import { useOrganizationId } from '../session/caller.ts';
import { Button } from '../ui/Button.tsx';
import { ConflictChoice } from '../ui/ConflictChoice.tsx';
import { messages as uiMessages } from '../ui/messages.ts';
import { Failed, Loading } from '../ui/States.tsx';
import { TextArea } from '../ui/TextArea.tsx';
import { toast } from '../ui/Toasts.tsx';
import { messages } from './messages.ts';
import { useNoteErrorText } from './note-error.ts';
import styles from './Notes.module.css';
import { type Note, noteQuery, useChangeNote } from './notes.ts';

/** A note that is written anew. */
export function EditNote({ id, onClose }: { id: string; onClose: () => void }) {
  const t = useMessages(messages);
  const query = noteQuery(useOrganizationId(), id);
  useInvalidation(['whatsapp:note'], query.queryKey);
  // As it is now, not as a list had it: what is saved is saved over what was seen.
  const found = useQuery({ ...query, staleTime: 0 });
  if (found.error instanceof ApiError && found.error.code === 'note_not_found') {
    return <p>{t('gone')}</p>;
  }
  if (found.data === undefined) {
    return found.isError ? <Failed error={found.error} onRetry={() => void found.refetch()} /> : <Loading />;
  }
  return <EditForm note={found.data.answer.note} version={found.data.version} onClose={onClose} />;
}

interface EditFormProps {
  note: Note;
  version: string;
  onClose: () => void;
}

/** What is written is kept when somebody else changes the note meanwhile; whose words hold is the person's to say. */
function EditForm({ note, version, onClose }: EditFormProps) {
  const t = useMessages(messages);
  const uiTexts = useMessages(uiMessages);
  const textOf = useNoteErrorText();
  const change = useChangeNote();
  const [base, setBase] = useState({ content: note.content, version });
  const [text, setText] = useState(note.content);
  const isConflict = isChangedMeanwhile(change.error);
  const takeTheirs = () => {
    setBase({ content: note.content, version });
    setText(note.content);
    change.reset();
  };
  // Nobody wrote anything yet: what somebody else changed is simply shown.
  if (base.version !== version && text === base.content) {
    setBase({ content: note.content, version });
    setText(note.content);
  }
  const save = (over: string) => {
    if (text.trim() === '' || change.isPending) {
      return;
    }
    change.mutate(
      { id: note.id, text: text.trim(), version: over },
      {
        onSuccess() {
          toast(t('saved'));
          onClose();
        },
      },
    );
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save(base.version);
  };
  const error = change.isError && !isConflict ? textOf(change.error) : undefined;
  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <TextArea
        label={t('edit')}
        value={text}
        onChange={setText}
        maxLength={10_000}
        error={error ?? (text.trim() === '' ? t('missing') : undefined)}
      />
      {isConflict ? (
        <ConflictChoice
          isReading={base.version === version}
          isSaving={change.isPending}
          onTakeTheirs={takeTheirs}
          onKeepMine={() => save(version)}
        >
          {t('changedWhileEditing')} <q className={styles.theirs}>{note.content}</q>
        </ConflictChoice>
      ) : (
        <div className={styles.actions}>
          <Button type="submit" look="main" isBusy={change.isPending}>
            {t('save')}
          </Button>
          <Button look="quiet" onClick={onClose}>
            {uiTexts('cancel')}
          </Button>
        </div>
      )}
    </form>
  );
}
