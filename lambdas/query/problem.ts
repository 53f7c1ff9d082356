/** An answer that is no result, as RFC 9457 says it. */
const TITLES = {
  400: 'Bad Request',
  404: 'Not Found',
  406: 'Not Acceptable',
  413: 'Content Too Large',
  500: 'Internal Server Error',
} as const;

export class Problem extends Error {
  override readonly name = 'Problem';
  constructor(
    readonly status: keyof typeof TITLES,
    readonly detail: string,
  ) {
    super(detail);
  }

  get body(): { type: 'about:blank'; title: string; status: number; detail: string } {
    return { type: 'about:blank', title: TITLES[this.status], status: this.status, detail: this.detail };
  }
}
