import { expect, it } from 'vitest';
import { UnknownConnections } from './unknown-connections.js';

function unknown(bounds: { total: number; perAddress: number }) {
  const closed: string[] = [];
  const connections = new UnknownConnections<{ close(): void }>(bounds);
  const open = (address: string, name: string) => {
    const connection = { close: () => void closed.push(name) };
    connections.add(connection, address);
    return connection;
  };
  return { closed, connections, open };
}

it('closes the one that has waited longest, of an address that has too many', () => {
  const { closed, open } = unknown({ total: 100, perAddress: 2 });
  open('a', 'a1');
  open('b', 'b1');
  open('a', 'a2');
  expect(closed).toEqual([]);

  open('a', 'a3');
  open('a', 'a4');

  expect(closed).toEqual(['a1', 'a2']);
});

it('closes, of too many, one of the address that has most', () => {
  const { closed, open } = unknown({ total: 3, perAddress: 100 });
  open('a', 'a1');
  open('flood', 'f1');
  open('flood', 'f2');

  open('b', 'b1');
  open('flood', 'f3');

  expect(closed).toEqual(['f1', 'f2']);
});

it('counts none that said who it is', () => {
  const { closed, connections, open } = unknown({ total: 3, perAddress: 1 });
  for (const name of ['1', '2', '3']) {
    const connection = open('a', name);
    connections.remove(connection);
    connections.remove(connection);
  }
  open('a', '4');

  expect(closed).toEqual([]);
});
