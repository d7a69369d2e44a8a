import { Check, CheckCheck, EllipsisVertical, Play } from 'lucide-react';
import { useFormats } from '../../i18n/formats.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { simulatedNetwork } from '../../simulator/simulated-network.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Menu, MenuItem, MenuLine } from '../../ui/Menu.tsx';
import { toast } from '../../ui/Toasts.tsx';
import { FileView } from './FileView.tsx';
import { kindText } from './kind-text.ts';
import { messages } from './messages.ts';
import { type PhoneMessage, usePhoneAction, useWriting } from './phones.ts';
import styles from './Simulator.module.css';

const EMOJI = ['👍', '❤️', '😂', '😮', '😢', '🙏'];

interface BubbleProps {
  number: string;
  chat: string;
  message: PhoneMessage;
  quoted: PhoneMessage | undefined;
  nameOf: (number: string) => string;
  onReply: () => void;
  onEdit: () => void;
}

/** One message on the phone, with what can be done to it. */
export function Bubble({ number, chat, message, quoted, nameOf, onReply, onEdit }: BubbleProps) {
  const t = useMessages(messages);
  const { time } = useFormats();
  const { fromMe, from, text, isDeleted, isEdited, file, reactions, at, tick, kind } = message;
  const reacted = Object.entries(reactions);
  const named = kindText(kind);
  return (
    <li className={`${styles.bubble} ${fromMe ? styles.mine : ''}`}>
      <div className={styles.body}>
        <span className={styles.author}>{nameOf(from)}</span>
        {quoted !== undefined && (
          <blockquote className={styles.quote}>
            {quoted.text || t(kindText(quoted.kind) ?? 'other')}
          </blockquote>
        )}
        {isDeleted ? (
          <em>{t('deleted')}</em>
        ) : (
          <>
            {file !== undefined && <FileView number={number} id={message.id} file={file} />}
            {file === undefined && named !== undefined && <small>{t(named)}</small>}
            {text === '' && file === undefined && named === undefined && <small>{t('other')}</small>}
            {text !== '' && <p className={styles.words}>{text}</p>}
            <Options number={number} chat={chat} message={message} nameOf={nameOf} />
          </>
        )}
        <span className={styles.foot}>
          {isEdited && <span>{t('edited')}</span>}
          <time dateTime={at}>{time(at)}</time>
          {tick !== undefined && <TickMark tick={tick} />}
        </span>
        {reacted.length > 0 && (
          <ul className={styles.reactions} aria-label={t('reactions')}>
            {reacted.map(([who, emoji]) => (
              <li key={who} title={nameOf(who)}>
                {emoji}
              </li>
            ))}
          </ul>
        )}
      </div>
      {!isDeleted && (
        <BubbleMenu number={number} chat={chat} message={message} onReply={onReply} onEdit={onEdit} />
      )}
    </li>
  );
}

function TickMark({ tick }: { tick: NonNullable<PhoneMessage['tick']> }) {
  const t = useMessages(messages);
  const Icon = tick === 'sent' ? Check : tick === 'played' ? Play : CheckCheck;
  return (
    <span className={tick === 'read' || tick === 'played' ? styles.seen : ''}>
      <Icon size={16} aria-hidden />
      <span className="visually-hidden">{t(`tick-${tick}`)}</span>
    </span>
  );
}

interface MessageProps {
  number: string;
  chat: string;
  message: PhoneMessage;
}

/** What a poll or an event asks, and how many answered what. */
function Options({ number, chat, message, nameOf }: MessageProps & Pick<BubbleProps, 'nameOf'>) {
  const t = useMessages(messages);
  const write = useWriting(number, chat);
  const { options, votes, id, from, kind } = message;
  if (options.length === 0) {
    return null;
  }
  const isEvent = kind === 'eventMessage';
  const to = { id, from };
  return (
    <ul className={styles.options}>
      {options.map((option) => {
        const voters = Object.keys(votes).filter((who) => votes[who]!.includes(option));
        return (
          <li key={option}>
            <Button
              aria-pressed={voters.includes(number)}
              onClick={() => write.mutate(isEvent ? { answer: option, to } : { vote: [option], to })}
            >
              {isEvent ? t(option as 'going' | 'maybe' | 'not_going') : option}
              <span>{t('votes', { count: voters.length })}</span>
            </Button>
            {voters.length > 0 && <small>{voters.map(nameOf).join(', ')}</small>}
          </li>
        );
      })}
    </ul>
  );
}

function BubbleMenu({
  number,
  chat,
  message,
  onReply,
  onEdit,
}: MessageProps & Pick<BubbleProps, 'onReply' | 'onEdit'>) {
  const t = useMessages(messages);
  const textOf = useErrorText();
  const write = useWriting(number, chat);
  const receipt = usePhoneAction((type: 'read' | 'played') =>
    simulatedNetwork.post(`/phones/${number}/read`, { id: message.id, type }),
  );
  const onError = (error: unknown) => toast(textOf(error), 'bad');
  const { id, from, fromMe, text, file, reactions } = message;
  const reference = { id, from };
  return (
    <Menu
      trigger={
        <IconButton label={t('messageActions', { text: text.slice(0, 40) })}>
          <EllipsisVertical size={20} aria-hidden />
        </IconButton>
      }
    >
      <MenuItem onClick={onReply}>{t('reply')}</MenuItem>
      {fromMe && file === undefined && text !== '' && <MenuItem onClick={onEdit}>{t('edit')}</MenuItem>}
      {fromMe && (
        <MenuItem isDangerous onClick={() => write.mutate({ revoke: reference }, { onError })}>
          {t('delete')}
        </MenuItem>
      )}
      {!fromMe && <MenuItem onClick={() => receipt.mutate('read', { onError })}>{t('readThis')}</MenuItem>}
      {!fromMe && file?.kind === 'audio' && (
        <MenuItem onClick={() => receipt.mutate('played', { onError })}>{t('play')}</MenuItem>
      )}
      <MenuLine />
      {EMOJI.map((emoji) => (
        <MenuItem key={emoji} onClick={() => write.mutate({ reaction: emoji, to: reference }, { onError })}>
          {t('react', { emoji })}
        </MenuItem>
      ))}
      {reactions[number] !== undefined && (
        <MenuItem onClick={() => write.mutate({ reaction: '', to: reference }, { onError })}>
          {t('unreact')}
        </MenuItem>
      )}
    </Menu>
  );
}
