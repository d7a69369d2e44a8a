import { describe, expect, it } from 'vitest';
import { children, node } from '../../protocol/node.js';
import type { BinaryNode } from '../../protocol/node.js';
import { DeliveryQueue } from './delivery-queue.js';
import type { Answer } from './stanza-delivery.js';

const answer: Answer = { kind: 'receipt', at: new Date(0), atMs: 0 };

function message(id: string, from = '1@lid'): BinaryNode {
  return node('message', { id, from }, [node('enc', { type: 'msg' }, Buffer.alloc(64, 1))]);
}

function recordingSink() {
  const sent: BinaryNode[] = [];
  const state = { sent, congested: false };
  return {
    ...state,
    isCongested: () => state.congested,
    send: (stanza: BinaryNode) => void sent.push(stanza),
    state,
  };
}

const idsOf = (stanzas: BinaryNode[]) =>
  stanzas.filter(({ tag }) => tag === 'message').map(({ attrs }) => attrs['id']);

describe('DeliveryQueue', () => {
  it('ends an empty offline phase too', () => {
    const sink = recordingSink();
    new DeliveryQueue(10).open(sink);

    expect(sink.sent).toEqual([node('ib', { from: '@s.whatsapp.net' }, [node('offline', { count: '0' })])]);
  });

  it('sends what waited first, marked offline, then live', () => {
    const queue = new DeliveryQueue(10);
    queue.push({ stanza: message('a') });
    queue.push({ stanza: message('b') });
    const sink = recordingSink();

    queue.open(sink);
    queue.push({ stanza: message('c') });

    expect(sink.sent.map(({ tag, attrs }) => [tag, attrs['id'], attrs['offline']])).toEqual([
      ['ib', undefined, undefined],
      ['message', 'a', '1'],
      ['message', 'b', '1'],
      ['ib', undefined, undefined],
      ['message', 'c', undefined],
    ]);
  });

  it.each(['status@broadcast', '1203630@g.us', '1@newsletter', '123@broadcast'])(
    'withholds what waits while the client refuses a message of %s',
    (from) => {
      const queue = new DeliveryQueue(10);
      const to = (id: string, error?: string) =>
        queue.answer('message', node('ack', { id, to: from, error }), {
          ...answer,
          ...(error && { error: Number(error) }),
        });
      queue.open(recordingSink());
      queue.push({ stanza: message('a', from) });
      to('a', '500');
      queue.close();
      queue.push({ stanza: message('b') });
      const sink = recordingSink();
      queue.open(sink);
      queue.push({ stanza: message('c') });
      const withheld = idsOf(sink.sent);
      to('a');

      expect([withheld, idsOf(sink.sent)]).toEqual([['a'], ['a', 'b', 'c']]);
    },
  );

  it('passes a request for a new copy on, after the answer, too', () => {
    const queue = new DeliveryQueue(10);
    const requests: BinaryNode[] = [];
    queue.open(recordingSink());
    queue.push({ stanza: message('a'), retryRequested: (request) => void requests.push(request) });
    queue.answer('message', node('ack', { id: 'a', to: '1@lid' }), answer);
    const request = node('receipt', { id: 'a', to: '1@lid', type: 'retry' });

    expect([queue.retry(request), requests]).toEqual([true, [request]]);
  });

  it('sends again what nobody answered, with the same content', () => {
    const queue = new DeliveryQueue(10);
    const first = recordingSink();
    queue.open(first);
    queue.push({ stanza: message('a') });
    queue.push({ stanza: message('b') });
    queue.answer('message', node('receipt', { id: 'a', to: '1@lid' }), answer);
    queue.close();

    const second = recordingSink();
    queue.open(second);

    expect(idsOf(second.sent)).toEqual(['b']);
    expect(second.sent[1]?.content).toEqual(first.sent[2]?.content);
  });

  it('tells two authors of one id apart', () => {
    const queue = new DeliveryQueue(10);
    const answered: string[] = [];
    for (const from of ['1@lid', '2@lid']) {
      queue.push({ stanza: message('same', from), answered: () => answered.push(from) });
    }

    queue.answer('message', node('receipt', { id: 'same', to: '2:5@lid' }), answer);
    queue.answer('message', node('receipt', { id: 'same', to: '1@lid' }), answer);

    expect(answered).toEqual(['2@lid', '1@lid']);
    expect(queue.answer('message', node('receipt', { id: 'same', to: '1@lid' }), answer)).toBe(false);
  });

  it('waits while the connection is congested', () => {
    const queue = new DeliveryQueue(10);
    const sink = recordingSink();
    queue.open(sink);
    sink.state.congested = true;
    queue.push({ stanza: message('a') });
    expect(idsOf(sink.sent)).toEqual([]);

    sink.state.congested = false;
    queue.pump();

    expect(idsOf(sink.sent)).toEqual(['a']);
  });

  it('has a limit', () => {
    const queue = new DeliveryQueue(1);
    queue.push({ stanza: message('a') });

    expect(() => queue.push({ stanza: message('b') })).toThrow('more than 1');
  });

  it('swaps, doubles and spoils on demand', () => {
    const queue = new DeliveryQueue(10);
    const sink = recordingSink();
    queue.open(sink);
    queue.tampering.swapWithNext = 1;
    queue.push({ stanza: message('a') });
    queue.push({ stanza: message('b') });
    queue.tampering.duplicate = 1;
    queue.push({ stanza: message('c') });
    queue.tampering.corrupt = 1;
    queue.push({ stanza: message('d') });

    expect(idsOf(sink.sent)).toEqual(['b', 'a', 'c', 'c', 'd']);
    const [enc] = children(sink.sent.at(-1));
    expect(enc?.content).not.toEqual(Buffer.alloc(64, 1));
  });
});
