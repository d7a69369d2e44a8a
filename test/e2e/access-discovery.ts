import { METHOD_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { MESSAGE_METADATA } from '@nestjs/websockets/constants.js';
import type { Application } from 'express';
import { accessOf } from '../../src/auth/declared-access.js';

interface Layer {
  name: string;
  route?: { path: string | string[]; methods: Record<string, boolean> };
  match(path: string): boolean;
}

/** What a running application answers to. */
export interface Discovered {
  /** `GET /path`, of every route that express knows, wherever it comes from. */
  routes: string[];
  /** Applications mounted into this one, which answer for themselves. */
  mounted: { answersTo: (path: string) => boolean }[];
  /** Events of Socket.IO, with what their handlers declare. */
  events: Record<string, string | undefined>;
  /** How many handlers the controllers have. */
  handlers: number;
}

export function discover(app: NestExpressApplication): Discovered {
  const express = app.getHttpAdapter().getInstance() as Application;
  const layers = express.router.stack as unknown as Layer[];
  const own = layers.flatMap(({ route }) => (route === undefined || isForAll(route) ? [] : namesOf(route)));
  const handlers = handlersOf(app);
  const events = handlers.flatMap(([type, handler]) => {
    const name = Reflect.getMetadata(MESSAGE_METADATA, handler) as string | undefined;
    return name === undefined ? [] : [[name, accessOf(app.get(Reflector), handler, type)] as const];
  });
  return {
    routes: own.toSorted(),
    mounted: layers
      .filter(({ name, route }) => route === undefined && ['router', 'mounted_app'].includes(name))
      .map((layer) => ({ answersTo: (path) => Boolean(layer.match(path)) })),
    events: Object.fromEntries(events),
    handlers: handlers.filter(([, handler]) => Reflect.hasMetadata(METHOD_METADATA, handler)).length,
  };
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
