import { createHash } from 'node:crypto';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { Application } from 'express';
import { dump } from 'js-yaml';
import type { ProxyTrust } from './client-address.js';
import { docsFiles } from './docs-files.js';
import { forwardedPrefix } from './forwarded-prefix.js';
import { buildOpenApiDocument, SERVER_NAME } from './openapi-document.js';
import { pageHeaders } from './security-headers.js';

/** Where Swagger UI answers; the document itself is at the same path with `-json` and `-yaml`. */
const DOCS_PATH = 'api/docs';
/** The root of the service as seen from the document and from the page, wherever a proxy shows them. */
const RELATIVE_ROOT = '..';
/** Stands for the address of the service in a rendered document. */
const PLACE = 'address-of-the-service';

/** A document that was rendered once: what comes before the address of the service, and after it. */
interface Rendered {
  before: string;
  after: string;
  hash: string;
}

/**
 * Shows the OpenAPI document as JSON, as YAML and as a page, to everybody. Behind a proxy that shows the service under a path the
 * document leads there: by what a trusted proxy says, else relative to where the document came from.
 *
 * @param app with all its controllers; before it listens
 * @param trust which proxies are believed
 */
export function setUpApiDocuments(app: NestExpressApplication, trust: ProxyTrust): void {
  const documentAt = once(() => {
    const document = buildOpenApiDocument(app);
    return (url: string): OpenAPIObject => ({ ...document, servers: [{ url, description: SERVER_NAME }] });
  });
  const formats: [string, string, () => string][] = [
    ['json', 'application/json', () => JSON.stringify(documentAt()(PLACE))],
    ['yaml', 'text/yaml', () => dump(documentAt()(PLACE), { skipInvalid: true, noRefs: true })],
  ];
  const express = app.getHttpAdapter().getInstance() as Application;
  for (const [format, type, render] of formats) {
    const rendered = once(() => split(render()));
    express.get(`/${DOCS_PATH}-${format}`, (request, response) => {
      const url = forwardedPrefix(request, trust) ?? RELATIVE_ROOT;
      const { before, after, hash } = rendered();
      response.type(type).set('ETag', `"${hashOf(hash + url)}"`);
      response.send(`${before}${JSON.stringify(url)}${after}`);
    });
  }
  app.use(`/${DOCS_PATH}`, pageHeaders(), docsFiles);
  SwaggerModule.setup(DOCS_PATH, app, () => documentAt()(RELATIVE_ROOT), {
    raw: false,
    customSiteTitle: 'AuZap WhatsApp API',
    swaggerOptions: { persistAuthorization: true, validatorUrl: null },
  });
}

/** A string of JSON is one of YAML, too. */
function split(text: string): Rendered {
  const [before = '', after = ''] = text.split(new RegExp(`"?${PLACE}"?`));
  return { before, after, hash: hashOf(text) };
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
