import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { AuthModule } from '../auth/auth.module.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { EventsController } from './events.controller.js';
import { Handshake } from './handshake.js';
import { InstanceEventsRelay } from './instance-events.relay.js';
import { RealtimeEmitter } from './realtime-emitter.js';
import { RealtimeGateway } from './realtime.gateway.js';
import { SocketAccess } from './socket-access.js';
import { SocketPlaces } from './socket-places.js';
import { StoredEventsRelay } from './stored-events.relay.js';

/** Socket.IO and the replay of events; needs the global `DomainEventBus` and `Logs`. */
@Module({
  imports: [AuditModule, AuthModule, RepositoriesModule],
  controllers: [EventsController],
  providers: [
    Handshake,
    InstanceEventsRelay,
    RealtimeEmitter,
    RealtimeGateway,
    SocketAccess,
    SocketPlaces,
    StoredEventsRelay,
  ],
})
export class RealtimeModule {}
