import { useMessages } from '../i18n/I18n.tsx';
import { Confirmation } from '../ui/Dialog.tsx';
import { toast } from '../ui/Toasts.tsx';
import { messages } from './messages.ts';
import { useNoteErrorText } from './note-error.ts';
import { type Note, useDeleteNote } from './notes.ts';

/** Asks before a note is deleted, as it was shown. */
export function DeleteNote({ note, onClose }: { note: Note; onClose: () => void }) {
  const t = useMessages(messages);
  const textOf = useNoteErrorText();
  const remove = useDeleteNote();
  return (
    <Confirmation
      isOpen
      onClose={onClose}
      title={t('deleteTitle')}
      description={t('deleteText')}
      action={t('delete')}
      isDangerous
      errorOf={textOf}
      onConfirm={async () => {
        await remove.mutateAsync(note);
        toast(t('deleted'));
      }}
    />
  );
}
