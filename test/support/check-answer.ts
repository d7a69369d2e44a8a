import { type Exchange, OpenApiContract } from './openapi-contract.js';

let contract: OpenApiContract | undefined;

/**
 * Holds an answer that a test was given against the OpenAPI document, whatever the test is about.
 * @throws Error where the document does not say that there is such an answer
 */
export function checkAnswer(exchange: Exchange): void {
  contract ??= new OpenApiContract();
  const faults = contract.faultsOf(exchange);
  if (faults.length > 0) {
    throw new Error(
      `${exchange.method} ${exchange.path} is answered otherwise than documented:\n${faults.join('\n')}`,
    );
  }
}
