import { type ArgumentMetadata, type PipeTransform, type Type } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { getMetadataStorage, validate, type ValidationError } from 'class-validator';
import { AppError, type ErrorDetail } from '../common/app-error.js';

/** Enough to mend any honest input; a hostile one gets no answer larger than itself. */
const MAX_DETAILS = 20;
const MAX_PATH_LENGTH = 64;

const fieldsByClass = new WeakMap<Type, ReadonlySet<string>>();

/**
 * Turns bodies and query strings into instances of their DTO classes and refuses whatever breaks a rule of those. All faults are
 * answered at once. A field that the class does not know is a fault too: it would be ignored in silence otherwise.
 */
export class InputPipe implements PipeTransform {
  async transform(value: unknown, { metatype, type }: ArgumentMetadata): Promise<unknown> {
    if (metatype === undefined || (type !== 'body' && type !== 'query')) {
      return value;
    }
    const fields = fieldsOf(metatype);
    if (fields.size === 0) {
      return value;
    }
    const input = toRecord(value ?? {});
    const details: ErrorDetail[] = Object.keys(input)
      .filter((key) => !fields.has(key))
      .map((key) => ({ path: key.slice(0, MAX_PATH_LENGTH), message: 'unknown field' }));
    const known = Object.fromEntries(Object.entries(input).filter(([key]) => fields.has(key)));
    const instance = plainToInstance<object, Record<string, unknown>>(metatype as Type<object>, known);
    const errors = await validate(instance, { forbidUnknownValues: false, stopAtFirstError: true });
    details.push(...errors.map(toDetail));
    if (details.length > 0) {
      throw toError(details);
    }
    return instance;
  }
}

function fieldsOf(dto: Type): ReadonlySet<string> {
  let fields = fieldsByClass.get(dto);
  if (fields === undefined) {
    const rules = getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false);
    fields = new Set(rules.map((rule) => rule.propertyName));
    fieldsByClass.set(dto, fields);
  }
  return fields;
}

function toRecord(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw toError([{ path: '', message: 'the body must be a JSON object' }]);
  }
  return value as Record<string, unknown>;
}

function toDetail(error: ValidationError): ErrorDetail {
  return { path: error.property, message: Object.values(error.constraints ?? {})[0] ?? 'is invalid' };
}

function toError(details: ErrorDetail[]): AppError {
  const [first] = details;
  const sentence =
    details.length === 1 && first
      ? `The input is invalid: ${first.path === '' ? first.message : `${first.path}: ${first.message}`}.`
      : `The input is invalid in ${details.length} places: ${listed(details)}.`;
  return new AppError('validation_failed', { message: sentence, details: details.slice(0, MAX_DETAILS) });
}

function listed(details: ErrorDetail[]): string {
  const shown = details.slice(0, 5).map((detail) => detail.path);
  return shown.join(', ') + (details.length > shown.length ? ' …' : '');
}
