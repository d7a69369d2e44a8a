/** Where the page is shown, with a slash at the end: a proxy may show the service under a path. */
export const BASE = new URL('./', document.baseURI);

/** The same path for the router, without a slash at its end. */
export const BASE_PATH = BASE.pathname.replace(/\/$/, '');
