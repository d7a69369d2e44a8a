import { SwaggerModule } from '@nestjs/swagger';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { setUpQueueBoard } from './admin/queue-board.js';
import { AuditLog } from './audit/audit-log.js';
import { auditRefusals } from './audit/audit-refusals.js';
import type { AppConfig } from './config/app-config.js';
import { AllExceptionsFilter } from './http/all-exceptions.filter.js';
import { corsOptions } from './http/cors-options.js';
import { InputPipe } from './http/input.pipe.js';
import { jsonBody } from './http/json-body.js';
import { buildOpenApiDocument, DOCS_PATH } from './http/openapi-document.js';
import { OriginPolicy } from './http/origin-policy.js';
import { tagWithRequestId } from './http/request-id.js';
import { securityHeaders } from './http/security-headers.js';
import { limitServer } from './http/server-limits.js';
import { shutdownGate } from './http/shutdown-gate.js';
import { Logs } from './logging/logs.js';
import { RealtimeAdapter } from './realtime/realtime.adapter.js';
import { RedisLinks } from './redis/redis-links.js';

/**
 * Everything about HTTP and Socket.IO that is not a module: to be called once, after the application is created and before it listens.
 * @param app created with `bodyParser: false` or without; the body parser here comes first either way
 */
export function setUpApp(app: NestExpressApplication, config: AppConfig): void {
  const policy = new OriginPolicy(config);
  app.disable('x-powered-by');
  app.set('trust proxy', false);
  app.set('query parser', 'simple');
  app.use(tagWithRequestId, securityHeaders);
  app.enableCors(corsOptions(config));
  app.use(
    shutdownGate(stoppingFlagOf(app)),
    policy.guard,
    auditRefusals(app.get(AuditLog, { strict: false })),
    jsonBody(),
  );
  app.useGlobalPipes(new InputPipe());
  app.useGlobalFilters(new AllExceptionsFilter(app.get(Logs)));
  const links = config.redisUrl === undefined ? undefined : app.get(RedisLinks);
  app.useWebSocketAdapter(new RealtimeAdapter(app, config, policy, links));
  limitServer(app.getHttpServer());
  setUpQueueBoard(app, config);
  SwaggerModule.setup(DOCS_PATH, app, () => buildOpenApiDocument(app), {
    jsonDocumentUrl: `${DOCS_PATH}-json`,
    yamlDocumentUrl: `${DOCS_PATH}-yaml`,
    customSiteTitle: 'AuZap WhatsApp API',
    swaggerOptions: { persistAuthorization: true },
  });
}

/** The adapter knows from the first moment of closing; its types keep that to themselves. */
function stoppingFlagOf(app: NestExpressApplication): () => boolean {
  const adapter = app.getHttpAdapter() as unknown as { isShuttingDown: boolean };
  return () => adapter.isShuttingDown;
}
