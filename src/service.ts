import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Logger } from 'nestjs-pino';
import { AppModule } from './app.module.js';
import { setUpApp } from './app.setup.js';
import type { AppConfig } from './config/app-config.js';
import type { Logs } from './logging/logs.js';
import type { WhatsAppSimulator } from './simulator/whatsapp-simulator.js';

/** Connections that the system holds until the process takes them: beyond, whoever connects beside a flood waits for a second. */
const BACKLOG = 4_096;

/** A running service. */
export interface Service {
  app: NestExpressApplication;
  /** Where it answers, e.g. `http://127.0.0.1:3000`. */
  url: string;
  /** The simulated network, where the configuration asks for it. */
  simulator: WhatsAppSimulator | undefined;
  /** Stops accepting, finishes what is in hand, closes sessions without logging out. May be called twice. */
  close(): Promise<void>;
}

/**
 * Starts the whole service in this process.
 * @param config where and how
 * @param logs where its lines go
 * @returns the service once it answers
 * @throws whatever keeps it from starting: a port that is taken, a database that can't be reached or migrated
 */
export async function startService(config: AppConfig, logs: Logs): Promise<Service> {
  const simulator = config.whatsappSimulator ? await startSimulator() : undefined;
  const reached =
    simulator === undefined
      ? config
      : config.with({ whatsappWsUrl: simulator.url, whatsappRootKey: simulator.rootPublicKey });
  const app = await NestFactory.create<NestExpressApplication>(await AppModule.with(reached, logs), {
    // Silent until our own logger is in place: a start that fails is explained once, by whoever called.
    logger: false,
    abortOnError: false,
    bodyParser: false,
  });
  let closing: Promise<void> | undefined;
  const close = () => (closing ??= app.close().then(() => simulator?.stop()));
  try {
    app.useLogger(app.get(Logger));
    setUpApp(app, config);
    // An argument of Node's that Nest hands on without knowing it.
    await app.listen(config.port, config.host, BACKLOG as never);
    const url = await app.getUrl();
    announce(logs, config, url, simulator?.controlUrl);
    return { app, url, simulator, close };
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
}

/** Read only where it runs: a service of production never has the simulated network in its memory. */
async function startSimulator(): Promise<WhatsAppSimulator> {
  const { WhatsAppSimulator } = await import('./simulator/whatsapp-simulator.js');
  return WhatsAppSimulator.start({});
}

function announce(logs: Logs, config: AppConfig, url: string, simulatorControlUrl?: string): void {
  const log = logs.component('service');
  log.info(
    { url, docs: `${url}/api/docs`, authMode: config.authMode, simulatorControlUrl },
    'service started',
  );
  if (config.authMode === 'open') {
    log.warn(
      { host: config.host },
      'open mode: anybody on this machine may call every route without a token',
    );
  }
}
