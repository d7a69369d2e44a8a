import { loadConfig } from '../../src/config/load-config.js';
import { PinoLogs } from '../../src/logging/pino-logs.js';
import { type Service, startService } from '../../src/service.js';
import { ApiClient } from './api-client.js';
import { OPEN_DATABASE } from '../../src/supabase/supabase.module.js';
import type { OpenDatabase } from '../../src/supabase/open-database.js';
import { makeServiceHome } from './built-service.js';
import { copyMigratedFolder } from './migrated-copy.js';
import type { HostedProject } from './hosted/hosted-project.js';
import { IS_HOSTED, STORE } from './not-hosted.js';
import { storeOfProcess } from './store-under-test.js';

/** The service in this process, on a free port, with its own database and log. */
export interface TestService {
  url: string;
  api: ApiClient;
  service: Service;
  logFile: string;
  /** Where its database is behind the stand-in. */
  project: HostedProject | undefined;
  stop(): Promise<void>;
}

/**
 * @param network the one to connect to; without a root key, WhatsApp's own is trusted
 * @param environment more variables, as an operator would set them
 * @param isHosted whether its database is behind the stand-in, whatever `TEST_STORE` says
 */
export async function startTestService(
  network: { url: string; rootPublicKey?: string },
  environment: Record<string, string> = {},
  isHosted = IS_HOSTED,
): Promise<TestService> {
  const isPlaced = ['DATA_DIR', 'DATABASE_URL', 'SUPABASE_URL'].some((name) => name in environment);
  const kind = isHosted ? 'hosted' : isPlaced ? 'embedded' : STORE;
  const [home, store] = await Promise.all([makeServiceHome(), storeOfProcess(kind)]);
  if (kind === 'embedded' && !isPlaced) {
    await copyMigratedFolder(home.dataDir);
  }
  const config = loadConfig({
    NODE_ENV: 'test',
    PORT: '0',
    DATA_DIR: home.dataDir,
    LOG_FILE: home.logFile,
    WHATSAPP_WS_URL: network.url,
    ...(network.rootPublicKey !== undefined && { WHATSAPP_ROOT_KEY: network.rootPublicKey }),
    ...store.environment,
    ...environment,
  });
  const logs = new PinoLogs({ level: config.logLevel, file: config.logFile, stdout: false });
  const service = await startService(config, logs);
  if (store.sql) {
    service.app.get<OpenDatabase>(OPEN_DATABASE, { strict: false }).sql = store.sql;
  }
  return {
    url: service.url,
    api: new ApiClient(service.url),
    service,
    logFile: home.logFile,
    project: store.project,
    stop: async () => {
      await service.close();
      logs.close();
      await home.remove();
      await store.close();
    },
  };
}
