import { EventEmitter } from 'node:events';
import type { OutgoingEvent, WhatsappEvents } from './whatsapp-events.js';

/**
 * What happens inside this process, as noun and past participle. Rooms that may not import each other meet here.
 * Listeners must not throw.
 */
export interface DomainEvents {
  /** A QR string is ready to be scanned. Secret: it must never be logged, nor stored unless sealed. */
  'instance.qr_issued': [{ organizationId: string; instanceId: string; qr: string; at: Date }];
  /** WhatsApp accepted the request for a pairing code. Secret: as a QR. */
  'instance.pairing_code_issued': [
    { organizationId: string; instanceId: string; pairingCode: string; expiresAt: Date; at: Date },
  ];
  /** Somebody who is watched came, went or types; never stored. */
  'chat.presence_changed': [
    {
      organizationId: string;
      instanceId: string;
      /** Digits of the phone number, or `<digits>@lid`. */
      from: string;
      presence: WhatsappEvents['whatsapp:presence']['presence'];
      lastSeen: Date | undefined;
      at: Date;
    },
  ];
  /** A phone has confirmed that the instance is linked. */
  'instance.linked': [{ organizationId: string; instanceId: string }];
  /** Something else is to be done next for the file of a message: fetching it, or asking the phone for it. */
  'media.step_changed': ['download' | 'phone'];
  /** A webhook was made, changed or resumed, or is to deliver something once more. */
  'webhooks.changed': [{ organizationId: string }];
  /** Rows of the `events` table were committed; in the order of their sequence for each organization. */
  'events.committed': [OutgoingEvent[]];
}

/** The typed in-process event bus; one for each process. */
export class DomainEventBus extends EventEmitter<DomainEvents> {}
