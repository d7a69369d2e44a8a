/** What may go wrong with a download. */
export type DownloadFault =
  /** Refuses: 403, 404, 410, 429, 500, 503 … */
  | { readonly kind: 'status'; readonly status: number }
  /** Never answers. */
  | { readonly kind: 'hang' }
  /** Cuts the connection instead of answering. */
  | { readonly kind: 'reset' }
  /** Answers with half of the file, then says nothing more, and does not close. */
  | { readonly kind: 'stall' }
  /** Announces the whole file and cuts the connection half way. */
  | { readonly kind: 'cut' }
  /** Serves half of the file as if it were all. */
  | { readonly kind: 'truncate' }
  /** Sends for ever, and announces nothing. */
  | { readonly kind: 'endless' }
  /** No faster than this. */
  | { readonly kind: 'slow'; readonly bytesPerSecond: number }
  /** Announces so many bytes, whatever the file has. */
  | { readonly kind: 'announce'; readonly bytes: number }
  /** One byte is another, in the middle or in the MAC. */
  | { readonly kind: 'corrupt'; readonly at?: 'body' | 'mac' }
  /** A web page instead of the file, with status 200. */
  | { readonly kind: 'page' }
  /** Sends the client elsewhere. */
  | { readonly kind: 'redirect'; readonly to: string };

/** What may go wrong with an upload. */
export type UploadFault =
  | { readonly kind: 'status'; readonly status: number }
  /** Reads nothing, and never answers. */
  | { readonly kind: 'hang' }
  | { readonly kind: 'reset' }
  /** Takes the file, and cuts the connection instead of saying so. */
  | { readonly kind: 'forget' }
  /** Takes the file, and answers with a web page. */
  | { readonly kind: 'page' };

export const DOWNLOAD_FAULTS = [
  'status',
  'hang',
  'reset',
  'stall',
  'cut',
  'truncate',
  'endless',
  'slow',
  'announce',
  'corrupt',
  'page',
  'redirect',
] as const satisfies readonly DownloadFault['kind'][];

export const UPLOAD_FAULTS = [
  'status',
  'hang',
  'reset',
  'forget',
  'page',
] as const satisfies readonly UploadFault['kind'][];

interface Rule<Fault> {
  readonly fault: Fault;
  readonly directPath: string | undefined;
  left: number;
}

const MAX_RULES = 10_000;

/** Faults that apply a number of times, to one file or to the next that is asked for; oldest first. */
export class FaultList<Fault> {
  private rules: Rule<Fault>[] = [];

  /** @throws when there are too many rules */
  add(fault: Fault, times: number, directPath?: string): void {
    if (this.rules.length >= MAX_RULES) {
      throw new Error(`more than ${MAX_RULES} media faults`);
    }
    this.rules.push({ fault, directPath, left: times });
  }

  /** Takes the fault for a transfer, if one is due. */
  take(directPath?: string): Fault | undefined {
    const rule = this.rules.find((each) => each.directPath === undefined || each.directPath === directPath);
    if (rule && --rule.left <= 0) {
      this.rules = this.rules.filter((each) => each !== rule);
    }
    return rule?.fault;
  }

  clear(): void {
    this.rules = [];
  }
}

/** The disturbances of the media server. */
export class MediaFaults {
  readonly downloads = new FaultList<DownloadFault>();
  readonly uploads = new FaultList<UploadFault>();

  clear(): void {
    this.downloads.clear();
    this.uploads.clear();
  }
}
