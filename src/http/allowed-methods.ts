import type { Application } from 'express';

interface PathMatcher {
  match(path: string): boolean;
}

/**
 * Which methods a path answers to, for a request whose method it does not.
 * @param app the express application with all its routes
 * @param path decoded or raw path without query
 * @returns e.g. `['GET', 'HEAD']`; empty when no route has this path
 */
export function allowedMethods(app: Application, path: string): string[] {
  const methods = new Set<string>();
  for (const layer of app.router.stack) {
    const own = layer.route === undefined ? [] : methodsOf(layer.route.stack);
    // `match` is what the router itself calls; its types leave it out.
    if (!answersAll(own) && matches(layer as unknown as PathMatcher, path)) {
      own.forEach((method) => methods.add(method));
    }
  }
  return [...methods].toSorted();
}

function methodsOf(handlers: readonly { method: string }[]): string[] {
  return handlers.flatMap(({ method }) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]));
}

/** Nest mounts its middleware as routes of every method: those are no reason to refuse one. */
function answersAll(methods: readonly string[]): boolean {
  return methods.includes('TRACE');
}

function matches(layer: PathMatcher, path: string): boolean {
  try {
    return layer.match(path);
  } catch {
    return false; // a path that can't be decoded matches nothing
  }
}
