import type { AppConfig } from '../../src/config/app-config.js';
import type { Logs } from '../../src/logging/logs.js';
import { TicksRepository } from '../../src/repositories/ticks.repository.js';
import type { DatabaseClient } from '../../src/supabase/supabase-client.js';
import { TickSettings } from '../../src/ticker/tick-settings.js';
import { Ticker } from '../../src/ticker/ticker.js';

/** The clock of a process over this database, as the composition makes it. */
export function aTicker(client: DatabaseClient, config: Pick<AppConfig, 'leaseSeconds'>, logs: Logs): Ticker {
  return new Ticker(new TicksRepository(client), new TickSettings(), config as AppConfig, logs);
}
