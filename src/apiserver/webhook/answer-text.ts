import type { IncomingMessage } from 'node:http';

/** Answers of servers that others run are not believed to be short. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** The whole body. @throws Error for one that is too long */
export async function textOf(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > MAX_ANSWER_BYTES) throw new Error(`http: response body too large: limit is ${MAX_ANSWER_BYTES}`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}
