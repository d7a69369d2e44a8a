import { useState } from 'react';
import { CalendarPlus, Copy, Download, History, Pencil, Reply, Trash2 } from 'lucide-react';
import { answerOf, api } from '../../../api/client.ts';
import { nextHour } from '../../../bookings/booking-draft.ts';
import { messages as bookingMessages } from '../../../bookings/messages.ts';
import { NewBooking } from '../../../bookings/windows.ts';
import { useMessages } from '../../../i18n/I18n.tsx';
import { DeleteNote } from '../../../notes/DeleteNote.tsx';
import { EditNote } from '../../../notes/EditNote.tsx';
import { messages as noteMessages } from '../../../notes/messages.ts';
import { useCaller } from '../../../session/caller.ts';
import { useErrorText } from '../../../ui/error-text.ts';
import { Confirmation, Dialog } from '../../../ui/Dialog.tsx';
import { MenuAt, MenuItem, MenuLine } from '../../../ui/Menu.tsx';
import { toast } from '../../../ui/Toasts.tsx';
import { useCopy } from '../../../ui/use-copy.ts';
import { wordsOf } from '../content/use-summary.ts';
import type { Message, Note } from '../data/conversations.ts';
import { useContact } from '../data/thread.ts';
import { saveFile } from '../data/media-files.ts';
import { messages } from '../messages.ts';
import { EarlierTexts } from './EarlierTexts.tsx';
import { EditDialog } from './EditDialog.tsx';
import { ReactionBar } from './ReactionBar.tsx';

/** WhatsApp's limits. */
const EDIT_MS = 15 * 60_000;
const DELETE_MS = 60 * 3_600_000;

export type MessageAction = { kind: 'reply'; message: Message } | { kind: 'done' };

interface MessageActionsProps {
  on: Message | Note;
  anchor: HTMLElement;
  contactId: string;
  onAction: (action: MessageAction) => void;
  onClose: () => void;
}

/** What can be done with a message or a note, by whom is allowed to. */
export function MessageActions({ on, anchor, contactId, onAction, onClose }: MessageActionsProps) {
  const t = useMessages(messages);
  const noteTexts = useMessages(noteMessages);
  const bookingTexts = useMessages(bookingMessages);
  const errorText = useErrorText();
  const { may, me } = useCaller();
  const [doing, setDoing] = useState<'menu' | 'edit' | 'delete' | 'booking' | 'history'>('menu');
  const [openedAt] = useState(() => Date.now());
  const { data: contact } = useContact(contactId);
  const message = 'direction' in on ? on : undefined;
  const isGone = on.deleted_at !== null;
  const words = wordsOf(on);
  const tell = (error: unknown) => toast(errorText(error), 'bad');
  const copy = useCopy();
  const params = { path: { id: on.id } };
  const isOwnNote =
    message === undefined && isWrittenHere(on as Note) && (may('manage') || isBy(on as Note, me));
  const age = openedAt - Date.parse(on.sent_at);
  const isOurs = message?.direction === 'outbound' && message.status !== 'failed' && !isGone;
  const mayEdit = may('send') && (isOwnNote || (isOurs && on.type === 'text' && age < EDIT_MS));
  const mayDelete = may('send') && (isOwnNote || (isOurs && age < DELETE_MS));

  if (doing === 'edit') {
    return message === undefined ? (
      <Dialog isOpen onClose={onClose} title={noteTexts('edit')}>
        <EditNote id={on.id} onClose={onClose} />
      </Dialog>
    ) : (
      <EditDialog
        title={t('editMessage')}
        initial={on.content}
        onSave={(text) => answerOf(api.PATCH('/api/messages/{id}', { params, body: { message: text } }))}
        onClose={onClose}
      />
    );
  }
  if (doing === 'delete') {
    return message === undefined ? (
      <DeleteNote note={on as Note} onClose={onClose} />
    ) : (
      <Confirmation
        isOpen
        isDangerous
        onClose={onClose}
        title={t('deleteTitle')}
        description={t('deleteText')}
        action={t('delete')}
        onConfirm={() => answerOf(api.DELETE('/api/messages/{id}', { params }))}
        errorOf={errorText}
      />
    );
  }
  if (doing === 'booking') {
    const initial = { title: words.slice(0, 200), ...nextHour(new Date(openedAt)) };
    return contact && <NewBooking contact={contact} initial={initial} onClose={onClose} />;
  }
  if (doing === 'history') {
    return <EarlierTexts id={on.id} now={on.content} onClose={onClose} />;
  }
  const react = (emoji: string) => {
    onClose();
    answerOf(
      api.POST('/api/whatsapp/instances/{id}/send', {
        params: { path: { id: message!.instance_id } },
        body: { type: 'reaction', reaction: { message_id: on.id, emoji } },
      }),
    ).catch(tell);
  };
  return (
    <MenuAt anchor={anchor} onClose={onClose}>
      {message !== undefined && may('send') && !isGone && (
        <>
          <ReactionBar
            current={message.reactions.find(({ from_me: isOwn }) => isOwn)?.emoji}
            onReact={react}
          />
          <MenuItem
            icon={<Reply size={20} aria-hidden />}
            onClick={() => onAction({ kind: 'reply', message })}
          >
            {t('reply')}
          </MenuItem>
        </>
      )}
      {words !== '' && !isGone && (
        <MenuItem
          icon={<Copy size={20} aria-hidden />}
          onClick={() => {
            copy(words);
            onClose();
          }}
        >
          {t('copy')}
        </MenuItem>
      )}
      {on.media?.url !== null && on.media?.url !== undefined && (
        <MenuItem
          icon={<Download size={20} aria-hidden />}
          onClick={() => {
            void saveFile(on.media!.url!, on.media!.file_name ?? t(`kind-${on.type}`)).catch(tell);
            onClose();
          }}
        >
          {t('save')}
        </MenuItem>
      )}
      {may('send') && (
        <MenuItem
          icon={<CalendarPlus size={20} aria-hidden />}
          isReplaced
          onClick={() => setDoing('booking')}
        >
          {bookingTexts('newBooking')}
        </MenuItem>
      )}
      {message !== undefined && on.edited_at !== null && !isGone && (
        <MenuItem icon={<History size={20} aria-hidden />} isReplaced onClick={() => setDoing('history')}>
          {t('earlierTexts')}
        </MenuItem>
      )}
      {(mayEdit || mayDelete) && <MenuLine />}
      {mayEdit && (
        <MenuItem icon={<Pencil size={20} aria-hidden />} isReplaced onClick={() => setDoing('edit')}>
          {t('edit')}
        </MenuItem>
      )}
      {mayDelete && (
        <MenuItem
          icon={<Trash2 size={20} aria-hidden />}
          isDangerous
          isReplaced
          onClick={() => setDoing('delete')}
        >
          {message === undefined ? t('delete') : t('deleteForAll')}
        </MenuItem>
      )}
    </MenuAt>
  );
}

function isWrittenHere({ source }: Note): boolean {
  return source === 'person';
}

function isBy({ author }: Note, me: { kind: string; id: string }): boolean {
  return author?.kind === me.kind && author.id === me.id;
}
