import type { OpenAPIObject } from '@nestjs/swagger';

interface Operation {
  parameters?: { required?: boolean }[];
  responses: Record<string, { $ref?: string; description?: string }>;
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
