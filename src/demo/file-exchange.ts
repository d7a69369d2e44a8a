import { SAMPLE_PDF } from '../simulator/media-host/samples.js';
import type { Phone } from '../simulator/phones/phone.js';
import type { SentMessage } from '../simulator/phones/sent-message.js';
import type { DemoClient } from './demo-client.js';
import { expectThat } from './expectations.js';
import type { Transcript } from './transcript.js';

interface Message {
  type: string;
  content: string;
  media: { state: string; mime_type: string; size: number; seconds: number | null; url: string } | null;
}

/** Files go both ways: a picture and a voice note come in, a document goes out. */
export class FileExchange {
  constructor(
    private readonly client: DemoClient,
    private readonly owner: Phone,
    private readonly ana: Phone,
    private readonly transcript: Transcript,
  ) {}

  /** @throws as soon as something is not as promised */
  async show(instanceId: string): Promise<void> {
    await this.transcript.step('She sends a picture; the service fetches, opens and keeps it', async () => {
      const sent = await this.ana.writes(this.owner, { image: { caption: 'This is Rex' } });
      await this.expectFile(sent, 'image');
    });
    await this.transcript.step('She sends a voice note', async () => {
      const sent = await this.ana.writes(this.owner, { audio: { seconds: 3 } });
      await this.expectFile(sent, 'voice');
    });
    await this.sendDocument(instanceId);
  }

  private async expectFile(sent: SentMessage, type: string): Promise<void> {
    const { id } = await this.client.event(
      'whatsapp:media',
      ({ messageId, state }) => messageId === sent.id && state === 'ready',
    );
    const { message } = await this.client.call<{ message: Message }>('GET', `/api/messages/${id}`);
    expectThat(message.type === type && message.media !== null, `it became ${JSON.stringify(message)}`);
    const { state, mime_type, size, seconds, url } = message.media;
    const bytes = await this.client.bytes(url);
    this.transcript.show('message', { type, content: message.content });
    this.transcript.show('file', { state, mime_type, size, ...(seconds && { seconds }) });
    expectThat(bytes.length === size, `${bytes.length} bytes came of ${size}`);
  }

  private sendDocument(instanceId: string): Promise<void> {
    return this.transcript.step('A document is sent; her phone opens it', async () => {
      const form = new FormData();
      form.append('to', this.ana.number);
      form.append('type', 'document');
      form.append('caption', 'Our prices');
      form.append('file', new Blob([new Uint8Array(SAMPLE_PDF)]), 'prices.pdf');
      const { whatsapp_message_id: sentId, ...answer } = await this.client.call<{
        whatsapp_message_id: string;
      }>('POST', `/api/whatsapp/instances/${instanceId}/send`, form);
      this.transcript.show('answer', { ...answer, whatsapp_message_id: sentId });
      const arrived = await this.ana.receives(({ id }) => id === sentId, { timeoutMs: 15_000 });
      const opened = await this.ana.opens(arrived);
      this.transcript.show('on phone', `prices.pdf, ${opened.length} bytes: ${arrived.text}`);
      expectThat(opened.equals(SAMPLE_PDF), 'the document is another one on the phone');
    });
  }
}
