import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { type DomainEvents, DomainEventBus } from '../common/domain-events.js';
import { RealtimeEmitter } from './realtime-emitter.js';

/** Tells those who may link a phone, on all processes, what to scan or to type: a secret, and therefore never stored. */
@Injectable()
export class InstanceEventsRelay implements OnModuleInit, OnApplicationShutdown {
  constructor(
    private readonly bus: DomainEventBus,
    private readonly emitter: RealtimeEmitter,
  ) {}

  onModuleInit(): void {
    this.bus.on('instance.qr_issued', this.onQr);
    this.bus.on('instance.pairing_code_issued', this.onPairingCode);
  }

  onApplicationShutdown(): void {
    this.bus.off('instance.qr_issued', this.onQr);
    this.bus.off('instance.pairing_code_issued', this.onPairingCode);
  }

  private readonly onQr = ({
    organizationId,
    instanceId,
    qr,
    at,
  }: DomainEvents['instance.qr_issued'][0]): void => {
    this.emitter.emitToManagers(organizationId, 'whatsapp:qr', {
      instanceId,
      qr,
      timestamp: at.toISOString(),
    });
  };

  private readonly onPairingCode = (issued: DomainEvents['instance.pairing_code_issued'][0]): void => {
    this.emitter.emitToManagers(issued.organizationId, 'whatsapp:pairing-code', {
      instanceId: issued.instanceId,
      pairingCode: issued.pairingCode,
      expiresAt: issued.expiresAt.toISOString(),
      timestamp: issued.at.toISOString(),
    });
  };
}
