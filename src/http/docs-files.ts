import { NotFoundException } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';

const LOADED =
  /^\/(index\.html|swagger-ui(-bundle|-standalone-preset|-init)?\.(js|css)|favicon-\d+x\d+\.png)?$/;

/**
 * Middleware: of the folder from which the page of the documentation comes, shows what that page loads. There is more in it,
 * such as its version and sources. The page is shown under one name, because its addresses are relative.
 */
export function docsFiles(request: Request, response: Response, next: NextFunction): void {
  if (!LOADED.test(request.path)) {
    next(new NotFoundException());
  } else if (/\/(index\.html)?$/.test(request.originalUrl.split('?')[0]!)) {
    response.redirect('../docs');
  } else {
    next();
  }
}
