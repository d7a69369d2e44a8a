import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Whose files take minutes rather than seconds: what begins last ends last, with nothing beside it. */
const LONG_KINDS = ['chaos', 'console', 'cluster', 'supabase-cli', 'smoke', 'differential', 'clients', 'e2e'];

/** Begins with the kinds of tests whose files take longest, and with large files within a kind. */
export class LongKindsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => rankOf(a) - rankOf(b));
  }
}

function rankOf({ project }: TestSpecification): number {
  const rank = LONG_KINDS.indexOf(project.name);
  return rank === -1 ? LONG_KINDS.length : rank;
}
