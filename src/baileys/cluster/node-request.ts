import {
  AppError,
  InvalidInputError,
  InvalidStateError,
  NotFoundError,
  UpstreamError,
} from '../../common/app-error.js';
import type { ErrorDetail } from '../../common/app-error.js';
import type { ConnectResult } from './local-sessions.js';
import type { PairingRequest } from '../pairing/pairing-attempt.js';
import type { NamedText } from '../outbound/outbound-request.js';
import type { SentText } from '../outbound/sender.js';

/** What nodes ask of each other, by kind. */
export interface NodeRequests {
  connect: { request: PairingRequest; result: ConnectResult };
  send: { request: NamedText; result: SentText };
  /** Processes of the version before want to be told that the instance is deleted. */
  logout: { request: { deleted: true }; result: object };
}

interface WireError {
  kind: string;
  code: string;
  message: string;
  details?: ErrorDetail[] | undefined;
}

/** As it is written; `moved`: the node that was asked does not run the instance any more. */
type WireAnswer = { result: unknown } | { error: WireError } | { moved: true };

const KINDS = { InvalidInputError, InvalidStateError, NotFoundError, UpstreamError };

/** @returns the text of a result that a node gives */
export function resultText(result: object): string {
  return JSON.stringify({ result } satisfies WireAnswer);
}

export function movedText(): string {
  return JSON.stringify({ moved: true } satisfies WireAnswer);
}

/**
 * @param isHere whether the node still runs the instance
 * @returns whether a node failed because the instance leaves it, or has left: nothing was done, and whoever runs it next
 *   can do it
 */
export function isMoving(error: unknown, isHere: boolean): boolean {
  const code = error instanceof AppError ? error.code : undefined;
  return code === 'shutting_down' || code === 'fenced' || (code === 'instance_not_connected' && !isHere);
}

/** @returns the text of a failure: what callers may be told of it */
export function errorText(error: unknown): string {
  const { code, message, details, name } =
    error instanceof AppError
      ? error
      : new UpstreamError('internal_error', 'Something went wrong on our side. Try again.');
  return JSON.stringify({ error: { kind: name, code, message, details } } satisfies WireAnswer);
}

/**
 * @param text written by one of the above
 * @returns the result; undefined when the instance moved
 * @throws AppError that the other node failed with
 */
export function readAnswer(text: string): unknown {
  const answer = JSON.parse(text, reviveDate) as WireAnswer;
  if ('error' in answer) {
    const { kind, code, message, details } = answer.error;
    const Kind = KINDS[kind as keyof typeof KINDS] ?? UpstreamError;
    throw new Kind(code, message, details ? { details } : {});
  }
  return 'result' in answer ? answer.result : undefined;
}

function reviveDate(key: string, value: unknown): unknown {
  return key === 'expiresAt' ? new Date(value as string) : value;
}
