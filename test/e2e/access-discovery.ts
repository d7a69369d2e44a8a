import { METHOD_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { MESSAGE_METADATA } from '@nestjs/websockets/constants.js';
import type { Application } from 'express';
import type { Server } from 'socket.io';
import { accessOf } from '../../src/auth/access-declaration-check.js';
import { RealtimeGateway } from '../../src/realtime/realtime.gateway.js';
import { resolveOperations } from '../support/openapi-references.js';

interface Layer {
  name: string;
  route?: { path: string | string[]; methods: Record<string, boolean> };
  match(path: string): boolean;
}

/** What a running application answers to. */
export interface Discovered {
  /** `GET /path`, of every route that express knows, wherever it comes from. */
  routes: string[];
  /** Everything else that requests pass, in its order: its name, and where it stands. It could answer by itself. */
  passed: string[];
  /** Events of Socket.IO, with what their handlers declare. */
  events: Record<string, string | undefined>;
  /** Namespaces of Socket.IO. */
  namespaces: string[];
  /** How many handlers the controllers have. */
  handlers: number;
}

/** Swagger UI, the page of events and the documents: for everybody, like the code itself. */
export const DOCUMENTATION = /^GET \/api\/(events-)?docs/;

/** Where something may stand that is not everywhere, the shortest first. */
const PLACES = ['/admin/queues', '/api/docs', '/api/docs/docs'];

export function discover(app: NestExpressApplication): Discovered {
  const express = app.getHttpAdapter().getInstance() as Application;
  const layers = express.router.stack as unknown as Layer[];
  const handlers = handlersOf(app);
  const events = handlers.flatMap(([type, handler]) => {
    const name = Reflect.getMetadata(MESSAGE_METADATA, handler) as string | undefined;
    return name === undefined ? [] : [[name, accessOf(app.get(Reflector), handler, type)] as const];
  });
  return {
    routes: layers
      .flatMap(({ route }) => (route === undefined || isForAll(route) ? [] : namesOf(route)))
      .toSorted(),
    passed: layers.filter(({ route }) => route === undefined || isForAll(route)).map(describe),
    events: Object.fromEntries(events),
    namespaces: [...serverOf(app)._nsps.keys()],
    handlers: handlers.filter(([, handler]) => Reflect.hasMetadata(METHOD_METADATA, handler)).length,
  };
}

/** @returns the events that the service listens to on one of its sockets, by whatever means */
export function eventsHeard(app: NestExpressApplication, socketId: string): string[] {
  const names = serverOf(app).of('/').sockets.get(socketId)!.eventNames();
  return names.map(String).filter((name) => !['disconnect', 'disconnecting', 'error'].includes(name));
}

function serverOf(app: NestExpressApplication): Server {
  return app.get(RealtimeGateway, { strict: false })['server']!;
}

function describe(layer: Layer): string {
  const isAt = (path: string) => Boolean(layer.match(path));
  const place = isAt('/nowhere') ? 'everywhere' : (PLACES.find(isAt) ?? 'a place of its own');
  return `${layer.name} at ${layer.route ? String(layer.route.path) : place}`;
}

/** Nest mounts its middleware as routes of every method. */
function isForAll({ methods }: NonNullable<Layer['route']>): boolean {
  return methods['trace'] === true || methods['_all'] === true;
}

function namesOf({ path, methods }: NonNullable<Layer['route']>): string[] {
  const paths = Array.isArray(path) ? path : [path];
  return paths.flatMap((one) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${one}`));
}

function handlersOf(app: NestExpressApplication): [Function, Function][] {
  const discovery = app.get(DiscoveryService, { strict: false });
  const scanner = app.get(MetadataScanner, { strict: false });
  return [...discovery.getControllers(), ...discovery.getProviders()].flatMap(({ metatype }) => {
    const prototype = (metatype as Function | null)?.prototype as Record<string, Function> | undefined;
    return prototype === undefined
      ? []
      : scanner
          .getAllMethodNames(prototype)
          .map((name): [Function, Function] => [metatype as Function, prototype[name]!]);
  });
}

interface Schema {
  format?: string;
  allOf?: { $ref: string }[];
}

interface Field {
  name: string;
  schema: Schema;
}

interface OpenApi {
  paths: Record<
    string,
    Record<
      string,
      {
        parameters?: (Field & { in: string })[];
        requestBody?: { content: Record<string, { schema: { $ref: string } }> };
      }
    >
  >;
  components: { schemas: Record<string, { properties?: Record<string, Field['schema']> }> };
}

/** A field of a call that names an object beside the one in the address, or a place in a list. */
export interface Reference {
  /** As `Discovered.routes` has it. */
  route: string;
  /** One of an object in a body with the object's name before it, and a dot. */
  field: string;
  place: 'query' | 'body';
}

/** @returns the fields of all calls that hold an id or a cursor, as the OpenAPI document tells */
export function referencesIn(document: OpenApi): Reference[] {
  const { paths, components } = resolveOperations(document);
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, { parameters = [], requestBody }]) => {
      const route = `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`;
      const $ref = requestBody?.content['application/json']?.schema.$ref;
      const fields = [
        ...parameters.filter((one) => one.in === 'query').map((one) => ({ ...one, place: 'query' as const })),
        ...($ref === undefined ? [] : fieldsOf($ref, components.schemas)).map((one) => ({
          ...one,
          place: 'body' as const,
        })),
      ];
      return fields
        .filter(({ name, schema }) => name === 'cursor' || schema.format === 'uuid')
        .map(({ name, place }) => ({ route, field: name, place }));
    }),
  );
}

/** @returns the fields of an object, and those of the objects in it */
function fieldsOf($ref: string, schemas: OpenApi['components']['schemas']): Field[] {
  const { properties = {} } = schemas[$ref.split('/').at(-1)!]!;
  return Object.entries(properties).flatMap(([name, schema]) => [
    { name, schema },
    ...(schema.allOf ?? []).flatMap((part) =>
      fieldsOf(part.$ref, schemas).map((one) => ({ ...one, name: `${name}.${one.name}` })),
    ),
  ]);
}
