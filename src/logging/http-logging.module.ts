import { type DynamicModule, Module } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { LoggerModule } from 'nestjs-pino';
import { loggedPath } from './logged-path.js';
import type { Logs } from './logs.js';

/** Polled every few seconds by orchestrators; a line for each would bury the rest. */
const QUIET_PATHS = /^\/health(\/|$|\?)/;

/** One line for each HTTP request, and Nest's own lines, in the same JSON as the service's. */
@Module({})
export class HttpLoggingModule {
  /**
   * @param logs where lines go
   * @param requestIdOf names a request; the same id is in its answer
   */
  static with(
    logs: Logs,
    requestIdOf: (request: IncomingMessage, response: ServerResponse) => string,
  ): DynamicModule {
    const pinoHttp = {
      logger: logs.component('http'),
      genReqId: requestIdOf,
      quietReqLogger: true,
      customAttributeKeys: { reqId: 'requestId' },
      autoLogging: { ignore: (request: IncomingMessage) => QUIET_PATHS.test(request.url ?? '') },
      customLogLevel: (_request: IncomingMessage, { statusCode }: ServerResponse, error?: Error) =>
        error !== undefined || statusCode >= 500 ? ('error' as const) : levelOf(statusCode),
      serializers: {
        req: ({ method, url }: { method: string; url: string }) => ({ method, path: loggedPath(url) }),
        res: (response: { statusCode: number }) => ({ statusCode: response.statusCode }),
      },
    };
    return { module: HttpLoggingModule, imports: [LoggerModule.forRoot({ pinoHttp })] };
  }
}

/** A flood that is refused must not fill the disk; that it began is logged where it is limited. */
function levelOf(statusCode: number): 'debug' | 'info' {
  return statusCode === 429 ? 'debug' : 'info';
}
