import { headerText, type ResponseHeaders } from './response-headers.ts';

/** More interim responses than this are a flood (fault 25). */
const interimResponses = 8;

/** The head of one response, behind whatever interim responses come before it. */
export class ResponseHead {
  status = 0;
  headers: ResponseHeaders = {};
  #interim = 0;

  /** Takes what the transport calls a head: the answer's own, an interim one, or one too many of these. */
  take(status: number, headers: ResponseHeaders): 'head' | 'interim' | 'flood' {
    if (status < 200) {
      this.#interim += 1;
      return this.#interim > interimResponses ? 'flood' : 'interim';
    }
    this.status = status;
    this.headers = headers;
    return 'head';
  }

  get isSeen(): boolean {
    return this.status !== 0;
  }

  get contentType(): string {
    return headerText(this.headers, 'content-type') ?? '';
  }

  /**
   * Identity was asked for. What is encoded all the same is not unpacked: it could be a bomb, or cut unseen (faults
   * 35–37).
   */
  get isCompressed(): boolean {
    const encoding = headerText(this.headers, 'content-encoding') ?? '';
    return encoding !== '' && encoding !== 'identity';
  }
}
