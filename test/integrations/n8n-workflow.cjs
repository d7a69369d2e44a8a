/**
 * Stands in for the package `n8n-workflow`, which n8n brings where nodes run: what of it nodes use at run time, with the behaviour that
 * they count on. Only who has n8n has that package, for it is no free software.
 */

class NodeApiError extends Error {
  constructor(node, error, { message, description, httpCode, itemIndex } = {}) {
    // One that is wrapped again stays what it is, whatever is said of it.
    if (error instanceof NodeApiError) {
      return error;
    }
    super(message ?? error.message, { cause: error });
    Object.assign(this, { node, description, context: { itemIndex }, httpCode: httpCode ?? null });
  }
}

class NodeOperationError extends Error {
  constructor(node, error, { description, itemIndex } = {}) {
    super(error);
    Object.assign(this, { node, description, context: { itemIndex } });
  }
}

module.exports = { NodeApiError, NodeOperationError, NodeConnectionTypes: Object.freeze({ Main: 'main' }) };
