import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { Authenticator } from '../auth/authenticator.js';
import { basicPassword } from '../auth/basic-password.js';
import { bearerToken } from '../auth/bearer-token.js';
import type { Principal } from '../auth/principal.js';
import { AppError } from '../common/app-error.js';
import { CachedPromise } from '../common/cached-promise.js';
import type { AppConfig } from '../config/app-config.js';
import { HttpFault } from '../http/http-fault.js';
import { INBOX_QUEUE_TOKEN, type InboxQueue } from '../queue/inbox-queue.js';
import { RedisLinks } from '../redis/redis-links.js';

const PATH = '/admin/queues';
/** The page and nothing from elsewhere; its styles are partly inline. */
const CONTENT_POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; form-action 'self'";

/**
 * Shows the queue in Redis to administrators, under `/admin/queues`. To be called before the application listens.
 *
 * A browser logs in with HTTP Basic: any name, and ADMIN_API_KEY or an API key of the whole service as password. There is nothing to change: a job is
 * only a notification, and messages that could not be routed are driven again by `POST /api/admin/inbox/redrive`.
 *
 * @param config without a queue in Redis there is no such page
 */
export function setUpQueueBoard(app: NestExpressApplication, config: AppConfig): void {
  if (config.queueDriver !== 'bullmq') {
    return;
  }
  const queue = app.get<InboxQueue>(INBOX_QUEUE_TOKEN, { strict: false });
  const authenticator = app.get(Authenticator, { strict: false });
  const links = app.get(RedisLinks);
  app.use(PATH, adminsOnly(authenticator), whileRedisIsUp(links), headers, boardOf(queue));
}

/** Its libraries are read once somebody looks at it. */
function boardOf(queue: InboxQueue): RequestHandler {
  const board = new CachedPromise(async () => {
    const [{ createBullBoard }, { BullMQAdapter }, { ExpressAdapter }] = await Promise.all([
      import('@bull-board/api'),
      import('@bull-board/api/bullMQAdapter'),
      import('@bull-board/express'),
    ]);
    const server = new ExpressAdapter().setBasePath(PATH);
    const adapter = new BullMQAdapter(queue, {
      readOnlyMode: true,
      description: 'notifications of the inbox',
    });
    createBullBoard({
      queues: [adapter],
      serverAdapter: server,
      options: { uiConfig: { boardTitle: 'AuZap' } },
    });
    return server.getRouter() as RequestHandler;
  });
  return async function queueBoard(request, response, next) {
    (await board.get())(request, response, next);
  };
}

function adminsOnly(authenticator: Authenticator): RequestHandler {
  return async (request, _response, next) => {
    const { authorization } = request.headers;
    const token = bearerToken(authorization) ?? basicPassword(authorization);
    const caller = await callerOf(authenticator, token);
    if (caller?.grants !== 'all') {
      throw refusal();
    }
    next();
  };
}

/** @returns undefined for nobody */
async function callerOf(
  authenticator: Authenticator,
  token: string | undefined,
): Promise<Principal | undefined> {
  try {
    return await authenticator.authenticate(token);
  } catch (error) {
    if (error instanceof AppError && error.status >= 500) {
      throw error;
    }
    return undefined;
  }
}

function refusal(): HttpFault {
  return new HttpFault('unauthorized', {
    message: 'Only for administrators: the password is ADMIN_API_KEY or a key of the whole service.',
    headers: { 'WWW-Authenticate': 'Basic realm="queues", charset="UTF-8"' },
  });
}

/** The page would wait for Redis as long as it is away. */
function whileRedisIsUp(links: RedisLinks): RequestHandler {
  return async (_request, _response, next) => {
    if (!(await links.ping())) {
      throw new AppError('redis_unavailable');
    }
    next();
  };
}

function headers(_request: Request, response: Response, next: NextFunction): void {
  response.set('Content-Security-Policy', CONTENT_POLICY);
  next();
}
