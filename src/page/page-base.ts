const BASE = '<base href="/" />';

/**
 * The root of the service, as the page finds it: by what a trusted proxy says, else relative to where the browser is, which holds under any
 * path that a proxy cuts off.
 * @param path of the request, as it reached the service
 * @param prefix as `forwardedPrefix` gives it
 */
export function baseOf(path: string, prefix: string | undefined): string {
  const depth = path.split('/').length - 2;
  return prefix === undefined ? '../'.repeat(depth) || './' : `${prefix}/`;
}

/**
 * @param html of the page
 * @param base as `baseOf` gives it
 * @returns the page with that as its base
 * @throws Error for a page that has no place for it
 */
export function withBase(html: string, base: string): string {
  if (!html.includes(BASE)) {
    throw new Error(`the page has no ${BASE}`);
  }
  return html.replace(BASE, () => `<base href="${base}" />`);
}
