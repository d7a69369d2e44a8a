import { useQueryClient } from '@tanstack/react-query';
import { Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useFormats } from '../../i18n/formats.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { DeleteNote } from '../../notes/DeleteNote.tsx';
import { EditNote } from '../../notes/EditNote.tsx';
import { messages as noteMessages } from '../../notes/messages.ts';
import type { Note } from '../../notes/notes.ts';
import { useCaller, useOrganizationId } from '../../session/caller.ts';
import { IconButton } from '../../ui/Button.tsx';
import { historyKey } from './history.ts';
import styles from './History.module.css';

/** A note in the history; one that was written here can be changed. */
export function NoteEntry({ note }: { note: Note }) {
  const t = useMessages(noteMessages);
  const format = useFormats();
  const { may } = useCaller();
  const organizationId = useOrganizationId();
  const queries = useQueryClient();
  const [doing, setDoing] = useState<'edit' | 'delete'>();
  const stop = () => {
    setDoing(undefined);
    void queries.invalidateQueries({ queryKey: historyKey(organizationId, note.contact_id!) });
  };
  if (doing === 'edit') {
    return <EditNote id={note.id} onClose={stop} />;
  }
  return (
    <>
      <div className={styles.body}>
        <p className={styles.text}>{note.content}</p>
        <p className={styles.time}>
          {note.author !== null && note.author.kind !== 'open' && `${note.author.name} · `}
          <time dateTime={note.created_at}>{format.dateTime(note.created_at)}</time>
        </p>
      </div>
      {may('send') && note.source === 'person' && (
        <div>
          <IconButton label={t('edit')} onClick={() => setDoing('edit')}>
            <Pencil size={18} aria-hidden />
          </IconButton>
          <IconButton label={t('delete')} onClick={() => setDoing('delete')}>
            <Trash2 size={18} aria-hidden />
          </IconButton>
        </div>
      )}
      {doing === 'delete' && <DeleteNote note={note} onClose={stop} />}
    </>
  );
}
