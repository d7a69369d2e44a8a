import { AppError, type ErrorDetail } from '../../common/app-error.js';
import { isErrorCode } from '../../common/errors/catalogue.js';
import { UnlistedError, type UnlistedMeaning } from '../../common/errors/unlisted-error.js';
import type { ConnectResult } from './local-sessions.js';
import type { ChatAnswer, ChatRequest } from '../outbound/chat-request.js';
import type { PairingRequest } from '../pairing/pairing-attempt.js';
import type { NamedText } from '../outbound/send-request.js';
import type { SentText } from '../outbound/message-sender.js';

/** What nodes ask of each other, by kind. */
export interface NodeRequests {
  connect: { request: PairingRequest; result: ConnectResult };
  send: { request: NamedText; result: SentText };
  /** More than a plain text: processes of the version before would send what is read of it. */
  send_content: { request: NamedText; result: SentText };
  chat: { request: ChatRequest; result: ChatAnswer };
  /** Processes of the version before want to be told that the instance is deleted. */
  logout: { request: { deleted: true }; result: object };
}

interface WireError {
  /** What a process that does not know the code takes the error for. Releases before the catalogue call these classes so. */
  kind: string;
  code: string;
  message: string;
  details?: ErrorDetail[] | undefined;
}

/** As it is written; `moved`: the node that was asked does not run the instance any more. */
type WireAnswer = { result: unknown } | { error: WireError } | { moved: true };

const MEANINGS = {
  InvalidInputError: { status: 400, logLevel: 'debug' },
  NotFoundError: { status: 404, logLevel: 'debug' },
  InvalidStateError: { status: 409, logLevel: 'info' },
  UpstreamError: { status: 500, logLevel: 'error' },
} as const satisfies Record<string, Omit<UnlistedMeaning, 'sentence'>>;

type WireKind = keyof typeof MEANINGS;

/** @returns the text of a result that a node gives */
export function resultText(result: object): string {
  return JSON.stringify({ result } satisfies WireAnswer);
}

export function movedText(): string {
  return JSON.stringify({ moved: true } satisfies WireAnswer);
}

/**
 * @param isHere whether the node still runs the instance
 * @returns whether a node failed because the instance leaves it, or has left: nothing was done, and the node that runs it next
 *   can do it
 */
export function isMoving(error: unknown, isHere: boolean): boolean {
  const code = error instanceof AppError ? error.code : undefined;
  return code === 'shutting_down' || code === 'fenced' || (code === 'instance_not_connected' && !isHere);
}

/** @returns the text of a failure: what callers may be told of it */
export function errorText(error: unknown): string {
  const told =
    error instanceof AppError
      ? error
      : new AppError('internal_error', { message: 'Something went wrong on our side. Try again.' });
  const { code, message, details } = told;
  return JSON.stringify({ error: { kind: kindOf(told), code, message, details } } satisfies WireAnswer);
}

/**
 * @param text written by one of the above, maybe by another version
 * @returns the result; undefined when the instance moved
 * @throws AppError that the other node failed with
 */
export function readAnswer(text: string): unknown {
  const answer = JSON.parse(text, reviveDate) as WireAnswer;
  if ('error' in answer) {
    throw toError(answer.error);
  }
  return 'result' in answer ? answer.result : undefined;
}

function kindOf({ status, logLevel }: AppError): WireKind {
  switch (status) {
    case 400:
      return 'InvalidInputError';
    case 404:
      return 'NotFoundError';
    default:
      return logLevel === 'error' ? 'UpstreamError' : 'InvalidStateError';
  }
}

function toError({ kind, code, message, details }: WireError): AppError {
  if (isErrorCode(code)) {
    return new AppError(code, { message, details });
  }
  const meaning = Object.hasOwn(MEANINGS, kind) ? MEANINGS[kind as WireKind] : MEANINGS.UpstreamError;
  return new UnlistedError(code, { ...meaning, sentence: message }, { details });
}

function reviveDate(key: string, value: unknown): unknown {
  return key === 'expiresAt' ? new Date(value as string) : value;
}
