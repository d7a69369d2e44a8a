import { MessageSquareText, Plus, Trash2 } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { randomId } from '../../../api/random-id.ts';
import { useMessages } from '../../../i18n/I18n.tsx';
import { Button, IconButton } from '../../../ui/Button.tsx';
import { Dialog } from '../../../ui/Dialog.tsx';
import { useQuickReplies } from '../data/kept-texts.ts';
import { messages } from '../messages.ts';
import styles from './Composer.module.css';

const MAX_REPLIES = 100;

interface QuickRepliesProps {
  /** Of the contact: `{name}` in a text becomes it. */
  name: string;
  onChoose: (text: string) => void;
}

/** Texts that are sent often: chosen, written and removed here. */
export function QuickReplies({ name, onChoose }: QuickRepliesProps) {
  const t = useMessages(messages);
  const [isOpen, setOpen] = useState(false);
  const [replies, setReplies] = useQuickReplies();
  const [text, setText] = useState('');
  const add = (event: FormEvent) => {
    event.preventDefault();
    const words = text.trim();
    if (words !== '' && replies.length < MAX_REPLIES) {
      setReplies([...replies, { id: randomId(), text: words }]);
      setText('');
    }
  };
  const choose = (words: string) => {
    setOpen(false);
    onChoose(words.replaceAll('{name}', name));
  };
  return (
    <>
      <IconButton label={t('quickReplies')} onClick={() => setOpen(true)}>
        <MessageSquareText size={22} aria-hidden />
      </IconButton>
      <Dialog
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        title={t('quickReplies')}
        description={t('quickRepliesText', { placeholder: '{name}' })}
      >
        {replies.length > 0 && (
          <ul className={styles.replies}>
            {replies.map((reply) => (
              <li key={reply.id}>
                <button type="button" className={styles.choice} onClick={() => choose(reply.text)}>
                  {reply.text}
                </button>
                <IconButton
                  label={t('removeReply', { text: reply.text.slice(0, 40) })}
                  onClick={() => setReplies(replies.filter(({ id }) => id !== reply.id))}
                >
                  <Trash2 size={18} aria-hidden />
                </IconButton>
              </li>
            ))}
          </ul>
        )}
        <form className={styles.newReply} onSubmit={add}>
          <textarea
            className={styles.text}
            aria-label={t('newReply')}
            placeholder={t('newReply')}
            rows={2}
            maxLength={4_096}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
          <Button type="submit" icon={<Plus size={20} aria-hidden />} disabled={text.trim() === ''}>
            {t('addReply')}
          </Button>
        </form>
      </Dialog>
    </>
  );
}
