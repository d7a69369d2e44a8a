import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from './config/load-config.js';
import { onStopSignal } from './common/stop-signals.js';
import { DemoClient } from './demo/demo-client.js';
import { MainJob } from './demo/main-job.js';
import { Transcript } from './demo/transcript.js';
import { PinoLogs } from './logging/pino-logs.js';
import { type Service, startService } from './service.js';
import { installProcessGuards } from './baileys/patches/process-guards.js';

const USAGE = `Usage: npm run demo [-- --once]

Starts the service with an embedded database and a simulated WhatsApp network, walks through the main job, and stays up
until Ctrl-C. With --once it ends after the walk: exit code 0, or 1 where a step failed.`;

const DEFAULT_PORT = '3000';

/** Nothing of the caller's environment but the port, so that the demo can not touch a real database or network. */
function demoConfig(dataDir: string, port: string) {
  return loadConfig({ NODE_ENV: 'development', DATA_DIR: dataDir, PORT: port, WHATSAPP_SIMULATOR: 'true' });
}

async function startOnFreePort(dataDir: string, logs: PinoLogs): Promise<Service> {
  const wanted = process.argv.includes('--port')
    ? (process.argv[process.argv.indexOf('--port') + 1] ?? '')
    : undefined;
  try {
    return await startService(demoConfig(dataDir, wanted ?? DEFAULT_PORT), logs);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || wanted !== undefined) {
      throw error;
    }
    return startService(demoConfig(dataDir, '0'), logs);
  }
}

async function run(isOnce: boolean): Promise<number> {
  const transcript = new Transcript();
  const dataDir = await mkdtemp(join(tmpdir(), 'auzap-demo-'));
  const config = demoConfig(dataDir, DEFAULT_PORT);
  const logs = new PinoLogs({ level: config.logLevel, file: config.logFile, stdout: false });
  const log = config.logFile ?? 'none (LOG_FILE=none)';
  installProcessGuards(logs);
  const interrupted = new Promise<void>((resolve) => {
    onStopSignal(
      () => resolve(),
      () => process.exit(1),
    );
  });
  let service: Service | undefined;
  let client: DemoClient | undefined;
  try {
    transcript.say('auzap-whatsapp demo: everything runs in this process, with nothing installed.');
    service = await transcript.step(
      'The service starts (embedded Postgres, worker, simulated WhatsApp)',
      async () => {
        const started = await startOnFreePort(dataDir, logs);
        transcript.show('service', started.url);
        transcript.show('simulator', started.simulator?.controlUrl ?? '');
        return started;
      },
    );
    client = new DemoClient(service.url);
    await new MainJob(client, service.simulator!, transcript).show();
    transcript.say('\nEverything worked.');
  } catch {
    transcript.say(`\nThe demo failed. The log: ${log}`);
  }
  if (service !== undefined && !isOnce) {
    transcript.say(`
  Swagger UI       ${service.url}/api/docs
  Health           ${service.url}/health
  Simulated phones ${service.simulator?.controlUrl ?? ''}
  Log              ${log}

Press Ctrl-C to stop.`);
    await interrupted;
    transcript.say('\nStopping.');
  }
  client?.close();
  await service?.close();
  logs.flush();
  await rm(dataDir, { recursive: true, force: true });
  return transcript.failures === 0 ? 0 : 1;
}

const known = new Set(['--once', '--port', '--help']);
const unknown = process.argv.slice(2).find((flag) => flag.startsWith('--') && !known.has(flag));
if (process.argv.includes('--help') || unknown !== undefined) {
  console.log(unknown === undefined ? USAGE : `Unknown option ${unknown}.\n\n${USAGE}`);
  process.exit(unknown === undefined ? 0 : 2);
}
process.exit(await run(process.argv.includes('--once')));
