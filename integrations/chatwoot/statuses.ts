import { CallError } from '../common/http-json.ts';
import type { BridgeState } from './bridge-state.ts';
import type { ChatwootClient } from './chatwoot-client.ts';
import type { ChatwootStatus } from './chatwoot-types.ts';
import type { Outgoing } from './outgoing.ts';

/** `data` of `whatsapp:message-status`. */
export interface StatusEvent {
  /** Of the message at the service. */
  id: string;
  status: string;
  error?: string;
}

const STATUSES: Readonly<Record<string, ChatwootStatus>> = {
  delivered: 'delivered',
  read: 'read',
  played: 'read',
  failed: 'failed',
};

/** Tells Chatwoot what became of what agents wrote. */
export class Statuses {
  private readonly chatwoot: ChatwootClient;
  private readonly outgoing: Outgoing;
  private readonly state: BridgeState;

  constructor(chatwoot: ChatwootClient, outgoing: Outgoing, state: BridgeState) {
    this.chatwoot = chatwoot;
    this.outgoing = outgoing;
    this.state = state;
  }

  /** A message of the service came to another status; those that the bridge did not send are none of its business. */
  async change({ id, status, error }: StatusEvent): Promise<void> {
    const told = STATUSES[status];
    if (told === undefined) {
      return;
    }
    let origin = this.state.originOf(id);
    if (!origin) {
      await this.outgoing.settled();
      origin = this.state.originOf(id);
    }
    if (!origin) {
      return;
    }
    try {
      await this.chatwoot.setStatus(origin.conversationId, origin.id, told, error);
    } catch (fault) {
      // The agent deleted it, or the conversation.
      if (!(fault instanceof CallError) || fault.status !== 404) {
        throw fault;
      }
    }
  }
}
