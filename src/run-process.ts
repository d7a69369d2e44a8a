import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from './common/error-message.js';
import { AppError } from './common/app-error.js';
import { makeFilesPrivate } from './common/private-files.js';
import { onStopSignal } from './common/stop-signals.js';
import type { AppConfig } from './config/app-config.js';
import { ConfigError } from './config/config-error.js';
import { loadProcessConfig } from './config/load-process-config.js';
import type { Logs } from './logging/logs.js';
import { PinoLogs } from './logging/pino-logs.js';
import { installProcessGuards } from './baileys/patches/process-guards.js';

/** How long a shutdown may take before the process ends anyway. */
const SHUTDOWN_LIMIT_MS = 45_000;
/** How long a start that is under way may take to come to its end, once the process was told to stop. */
const START_LIMIT_MS = 5_000;
/** Pause before a process ends that could not start, in ms. */
const EXIT_PAUSE_MS = 500;

export interface Closable {
  close(): Promise<void>;
}

/**
 * The life of a process of this service: reads the configuration, starts, and on SIGTERM or SIGINT closes what was
 * started. A second signal ends it at once.
 * @param start what to run
 * @param answersCalls whether it is one that callers have to reach
 */
export async function runProcess(
  start: (config: AppConfig, logs: Logs) => Promise<Closable>,
  { answersCalls = false } = {},
): Promise<void> {
  makeFilesPrivate();
  let logs: PinoLogs | undefined;
  try {
    const config = loadProcessConfig(answersCalls);
    logs = new PinoLogs({ level: config.logLevel, file: config.logFile });
    installProcessGuards(logs);
    warnOf(config, logs);
    const running = start(config, logs);
    closeOnSignal(running, logs);
    await running;
  } catch (error) {
    explainFailure(error, logs);
    // Node 26 can hang for ever where it exits while V8 still compiles in the background, as it does right after a start.
    await delay(EXIT_PAUSE_MS);
    process.exit(1);
  }
}

function warnOf({ warnings }: AppConfig, logs: Logs): void {
  const log = logs.component('service');
  warnings.forEach((warning) => log.warn({ warning }, 'the configuration is not safe'));
}

function closeOnSignal(running: Promise<Closable>, logs: Logs): void {
  const log = logs.component('service');
  let isStarting = true;
  running.then(
    () => (isStarting = false),
    () => undefined,
  );
  const stop = (signal: NodeJS.Signals) => {
    log.info({ signal }, 'service stopping');
    setTimeout(() => {
      if (isStarting) {
        log.info('service stopped while it was starting');
        process.exit();
      }
    }, START_LIMIT_MS).unref();
    setTimeout(() => {
      log.error('shutdown took too long: ending');
      process.exit(1);
    }, SHUTDOWN_LIMIT_MS).unref();
    running
      .then((service) => service.close())
      .then(() => log.info('service stopped'))
      .then(() => process.exit())
      .catch((err: unknown) => {
        log.error({ err }, 'shutdown failed');
        process.exit(1);
      });
  };
  onStopSignal(stop, (signal) => {
    log.warn({ signal }, 'second signal: ending at once');
    process.exit(1);
  });
}

function explainFailure(error: unknown, logs: Logs | undefined): void {
  const isExplained = error instanceof ConfigError || error instanceof AppError;
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (error instanceof Error && code === 'EADDRINUSE') {
    process.stderr.write(
      `The port is taken (${error.message}). Set PORT, for a worker WORKER_HEALTH_PORT, to another one, or 0 for a free one.\n`,
    );
  } else if (error instanceof Error && isExplained) {
    process.stderr.write(`${error.message}\n`);
  } else {
    process.stderr.write(`The service could not start: ${messageOf(error)}\n`);
  }
  if (!(error instanceof ConfigError)) {
    logs?.component('service').fatal({ err: error }, 'start failed');
  }
}
