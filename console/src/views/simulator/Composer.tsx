import { Plus, SendHorizontal, X } from 'lucide-react';
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useMessages } from '../../i18n/I18n.tsx';
import { simulatedNetwork } from '../../simulator/simulated-network.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Menu, MenuItem } from '../../ui/Menu.tsx';
import { Notice } from '../../ui/States.tsx';
import { TextArea } from '../../ui/TextArea.tsx';
import { KindDialog } from './KindDialog.tsx';
import { type Kind, KINDS } from './kinds.ts';
import { messages } from './messages.ts';
import { type PhoneMessage, useWriting } from './phones.ts';
import styles from './Simulator.module.css';

const TYPING_ENDS_MS = 3_000;

/** What is being written: something new, an answer to a message, or a message anew. */
export type Draft = { about: PhoneMessage; isEdit: boolean } | undefined;

interface ComposerProps {
  number: string;
  chat: string;
  draft: Draft;
  onDone: () => void;
}

/** Where the phone writes. */
export function Composer({ number, chat, draft, onDone }: ComposerProps) {
  const t = useMessages(messages);
  const textOf = useErrorText();
  const [text, setText] = useState(draft?.isEdit ? draft.about.text : '');
  const [kind, setKind] = useState<Kind>();
  const area = useRef<HTMLFormElement>(null);
  const write = useWriting(number, chat);
  const showTyping = useTyping(number, chat);
  useEffect(() => {
    if (draft !== undefined) {
      area.current?.querySelector('textarea')?.focus();
    }
  }, [draft]);
  const replyTo = draft &&
    !draft.isEdit && { replyTo: { id: draft.about.id, from: draft.about.from, text: draft.about.text } };
  const send = () => {
    if (text.trim() === '' || write.isPending) {
      return;
    }
    const content = draft?.isEdit
      ? { edit: { id: draft.about.id, from: number }, text: text.trim() }
      : { text: text.trim(), ...replyTo };
    write.mutate(content, {
      onSuccess() {
        setText('');
        onDone();
      },
    });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      send();
    } else if (event.key === 'Escape' && draft !== undefined) {
      onDone();
    }
  };
  return (
    <form
      ref={area}
      className={styles.composer}
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        send();
      }}
    >
      {draft !== undefined && (
        <div className={styles.about}>
          <span>
            <strong>{draft.isEdit ? t('editing') : t('replying')}</strong> {draft.about.text}
          </span>
          <IconButton label={t('stop')} onClick={onDone}>
            <X size={20} aria-hidden />
          </IconButton>
        </div>
      )}
      {write.isError && <Notice kind="bad">{textOf(write.error)}</Notice>}
      <div className={styles.line}>
        <Menu
          trigger={
            <IconButton label={t('more')}>
              <Plus size={22} aria-hidden />
            </IconButton>
          }
        >
          {KINDS.map((each) => (
            <MenuItem key={each.id} onClick={() => setKind(each)}>
              {t(each.label)}
            </MenuItem>
          ))}
        </Menu>
        <div className={styles.text}>
          <TextArea
            label={t('write')}
            isLabelHidden
            placeholder={t('write')}
            rows={1}
            value={text}
            onChange={(next) => {
              setText(next);
              showTyping();
            }}
            onKeyDown={onKeyDown}
          />
        </div>
        <Button
          type="submit"
          look="main"
          isBusy={write.isPending}
          icon={<SendHorizontal size={20} aria-hidden />}
        >
          <span className={styles.send}>{t('send')}</span>
        </Button>
      </div>
      {kind !== undefined && (
        <KindDialog
          kind={kind}
          error={write.error}
          isBusy={write.isPending}
          onClose={() => setKind(undefined)}
          onWrite={(content) =>
            write.mutate(
              { ...content, ...replyTo },
              {
                onSuccess() {
                  setKind(undefined);
                  onDone();
                },
              },
            )
          }
        />
      )}
    </form>
  );
}

/** Shows the other side that somebody writes here, until a while after the last letter. Groups are told nothing. */
function useTyping(number: string, chat: string): () => void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const tell = (state: 'composing' | 'paused') =>
    // Whether it is seen matters to nobody here.
    void simulatedNetwork.post(`/phones/${number}/typing`, { to: chat, state }).catch(() => undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return () => {
    if (chat.includes('@')) {
      return;
    }
    if (timer.current === undefined) {
      tell('composing');
    }
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      timer.current = undefined;
      tell('paused');
    }, TYPING_ENDS_MS);
  };
}
