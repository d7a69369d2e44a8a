import { loadConfig } from '../../src/config/load-config.js';
import { PinoLogs } from '../../src/logging/pino-logs.js';
import { type Service, startService } from '../../src/service.js';
import { ApiClient } from './api-client.js';
import { OPEN_DATABASE } from '../../src/supabase/supabase.module.js';
import type { OpenDatabase } from '../../src/supabase/open-database.js';
import { makeServiceHome } from './built-service.js';
import type { HostedProject } from './hosted/hosted-project.js';
import { STORE } from './store-kind.js';
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
 * @param kind of its database, unless the variables say where it is
 */
export async function startTestService(
  network: { url: string; rootPublicKey?: string },
  environment: Record<string, string> = {},
  kind = STORE,
): Promise<TestService> {
  const home = await makeServiceHome();
  const store = await storeOfProcess(home.dataDir, environment, kind);
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
