import { randomId } from '../../api/random-id.ts';

const MAX_NAME = 40;
const RANDOM_SIGNS = 6;

/**
 * @param name of a business
 * @param random signs, so that two businesses of one name do not get in each other's way
 * @returns an id that the service takes, in which people recognise the name
 */
export function organizationIdOf(name: string, random: string = randomId()): string {
  const readable = name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, MAX_NAME)
    .replace(/-+$/, '');
  return `${readable || 'org'}-${random.slice(0, RANDOM_SIGNS)}`;
}
