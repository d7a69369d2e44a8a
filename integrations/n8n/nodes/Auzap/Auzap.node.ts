import {
  type IExecuteFunctions,
  type INodeExecutionData,
  type INodeType,
  type INodeTypeDescription,
  type JsonObject,
  NodeApiError,
  NodeConnectionTypes,
} from 'n8n-workflow';
import { getInstances } from '../instances';
import { properties } from './descriptions';
import { operationOf } from './operations';

/** Works with messages, conversations, contacts and bookings. */
export class Auzap implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'AuZap',
    name: 'auzap',
    icon: { light: 'file:../../icons/auzap.svg', dark: 'file:../../icons/auzap.dark.svg' },
    group: ['transform'],
    version: 1,
    subtitle: '={{ $parameter["operation"] + ": " + $parameter["resource"] }}',
    description: 'Send and read WhatsApp messages, and work with contacts and bookings',
    defaults: { name: 'AuZap' },
    usableAsTool: true,
    inputs: [NodeConnectionTypes.Main],
    outputs: [NodeConnectionTypes.Main],
    credentials: [{ name: 'auzapApi', required: true }],
    properties,
  };

  methods = { loadOptions: { getInstances } };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    const results: INodeExecutionData[] = [];
    for (const item of this.getInputData().keys()) {
      const pairedItem = { item };
      try {
        const rows = await operationOf(this, item).call(this, item);
        results.push(...rows.map((json) => ({ json, pairedItem })));
      } catch (error) {
        if (!this.continueOnFail()) {
          // One of the service stays as it is.
          throw new NodeApiError(this.getNode(), error as JsonObject, { itemIndex: item });
        }
        results.push({ json: { error: (error as Error).message }, pairedItem });
      }
    }
    return [results];
  }
}
