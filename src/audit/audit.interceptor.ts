import type { IncomingMessage } from 'node:http';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request, Response } from 'express';
import { catchError, from, mergeMap, type Observable, switchMap, tap } from 'rxjs';
import type { AuditEnd } from '../repositories/audit.repository.js';
import { findCallerOf } from '../auth/request-caller.js';
import { entryOf, isChange } from './audit-entry.js';
import { AuditLog } from './audit-log.js';
import { AUDITED } from './audited.decorator.js';
import { NOTED_WITH_OPERATION, setPendingEntryOf } from './pending-entry.js';

const noted = new WeakSet<IncomingMessage>();

/** @returns whether there is an entry about the request */
export function isNoted(request: IncomingMessage): boolean {
  return noted.has(request);
}

/**
 * Notes every call that may change something, and every reading of many people's data, before its handler runs; how it
 * ended, when it was answered. Where the note can't be stored the call is answered 503 and nothing is done.
 */
@Injectable()
export class AuditInterceptor implements NestInterceptor {
  constructor(
    private readonly audit: AuditLog,
    private readonly reflector: Reflector,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http' || !this.isAudited(context)) {
      return next.handle();
    }
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    noted.add(request);
    if (this.says(NOTED_WITH_OPERATION, context)) {
      return this.withOperation(request, response, next);
    }
    return from(this.audit.begin(entryOf(request))).pipe(
      switchMap((id) => {
        const made = this.endWith(response, () => id);
        return next.handle().pipe(tap((answer) => Object.assign(made, objectOf(answer))));
      }),
    );
  }

  /** The handler stores the entry with its operation. Where there was no operation, it is stored before the answer. */
  private withOperation(request: Request, response: Response, next: CallHandler): Observable<unknown> {
    const pending = this.audit.prepare(entryOf(request));
    setPendingEntryOf(request, pending);
    const made = this.endWith(response, () => pending.id);
    return next.handle().pipe(
      mergeMap(async (answer: unknown) => {
        Object.assign(made, objectOf(answer));
        await this.audit.settle(pending);
        return answer;
      }),
      catchError(async (error: unknown) => {
        await pending.store();
        throw error;
      }),
    );
  }

  /** Of a public route nobody is known, and whoever likes may call it: that is a line in the log, and no entry. */
  private isAudited(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>();
    return findCallerOf(request) !== undefined && (isChange(request.method) || this.says(AUDITED, context));
  }

  private says(mark: string, context: ExecutionContext): boolean {
    const targets = [context.getHandler(), context.getClass()];
    return this.reflector.getAllAndOverride<boolean | undefined>(mark, targets) === true;
  }

  /** @returns what the answer names, to be filled in before it is sent */
  private endWith(
    response: Response,
    idOf: () => number | undefined,
  ): Pick<AuditEnd, 'objectId' | 'organizationId'> {
    const made: Pick<AuditEnd, 'objectId' | 'organizationId'> = {};
    response.once('close', () => {
      // What was cut off, or whose caller went away, may have been done: it stays `begun`.
      const id = idOf();
      if (response.writableFinished && id !== undefined) {
        this.audit.end({ id, ...outcomeOf(response), ...made });
      }
    });
    return made;
  }
}

/** How an answered call ended. */
function outcomeOf({ statusCode }: Pick<Response, 'statusCode'>): Pick<AuditEnd, 'outcome' | 'status'> {
  const outcome = statusCode < 400 ? 'done' : statusCode < 500 ? 'refused' : 'failed';
  return { outcome, status: statusCode };
}

/** The object that an answer shows: `{ success, instance: { id, organization_id, … } }`. */
function objectOf(answer: unknown): Pick<AuditEnd, 'objectId' | 'organizationId'> {
  const [name, shown] =
    Object.entries((answer ?? {}) as Record<string, unknown>).find(
      (entry): entry is [string, Record<string, unknown>] =>
        typeof entry[1] === 'object' && entry[1] !== null && 'id' in entry[1],
    ) ?? [];
  const id = shown?.['id'];
  const organizationId = name === 'organization' ? id : shown?.['organization_id'];
  return {
    ...(typeof id === 'string' ? { objectId: id } : {}),
    ...(typeof organizationId === 'string' ? { organizationId } : {}),
  };
}
