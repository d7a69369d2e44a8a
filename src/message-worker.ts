import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Logger } from 'nestjs-pino';
import type { AppConfig } from './config/app-config.js';
import { ConfigError } from './config/config-error.js';
import { AllExceptionsFilter } from './http/all-exceptions.filter.js';
import { proxyTrust } from './http/client-address.js';
import { tagWithRequestId } from './http/request-id.js';
import { neverStored, securityHeaders } from './http/security-headers.js';
import { limitServer } from './http/server-limits.js';
import { InboxWorkerAppModule } from './inbox-worker-app.module.js';
import type { Logs } from './logging/logs.js';
import type { Closable } from './run-process.js';

/**
 * Starts the message worker in this process.
 * @throws ConfigError when nothing would reach it there
 */
export async function startWorker(config: AppConfig, logs: Logs): Promise<Closable> {
  const faults = faultsOf(config);
  if (faults.length > 0) {
    throw new ConfigError(faults);
  }
  const module = await InboxWorkerAppModule.with(config.with({ runWorker: true }), logs);
  const options = { logger: false, abortOnError: false } as const;
  const { workerHealth } = config;
  if (!workerHealth) {
    const worker = await NestFactory.createApplicationContext(module, options);
    worker.useLogger(worker.get(Logger));
    return worker;
  }
  const worker = await NestFactory.create<NestExpressApplication>(module, { ...options, bodyParser: false });
  worker.useLogger(worker.get(Logger));
  return answerProbes(worker, { config, ...workerHealth }, logs);
}

/** Begins to work, and answers health probes. */
async function answerProbes(
  worker: NestExpressApplication,
  { config, port, host }: NonNullable<AppConfig['workerHealth']> & { config: AppConfig },
  logs: Logs,
): Promise<Closable> {
  worker.disable('x-powered-by');
  worker.use(tagWithRequestId, securityHeaders(config), neverStored);
  worker.useGlobalFilters(new AllExceptionsFilter(logs));
  limitServer(worker.getHttpServer(), config, proxyTrust(config));
  try {
    await worker.listen(port, host);
  } catch (error) {
    await worker.close().catch(() => undefined);
    throw error;
  }
  logs.component('service').info({ url: await worker.getUrl() }, 'worker answers health probes');
  return worker;
}

function faultsOf(config: AppConfig): string[] {
  const rules: [boolean, string][] = [
    [
      config.redisUrl === undefined,
      'REDIS_URL must be set: a worker of its own hears of new messages by Redis. Without Redis the worker runs inside ' +
        'the service: npm start (in production with QUEUE_DRIVER=embedded)',
    ],
    [
      config.redisUrl !== undefined && config.queueDriver !== 'bullmq',
      'QUEUE_DRIVER must be bullmq, or not set: with embedded the worker runs inside the service',
    ],
    [
      config.databaseUrl === undefined && config.supabaseUrl === undefined,
      'DATABASE_URL or SUPABASE_URL must be set: the embedded database belongs to the process of the service alone',
    ],
  ];
  return rules.filter(([isBroken]) => isBroken).map(([, fault]) => fault);
}
