import { marked } from 'marked';
import type { Schema } from './asyncapi-schemas.js';
import { STYLE } from './events-page-style.js';

interface Message {
  name: string;
  title: string;
  summary?: string;
  tags?: { name: string }[];
  payload: Schema;
  headers?: Schema;
  examples: { payload: unknown; headers?: Record<string, string> }[];
}
interface Operation {
  action: 'send' | 'receive';
  channel: { $ref: string };
  messages: { $ref: string }[];
  reply?: { messages: { $ref: string }[] };
}
interface Document {
  info: { title: string; version: string; description: string };
  channels: Record<string, { title: string; description: string; address: string | null }>;
  operations: Record<string, Operation>;
  components: { messages: Record<string, Message>; schemas: Record<string, Schema> };
  'x-error-codes': { code: string; sentence: string; when: string }[];
}

/**
 * @param document of `asyncApiDocument`
 * @returns a page that shows it: without a script, and with nothing to load. Its links are relative, so it may be shown anywhere
 */
export function eventsPage(document: object): string {
  return new Page(document as Document).html();
}

class Page {
  private readonly document: Document;

  constructor(document: Document) {
    this.document = document;
  }

  html(): string {
    const { info, components } = this.document;
    const events = this.messagesOf('tell');
    const calls = Object.entries(this.document.operations).filter(([, { action }]) => action === 'receive');
    const shared = Object.entries(components.schemas).filter(([name]) => this.isShown(name));
    return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(info.title)}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${text(info.title)} <small>${text(info.version)}</small></h1>
<p><a href="events-docs-json">AsyncAPI as JSON</a> <a href="events-docs-yaml">as YAML</a> <a href="docs">REST</a></p>
</header>
<nav aria-label="Contents">
<details open>
<summary>Contents</summary>
<ul>
<li><a href="#overview">Overview</a></li>
<li>Events<ul>${events.map(({ name }) => `<li>${linkTo(name)}</li>`).join('')}</ul></li>
<li>Calls and faults<ul>${calls.map(([name]) => `<li>${linkTo(name)}</li>`).join('')}<li>${linkTo('exception')}</li></ul></li>
<li>Other ways<ul>${['stream', 'list', 'webhook'].map((key) => `<li><a href="#${key}">${text(this.document.channels[key]!.title)}</a></li>`).join('')}</ul></li>
<li><a href="#schemas">Shared parts</a></li>
<li><a href="#errors">Error codes</a></li>
</ul>
</details>
</nav>
<main>
<section id="overview">${markdown(info.description)}</section>
<h2 id="events">Events</h2>
${this.channelText('socket')}
${events.map((message) => this.event(message)).join('\n')}
<h2 id="calls">Calls and faults</h2>
${calls.map(([name, call]) => this.call(name, call)).join('\n')}
${this.event(components.messages['exception']!)}
${['stream', 'list', 'webhook'].map((key) => this.way(key)).join('\n')}
<h2 id="schemas">Shared parts</h2>
${shared.map(([name, schema]) => `<section id="${idOf(name)}"><h3><code>${text(name)}</code></h3>${description(schema)}${this.body(schema)}</section>`).join('\n')}
<h2 id="errors">Error codes</h2>
${this.errors()}
</main>
</body>
</html>
`;
  }

  private messagesOf(operation: string): Message[] {
    return this.document.operations[operation]!.messages.map((reference) => this.messageAt(reference));
  }

  private messageAt({ $ref }: { $ref: string }): Message {
    return this.document.components.messages[$ref.split('/').at(-1)!]!;
  }

  /** What events say has its place with the events. */
  private isShown(name: string): boolean {
    return !name.startsWith('whatsapp.') && !['WhatsappEvents', 'JsonValue', 'WebhookHeaders'].includes(name);
  }

  private channelText(key: string): string {
    return markdown(this.document.channels[key]!.description);
  }

  private event({ name, summary, tags = [], payload, examples }: Message): string {
    const marks = tags.map((tag) => `<span class="tag ${tag.name}">${tag.name}</span>`).join(' ');
    return `<section id="${idOf(name)}"><h3><code>${text(name)}</code> ${marks}</h3>
${markdown(summary ?? '')}${this.body(payload)}${examples.map((one) => example(one.payload)).join('')}</section>`;
  }

  private call(name: string, { messages, reply }: Operation): string {
    const [sent] = messages.map((reference) => this.messageAt(reference));
    const answers = (reply?.messages ?? []).map((reference) => this.messageAt(reference));
    return `<section id="${idOf(name)}"><h3><code>${text(name)}</code></h3>
${markdown(sent!.summary ?? '')}${this.body(sent!.payload)}${sent!.examples.map((one) => example(one.payload)).join('')}
${answers.map((answer) => `<h4>${text(answer.title)}</h4>${this.body(answer.payload)}${answer.examples.map((one) => example(one.payload)).join('')}`).join('\n')}</section>`;
  }

  /** All its messages look alike but for the event in them: one shows how. */
  private way(key: string): string {
    const { title, address } = this.document.channels[key]!;
    const messages = this.messagesOf(key === 'webhook' ? 'call' : key);
    const first = messages.find(({ name }) => name === 'whatsapp:message');
    const names = messages.map(({ name }) =>
      name.startsWith('whatsapp:') ? linkTo(name) : `<code>${text(name)}</code>`,
    );
    const [sample] = first!.examples;
    const headers = first!.headers === undefined ? '' : `<h4>Headers</h4>${this.body(first!.headers)}`;
    return `<h2 id="${key}">${text(title)}</h2>
${address === null ? '' : `<p><code>GET ${text(address)}</code></p>`}
${this.channelText(key)}
${headers}<h4>${headers === '' ? 'Event' : 'Body'}</h4>${this.body(first!.payload)}
${example(sample!.payload)}<p>Events: ${names.join(', ')}.</p>`;
  }

  /** A table of the fields of an object, a list of the arguments of a call, or what a value may be. */
  private body(schema: Schema): string {
    const own = this.resolved(schema);
    if (own.properties !== undefined) {
      const required = (own['required'] ?? []) as string[];
      const rows = Object.entries(own.properties).map(([name, field]) =>
        this.row(name, field, required.includes(name)),
      );
      return table(['Field', 'Type', 'Meaning'], rows);
    }
    if (Array.isArray(own['items'])) {
      const least = own['minItems'] as number;
      const items = own['items'] as Schema[];
      return table(
        ['Argument', 'Type', 'Meaning'],
        items.map((item, at) => this.row(item.title ?? String(at + 1), item, at < least)),
      );
    }
    if (own['items'] !== undefined) {
      const item = own['items'] as Schema;
      return table(['Argument', 'Type', 'Meaning'], [this.row(item.title ?? '1', item, true)]);
    }
    return `<p>${this.type(own)}</p>`;
  }

  private row(name: string, field: Schema, isRequired: boolean): string[] {
    const nested = this.nested(field);
    const mark = isRequired ? '' : ' <span class="optional">optional</span>';
    return [
      `<code>${text(name)}</code>${mark}`,
      this.type(field),
      `${description(field) || description(this.resolved(field))}${nested}`,
    ];
  }

  private nested(field: Schema): string {
    return field.properties === undefined ? '' : this.body(field);
  }

  private resolved(schema: Schema): Schema {
    const name = nameIn(schema);
    return name === undefined ? schema : this.document.components.schemas[name]!;
  }

  private type(schema: Schema): string {
    const name = nameIn(schema);
    if (name !== undefined) {
      return `<a href="#${idOf(name.replace('.', ':'))}"><code>${text(name.replace('.', ':'))}</code></a>`;
    }
    const any = schema['anyOf'] as Schema[] | undefined;
    if (any !== undefined) {
      return any.map((one) => this.type(one)).join(' or ');
    }
    if (schema['const'] !== undefined) {
      return `<code>${text(JSON.stringify(schema['const']))}</code>`;
    }
    if (Array.isArray(schema['enum'])) {
      return schema['enum'].map((value) => `<code>${text(String(value))}</code>`).join(' ');
    }
    const type = [schema.type ?? 'any'].flat().join(' or ');
    const items = schema['items'] as Schema | undefined;
    const format = schema.format ?? schema.pattern;
    return items !== undefined && !Array.isArray(items)
      ? `list of ${this.type(items)}`
      : `${text(type)}${format === undefined ? '' : ` <span class="format">${text(format)}</span>`}`;
  }

  private errors(): string {
    const rows = this.document['x-error-codes'].map(({ code, sentence, when }) => [
      `<code id="error-${code}">${text(code)}</code>`,
      text(sentence),
      markdown(when),
    ]);
    return table(['Code', 'Sentence', 'When'], rows);
  }
}

/** Ids of a page have no colon that style sheets would have to escape. */
function idOf(name: string): string {
  return name.replace(':', '-');
}

function linkTo(name: string): string {
  return `<a href="#${idOf(name)}"><code>${text(name)}</code></a>`;
}

/** @returns the component that a schema is, whether it says something beside that or not */
function nameIn(schema: Schema): string | undefined {
  const [only] = (schema['allOf'] ?? []) as Schema[];
  return (schema.$ref ?? only?.$ref)?.replace('#/components/schemas/', '');
}

function description(schema: Schema): string {
  return schema.description === undefined ? '' : markdown(schema.description);
}

function example(value: unknown): string {
  return `<pre><code>${text(JSON.stringify(value, null, 2))}</code></pre>`;
}

function table(heads: readonly string[], rows: readonly string[][]): string {
  const head = heads.map((one) => `<th scope="col">${one}</th>`).join('');
  const body = rows.map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('');
  return `<div class="scroll" tabindex="0"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

function markdown(source: string): string {
  return marked.parse(source, { async: false });
}

function text(source: string): string {
  return source
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
