/** An answer before it is written to the line. */
export interface HostedAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** The body of PostgREST's errors: Error.hs, `errorPayload` (verbosity `verbose`, its default). */
export interface RestErrorFields {
  code: string;
  message: string;
  details: string | null;
  hint: string | null;
}

export const JSON_TYPE = 'application/json; charset=utf-8';

/** @returns an answer of PostgREST with an error: Error.hs, `errorResponseFor` */
export function errorAnswer(
  status: number,
  code: string,
  message: string,
  more: { details?: string | null; hint?: string | null; headers?: Record<string, string> } = {},
): HostedAnswer {
  const fields: RestErrorFields = {
    code,
    message,
    details: more.details ?? null,
    hint: more.hint ?? null,
  };
  return {
    status,
    headers: {
      'content-type': JSON_TYPE,
      'proxy-status': `PostgREST; error=${code}`,
      ...more.headers,
    },
    body: JSON.stringify(fields),
  };
}

/** @returns an answer of the gateway, whose JSON has no `code` */
export function gatewayAnswer(status: number, fields: Record<string, string>): HostedAnswer {
  return { status, headers: { 'content-type': JSON_TYPE }, body: JSON.stringify(fields) };
}

/** Ends a request with this answer. */
export class AnswerError extends Error {
  readonly answer: HostedAnswer;

  constructor(answer: HostedAnswer) {
    super(`answered ${answer.status}`);
    this.name = 'AnswerError';
    this.answer = answer;
  }
}

/** The request has something that this stand-in has no rule for: what a project would make of it is not known. */
export class UnruledError extends Error {
  constructor(what: string) {
    super(what);
    this.name = 'UnruledError';
  }
}
