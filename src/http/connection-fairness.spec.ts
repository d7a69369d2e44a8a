import { EventEmitter } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { NextFunction, Request, Response } from 'express';
import { describe, expect, it } from 'vitest';
import { connectionFairness, CONNECTIONS_BETWEEN } from './connection-fairness.js';

function setUp() {
  const server = new EventEmitter();
  const middleware = connectionFairness(server as never);
  const taken: string[] = [];
  const connect = () => server.emit('connection');
  const call = (name: string) => {
    const [response, socket] = [new EventEmitter(), { destroyed: false }];
    void middleware({ socket } as Request, response as Response, (() => taken.push(name)) as NextFunction);
    return () => {
      socket.destroyed = true;
      response.emit('close');
    };
  };
  return { connect, call, taken };
}

async function turns(count: number, everyTurn: () => void = () => undefined): Promise<void> {
  for (let turn = 0; turn < count; turn++) {
    everyTurn();
    await nextTurn();
  }
}

describe('connectionFairness', () => {
  it('takes up requests at once while nobody connects', () => {
    const { call, taken } = setUp();
    call('first');
    call('second');

    expect(taken).toEqual(['first', 'second']);
  });

  it('takes connections between two requests, however many come, and requests in their order', async () => {
    const { connect, call, taken } = setUp();
    connect();
    ['first', 'second', 'third'].forEach((name) => call(name));
    const after: number[] = [];
    for (let turn = 1; taken.length < 3; turn++) {
      await turns(1, connect);
      after.push(...Array.from({ length: taken.length - after.length }, () => turn));
    }

    expect(taken).toEqual(['first', 'second', 'third']);
    expect(after[1]! - after[0]!).toBe(CONNECTIONS_BETWEEN);
    expect(after[2]! - after[1]!).toBe(CONNECTIONS_BETWEEN);
  });

  it('takes up all that wait, also those that came last, one in a turn, when nobody connects any more', async () => {
    const { connect, call, taken } = setUp();
    connect();
    call('first');
    call('second');
    await turns(1);
    call('third');
    for (let before = 0; taken.length < 3; before = taken.length) {
      await turns(1);
      expect(taken.length - before).toBeLessThanOrEqual(1);
    }

    expect(taken).toEqual(['first', 'second', 'third']);
  });

  it('forgets requests whose connections are gone: they take no turns', async () => {
    const { connect, call, taken } = setUp();
    connect();
    for (const name of ['gone', 'gone, too', 'gone as well']) {
      call(name)();
    }
    call('here');
    await turns(CONNECTIONS_BETWEEN + 1, connect);

    expect(taken).toEqual(['here']);
  });
});
