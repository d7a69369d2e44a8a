import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { type DomainEvents, DomainEventBus } from '../common/domain-events.js';
import { RealtimeEmitter } from './realtime-emitter.js';

/**
 * Tells sockets of all processes what is never stored: to those who may link a phone what to scan or to type, which is a secret, and
 * to all of an organization who is there and types.
 */
@Injectable()
export class InstanceEventsRelay implements OnModuleInit, OnApplicationShutdown {
  constructor(
    private readonly bus: DomainEventBus,
    private readonly emitter: RealtimeEmitter,
  ) {}

  onModuleInit(): void {
    this.bus.on('instance.qr_issued', this.onQr);
    this.bus.on('instance.pairing_code_issued', this.onPairingCode);
    this.bus.on('chat.presence_changed', this.onPresence);
  }

  onApplicationShutdown(): void {
    this.bus.off('instance.qr_issued', this.onQr);
    this.bus.off('instance.pairing_code_issued', this.onPairingCode);
    this.bus.off('chat.presence_changed', this.onPresence);
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

  private readonly onPresence = (change: DomainEvents['chat.presence_changed'][0]): void => {
    const { organizationId, instanceId, from, presence, lastSeen, at } = change;
    this.emitter.emitToAll(organizationId, 'whatsapp:presence', {
      instanceId,
      from,
      presence,
      ...(lastSeen && { lastSeen: lastSeen.toISOString() }),
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
