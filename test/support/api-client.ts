/** One answer of the service: its status, headers and parsed body. */
export interface ApiAnswer<Body> {
  status: number;
  headers: Headers;
  body: Body;
}

/** Calls a service as a user would, with nothing but `fetch`; in tests, every answer is held against the OpenAPI document. */
export class ApiClient {
  private readonly url: string;
  private readonly headers: Record<string, string>;

  /** @param headers sent with every call, such as a token */
  constructor(url: string, headers: Record<string, string> = {}) {
    this.url = url;
    this.headers = headers;
  }

  /** @returns the answer whatever its status; the body parsed where it is JSON */
  async call<Body = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<ApiAnswer<Body>> {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...this.headers,
        ...headers,
      },
      signal: AbortSignal.timeout(45_000),
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await textOf(response);
    if (process.env['VITEST']) {
      // Benchmarks measure the service alone.
      const { checkAnswer } = await import('./check-answer.js');
      checkAnswer({ method, path, status: response.status, headers: response.headers, body: text });
    }
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return {
      status: response.status,
      headers: response.headers,
      body: (isJson ? JSON.parse(text) : text) as Body,
    };
  }

  /** Creates an instance and returns its id. */
  async createInstance(organizationId: string, phoneNumber?: string): Promise<string> {
    const answer = await this.call<{ instance: { id: string } }>('POST', '/api/whatsapp/instances', {
      organization_id: organizationId,
      instance_name: 'Main WhatsApp',
      ...(phoneNumber === undefined ? {} : { phone_number: phoneNumber }),
    });
    if (answer.status !== 200) {
      throw new Error(`create answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    }
    return answer.body.instance.id;
  }

  /** Waits until a message that WhatsApp calls so is stored. */
  async messageNamed(organizationId: string, whatsappMessageId: string): Promise<{ id: string }> {
    for (;;) {
      const { body } = await this.call<{ messages: { id: string; whatsapp_message_id: string }[] }>(
        'GET',
        `/api/messages?organization_id=${organizationId}`,
      );
      const found = body.messages.find(({ whatsapp_message_id: name }) => name === whatsappMessageId);
      if (found) {
        return found;
      }
    }
  }

  /** Asks for a pairing code and returns it. */
  async pairingCode(instanceId: string, phoneNumber?: string): Promise<string> {
    const answer = await this.call<{ pairingCode: string }>(
      'POST',
      `/api/whatsapp/instances/${instanceId}/connect`,
      {
        method: 'code',
        ...(phoneNumber === undefined ? {} : { phone_number: phoneNumber }),
      },
    );
    if (answer.status !== 200) {
      throw new Error(`connect answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    }
    return answer.body.pairingCode;
  }
}

/** @returns the body; of a stream of events, which goes on until who asked leaves, what it says at first */
export async function textOf(response: Response): Promise<string> {
  if (response.headers.get('content-type')?.startsWith('text/event-stream') !== true) {
    return response.text();
  }
  const reader = response.body!.getReader();
  const { value } = await reader.read();
  await reader.cancel();
  return new TextDecoder().decode(value);
}
