import { get } from 'node:https';

export interface FetchOptions {
  /** PEM; the system's authorities when it is absent. */
  readonly ca: string | undefined;
  readonly timeoutMs: number;
  /** What to say before the code of an answer that is no success. Default: that the URL answered it. */
  readonly refusal?: string;
}

/** Documents of issuers are some kilobytes. */
const MAX_BYTES = 1024 * 1024;

/** @throws Error when there is no answer in time, or none that is JSON */
export async function fetchJson(url: string, options: FetchOptions): Promise<unknown> {
  const text = await fetchText(url, { accept: 'application/json' }, options);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${url} did not answer JSON`, { cause });
  }
}

/** @throws Error when there is no answer in time, or none that is a success */
export function fetchText(url: string, headers: Readonly<Record<string, string>>, { ca, timeoutMs, refusal = `${url} answered` }: FetchOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const request = get(url, { ...(ca ? { ca } : {}), headers, agent: false, signal }, (answer) => {
      const { statusCode = 0, statusMessage = '' } = answer;
      if (statusCode < 200 || statusCode > 226) {
        answer.resume();
        return reject(new Error(`${refusal} ${statusCode} ${statusMessage}`));
      }
      const chunks: Buffer[] = [];
      let length = 0;
      answer.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > MAX_BYTES) request.destroy(new Error(`${url} answered more than ${MAX_BYTES} bytes`));
        else chunks.push(chunk);
      });
      answer.once('error', reject);
      answer.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    });
    request.once('error', reject);
  });
}
