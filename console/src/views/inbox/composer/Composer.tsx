import { Mic, SendHorizontal, X } from 'lucide-react';
import { type ClipboardEvent, type KeyboardEvent, useCallback, useEffect, useRef, useState } from 'react';
import type { Schemas } from '../../../api/client.ts';
import { randomId } from '../../../api/random-id.ts';
import { useMessages } from '../../../i18n/I18n.tsx';
import { useNumbers } from '../../../numbers/numbers.ts';
import { useOrganizationId } from '../../../session/caller.ts';
import { IconButton } from '../../../ui/Button.tsx';
import { toast } from '../../../ui/Toasts.tsx';
import { useSummary } from '../content/use-summary.ts';
import { addressOf, nameOf } from '../contact-name.ts';
import type { Message, Note } from '../data/conversations.ts';
import { useDraft } from '../data/kept-texts.ts';
import { outbox } from '../data/outbox.ts';
import { messages } from '../messages.ts';
import { type Attachment, attachmentsOf } from './attachments.ts';
import { AttachMenu } from './AttachMenu.tsx';
import { AttachmentTray } from './AttachmentTray.tsx';
import styles from './Composer.module.css';
import { QuickReplies } from './QuickReplies.tsx';
import { useTyping } from './use-typing.ts';
import { VoiceRecorder } from './VoiceRecorder.tsx';

interface ComposerProps {
  contact: Schemas['ContactResponse'];
  /** The newest message of the conversation: what is written goes from the number that it came to. */
  newest: Message | undefined;
  newestNote: Note | undefined;
  attachments: readonly Attachment[];
  onAttachments: (change: (before: readonly Attachment[]) => readonly Attachment[]) => void;
  replyTo: Message | undefined;
  onNoReply: () => void;
  /** Told when somebody begins to write, and when that is over. */
  onWriting: (isWriting: boolean) => void;
}

/** Where one writes: to the contact, or a note for the others. What was begun is kept until it is sent. */
export function Composer(props: ComposerProps) {
  const { contact, newest, newestNote, attachments, onAttachments, replyTo, onNoReply, onWriting } = props;
  const t = useMessages(messages);
  const summaryOf = useSummary();
  const organizationId = useOrganizationId();
  const numbers = useNumbers().data ?? [];
  const [text, setText] = useDraft(contact.id);
  const [mode, setMode] = useState<'message' | 'note'>('message');
  const [isRecording, setRecording] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  const to = addressOf(contact);
  const number =
    numbers.find(({ id }) => id === newest?.instance_id) ??
    numbers.find(({ status }) => status === 'connected') ??
    numbers[0];
  const instanceId = newest?.instance_id ?? number?.id;
  const typing = useTyping(mode === 'message' ? instanceId : undefined, to, onWriting);
  const isEmpty = text.trim() === '' && attachments.length === 0;
  useEffect(() => {
    if (replyTo === undefined) {
      return undefined;
    }
    // After the menu has given the focus back.
    const timer = setTimeout(() => area.current?.focus());
    return () => clearTimeout(timer);
  }, [replyTo]);

  const deliver = useCallback(
    (parts: readonly { text?: string; file?: Attachment }[]) => {
      if (instanceId === undefined || to === undefined) {
        toast(t('noNumber'), 'bad');
        return false;
      }
      parts.forEach(({ text: words, file }, index) =>
        outbox.send({
          kind: 'message',
          organizationId,
          contactId: contact.id,
          instanceId,
          to,
          afterId: newest?.id,
          text: words,
          ...(file && { file: { blob: file.file, name: file.name, type: file.type } }),
          ...(index === 0 && replyTo && { replyTo: { id: replyTo.id, content: summaryOf(replyTo) } }),
        }),
      );
      onNoReply();
      typing.stop();
      return true;
    },
    [organizationId, instanceId, to, contact.id, newest?.id, replyTo, onNoReply, typing, summaryOf, t],
  );
  const send = () => {
    const words = text.trim();
    if (isEmpty) {
      return;
    }
    if (mode === 'note') {
      outbox.send({
        kind: 'note',
        organizationId,
        contactId: contact.id,
        afterId: newestNote?.id,
        text: words,
      });
      setText('');
      return;
    }
    const [first, ...others] = attachments;
    const parts =
      first === undefined
        ? [{ text: words }]
        : [{ text: words, file: first }, ...others.map((file) => ({ file }))];
    if (deliver(parts)) {
      setText('');
      onAttachments(() => []);
    }
  };
  const press = (event: KeyboardEvent) => {
    // On a phone's keyboard Enter is for a new line; the button sends.
    const isPhone = matchMedia('(pointer: coarse)').matches;
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing && !isPhone) {
      event.preventDefault();
      send();
    } else if (event.key === 'Escape') {
      onNoReply();
    }
  };
  const paste = (event: ClipboardEvent) => {
    const files = [...event.clipboardData.files];
    if (files.length > 0 && mode === 'message') {
      event.preventDefault();
      onAttachments((before) => [...before, ...attachmentsOf(files)]);
    }
  };
  const insert = (words: string) => {
    setText(text === '' ? words : `${text.trimEnd()} ${words}`);
    area.current?.focus();
  };
  if (isRecording) {
    return (
      <div className={styles.composer}>
        <VoiceRecorder
          onCancel={() => setRecording(false)}
          onDone={(file) => {
            setRecording(false);
            deliver([{ file: { id: randomId(), file, name: 'voice.ogg', type: 'voice' } }]);
          }}
        />
      </div>
    );
  }
  return (
    <div className={`${styles.composer} ${mode === 'note' ? styles.noting : ''}`}>
      <div className={styles.modes} role="group" aria-label={t('writeWhat')}>
        {(['message', 'note'] as const).map((each) => (
          <button
            key={each}
            type="button"
            className={styles.mode}
            aria-pressed={mode === each}
            onClick={() => setMode(each)}
          >
            {t(each === 'message' ? 'writeMessage' : 'writeNote')}
          </button>
        ))}
        {mode === 'message' && numbers.length > 1 && number !== undefined && (
          <span className={styles.from}>{t('from', { number: number.instance_name })}</span>
        )}
      </div>
      {replyTo !== undefined && mode === 'message' && (
        <div className={styles.reply}>
          <span className={styles.replyText}>
            <b>{t('replyingTo')}</b> {summaryOf(replyTo)}
          </span>
          <IconButton label={t('noReply')} onClick={onNoReply}>
            <X size={18} aria-hidden />
          </IconButton>
        </div>
      )}
      {mode === 'message' && (
        <AttachmentTray
          attachments={attachments}
          onRemove={(id) => onAttachments((before) => before.filter((one) => one.id !== id))}
        />
      )}
      <div className={styles.line}>
        {mode === 'message' && (
          <>
            <AttachMenu
              onFiles={(files) => onAttachments((before) => [...before, ...attachmentsOf(files)])}
            />
            <QuickReplies name={nameOf(contact)} onChoose={insert} />
          </>
        )}
        <textarea
          ref={area}
          className={styles.text}
          rows={1}
          value={text}
          maxLength={mode === 'note' ? 10_000 : 65_536}
          aria-label={mode === 'note' ? t('writeNote') : t('writeMessage')}
          placeholder={mode === 'note' ? t('notePlaceholder') : t('messagePlaceholder')}
          onChange={(event) => {
            setText(event.target.value);
            typing.write();
          }}
          onKeyDown={press}
          onPaste={paste}
          onBlur={typing.stop}
          dir="auto"
        />
        {isEmpty && mode === 'message' ? (
          <IconButton label={t('recordVoice')} onClick={() => setRecording(true)}>
            <Mic size={22} aria-hidden />
          </IconButton>
        ) : (
          <IconButton
            label={mode === 'note' ? t('keepNote') : t('send')}
            className={styles.send}
            disabled={isEmpty}
            onClick={send}
          >
            <SendHorizontal size={22} aria-hidden />
          </IconButton>
        )}
      </div>
    </div>
  );
}
