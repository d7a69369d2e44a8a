/** @returns whether it may be an address; whether it is one, only its owner knows */
export const isEmail = (text: string): boolean => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text.trim());
