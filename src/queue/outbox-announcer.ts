import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DomainEventBus } from '../common/domain-events.js';
import { OutboxSignals } from './outbox-signals.js';

/** Tells who runs an instance of the messages that the service wrote by itself, whichever process stored them. */
@Injectable()
export class OutboxAnnouncer implements OnModuleInit {
  constructor(
    private readonly bus: DomainEventBus,
    private readonly signals: OutboxSignals,
  ) {}

  onModuleInit(): void {
    this.bus.on('events.committed', (events) => {
      for (const { name, payload } of events) {
        if (name === 'whatsapp:message-sent' && 'reason' in payload) {
          this.signals.tell(payload.instanceId);
        }
      }
    });
  }
}
