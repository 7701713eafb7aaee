import { open, stat, type FileHandle } from 'node:fs/promises';
import { watch } from 'node:fs';
import { dirname } from 'node:path';
import { parseLogLine, type LogLine } from './log-format.ts';
import { rotatedLogs } from './log-rotation.ts';

export interface LogOptions {
  /** Go on with what is written later, until `isRunning` says that nothing will be, or the signal aborts. */
  readonly follow: boolean;
  /** Only so many lines from the end. */
  readonly tailLines?: number | undefined;
  /** Only lines from this time on; milliseconds since the epoch. */
  readonly sinceMs?: number | undefined;
  readonly timestamps: boolean;
  /** Ends after so many bytes of output. */
  readonly limitBytes?: number | undefined;
  readonly stream?: 'stdout' | 'stderr' | undefined;
  readonly isRunning: () => boolean;
  readonly signal: AbortSignal;
}

const CHUNK = 64 * 1024;
/** The kernel tells of writes; the end of a container is looked for this often. */
const END_CHECK_MS = 500;

/** The lines of a container's log, the rotated files first, as `kubectl logs` prints them. */
export async function* readLog(path: string, options: LogOptions): AsyncGenerator<Buffer> {
  let left = options.limitBytes ?? Infinity;
  for await (const line of wantedLines(path, options)) {
    const isWanted = (options.stream === undefined || line.stream === options.stream) && (options.sinceMs === undefined || Date.parse(line.time) >= options.sinceMs);
    if (!isWanted) continue;
    const text = render(line, options.timestamps);
    yield text.length > left ? text.subarray(0, left) : text;
    left -= text.length;
    if (left <= 0) return;
  }
}

function render(line: LogLine, timestamps: boolean): Buffer {
  return Buffer.concat([...(timestamps ? [Buffer.from(`${line.time} `)] : []), line.content, ...(line.isPartial ? [] : [Buffer.from('\n')])]);
}

async function* wantedLines(path: string, options: LogOptions): AsyncGenerator<LogLine> {
  const end = { offset: 0, rest: Buffer.alloc(0) as Buffer };
  const present = presentLines(path, end);
  // Without a tail nothing is kept: five files of 10 MiB would be held for every reader.
  if (options.tailLines === undefined) yield* present;
  else yield* await lastOf(present, options.tailLines);
  if (options.follow) yield* followLines(path, end, options);
}

async function* presentLines(path: string, end: Position): AsyncGenerator<LogLine> {
  for (const file of await rotatedLogs(path)) yield* linesFrom(file, { offset: 0, rest: Buffer.alloc(0) });
  yield* linesFrom(path, end);
}

async function lastOf(lines: AsyncIterable<LogLine>, count: number): Promise<readonly LogLine[]> {
  const last: LogLine[] = [];
  for await (const line of lines) {
    last.push(line);
    if (last.length > count) last.shift();
  }
  return last;
}

interface Position {
  offset: number;
  rest: Buffer;
}

/** Complete lines from a position on, which moves along. */
async function* linesFrom(path: string, position: Position): AsyncGenerator<LogLine> {
  const file = await open(path).catch(() => undefined);
  if (!file) return;
  try {
    yield* linesOf(file, position);
  } finally {
    await file.close();
  }
}

async function* linesOf(file: FileHandle, position: Position): AsyncGenerator<LogLine> {
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(CHUNK), 0, CHUNK, position.offset);
    if (bytesRead === 0) return;
    position.offset += bytesRead;
    let rest = Buffer.concat([position.rest, buffer.subarray(0, bytesRead)]);
    for (let end = rest.indexOf(0x0a); end >= 0; end = rest.indexOf(0x0a)) {
      const line = parseLogLine(rest.subarray(0, end));
      rest = rest.subarray(end + 1);
      if (line) yield line;
    }
    position.rest = rest;
  }
}

async function* followLines(path: string, position: Position, options: LogOptions): AsyncGenerator<LogLine> {
  const changes = new FileChanges(dirname(path), options.signal);
  try {
    while (!options.signal.aborted) {
      const wasRunning = options.isRunning();
      const size = (await stat(path).catch(() => ({ size: 0 }))).size;
      if (size < position.offset) {
        // Rotated away under us: the end of the old file first, then the new one from its start.
        const old = (await rotatedLogs(path)).at(-1);
        if (old) yield* linesFrom(old, position);
        position.offset = 0;
        position.rest = Buffer.alloc(0);
      }
      yield* linesFrom(path, position);
      if (!wasRunning) return;
      await changes.next();
    }
  } finally {
    changes.close();
  }
}

class FileChanges {
  readonly #watcher;
  #wake: () => void = () => {};
  #hasChanged = false;

  constructor(directory: string, signal: AbortSignal) {
    this.#watcher = watch(directory, () => this.#tell());
    // A watcher that fails tells nothing any more; the regular look goes on.
    this.#watcher.on('error', () => this.#tell());
    signal.addEventListener('abort', () => this.#tell(), { once: true });
  }

  async next(): Promise<void> {
    if (!this.#hasChanged) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, END_CHECK_MS);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#hasChanged = false;
  }

  close(): void {
    this.#watcher.close();
  }

  #tell(): void {
    this.#hasChanged = true;
    this.#wake();
  }
}
