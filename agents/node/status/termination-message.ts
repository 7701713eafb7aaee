import { open } from 'node:fs/promises';
import { parseLogLine } from '../server/log-format.ts';

/** A container may say this much; of a log only the last lines that fit. */
const MAX_MESSAGE = 4096;
const MAX_LOG_BYTES = 2048;
const MAX_LOG_LINES = 80;

/** What a container wrote to its termination message file; else, if a log file is given, the end of its log. */
export async function terminationMessage(options: { readonly file: string | undefined; readonly logFile: string | undefined }): Promise<string> {
  const message = options.file === undefined ? '' : await readEnd(options.file, MAX_MESSAGE, 'start');
  if (message !== '' || options.logFile === undefined) return message;
  const lines = (await readEnd(options.logFile, MAX_LOG_BYTES * 2, 'end')).split('\n').flatMap((line) => parseLogLine(Buffer.from(line)) ?? []);
  return lines.slice(-MAX_LOG_LINES).map((l) => `${l.content.toString('utf8')}${l.isPartial ? '' : '\n'}`).join('').slice(-MAX_LOG_BYTES);
}

async function readEnd(path: string, bytes: number, from: 'start' | 'end'): Promise<string> {
  const file = await open(path).catch(() => undefined);
  if (!file) return '';
  try {
    const { size } = await file.stat();
    const buffer = Buffer.alloc(Math.min(bytes, size));
    await file.read(buffer, 0, buffer.length, from === 'start' ? 0 : size - buffer.length);
    return buffer.toString('utf8');
  } finally {
    await file.close();
  }
}
