import { open, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { mkdirSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import type { Exposition } from '#base/exposition.ts';

export interface AuditLogOptions {
  /** Absolute path of the file; older ones lie beside it with the time in their names. */
  readonly path: string;
  /** A file that reaches this length is put aside. Default 100 MiB. */
  readonly maxBytes?: number;
  /** Files that are put aside and kept. Default 10. */
  readonly maxBackups?: number;
  /** Text that may wait to be written; what comes beyond is dropped and counted. Default 32 MiB. */
  readonly maxWaitingBytes?: number;
  readonly clock: Clock;
  readonly log: Logger;
}

const MIB = 1024 * 1024;
const DEFAULTS = { maxBytes: 100 * MIB, maxBackups: 10, maxWaitingBytes: 32 * MIB } as const;

/** Where audit events go. */
export interface AuditSink {
  /** Takes one line, without its end; never waits. */
  write(line: string): void;
  writeMetrics(out: Exposition): void;
  /** Writes what is left. */
  close(): Promise<void>;
}

/** Lines in a file that is put aside when it grows too long. Whatever came since the last write goes in one; requests never wait for the disk. */
export class AuditLog implements AuditSink {
  readonly #options: Required<AuditLogOptions>;
  #waiting: string[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> | undefined;
  #file: FileHandle | undefined;
  #length = 0;
  #written = 0;
  #dropped = 0;
  #failures = 0;

  constructor(options: AuditLogOptions) {
    this.#options = { ...DEFAULTS, ...options };
    mkdirSync(dirname(options.path), { recursive: true, mode: 0o700 });
  }

  write(line: string): void {
    if (this.#waitingBytes + line.length > this.#options.maxWaitingBytes) {
      this.#dropped += 1;
      return;
    }
    this.#waiting.push(line);
    this.#waitingBytes += line.length;
    this.#writing ??= this.#writeAll();
  }

  writeMetrics(out: Exposition): void {
    out.counter('apiserver_audit_event_total', 'Audit events that were written.', [{ labels: {}, value: this.#written }]);
    out.counter('apiserver_audit_error_total', 'Audit events that were lost: the log could not be written, or not as fast as they came.', [
      { labels: { plugin: 'log', reason: 'write' }, value: this.#failures }, { labels: { plugin: 'log', reason: 'dropped' }, value: this.#dropped },
    ]);
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#file?.close();
    this.#file = undefined;
  }

  async #writeAll(): Promise<void> {
    // The lines of one turn of the event loop go together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const lines = this.#waiting;
      this.#waiting = [];
      this.#waitingBytes = 0;
      await this.#append(lines);
    }
    this.#writing = undefined;
  }

  async #append(lines: readonly string[]): Promise<void> {
    const bytes = Buffer.from(`${lines.join('\n')}\n`);
    try {
      if (this.#length > 0 && this.#length + bytes.length > this.#options.maxBytes) await this.#rotate();
      this.#file ??= await this.#open();
      await this.#file.appendFile(bytes);
      this.#length += bytes.length;
      this.#written += lines.length;
    } catch (error) {
      this.#failures += lines.length;
      this.#options.log.error('the audit log cannot be written', { path: this.#options.path, error });
      await this.#file?.close().catch(() => undefined);
      this.#file = undefined;
    }
  }

  async #open(): Promise<FileHandle> {
    const file = await open(this.#options.path, 'a', 0o600);
    this.#length = (await file.stat()).size;
    return file;
  }

  async #rotate(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
    this.#length = 0;
    const { path, clock, maxBackups } = this.#options;
    const extension = extname(path);
    const stem = basename(path, extension);
    const time = new Date(clock.now()).toISOString().replaceAll(':', '-').replace('Z', '');
    await rename(path, join(dirname(path), `${stem}-${time}-${this.#written}${extension}`));
    const old = (await readdir(dirname(path))).filter((name) => name.startsWith(`${stem}-`) && name.endsWith(extension)).toSorted();
    await Promise.all(old.slice(0, Math.max(0, old.length - maxBackups)).map((name) => rm(join(dirname(path), name), { force: true })));
  }
}
