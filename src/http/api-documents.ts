import type { NestExpressApplication } from '@nestjs/platform-express';
import { type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { Application } from 'express';
import type { ProxyTrust } from './client-address.js';
import { docsFiles } from './docs-files.js';
import { setUpEventDocuments } from './event-documents.js';
import { buildOpenApiDocument, SERVER_NAME } from './openapi-document.js';
import { pageHeaders } from './security-headers.js';
import { once, serveDocument } from './served-document.js';

/** Where Swagger UI answers; the document itself is at the same path with `-json` and `-yaml`. */
const DOCS_PATH = 'api/docs';
/** The root of the service as seen from the document and from the page, wherever a proxy shows them. */
const RELATIVE_ROOT = '..';
/**
 * Shows the OpenAPI document and that of events as JSON, as YAML and as a page, to everybody. Behind a proxy that shows the service under a path a
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
  const express = app.getHttpAdapter().getInstance() as Application;
  serveDocument(express, trust, {
    path: DOCS_PATH,
    documentAt: (root) => documentAt()(root),
    root: RELATIVE_ROOT,
  });
  setUpEventDocuments(express, trust);
  app.use(`/${DOCS_PATH}`, pageHeaders(), docsFiles);
  SwaggerModule.setup(DOCS_PATH, app, () => documentAt()(RELATIVE_ROOT), {
    raw: false,
    customSiteTitle: 'AuZap WhatsApp API',
    swaggerOptions: { persistAuthorization: true, validatorUrl: null },
  });
}
