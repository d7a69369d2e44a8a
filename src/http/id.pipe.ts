import { Injectable, type PipeTransform } from '@nestjs/common';
import { AppError } from '../common/app-error.js';
import { isUuid } from '../common/uuid.js';

/** A path parameter that must be a UUID; anything else is 400 `invalid_id`. */
@Injectable()
export class IdPipe implements PipeTransform<string, string> {
  transform(value: string): string {
    if (!isUuid(value)) {
      throw new AppError('invalid_id', { details: [{ path: 'id', message: 'must be a UUID' }] });
    }
    return value.toLowerCase();
  }
}
