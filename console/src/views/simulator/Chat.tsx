import { CheckCheck } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useMessages } from '../../i18n/I18n.tsx';
import { simulatedNetwork, type SimulatedPhone } from '../../simulator/simulated-network.ts';
import { Button } from '../../ui/Button.tsx';
import { Empty, Failed, Loading } from '../../ui/States.tsx';
import { toast } from '../../ui/Toasts.tsx';
import { Bubble } from './Bubble.tsx';
import { Composer, type Draft } from './Composer.tsx';
import { messages } from './messages.ts';
import { useConversation, usePhoneAction } from './phones.ts';
import styles from './Simulator.module.css';

interface ChatProps {
  phone: SimulatedPhone;
  phones: readonly SimulatedPhone[];
  chat: string;
}

/** One chat of a phone, as the phone has it. */
export function Chat({ phone, phones, chat }: ChatProps) {
  const t = useMessages(messages);
  const { number } = phone;
  const conversation = useConversation(number, chat);
  const [draft, setDraft] = useState<Draft>();
  const list = useRef<HTMLOListElement>(null);
  const received = (conversation.data ?? []).filter(({ fromMe }) => !fromMe);
  const read = usePhoneAction(() =>
    Promise.all(received.map(({ id }) => simulatedNetwork.post(`/phones/${number}/read`, { id }))),
  );
  const newest = conversation.data?.at(-1)?.id;
  useEffect(() => {
    list.current?.scrollTo(0, list.current.scrollHeight);
  }, [newest]);
  const nameOf = (who: string) => phones.find((each) => each.number === who)?.name ?? who;
  if (conversation.data === undefined) {
    return conversation.isError ? (
      <Failed error={conversation.error} onRetry={() => void conversation.refetch()} />
    ) : (
      <Loading />
    );
  }
  return (
    <section className={styles.chat} aria-label={t('chatWith')}>
      {conversation.data.length === 0 ? (
        <Empty title={t('noMessages')}>{t('noMessagesText')}</Empty>
      ) : (
        <ol ref={list} className={styles.messages} aria-label={t('messages')} aria-live="polite">
          {conversation.data.map((message) => (
            <Bubble
              key={message.id}
              number={number}
              chat={chat}
              message={message}
              quoted={conversation.data.find(({ id }) => id === message.replyTo)}
              nameOf={nameOf}
              onReply={() => setDraft({ about: message, isEdit: false })}
              onEdit={() => setDraft({ about: message, isEdit: true })}
            />
          ))}
        </ol>
      )}
      {received.length > 0 && (
        <Button
          look="quiet"
          icon={<CheckCheck size={20} aria-hidden />}
          isBusy={read.isPending}
          onClick={() => read.mutate(undefined, { onSuccess: () => toast(t('readToast')) })}
        >
          {t('read')}
        </Button>
      )}
      <Composer
        key={`${draft?.about.id} ${draft?.isEdit}`}
        number={number}
        chat={chat}
        draft={draft}
        onDone={() => setDraft(undefined)}
      />
    </section>
  );
}
