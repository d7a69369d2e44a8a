import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { organizationOf } from '../auth/organization-of.js';
import { scopeFor } from '../auth/principal.js';
import { AppError } from '../common/app-error.js';
import type { ActivityRequest, ShownActivity } from './activity-request.js';
import { roomOf } from './realtime-emitter.js';
import type { ClientSocket } from './socket-events.js';

/** So many changes in so long a time are told of one socket: people do not go faster. */
const MAX_SHOWN = 30;
const WINDOW_MS = 10_000;

/** Who reads and writes in which conversation: told to the other sockets of the organization, and kept nowhere. */
@Injectable()
export class SocketActivities {
  /** @throws AppError `organization_forbidden`, `permission_denied`; `rate_limited` where that is too much */
  show(socket: ClientSocket, request: ActivityRequest, now = Date.now()): void {
    const { principal } = socket.data;
    const organizationId = organizationOf(scopeFor(principal, 'read'), request.organizationId);
    const sends = scopeFor(principal, 'send');
    if (
      request.activity === 'writing' &&
      sends !== 'all' &&
      !sends.organizationIds.includes(organizationId)
    ) {
      throw new AppError('permission_denied');
    }
    const shown = (socket.data.activity ??= { connectionId: randomUUID(), times: [] });
    shown.times = shown.times.filter((time) => time > now - WINDOW_MS);
    if (shown.times.length >= MAX_SHOWN) {
      throw new AppError('rate_limited', {
        message: `A socket shows at most ${MAX_SHOWN} activities in ${WINDOW_MS / 1000} s.`,
      });
    }
    shown.times.push(now);
    const { current } = shown;
    const isElsewhere =
      current !== undefined &&
      (current.contactId !== request.contactId || current.organizationId !== request.organizationId);
    if (isElsewhere) {
      tell(socket, shown, { ...current, activity: 'left' }, now);
    }
    shown.current = request.activity === 'left' ? undefined : request;
    tell(socket, shown, request, now);
  }

  /** The socket is gone: so is its person, as far as the others can tell. */
  end(socket: ClientSocket): void {
    const shown = socket.data.activity;
    if (shown?.current !== undefined) {
      tell(socket, shown, { ...shown.current, activity: 'left' }, Date.now());
      shown.current = undefined;
    }
  }
}

function tell(
  socket: ClientSocket,
  { connectionId }: ShownActivity,
  { organizationId, contactId, activity }: ActivityRequest,
  now: number,
): void {
  const { kind, id, name } = socket.data.principal;
  socket.to(roomOf(organizationId)).emit('whatsapp:activity', {
    contactId,
    activity,
    actor: { kind, id, name },
    connectionId,
    timestamp: new Date(now).toISOString(),
  });
}
