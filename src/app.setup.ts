import type { NestExpressApplication } from '@nestjs/platform-express';
import { setUpQueueBoard } from './admin/queue-board.js';
import { AuditLog } from './audit/audit-log.js';
import { auditRefusals } from './audit/audit-refusals.js';
import { isAuthenticated } from './auth/authenticate-once.js';
import { Authenticator } from './auth/authenticator.js';
import type { AppConfig } from './config/app-config.js';
import { AllExceptionsFilter } from './http/all-exceptions.filter.js';
import { setUpApiDocuments } from './http/api-documents.js';
import { type ProxyTrust, proxyTrust } from './http/client-address.js';
import { honourConditions } from './http/conditional-requests.js';
import { corsOptions } from './http/cors-options.js';
import { InputPipe } from './http/input.pipe.js';
import { jsonBody } from './http/json-body.js';
import { needsHost } from './http/needs-host.js';
import { connectionFairness } from './http/connection-fairness.js';
import { OriginPolicy } from './http/origin-policy.js';
import { tagWithRequestId } from './http/request-id.js';
import { neverStored, securityHeaders } from './http/security-headers.js';
import { limitServer } from './http/server-limits.js';
import { shutdownGate } from './http/shutdown-gate.js';
import { CallLimits } from './limits/call-limits.js';
import { limitCalls } from './limits/limit-calls.js';
import { oneAtATime } from './limits/one-at-a-time.js';
import { RequestPlaces } from './limits/request-places.js';
import { Logs } from './logging/logs.js';
import { servePage } from './page/serve-page.js';
import { RealtimeAdapter } from './realtime/realtime.adapter.js';
import { RedisLinks } from './redis/redis-links.js';

/**
 * Everything about HTTP and Socket.IO that is not a module: to be called once, after the application is created and before
 * it listens.
 * @param app created with `bodyParser: false` or without; the body parser here comes first either way
 */
export function setUpApp(app: NestExpressApplication, config: AppConfig): void {
  const policy = new OriginPolicy(config);
  app.disable('x-powered-by');
  const trust = proxyTrust(config);
  app.set('trust proxy', trust);
  app.set('query parser', 'simple');
  const connections = limitServer(app.getHttpServer(), config, trust);
  const first = connectionFairness(app.getHttpServer());
  app.use(oneAtATime(), first, tagWithRequestId, securityHeaders(config), neverStored, honourConditions);
  app.enableCors(corsOptions(config));
  app.use(
    needsHost,
    shutdownGate(stoppingFlagOf(app)),
    policy.guard,
    auditRefusals(app.get(AuditLog, { strict: false })),
    limitCalls(app.get(CallLimits), app.get(RequestPlaces), app.get(Authenticator)),
    jsonBody(isAuthenticated),
  );
  setUpPage(app, config, trust);
  app.useGlobalPipes(new InputPipe());
  app.useGlobalFilters(new AllExceptionsFilter(app.get(Logs)));
  const links = config.redisUrl === undefined ? undefined : app.get(RedisLinks);
  app.useWebSocketAdapter(new RealtimeAdapter(app, config, policy, connections, links));
  setUpQueueBoard(app, config);
  setUpApiDocuments(app, trust);
}

/** A page that was not built is missing, which the operator is told; the API answers nevertheless. */
function setUpPage(app: NestExpressApplication, { hasConsole }: AppConfig, trust: ProxyTrust): void {
  if (!hasConsole) {
    return;
  }
  const page = servePage(trust);
  if (page === undefined) {
    app.get(Logs).component('console').warn('the console is not built: npm run build');
  } else {
    app.use(page);
  }
}

/** The adapter knows from the first moment of closing; its types keep that to themselves. */
function stoppingFlagOf(app: NestExpressApplication): () => boolean {
  const adapter = app.getHttpAdapter() as unknown as { isShuttingDown: boolean };
  return () => adapter.isShuttingDown;
}
