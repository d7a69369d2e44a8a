import {
  type IDataObject,
  type IHookFunctions,
  type INodeType,
  type INodeTypeDescription,
  type IWebhookFunctions,
  type IWebhookResponseData,
  NodeConnectionTypes,
  NodeOperationError,
} from 'n8n-workflow';
import { getInstances } from '../instances';
import { request, requestUnlessMissing } from '../request';
import { eventOptions } from './events';
import { isSigned } from './signature';

interface Webhook {
  id: string;
  url: string;
}

/** Starts a workflow when something happens: makes a webhook when the workflow is activated, and deletes it afterwards. */
export class AuzapTrigger implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'AuZap Trigger',
    name: 'auzapTrigger',
    icon: { light: 'file:../../icons/auzap.svg', dark: 'file:../../icons/auzap.dark.svg' },
    group: ['trigger'],
    version: 1,
    subtitle: '={{ $parameter["events"].join(", ") }}',
    description: 'Starts the workflow when a WhatsApp message comes, or something else happens',
    defaults: { name: 'AuZap Trigger' },
    inputs: [],
    outputs: [NodeConnectionTypes.Main],
    credentials: [{ name: 'auzapApi', required: true }],
    webhooks: [{ name: 'default', httpMethod: 'POST', responseMode: 'onReceived', path: 'webhook' }],
    properties: [
      {
        displayName: 'Events',
        name: 'events',
        type: 'multiOptions',
        options: eventOptions,
        default: ['whatsapp:message'],
        required: true,
        description: 'What starts the workflow',
      },
      {
        displayName: 'Number Name or ID',
        name: 'instanceId',
        type: 'options',
        typeOptions: { loadOptionsMethod: 'getInstances' },
        default: '',
        description:
          'Only events of this number; of all where it is left out. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
      },
    ],
  };

  methods = { loadOptions: { getInstances } };

  webhookMethods = {
    default: {
      async checkExists(this: IHookFunctions): Promise<boolean> {
        const kept = this.getWorkflowStaticData('node');
        if (typeof kept['webhookId'] !== 'string' || typeof kept['secret'] !== 'string') {
          return false;
        }
        const answer = await requestUnlessMissing<{ webhook: Webhook }>(
          this,
          'GET',
          `/api/webhooks/${kept['webhookId']}`,
        );
        return answer?.webhook.url === this.getNodeWebhookUrl('default');
      },

      async create(this: IHookFunctions): Promise<boolean> {
        const url = this.getNodeWebhookUrl('default');
        if (url === undefined) {
          throw new NodeOperationError(this.getNode(), 'n8n gives this node no address to be called at.');
        }
        const instanceId = String(this.getNodeParameter('instanceId', ''));
        const { webhook, secret } = await request<{ webhook: Webhook; secret: string }>(
          this,
          'POST',
          '/api/webhooks',
          {
            body: {
              url,
              events: this.getNodeParameter('events') as string[],
              description: `n8n: ${this.getWorkflow().name ?? 'workflow'}`.slice(0, 500),
              ...(instanceId !== '' && { instance_id: instanceId }),
            },
          },
        );
        Object.assign(this.getWorkflowStaticData('node'), { webhookId: webhook.id, secret });
        return true;
      },

      async delete(this: IHookFunctions): Promise<boolean> {
        const kept = this.getWorkflowStaticData('node');
        if (typeof kept['webhookId'] === 'string') {
          await requestUnlessMissing(this, 'DELETE', `/api/webhooks/${kept['webhookId']}`);
        }
        delete kept['webhookId'];
        delete kept['secret'];
        return true;
      },
    },
  };

  async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
    const incoming = this.getRequestObject();
    if (!incoming.rawBody) {
      await incoming.readRawBody?.();
    }
    const { secret } = this.getWorkflowStaticData('node');
    const body = incoming.rawBody;
    if (typeof secret !== 'string' || !body || !isSigned(secret, incoming.headers, body)) {
      this.getResponseObject().status(401).send('not signed by the secret of this webhook');
      return { noWebhookResponse: true };
    }
    const json: IDataObject = { webhook_id: incoming.headers['webhook-id'] as string, ...this.getBodyData() };
    return { workflowData: [[{ json }]] };
  }
}
