import { ApiError, toApiError } from '../api/api-error.ts';
import { BASE } from '../app/base.ts';
import { session } from '../session/session.ts';

const TIMEOUT_MS = 45_000;

/** A phone of the simulated network. */
export interface SimulatedPhone {
  number: string;
  name: string;
  devices: { id: number; connected: boolean }[];
}

/**
 * Moves phones of the simulated WhatsApp network, where the service runs it; for administrators. Paths are those of the simulator's control
 * API (`docs/simulator.md`).
 * @throws ApiError
 */
async function control<T>(method: 'GET' | 'POST', path: string, body?: object): Promise<T> {
  const token = await session.token();
  const response = await fetch(new URL(`api/simulator${path}`, BASE), {
    method,
    headers: {
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch(() => {
    throw new ApiError('network', 0, 'The service did not answer.');
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (!response.ok) {
    throw toApiError(response.status, answer);
  }
  return answer as T;
}

export const simulatedNetwork = {
  get: <T>(path: string) => control<T>('GET', path),
  post: <T>(path: string, body: object = {}) => control<T>('POST', path, body),

  /** The phone with that number, which is made where there is none. */
  async phone(number: string, name: string): Promise<SimulatedPhone> {
    const { phones } = await control<{ phones: SimulatedPhone[] }>('GET', '/phones');
    return (
      phones.find((phone) => phone.number === number) ??
      (await control<SimulatedPhone>('POST', '/phones', { number, name }))
    );
  },
};
