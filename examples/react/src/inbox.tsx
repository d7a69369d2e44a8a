import type { Conversation, FeedState } from '@auzap/client';
import { type FormEvent, useState } from 'react';
import { useConversations } from './use-conversations.js';
import { useEvents } from './use-events.js';
import { useMessages } from './use-messages.js';
import { useReply } from './use-reply.js';
import { useSendFile } from './use-send-file.js';

const STATES: Record<FeedState, string> = {
  connecting: 'Off line, trying again …',
  'catching-up': 'Catching up …',
  live: 'On line',
  closed: 'Signed out',
};

/** Conversations on one side, the chosen one on the other. */
export function Inbox() {
  const state = useEvents();
  const { data: conversations = [], hasNextPage, fetchNextPage, error } = useConversations();
  const [chosenId, choose] = useState<string>();
  const chosen = conversations.find(({ contact }) => contact.id === chosenId);
  return (
    <main>
      <p role="status">{error?.message ?? STATES[state]}</p>
      <nav aria-label="Conversations">
        {conversations.map(({ contact, last_message, unread_count }) => (
          <button key={contact.id} type="button" onClick={() => choose(contact.id)}>
            {contact.name} ({unread_count}): {last_message.content}
          </button>
        ))}
        {hasNextPage && (
          <button type="button" onClick={() => void fetchNextPage()}>
            Older conversations
          </button>
        )}
      </nav>
      {chosen && <Chat conversation={chosen} />}
    </main>
  );
}

function Chat({ conversation: { contact, last_message } }: { conversation: Conversation }) {
  const { data: messages = [], hasNextPage, fetchNextPage } = useMessages(contact.id);
  const reply = useReply(last_message.instance_id, contact);
  const file = useSendFile(last_message.instance_id, contact);
  const [text, write] = useState('');
  const send = (event: FormEvent) => {
    event.preventDefault();
    reply.mutate(text, { onSuccess: () => write('') });
  };
  return (
    <section aria-label={contact.name}>
      {hasNextPage && (
        <button type="button" onClick={() => void fetchNextPage()}>
          Older messages
        </button>
      )}
      <ol>
        {messages.toReversed().map(({ id, direction, content, status }) => (
          <li key={id} data-direction={direction}>
            {content} {direction === 'outbound' && <small>{status}</small>}
          </li>
        ))}
      </ol>
      <form onSubmit={send}>
        <input aria-label="Reply" required value={text} onChange={({ target }) => write(target.value)} />
        <button disabled={reply.isPending}>Send</button>
      </form>
      <label>
        Attach
        <input
          type="file"
          disabled={file.isPending}
          onChange={({ target }) => target.files?.[0] && file.mutate(target.files[0])}
        />
      </label>
      {file.isPending && <progress value={file.progress} />}
      {(reply.error ?? file.error) && <p role="alert">{(reply.error ?? file.error)?.message}</p>}
    </section>
  );
}
