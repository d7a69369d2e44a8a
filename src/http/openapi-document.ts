import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { errorResponses } from './error-responses.js';
import { shareComponents } from './openapi-components.js';
import { describeConditions } from './openapi-conditions.js';
import { DESCRIPTION } from './openapi-description.js';
import { dropPlainExamples } from './openapi-examples.js';
import { tidyOperations } from './openapi-operations.js';
import { describeBodyDefaults } from './request-defaults.js';

/** Names the server, wherever a document says that it is. */
export const SERVER_NAME = 'The service that this document comes from';
/** The service as seen from the document that is committed. */
const ROOT = '/';

/**
 * @param app with all its controllers; need not be initialized
 * @returns the OpenAPI document of the service; its server is the one that serves it
 */
export function buildOpenApiDocument(app: INestApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('AuZap WhatsApp API')
    .setDescription(DESCRIPTION)
    .setVersion('1.0.0')
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addServer(ROOT, SERVER_NAME)
    .addBearerAuth({
      type: 'http',
      scheme: 'bearer',
      description: 'An API key, or the token of a Supabase user; needed with AUTH_MODE=required.',
    })
    .addSecurityRequirements('bearer')
    .addTag('instances', 'WhatsApp numbers: link, watch, send')
    .addTag('contacts', "An organization's clients")
    .addTag('messages', 'Conversations with clients')
    .addTag('groups', 'Groups whose messages are stored')
    .addTag('media', 'Files that are to be sent')
    .addTag('bookings', "Bookings that clients' messages open and people make")
    .addTag('notes', 'What the owner wrote on the phone, and people here; internal')
    .addTag('events', 'Replay for Socket.IO subscribers')
    .addTag('webhooks', 'Events sent to addresses of yours')
    .addTag('organizations', 'Tenants, their members and API keys')
    .addTag('privacy', "People's rights, and how long what is kept")
    .addTag('admin', 'For whoever runs the service')
    .addTag('me', 'What a user decides alone')
    .addTag('health', 'Probes')
    .build();
  const document = SwaggerModule.createDocument(app, builder, {
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}_${method}`,
  });
  describeBodyDefaults(document);
  dropPlainExamples(document);
  describeConditions(document);
  tidyOperations(document);
  const components = { ...document.components, responses: errorResponses() };
  return shareComponents({ ...document, components });
}
