import { getMetadataStorage } from 'class-validator';
import { Environment } from './environment.js';

/** Names of the variables that the service reads. */
export const KNOWN_VARIABLES: readonly string[] = [
  ...new Set(
    getMetadataStorage()
      .getTargetValidationMetadatas(Environment, '', false, false)
      .map(({ propertyName }) => propertyName),
  ),
];
