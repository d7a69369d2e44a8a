import { describe, expect, it } from 'vitest';
import { PageReader } from './page-facts.js';

function factsOf(page: string) {
  const reader = new PageReader();
  for (let at = 0; at < page.length && !reader.isDone; at += 7) {
    reader.write(page.slice(at, at + 7));
  }
  return reader.facts();
}

describe('what a page says of itself', () => {
  it.each<[string, string, object]>([
    ['a title', '<title>\n Menu &amp; prices &atilde;\n</title>', { title: 'Menu & prices ã' }],
    [
      'what is for previews, before anything else',
      `<html><head><title>Home</title><meta name=description content='about'>
       <META property="og:title" content="Menu"><meta content="Of today" property="og:description">
       <meta property='og:image' content='/a.jpg'></head>`,
      { title: 'Menu', description: 'Of today', picture: '/a.jpg' },
    ],
    [
      'the first of each',
      '<meta property="og:title" content="A"><meta property="og:title" content="B">',
      { title: 'A' },
    ],
    ['nothing behind the head', '<head></head><meta property="og:title" content="A">', {}],
    ['nothing of a script', '<script>"<title>no</title>"</script>', {}],
    ['no title of a picture', '<title>A</title><svg><title>B</title></svg>', { title: 'A' }],
    ['no hidden signs', '<title>a\u202e\u200b\u0000b</title>', { title: 'a b' }],
    ['an empty one', '<title> </title>', {}],
    ['no page', '\u0000\u0001 {"title": 1}', {}],
  ])('%s', (_what, page, facts) => {
    expect(factsOf(page)).toEqual(facts);
  });

  it('is short, however long it is', () => {
    const { title, description } = factsOf(
      `<title>${'a'.repeat(100_000)}</title><meta name="description" content="${'b'.repeat(100_000)}">`,
    );

    expect([title?.length, description?.length]).toEqual([256, 512]);
  });
});
