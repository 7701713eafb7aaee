import { goQuote } from '#api/go-text.ts';

/** What came back from a webhook that is no success. */
export interface Refusal {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly text: string;
}

const KNOWN: Readonly<Record<number, string>> = {
  400: 'the server rejected our request for an unknown reason', 401: 'the server has asked for the client to provide credentials', 404: 'the server could not find the requested resource',
  405: 'the server does not allow this method on the requested resource', 409: 'the server reported a conflict', 422: 'the server rejected our request due to an error in our request',
  429: 'the server has received too many requests and has asked us to try again later', 503: 'the server is currently unable to handle the request',
  504: 'the server was unable to return a response in the time allotted, but may still be processing the request',
};
const NOT_ACCEPTABLE = 'the server was unable to respond with a content type that the client supports';
const UNKNOWN = 'unknown';
/** Of the text; clients shall not be told a whole page. */
const MAX_TEXT = 2048;

/** In the words of client-go: of a Status its message; the text itself only where it is one. */
export function refusalText({ status, contentType, text }: Refusal): string {
  const told = statusMessage(text);
  if (told !== undefined) return told;
  const known = KNOWN[status];
  if (known !== undefined) return known;
  const said = contentType === undefined || contentType.trim().toLowerCase().startsWith('text/') ? text.slice(0, MAX_TEXT).trim() : UNKNOWN;
  if (status === 403 || status === 415) return said || UNKNOWN;
  if (status === 406) return said === '' || said === UNKNOWN ? NOT_ACCEPTABLE : said;
  if (status >= 500) return `an error on the server (${goQuote(said)}) has prevented the request from succeeding`;
  return `the server responded with the status code ${status} but did not return more information`;
}

function statusMessage(text: string): string | undefined {
  if (!text.includes('"Status"')) return undefined;
  try {
    const { kind, apiVersion, status, message } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    return kind === 'Status' && apiVersion === 'v1' && status === 'Failure' && typeof message === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}
