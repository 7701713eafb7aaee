import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from '#test/support/free-port.ts';
import { waitFor } from '#test/support/wait.ts';
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

  /** @throws Error if it was not built, or does not answer within a minute, with what it said */
  static async start(folder: string): Promise<Kubernetes> {
    const built = resolve(folder);
    const required = ['etcd', 'server'].map((program) => join(built, program));
    await Promise.all(required.map((program) => access(program))).catch((cause: unknown) => {
      throw new Error(`there is no Kubernetes in ${built}; test/bench/kubernetes/build.sh ${built} builds it`, { cause });
    });
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
      await waitFor(() => kubernetes.#answers(), { timeoutMs: START_LIMIT_MS, intervalMs: 200, what: 'the API server of Kubernetes to answer' });
    } catch (error) {
      const said = await readFile(join(directory, 'log'), 'utf8');
      await kubernetes.stop();
      throw new Error(`Kubernetes did not start: ${said.slice(-2_000)}`, { cause: error });
    }
    return kubernetes;
  }

  async #answers(): Promise<true> {
    const client = await Client.open(this.target);
    await client.send('GET', '/api/v1/namespaces/default').finally(() => client.close());
    return true;
  }

  async stop(): Promise<void> {
    for (const child of this.#children.filter((c) => c.pid !== undefined && c.exitCode === null && c.signalCode === null)) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await rm(this.#directory, { recursive: true, force: true });
  }
}
