import { chatsOf, conversationOf } from '../phones/conversation.js';
import type { SentMessage } from '../phones/sent-message.js';
import { phoneOf } from './phone-routes.js';
import type { RouteCall } from './route.js';

const MAX_SHOWN = 500;

/** The chats of a phone, the newest first. */
export function chats(call: RouteCall): unknown {
  return {
    chats: chatsOf(phoneOf(call), writtenBy(call)).map(({ chat, at }) => ({ chat, at: at.toISOString() })),
  };
}

/** The newest messages of a chat as the phone shows them, oldest first. */
export function conversation(call: RouteCall): unknown {
  const limit = call.input.number('limit', 100, 1, MAX_SHOWN);
  const shown = conversationOf(phoneOf(call), call.params['chat'] ?? '', writtenBy(call));
  return { messages: shown.slice(-limit).map((message) => ({ ...message, at: message.at.toISOString() })) };
}

function writtenBy(call: RouteCall): SentMessage[] {
  const { number } = phoneOf(call);
  return call.simulator.ledger.sent.filter(({ from }) => from === number);
}
