import { NotFoundException } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';

const LOADED =
  /^\/(index\.html|swagger-ui(-bundle|-standalone-preset|-init)?\.(js|css)|favicon-\d+x\d+\.png)?$/;

/**
 * Middleware: of the folder from which the page of the documentation comes, shows what that page loads. There is more in it,
 * such as its version and sources.
 */
export function docsFiles(request: Request, _response: Response, next: NextFunction): void {
  next(LOADED.test(request.path) ? undefined : new NotFoundException());
}
