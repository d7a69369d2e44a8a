import { registerDecorator, type ValidationArguments } from 'class-validator';

/**
 * Makes a property decorator for one rule of a field of an input.
 * @param name names the rule; it is the key of the error in class-validator's answer
 * @param fault answers what is wrong with a value, as a sentence without the field's name, or undefined
 */
export function fieldRule(name: string, fault: (value: unknown) => string | undefined): PropertyDecorator {
  return (target, property) => {
    registerDecorator({
      name,
      target: target.constructor,
      propertyName: String(property),
      validator: {
        validate: (value: unknown) => fault(value) === undefined,
        defaultMessage: (args?: ValidationArguments) => fault(args?.value) ?? 'is invalid',
      },
    });
  };
}
