import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { asError } from '#base/errors.ts';
import { SourceError } from '../errors.ts';
import { gitEnvironment } from './git-command.ts';

export interface GitObject {
  readonly oid: string;
  readonly type: 'blob' | 'tree' | 'commit' | 'tag';
  readonly size: number;
  /** Absent when the object is larger than was asked for. */
  readonly content?: Buffer;
}

interface Pending {
  readonly command: 'info' | 'contents';
  readonly name: string;
  readonly resolve: (object: GitObject | undefined) => void;
  readonly reject: (error: Error) => void;
}

type GitProcess = ChildProcessByStdio<Writable, Readable, null>;

/**
 * One `git cat-file --batch-command` for the life of a repository: names are resolved and objects read without starting
 * a process. Requests are answered in order, so any number may be in flight. A process that dies is started again by the next request.
 */
export class ObjectReader {
  readonly #gitBinary: string;
  readonly #gitDir: string;
  #process: GitProcess | undefined;
  #isClosed = false;
  #pending: Pending[] = [];
  #chunks: Buffer[] = [];
  #buffered = 0;
  /** Bytes that must be buffered before parsing can go on. */
  #needed = 1;

  constructor(options: { readonly gitBinary: string; readonly gitDir: string }) {
    this.#gitBinary = options.gitBinary;
    this.#gitDir = options.gitDir;
  }

  /** What `name` (an id, or a ref with `^{commit}`) stands for; undefined when there is none. */
  info(name: string): Promise<GitObject | undefined> {
    return this.#request('info', name);
  }

  /** Contents of the object, unless it has more than `maxBytes`. */
  async read(name: string, maxBytes: number): Promise<GitObject | undefined> {
    const info = await this.info(name);
    if (!info || info.size > maxBytes) return info;
    return this.#request('contents', info.oid);
  }

  /** An object that cannot be large: a tree, a commit. */
  readWhole(oid: string): Promise<GitObject | undefined> {
    return this.#request('contents', oid);
  }

  /** Forgets what is on disk: the next request looks anew, and so do those that wait. */
  reset(): void {
    this.#process?.kill('SIGKILL');
    for (const request of this.#forget()) this.#send(request);
  }

  /** No request is answered any more. */
  close(): void {
    this.#isClosed = true;
    this.#process?.kill('SIGKILL');
    this.#fail(new SourceError('GitFailed', 'the repository was closed'));
  }

  #request(command: Pending['command'], name: string): Promise<GitObject | undefined> {
    // A name is one line; git reads anything after a line break as the next command.
    if (/[\n\0]/.test(name)) return Promise.resolve(undefined);
    if (this.#isClosed) return Promise.reject(new SourceError('GitFailed', 'the repository was closed'));
    return new Promise((resolve, reject) => this.#send({ command, name, resolve, reject }));
  }

  #send(request: Pending): void {
    const child = (this.#process ??= this.#start());
    this.#pending.push(request);
    child.stdin.write(`${request.command} ${request.name}\n`);
  }

  #start(): GitProcess {
    const child = spawn(this.#gitBinary, ['cat-file', '--batch-command'], { env: gitEnvironment({ gitDir: this.#gitDir }), cwd: '/', stdio: ['pipe', 'pipe', 'ignore'] });
    const gone = (error?: Error): void => {
      if (this.#process !== child) return;
      this.#fail(new SourceError('GitFailed', `git cat-file ended${error ? `: ${error.message}` : ''}`, error ? { cause: error } : {}));
    };
    child.on('error', gone);
    child.stdin.on('error', gone);
    child.on('close', () => gone());
    child.stdout.on('data', (chunk: Buffer) => {
      if (this.#process === child) this.#receive(chunk);
    });
    return child;
  }

  #fail(error: Error): void {
    for (const { reject } of this.#forget()) reject(error);
  }

  /** The process, and what it was asked, which is returned. */
  #forget(): readonly Pending[] {
    const pending = this.#pending;
    this.#process = undefined;
    this.#pending = [];
    this.#chunks = [];
    this.#buffered = 0;
    this.#needed = 1;
    return pending;
  }

  #receive(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    if (this.#buffered < this.#needed) return;
    const data = Buffer.concat(this.#chunks);
    let offset = 0;
    this.#needed = 1;
    try {
      while (offset < data.length) {
        const used = this.#answer(data, offset);
        if (used === 0) break;
        offset += used;
      }
    } catch (error) {
      this.#process?.kill('SIGKILL');
      return this.#fail(asError(error));
    }
    this.#chunks = offset < data.length ? [data.subarray(offset)] : [];
    this.#buffered = data.length - offset;
  }

  /** Takes one whole answer at `offset`; 0 when more bytes must come first. */
  #answer(data: Buffer, offset: number): number {
    const end = data.indexOf(0x0a, offset);
    const next = this.#pending[0];
    if (end < 0) return 0;
    if (!next) throw new SourceError('GitFailed', 'git cat-file answered without being asked');
    const header = /^([0-9a-f]{40,64}) (blob|tree|commit|tag) (\d+)$/.exec(data.toString('latin1', offset, end));
    const line = end + 1 - offset;
    if (!header) {
      this.#pending.shift();
      next.resolve(undefined);
      return line;
    }
    const [, oid = '', type, digits] = header;
    const size = Number(digits);
    if (next.command === 'contents' && data.length < end + 1 + size + 1) {
      this.#needed = line + size + 1;
      return 0;
    }
    this.#pending.shift();
    const object = { oid, type: type as GitObject['type'], size };
    if (next.command === 'info') next.resolve(object);
    else next.resolve({ ...object, content: Buffer.from(data.subarray(end + 1, end + 1 + size)) });
    return next.command === 'info' ? line : line + size + 1;
  }
}
