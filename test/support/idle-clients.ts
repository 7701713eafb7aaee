import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { HTTP2_START } from './raw-connection.ts';

interface Target {
  readonly port: number;
  readonly ca: string;
}

/** Connections that ask once and then stay, held by a process of their own: a server's descriptors and memory are its alone. Every other one speaks HTTP/2. */
export class IdleClients {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #answer: (answer: unknown) => void = () => undefined;

  constructor(target: Target) {
    this.#child = fork(import.meta.filename, [JSON.stringify(target)], { execArgv: ['--disable-warning=ExperimentalWarning'] });
    this.#child.on('message', (answer) => this.#answer(answer));
    this.#ended = once(this.#child, 'exit').then(() => this.#answer('ended'));
  }

  /** Resolves when each of so many more has its first answer. */
  async open(count: number): Promise<void> {
    if ((await this.#ask({ open: count })) !== 'opened') throw new Error('a connection was refused');
  }

  /** How many have not been cut off. */
  async alive(): Promise<number> {
    return Number(await this.#ask({}));
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  /** One question at a time. */
  #ask(question: { readonly open?: number }): Promise<unknown> {
    return new Promise((resolve) => {
      this.#answer = resolve;
      this.#child.send(question);
    });
  }
}

function serve({ port, ca }: Target): void {
  const sockets: TLSSocket[] = [];
  let session: Buffer | undefined;
  const open = (isHttp2: boolean): Promise<TLSSocket> => new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ca, ALPNProtocols: [isHttp2 ? 'h2' : 'http/1.1'], ...(session ? { session } : {}) }, () => {
      socket.on('error', () => undefined).once('data', () => resolve(socket));
      // Who never asks for anything over HTTP/1.1 is cut off after some seconds.
      socket.write(isHttp2 ? HTTP2_START : 'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n');
    });
    socket.once('error', reject);
  });
  process.on('message', ({ open: count }: { readonly open?: number }) => {
    if (count === undefined) return process.send?.(sockets.filter(({ destroyed }) => !destroyed).length);
    Promise.all(Array.from({ length: count }, (_, i) => open(i % 2 === 0))).then((opened) => {
      sockets.push(...opened);
      session ??= opened[0]?.getSession();
      process.send?.('opened');
    }, () => process.send?.('refused'));
  });
}

if (process.send && process.argv[1] === import.meta.filename) serve(JSON.parse(process.argv[2] ?? '') as Target);
