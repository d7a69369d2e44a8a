import { readFileSync } from 'node:fs';
import type { Application, RequestHandler } from 'express';
import type { ProxyTrust } from './client-address.js';
import { staticPageHeaders } from './security-headers.js';
import { once, serveDocument } from './served-document.js';

/** Where the page answers; its links are relative to that. */
const PATH = 'api/events-docs';

interface AsyncApi {
  servers: Record<string, { variables: Record<string, { default?: string }> }>;
}

/** Shows the AsyncAPI document of events as JSON, as YAML and as a page, to everybody: what `npm run asyncapi` made of the code's types. */
export function setUpEventDocuments(express: Application, trust: ProxyTrust): void {
  const document = once(() => JSON.parse(read('asyncapi.json')) as AsyncApi);
  serveDocument(express, trust, { path: PATH, documentAt: (root) => at(document(), root), root: '' });
  express.get(`/${PATH}`, page());
}

/** @returns the document of a service that is shown under a path */
function at({ servers, ...fields }: AsyncApi, prefix: string): object {
  const shown = Object.entries(servers).map(([name, server]) => {
    const { prefix: variable, ...others } = server.variables;
    const variables =
      variable === undefined ? others : { ...others, prefix: { ...variable, default: prefix } };
    return [name, { ...server, variables }];
  });
  return { ...fields, servers: Object.fromEntries(shown) as AsyncApi['servers'] };
}

function page(): RequestHandler {
  const made = once(() => {
    const html = read('asyncapi.html');
    const [, styles = ''] = /<style>([^<]*)<\/style>/.exec(html) ?? [];
    return { html, headers: staticPageHeaders(styles) };
  });
  return (request, response) => {
    if (request.path.endsWith('/')) {
      response.redirect('../events-docs');
      return;
    }
    const { html, headers } = made();
    headers(request, response, () => response.type('html').send(html));
  };
}

/** A file at the root of the project, where the sources and the build both find it. */
function read(name: string): string {
  return readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
}
