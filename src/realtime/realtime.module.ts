import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { AuthModule } from '../auth/auth.module.js';
import { DomainEventsModule } from '../common/domain-events.module.js';
import { LimitsModule } from '../limits/limits.module.js';
import { QueueModule } from '../queue/queue.module.js';
import { RedisModule } from '../redis/redis.module.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { TickerModule } from '../ticker/ticker.module.js';
import { CallerWatch } from './caller-watch.js';
import { EventList } from './event-list.js';
import { EventStreams } from './event-streams.js';
import { EventsController } from './events.controller.js';
import { Handshake } from './handshake.js';
import { InstanceEventsRelay } from './instance-events.relay.js';
import { RealtimeEmitter } from './realtime-emitter.js';
import { RealtimeGateway } from './realtime.gateway.js';
import { SocketActivities } from './socket-activities.js';
import { SocketAccess } from './socket-access.js';
import { SocketJoins } from './socket-joins.js';
import { SocketPlaces } from './socket-places.js';
import { SocketReplays } from './socket-replays.js';
import { StoredEventsRelay } from './stored-events.relay.js';
import { StreamPlaces } from './stream-places.js';

/** Socket.IO and the replay of events. */
@Module({
  imports: [
    AuditModule,
    AuthModule,
    DomainEventsModule,
    LimitsModule,
    QueueModule,
    RedisModule,
    RepositoriesModule,
    TickerModule,
  ],
  controllers: [EventsController],
  providers: [
    CallerWatch,
    EventList,
    EventStreams,
    Handshake,
    InstanceEventsRelay,
    RealtimeEmitter,
    RealtimeGateway,
    SocketAccess,
    SocketActivities,
    SocketJoins,
    SocketPlaces,
    SocketReplays,
    StoredEventsRelay,
    StreamPlaces,
  ],
})
export class RealtimeModule {}
