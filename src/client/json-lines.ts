import type { AnswerParser } from './parse-answer.ts';

const NEWLINE = 0x0a;

/** Splits a stream of bytes into lines of JSON and decodes each; an unfinished last line (a broken stream) is dropped. */
export async function* jsonLines(chunks: AsyncIterable<Buffer>, answers: AnswerParser): AsyncIterable<unknown> {
  let parts: Buffer[] = [];
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const line = Buffer.concat([...parts, chunk.subarray(start, end)]).toString('utf8');
      parts = [];
      start = end + 1;
      if (line.trim() !== '') yield answers.parse(line);
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
  }
}
