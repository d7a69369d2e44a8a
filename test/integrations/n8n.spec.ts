import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { listenOn } from '../support/listen-on.js';
import { Business } from './business.js';
import { type Item, N8nPackage, parametersOf, testCredentials } from './n8n-host.js';

const PATIENCE = { timeout: 60_000 };

let business: Business;
let installed: N8nPackage;
let contactId: string;

beforeAll(async () => {
  [business, installed] = await Promise.all([Business.open(), N8nPackage.install()]);
  for (const text of ['Good morning', 'A haircut on Friday, please']) {
    await (await business.ana.writes(business.owner, text)).acknowledged();
  }
  await vi.waitUntil(async () => (await business.list('messages')).length === 2, PATIENCE);
  contactId = (await business.list<{ id: string }>('contacts'))[0]!.id;
});
afterAll(async () => {
  await installed.remove();
  await business.close();
});

function credential() {
  return installed.credentials['auzapApi']!;
}

async function credentialsWith(...scopes: ('read' | 'send' | 'manage')[]) {
  // People leave the slash at the end.
  return { baseUrl: `${business.url}/`, apiKey: await business.key(...scopes) };
}

interface Run {
  continueOnFail?: boolean;
  executionId?: string;
  runIndex?: number;
  items?: number;
}

/** Runs the node as n8n does, with the same parameters for each item. @returns what it puts out */
async function run(given: Record<string, unknown>, options: Run = {}): Promise<Item[]> {
  const { continueOnFail = false, executionId = '41', runIndex = 0, items = 1 } = options;
  const node = installed.nodes['auzap']!;
  const values = parametersOf(node, given);
  const context = {
    ...installed.baseContext(await credentialsWith('read', 'send'), { id: 'node-1', name: 'AuZap' }),
    getInputData: () => Array.from({ length: items }, () => ({ json: {} })),
    getNodeParameter: (name: string, itemIndex: number, fallback?: unknown) => {
      expect(itemIndex).toBeLessThan(items);
      if (!(name in values) && fallback === undefined) {
        throw new Error(`Could not get parameter ${name}`);
      }
      return values[name] ?? fallback;
    },
    getExecutionId: () => executionId,
    getWorkflowDataProxy: () => ({ $runIndex: runIndex }),
    continueOnFail: () => continueOnFail,
  };
  const outputs = await node.execute!.call(context);
  expect(outputs).toHaveLength(node.description.outputs.length);
  return outputs[0]!;
}

describe('the package', () => {
  it('is what n8n takes for a package of nodes', () => {
    const { manifest, nodes, credentials } = installed;

    expect(manifest.name).toMatch(/^n8n-nodes-/);
    expect(manifest.keywords).toContain('n8n-community-node-package');
    expect(manifest.n8n.n8nNodesApiVersion).toBe(1);
    expect(manifest.dependencies).toBeUndefined();
    expect(manifest.peerDependencies).toEqual({ 'n8n-workflow': '*' });
    expect(Object.keys(nodes)).toEqual(['auzap', 'auzapTrigger']);
    expect(Object.keys(credentials)).toEqual(['auzapApi']);
    for (const { description } of Object.values(nodes)) {
      expect(description.credentials).toEqual([{ name: 'auzapApi', required: true }]);
    }
  });

  it('tells good credentials from bad ones', async () => {
    const values = { baseUrl: business.url, apiKey: await business.key('read') };

    expect(await testCredentials(credential(), values)).toBe(200);
    expect(await testCredentials(credential(), { ...values, apiKey: 'wrong' })).toBe(401);
  });

  it('offers every event that a webhook can have', async () => {
    const { body } = await business.api.call<{
      components: {
        schemas: { CreateWebhookDto: { properties: { events: { items: { enum: string[] } } } } };
      };
    }>('GET', '/api/docs-json');
    const events = installed.nodes['auzapTrigger']!.description.properties.find(
      ({ name }) => name === 'events',
    )!;

    expect(events.options!.map(({ value }) => value as string).toSorted()).toEqual(
      body.components.schemas.CreateWebhookDto.properties.events.items.enum.toSorted(),
    );
  });
});

describe('the node', () => {
  const send = (text: string, more: Record<string, unknown> = {}) => ({
    resource: 'message',
    operation: 'send',
    instanceId: business.instanceId,
    to: business.ana.number,
    text,
    ...more,
  });

  it('offers the numbers of the organization', async () => {
    const context = installed.baseContext(await credentialsWith('read'), { id: 'node-1', name: 'AuZap' });
    const { getInstances } = installed.nodes['auzap']!.methods.loadOptions;

    expect(await getInstances!.call(context)).toEqual([
      { name: `Main WhatsApp (${business.owner.number}, connected)`, value: business.instanceId },
    ]);
  });

  it('sends a message for each item, once where n8n tries again, and again in a further run', async () => {
    const [first, second] = await run(send('Hello'), { items: 2 });
    expect([first!.pairedItem, second!.pairedItem]).toEqual([{ item: 0 }, { item: 1 }]);
    expect(first!.json).toMatchObject({ status: 'sent' });
    expect(first!.json['message_id']).not.toBe(second!.json['message_id']);

    const repeated = await run(send('Hello'), { items: 2 });
    expect(repeated.map(({ json }) => json['message_id'])).toEqual(
      [first, second].map((item) => item!.json['message_id']),
    );
    const [looped] = await run(send('Hello'), { runIndex: 1 });
    expect(looped!.json['message_id']).not.toBe(first!.json['message_id']);
    await run(send('Hello', { additionalFields: { idempotencyKey: 'mine' } }), { executionId: '50' });
    await run(send('Hello', { additionalFields: { idempotencyKey: 'mine' } }), { executionId: '51' });

    const texts = (await business.list<{ content: string }>('messages', '&direction=outbound')).map(
      ({ content }) => content,
    );
    expect(texts).toEqual(['Hello', 'Hello', 'Hello', 'Hello']);
    await business.ana.receives(({ text }) => text === 'Hello');
  });

  it('replies', async () => {
    const [asked] = await business.list<{ id: string }>('messages', '&direction=inbound');
    const [sent] = await run(send('Friday is fine', { additionalFields: { reply_to: asked!.id } }), {
      executionId: '60',
    });
    const [found] = await run({ resource: 'message', operation: 'get', messageId: sent!.json['message_id'] });

    expect(found!.json).toMatchObject({ content: 'Friday is fine', reply_to: { id: asked!.id } });
  });

  it('sends a file from an address', async () => {
    const server = createServer((_request, response) => response.end('%PDF-1.7\n%%EOF\n'));
    await listenOn(server);
    const fileUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/menu.pdf`;
    const { text: _text, ...parameters } = send('');
    await run(
      {
        ...parameters,
        operation: 'sendFile',
        fileUrl,
        additionalFields: { caption: 'The menu', file_name: 'menu.pdf' },
      },
      { executionId: '61' },
    );
    server.close();

    const [message] = await business.list<object>('messages', '&direction=outbound');
    expect(message).toMatchObject({ type: 'document', media: { file_name: 'menu.pdf' } });
  });

  it('lists over pages, as far as is wanted, and with filters', async () => {
    const getAll = { resource: 'message', operation: 'getAll' };

    expect(await run({ ...getAll, limit: 1 })).toHaveLength(1);
    const inbound = await run({
      ...getAll,
      returnAll: true,
      filters: { direction: 'inbound', contact_id: contactId },
    });
    expect(inbound.map(({ json }) => json['content'])).toEqual([
      'A haircut on Friday, please',
      'Good morning',
    ]);
    expect(await run({ resource: 'conversation', operation: 'getAll' })).toMatchObject([
      { json: { contact: { id: contactId } } },
    ]);
    expect(await run({ resource: 'contact', operation: 'getAll', filters: { search: 'ana' } })).toMatchObject(
      [{ json: { id: contactId } }],
    );
    expect(await run({ resource: 'contact', operation: 'get', contactId })).toMatchObject([
      { json: { name: 'Ana' } },
    ]);
  });

  it('makes a booking once, confirms it and finds it', async () => {
    const create = {
      resource: 'booking',
      operation: 'create',
      contactId,
      bookingFields: { title: 'Haircut', starts_at: '2027-01-15T10:00:00.000Z' },
    };
    const [made] = await run(create, { executionId: '70' });
    expect(made!.json).toMatchObject({ title: 'Haircut', status: 'pending' });
    expect(await run(create, { executionId: '70' })).toEqual([made]);

    const bookingId = made!.json['id'];
    await run({ resource: 'booking', operation: 'setStatus', bookingId, status: 'confirmed' });
    expect(await run({ resource: 'booking', operation: 'get', bookingId })).toMatchObject([
      { json: { status: 'confirmed' } },
    ]);
    const found = await run({
      resource: 'booking',
      operation: 'getAll',
      filters: { status: 'confirmed', starts_from: '2027-01-15T00:00:00.000Z' },
    });
    expect(found).toMatchObject([{ json: { id: bookingId } }]);
  });

  it('fails with the sentence of the service, or goes on where the workflow says so', async () => {
    const missing = { resource: 'contact', operation: 'get', contactId: crypto.randomUUID() };

    await expect(run(missing)).rejects.toMatchObject({
      message: 'There is no contact with this id.',
      description: 'The service calls this contact_not_found.',
      httpCode: '404',
      context: { itemIndex: 0 },
    });
    expect(await run(missing, { continueOnFail: true })).toEqual([
      { json: { error: 'There is no contact with this id.' }, pairedItem: { item: 0 } },
    ]);
  });
});

describe('the trigger', () => {
  let server: Server;
  let url: string;
  let staticData: Record<string, unknown>;
  const started: Item[] = [];
  const answers: number[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      void (async () => {
        const rawBody = await buffer(request);
        let status = 200;
        const context = {
          ...(await triggerContext()),
          getRequestObject: () => ({ headers: request.headers, rawBody }),
          getResponseObject: () => ({
            status: (code: number) => ((status = code), { send: () => undefined }),
          }),
          getBodyData: () => JSON.parse(rawBody.toString()) as object,
        };
        const { workflowData, noWebhookResponse } =
          await installed.nodes['auzapTrigger']!.webhook!.call(context);
        started.push(...(workflowData?.[0] ?? []));
        answers.push(status);
        assert.equal(noWebhookResponse === true, status !== 200);
        response.writeHead(status).end();
      })();
    });
    await listenOn(server);
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhook/1/webhook`;
    staticData = {};
  });
  afterAll(() => server.close());

  async function triggerContext(given: Record<string, unknown> = {}) {
    const values = parametersOf(installed.nodes['auzapTrigger']!, given);
    return {
      ...installed.baseContext(await credentialsWith('manage', 'read'), {
        id: 'node-2',
        name: 'AuZap Trigger',
      }),
      getNodeParameter: (name: string, fallback?: unknown) => values[name] ?? fallback,
      getWorkflowStaticData: (type: string) => {
        expect(type).toBe('node');
        return staticData;
      },
      getNodeWebhookUrl: (name: string) => (name === 'default' ? url : undefined),
      getWorkflow: () => ({ id: '1', name: 'Answers' }),
    };
  }

  async function call(
    method: 'checkExists' | 'create' | 'delete',
    given?: Record<string, unknown>,
  ): Promise<boolean> {
    return installed.nodes['auzapTrigger']!.webhookMethods!.default[method].call(await triggerContext(given));
  }

  it('makes a webhook when the workflow is activated', async () => {
    const given = { events: ['whatsapp:message', 'whatsapp:booking'], instanceId: business.instanceId };
    expect(await call('checkExists', given)).toBe(false);
    expect(await call('create', given)).toBe(true);

    expect(await business.list('webhooks')).toMatchObject([
      {
        url,
        events: given.events,
        instance_id: business.instanceId,
        description: 'n8n: Answers',
        state: 'active',
      },
    ]);
    expect(await call('checkExists', given)).toBe(true);
  });

  it('starts the workflow with what happened', async () => {
    await (await business.ana.writes(business.owner, 'Start, please')).acknowledged();

    await expect.poll(() => started, PATIENCE).toHaveLength(1);
    expect(started[0]!.json).toMatchObject({
      webhook_id: expect.any(String) as string,
      type: 'whatsapp:message',
      organization_id: business.organizationId,
      data: { text: 'Start, please', contactId },
    });
    expect(answers).toEqual([200]);
  });

  it('starts nothing for who does not sign, signs otherwise, or repeats what is old', async () => {
    const body = JSON.stringify({ type: 'whatsapp:message', data: {} });
    const secret = String(staticData['secret']);
    const post = async (headers: Record<string, string>) =>
      (await fetch(url, { method: 'POST', headers, body })).status;
    const headersOf = (by: string, at: Date) => ({
      'webhook-id': 'event-1',
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(by).sign('event-1', at, body),
    });
    const before = started.length;

    expect(await post({})).toBe(401);
    expect(await post(headersOf('whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD', new Date()))).toBe(401);
    expect(await post(headersOf(secret, new Date(Date.now() - 600_000)))).toBe(401);
    expect(started).toHaveLength(before);
    const rotated = headersOf(secret, new Date());
    const both = { ...rotated, 'webhook-signature': `v1,AAAA v2,x ${rotated['webhook-signature']}` };
    expect(await post(both)).toBe(200);
    expect(started).toHaveLength(before + 1);
  });

  it('makes it anew where somebody deleted it, and deletes it when the workflow is deactivated', async () => {
    const [webhook] = await business.list<{ id: string }>('webhooks');
    await business.api.call('DELETE', `/api/webhooks/${webhook!.id}`);
    expect(await call('checkExists')).toBe(false);
    expect(await call('create')).toBe(true);
    expect(await business.list('webhooks')).toHaveLength(1);

    expect(await call('delete')).toBe(true);
    expect(await business.list('webhooks')).toEqual([]);
    expect(staticData).toEqual({});
    expect(await call('delete')).toBe(true);
  });
});
