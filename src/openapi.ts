import { readFile, writeFile } from 'node:fs/promises';
import { NestFactory } from '@nestjs/core';
import { type Logger, pino } from 'pino';
import { AppModule } from './app.module.js';
import type { AppConfig } from './config/app-config.js';
import { buildOpenApiDocument } from './http/openapi-document.js';
import { openApiText } from './http/openapi-text.js';
import { Logs } from './logging/logs.js';

class SilentLogs extends Logs {
  component(): Logger {
    return pino({ level: 'silent' });
  }

  flush(): void {}
}

// Preview: Nest reads the decorators and constructs nothing, so nobody reads this configuration and nothing is connected.
const unread = {} as AppConfig;
const app = await NestFactory.create(await AppModule.with(unread, new SilentLogs()), {
  preview: true,
  logger: false,
  abortOnError: false,
});

const target = 'openapi.json';
const text = openApiText(buildOpenApiDocument(app));
if (!process.argv.includes('--check')) {
  await writeFile(target, text);
} else if ((await readFile(target, 'utf8').catch(() => '')) !== text) {
  process.stderr.write(`${target} is not what the code says: run npm run openapi and commit it.\n`);
  process.exitCode = 1;
}
