import type { OpenAPIObject } from '@nestjs/swagger';
import { component } from './openapi-components.js';

interface Parameter {
  $ref?: string;
  name?: string;
  in?: string;
}
interface Answer {
  $ref?: string;
  description?: string;
  headers?: Record<string, object>;
  content?: Record<string, object>;
}
interface Operation {
  requestBody?: object;
  /** Absent where everybody may call. */
  security?: object[];
  parameters?: Parameter[];
  responses: Record<string, Answer>;
}

const ETAG = {
  description:
    'Names what the answer says, for `If-None-Match`; of an object that takes `If-Match`, this state of it.',
  schema: { type: 'string', example: 'W/"2a-mCcRbQ"' },
  ...component('headers', 'ETag'),
};

const IF_NONE_MATCH = {
  name: 'If-None-Match',
  in: 'header',
  description: 'The `ETag` of the answer that the caller has.',
  schema: { type: 'string' },
  ...component('parameters', 'IfNoneMatch'),
};

const NOT_MODIFIED = {
  description: 'What the caller has, as `If-None-Match` names it, is what would be answered.',
  headers: { ETag: ETAG },
  ...component('responses', 'NotModified'),
};

const REPLAYED = {
  description: '`true`: an earlier call under the same Idempotency-Key did it.',
  schema: { type: 'string', enum: ['true'] },
  ...component('headers', 'IdempotencyReplayed'),
};

/** What no route can keep from its callers who send a body. */
const BODY_ERRORS = ['400', '413', '415'] as const;

const errorAt = (status: string): Answer => ({ $ref: `#/components/responses/${status}` });

/**
 * Says of each operation what holds for all of its kind: what is read has an `ETag` and need not be sent twice; what is done under
 * an `Idempotency-Key` says when it was done before; and a body may be too large, or of another type.
 * @param document changed in place
 */
export function describeConditions(document: OpenAPIObject): void {
  for (const [path, operations] of Object.entries(document.paths) as [string, Record<string, Operation>][]) {
    for (const [method, operation] of Object.entries(operations)) {
      const done = Object.entries(operation.responses).filter(([status]) => status.startsWith('2'));
      const answers = done
        .map(([, answer]) => answer)
        .filter(({ content = {} }) => !('text/event-stream' in content));
      // Probes say the time.
      if (method === 'get' && answers.length > 0 && !path.startsWith('/health')) {
        addTags(operation, answers);
      }
      // Users whose organizations are all closed are told so, whatever they call.
      if (operation.security !== undefined) {
        operation.responses['409'] ??= errorAt('409');
      }
      if (operation.requestBody !== undefined) {
        BODY_ERRORS.forEach((status) => (operation.responses[status] ??= errorAt(status)));
      }
      if (takes(operation, 'If-Match')) {
        answers.forEach((answer) => addHeader(answer, 'ETag', ETAG));
      }
      if (takes(operation, 'Idempotency-Key')) {
        answers.forEach((answer) => addHeader(answer, 'Idempotency-Replayed', REPLAYED));
      }
    }
  }
}

function addTags(operation: Operation, answers: readonly Answer[]): void {
  answers.forEach((answer) => addHeader(answer, 'ETag', ETAG));
  operation.responses['304'] = NOT_MODIFIED;
  if (!takes(operation, 'If-None-Match')) {
    (operation.parameters ??= []).push(IF_NONE_MATCH);
  }
}

function addHeader(answer: Answer, name: string, header: object): void {
  answer.headers = { ...answer.headers, [name]: header };
}

function takes({ parameters = [] }: Operation, header: string): boolean {
  return parameters.some((one) => one.in === 'header' && one.name === header);
}
