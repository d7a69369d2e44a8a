import type { OpenAPIObject } from '@nestjs/swagger';

/** Names the schema of the form that an operation takes beside its body, until the document is finished: Nest knows one body of each. */
export const FORM = 'x-form';

interface Operation {
  [FORM]?: { $ref: string };
  requestBody?: { content: Record<string, { schema: object }> };
  parameters?: { name?: string; required?: boolean }[];
  responses: Record<string, { $ref?: string; description?: string; headers?: object }>;
  security?: object[];
}

/**
 * Says of each operation that asks for no token that it is open to everybody, as the document's default is that one is needed; and
 * leaves out what goes without saying.
 * @param document changed in place
 */
export function tidyOperations(document: OpenAPIObject): void {
  for (const operations of Object.values(document.paths)) {
    (Object.values(operations) as Operation[]).forEach(tidy);
  }
}

function tidy(operation: Operation): void {
  const { requestBody, [FORM]: form } = operation;
  if (requestBody !== undefined && form !== undefined) {
    requestBody.content['multipart/form-data'] = { schema: form };
    delete operation[FORM];
  }
  if (operation.security === undefined) {
    operation.security = [];
  } else {
    delete operation.security;
  }
  if (operation.parameters?.length === 0) {
    delete operation.parameters;
  }
  for (const parameter of operation.parameters ?? []) {
    if (parameter.required === false) {
      delete parameter.required;
    }
  }
  for (const response of Object.values(operation.responses)) {
    if (response.$ref !== undefined && response.description === '') {
      delete response.description;
    }
  }
}
