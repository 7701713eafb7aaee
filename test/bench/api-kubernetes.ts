import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { freePort } from '#test/support/free-port.ts';
import { Client, type Target } from './api-client.ts';

const TOKEN = 'bench';
const START_LIMIT_MS = 60_000;

/** Kubernetes' generic API server on etcd, as `kubernetes/build.sh` builds it, on empty data. */
export class Kubernetes {
  readonly target: Target;
  readonly #children: readonly ChildProcess[];
  readonly #directory: string;

  private constructor(target: Target, children: readonly ChildProcess[], directory: string) {
    this.target = target;
    this.#children = children;
    this.#directory = directory;
  }

  /** @throws Error if it does not answer within a minute, with what it said */
  static async start(built: string): Promise<Kubernetes> {
    const directory = await mkdtemp(join(tmpdir(), 'headway-bench-kubernetes-'));
    const [port, etcd, peer] = await Promise.all([freePort(), freePort(), freePort()]);
    const [etcdUrl, peerUrl] = [`http://127.0.0.1:${etcd}`, `http://127.0.0.1:${peer}`];
    await writeFile(join(directory, 'tokens.csv'), `${TOKEN},bench,1,"system:masters"\n`);
    const log = await open(join(directory, 'log'), 'a');
    const run = (program: string, args: readonly string[]): ChildProcess => spawn(join(built, program), args, { cwd: directory, stdio: ['ignore', log.fd, log.fd] });
    const children = [
      run('etcd', ['--data-dir', 'etcd', '--listen-client-urls', etcdUrl, '--advertise-client-urls', etcdUrl, '--listen-peer-urls', peerUrl]),
      run('server', ['--port', `${port}`, '--etcd', etcdUrl, '--tokens', 'tokens.csv', '--certificates', 'certificates']),
    ];
    await log.close();
    const kubernetes = new Kubernetes({ url: `https://127.0.0.1:${port}`, token: TOKEN }, children, directory);
    try {
      await kubernetes.#untilItAnswers();
    } catch (error) {
      const said = await readFile(join(directory, 'log'), 'utf8');
      await kubernetes.stop();
      throw new Error(`Kubernetes did not start: ${said.slice(-2_000)}`, { cause: error });
    }
    return kubernetes;
  }

  async #untilItAnswers(): Promise<void> {
    for (const end = performance.now() + START_LIMIT_MS; ; await setTimeout(200)) {
      try {
        const client = await Client.open(this.target);
        await client.send('GET', '/api/v1/namespaces/default').finally(() => client.close());
        return;
      } catch (error) {
        if (performance.now() > end) throw error;
      }
    }
  }

  async stop(): Promise<void> {
    for (const child of this.#children.filter((c) => c.pid !== undefined && c.exitCode === null && c.signalCode === null)) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await rm(this.#directory, { recursive: true, force: true });
  }
}
