import { Parser } from 'htmlparser2';

/** What a page says of itself. */
export interface PageFacts {
  title?: string;
  description?: string;
  /** Address of a picture, as the page has it. */
  picture?: string;
}

const MAX_TITLE = 256;
const MAX_DESCRIPTION = 512;
const MAX_ADDRESS = 2_048;

/** Which names of `meta` say what, the best first: what pages say for previews, and what they say anyhow. */
const NAMES = {
  title: ['og:title', 'twitter:title', 'title'],
  description: ['og:description', 'twitter:description', 'description'],
  picture: ['og:image:secure_url', 'og:image', 'og:image:url', 'twitter:image', 'twitter:image:src'],
} as const satisfies Record<keyof PageFacts, readonly string[]>;
const WANTED: ReadonlySet<string> = new Set(Object.values(NAMES).flat());

/** Reads the head of a page piece by piece. */
export class PageReader {
  private readonly found = new Map<string, string>();
  private inTitle = false;
  private isOver = false;
  private readonly parser = new Parser({
    onopentag: (name, attributes) => this.opened(name, attributes),
    ontext: (text) => {
      if (this.inTitle && (this.found.get('title') ?? '').length < MAX_TITLE * 4) {
        this.found.set('title', (this.found.get('title') ?? '') + text);
      }
    },
    onclosetag: (name) => {
      this.inTitle &&= name !== 'title';
      this.isOver ||= name === 'head';
    },
  });

  /** The rest of the page has nothing to say. */
  get isDone(): boolean {
    return this.isOver;
  }

  write(piece: string): void {
    this.parser.write(piece);
  }

  /** @returns what the page said until now */
  facts(): PageFacts {
    const title = this.best('title', MAX_TITLE);
    const description = this.best('description', MAX_DESCRIPTION);
    const picture = this.best('picture', MAX_ADDRESS);
    return { ...(title && { title }), ...(description && { description }), ...(picture && { picture }) };
  }

  private opened(name: string, { property, name: named, content }: Record<string, string>): void {
    this.inTitle = name === 'title' && !this.found.has('title');
    this.isOver ||= name === 'body';
    const key = (property ?? named ?? '').toLowerCase();
    if (
      name === 'meta' &&
      content !== undefined &&
      WANTED.has(key) &&
      key !== 'title' &&
      !this.found.has(key)
    ) {
      this.found.set(key, content);
    }
  }

  private best(what: keyof PageFacts, max: number): string | undefined {
    for (const name of NAMES[what]) {
      const text = clean(this.found.get(name) ?? '', max);
      if (text !== '') {
        return text;
      }
    }
    return undefined;
  }
}

/** One line without what turns or hides text. */
function clean(text: string, max: number): string {
  return text
    .slice(0, max * 4)
    .replace(/[\p{Cf}\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, max)
    .toWellFormed();
}
