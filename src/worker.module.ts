import { type DynamicModule, Global, Module } from '@nestjs/common';
import { BaileysInboxDecoder } from './baileys/decoding/message-decoder.js';
import { StoredSessionsCheck } from './baileys/storage/stored-sessions-check.js';
import { InboxDecoder } from './common/inbox.js';
import type { AppConfig } from './config/app-config.js';
import { EnvironmentModule } from './environment.module.js';
import { WorkerHealthModule } from './health/worker-health.module.js';
import { requestIdOf } from './http/request-id.js';
import { HttpLoggingModule } from './logging/http-logging.module.js';
import type { Logs } from './logging/logs.js';
import { ProcessModule } from './process.module.js';
import { RepositoriesModule } from './repositories/repositories.module.js';
import { SecretsModule } from './secrets/secrets.module.js';
import { SupabaseModule } from './supabase/supabase.module.js';
import { TickerModule } from './ticker/ticker.module.js';
import { WorkModule } from './work.module.js';

/** Reading what was received needs no session, but the key that sessions seal with. */
@Global()
@Module({
  imports: [RepositoriesModule],
  providers: [{ provide: InboxDecoder, useClass: BaileysInboxDecoder }, StoredSessionsCheck],
  exports: [InboxDecoder],
})
class DecoderModule {}

/** The message worker alone: no HTTP but health probes where they are asked for, no sockets, no WhatsApp sessions. */
@Module({})
export class WorkerModule {
  static with(config: AppConfig, logs: Logs): DynamicModule {
    return {
      module: WorkerModule,
      imports: [
        EnvironmentModule.with(config, logs),
        HttpLoggingModule.with(logs, requestIdOf),
        ProcessModule,
        SupabaseModule,
        RepositoriesModule,
        TickerModule,
        SecretsModule,
        DecoderModule,
        WorkModule.with(config),
        ...(config.workerHealth ? [WorkerHealthModule] : []),
      ],
    };
  }
}
