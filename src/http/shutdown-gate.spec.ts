import type { Request, Response } from 'express';
import { describe, expect, it } from 'vitest';
import { HttpFault } from './http-fault.js';
import { shutdownGate } from './shutdown-gate.js';

function passes(isStopping: boolean, path: string): unknown {
  let outcome: unknown = 'not answered';
  const gate = shutdownGate(() => isStopping);
  gate({ path } as Request, {} as Response, (error?: unknown) => {
    outcome = error ?? 'passed';
  });
  return outcome;
}

describe('shutdownGate', () => {
  it.each([
    [false, '/api/contacts'],
    [true, '/health'],
    [true, '/health/ready'],
  ])('while stopping is %s lets %s pass', (isStopping, path) => {
    expect(passes(isStopping, path)).toBe('passed');
  });

  it('turns new calls away while the service stops', () => {
    const fault = passes(true, '/api/contacts');

    expect(fault).toBeInstanceOf(HttpFault);
    expect(fault).toMatchObject({ status: 503, code: 'shutting_down', headers: { Connection: 'close' } });
  });
});
