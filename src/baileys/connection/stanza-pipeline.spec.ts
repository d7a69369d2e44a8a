import { EventEmitter } from 'node:events';
import type { BinaryNode } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import { installPipeline, type Stage, type Stages } from './stanza-pipeline.js';

/** A pipeline whose stages say their names and hand everything on, and a library behind it. */
function namedStages(passed: string[], keepAt?: string): Stages {
  const stage =
    (name: string): Stage =>
    (stanza, next) => {
      passed.push(name);
      return name === keepAt ? undefined : next(stanza);
    };
  return {
    message: {
      follow: stage('follow'),
      observe: stage('observe'),
      receive: stage('receive'),
      queue: stage('queue'),
      ignore: stage('ignore'),
    },
    status: { ignore: stage('ignore') },
    receipt: { guard: stage('guard'), watch: stage('watch') },
    notification: { groups: stage('groups'), record: stage('record'), watch: stage('watch') },
    call: { watch: stage('watch') },
  };
}

function emitterOf(passed: string[]): EventEmitter {
  const ws = new EventEmitter();
  for (const tag of ['message', 'receipt', 'notification', 'call']) {
    ws.on(`CB:${tag}`, () => passed.push('library'));
  }
  return ws;
}

const stanza = (tag: string): BinaryNode => ({ tag, attrs: { id: '1' } });

describe('the pipeline of stanzas', () => {
  it.each<[string, string[]]>([
    ['message', ['ignore', 'queue', 'receive', 'observe', 'follow', 'library']],
    ['status', ['ignore']],
    ['receipt', ['watch', 'guard', 'library']],
    ['notification', ['watch', 'record', 'groups', 'library']],
    ['call', ['watch', 'library']],
  ])('of a %s is %j', (tag, expected) => {
    const passed: string[] = [];
    const ws = emitterOf(passed);
    installPipeline(ws, namedStages(passed));
    ws.emit(`CB:${tag}`, stanza(tag));

    expect(passed).toEqual(expected);
  });

  it('ends where a stage keeps the stanza', () => {
    const passed: string[] = [];
    const ws = emitterOf(passed);
    installPipeline(ws, namedStages(passed, 'queue'));
    ws.emit('CB:message', stanza('message'));

    expect(passed).toEqual(['ignore', 'queue']);
  });

  it('leaves listeners alone that come later, and stanzas of other tags', () => {
    const passed: string[] = [];
    const ws = emitterOf(passed);
    ws.on('CB:success', () => passed.push('success'));
    installPipeline(ws, namedStages(passed));
    ws.on('CB:receipt', () => passed.push('later'));
    ws.emit('CB:receipt', stanza('receipt'));
    ws.emit('CB:success', stanza('success'));

    expect(passed).toEqual(['watch', 'guard', 'library', 'later', 'success']);
  });
});
