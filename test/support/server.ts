import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { freePort } from './free-port.ts';
import { exec, ROOT } from './headway.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { waitFor } from './wait.ts';

/** A freshly started Headway with simulated nodes, in a process and a data directory of its own. */
export interface Server {
  readonly url: string;
  readonly kubeconfig: string;
  readonly ca: string;
  /** Certificate and key of the administrator, in PEM. */
  readonly cert: string;
  readonly key: string;
  readonly dataDir: string;
  stop(): Promise<void>;
}

interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string } }[];
  readonly users: readonly { readonly user: { readonly 'client-certificate-data': string; readonly 'client-key-data': string } }[];
}

const NODES = 2;

export async function startServer(): Promise<Server> {
  const directory = temporaryDirectory('headway-server');
  const dataDir = join(directory, 'data');
  const [port, agentPort] = await Promise.all([freePort(), freePort()]);
  const child = spawn(join(ROOT, 'bin/headway'), ['up', '--nodes', `simulated:${NODES}`, '--data-dir', dataDir, '--port', String(port), '--agent-port', String(agentPort)], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const stop = async (): Promise<void> => {
    const reset = await exec(join(ROOT, 'bin/headway'), ['reset', '--data-dir', dataDir]);
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
    if (reset.code !== 0) throw new Error(`headway reset: ${reset.stderr}`);
  };
  try {
    await waitFor(() => {
      if (child.exitCode !== null) throw new Error(`headway up ended with ${child.exitCode}`);
      return output.includes('Try:');
    }, { what: 'headway up to print its table', timeoutMs: 60_000 });
    return { ...credentials(join(dataDir, 'kubeconfig')), dataDir, stop };
  } catch (cause) {
    await stop();
    throw new Error(`headway up did not come up:\n${output}`, { cause });
  }
}

function credentials(kubeconfig: string): Pick<Server, 'url' | 'kubeconfig' | 'ca' | 'cert' | 'key'> {
  const { clusters: [entry], users: [account] } = load(readFileSync(kubeconfig, 'utf8')) as Kubeconfig;
  if (!entry || !account) throw new Error(`${kubeconfig} has no cluster or no user`);
  const decode = (text: string): string => Buffer.from(text, 'base64').toString();
  return {
    url: entry.cluster.server, kubeconfig, ca: decode(entry.cluster['certificate-authority-data']),
    cert: decode(account.user['client-certificate-data']), key: decode(account.user['client-key-data']),
  };
}
