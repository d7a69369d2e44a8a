import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { type DomainEvents, DomainEventBus } from '../common/domain-events.js';
import type { OutgoingEvent } from '../common/whatsapp-events.js';
import { RealtimeEmitter } from './realtime-emitter.js';

/** Turns what happened in this process into what subscribers of the organization receive. */
@Injectable()
export class InstanceEventsRelay implements OnModuleInit, OnApplicationShutdown {
  constructor(
    private readonly bus: DomainEventBus,
    private readonly emitter: RealtimeEmitter,
  ) {}

  onModuleInit(): void {
    this.bus.on('instance.qr_issued', this.onQr);
    this.bus.on('instance.pairing_code_issued', this.onPairingCode);
    this.bus.on('events.committed', this.onCommitted);
  }

  /** Late: what is committed while the process stops is still sent to those who listen. */
  onApplicationShutdown(): void {
    this.bus.off('instance.qr_issued', this.onQr);
    this.bus.off('instance.pairing_code_issued', this.onPairingCode);
    this.bus.off('events.committed', this.onCommitted);
  }

  private readonly onQr = ({
    organizationId,
    instanceId,
    qr,
    at,
  }: DomainEvents['instance.qr_issued'][0]): void => {
    this.emitter.emit(organizationId, 'whatsapp:qr', { instanceId, qr, timestamp: at.toISOString() });
  };

  private readonly onPairingCode = (issued: DomainEvents['instance.pairing_code_issued'][0]): void => {
    this.emitter.emit(issued.organizationId, 'whatsapp:pairing-code', {
      instanceId: issued.instanceId,
      pairingCode: issued.pairingCode,
      expiresAt: issued.expiresAt.toISOString(),
      timestamp: issued.at.toISOString(),
    });
  };

  private readonly onCommitted = (events: OutgoingEvent[]): void => {
    events.forEach((event) => this.emitter.emitStored(event));
  };
}
