import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { installProcessGuards } from '../src/baileys/patches/process-guards.js';
import { loadConfig } from '../src/config/load-config.js';
import { PinoLogs } from '../src/logging/pino-logs.js';
import { type Service, startService } from '../src/service.js';
import { processProbe } from './process-probe.js';
import { serveParent } from './rpc.js';
import { StepRecorder } from './step-recorder.js';

/** What the parent decides about the service. */
export interface ServiceArguments {
  whatsappUrl: string;
  /** In hex. */
  whatsappRootKey: string;
  /** For data and logs. */
  folder: string;
  /** Undefined: the embedded database. */
  databaseUrl: string | undefined;
  /** Run the worker in this process. */
  hasWorker: boolean;
  /** 32 bytes in base64; made when missing. */
  encryptionKey?: string;
  /** Required of every caller; undefined: anybody may call. */
  adminApiKey?: string;
}

let service: Service | undefined;
let recorder: StepRecorder | undefined;

/** The service as `npm start` runs it in production, except that it is spoken to by its parent and trusts a test network. */
async function start(given: ServiceArguments): Promise<{ url: string; encryptionKey: string }> {
  const encryptionKey = given.encryptionKey ?? randomBytes(32).toString('base64');
  const config = loadConfig({
    NODE_ENV: 'test',
    AUTH_MODE: given.adminApiKey === undefined ? 'open' : 'required',
    ADMIN_API_KEY: given.adminApiKey,
    HOST: '127.0.0.1',
    PORT: '0',
    DATA_DIR: given.folder,
    LOG_FILE: join(given.folder, 'app.log'),
    WHATSAPP_WS_URL: given.whatsappUrl,
    WHATSAPP_ROOT_KEY: given.whatsappRootKey,
    DATABASE_URL: given.databaseUrl,
    SESSION_ENCRYPTION_KEY: encryptionKey,
    QUEUE_DRIVER: 'embedded',
    OUTSIDE_URLS_ALLOW: '127.0.0.1',
  }).with({ queueDriver: given.hasWorker ? 'embedded' : 'none' });
  const logs = new PinoLogs({ level: config.logLevel, file: config.logFile, stdout: false });
  installProcessGuards(logs);
  service = await startService(config, logs);
  return { url: service.url, encryptionKey };
}

async function stop(): Promise<void> {
  await service?.close();
  setImmediate(() => process.exit());
}

process.once('SIGTERM', () => void stop());
serveParent({
  ...processProbe(),
  start,
  stop,
  startSteps: () => {
    recorder = new StepRecorder();
  },
  stopSteps: () => recorder?.stop(),
});
