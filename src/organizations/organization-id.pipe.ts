import { Injectable, type PipeTransform } from '@nestjs/common';
import { AppError } from '../common/app-error.js';
import { ORGANIZATION_ID_PATTERN } from '../common/organization-scope.js';

/** A path parameter that must look like an organization's id; anything else is 400 `invalid_id`. */
@Injectable()
export class OrganizationIdPipe implements PipeTransform<string, string> {
  transform(value: string): string {
    if (!ORGANIZATION_ID_PATTERN.test(value)) {
      throw new AppError('invalid_id', {
        message: 'The id in the address is not the id of an organization.',
        details: [{ path: 'id', message: 'must be 1 to 64 characters out of A-Z, a-z, 0-9, _ and -' }],
      });
    }
    return value;
  }
}
