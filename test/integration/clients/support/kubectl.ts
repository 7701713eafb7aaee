import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { packagedClient, packagedClientsMissing } from '#test/support/client-binaries.ts';
import { type Server, startServer } from '#test/support/server.ts';
import { temporaryDirectory } from '#test/support/temporary-directory.ts';
import { Session } from './session.ts';

interface Client {
  readonly version: string;
  readonly program: () => string;
  readonly missing?: string | undefined;
}

const CLIENTS: readonly Client[] = [
  { version: '1.32', program: () => 'kubectl' },
  { version: '1.35', program: () => packagedClient('kubectl'), missing: packagedClientsMissing },
];
const TIMEOUT_MS = 120_000;
/** One server for all tests of a file, started with the first. */
let running: Promise<Server> | undefined;
test.after.always(async () => {
  await (await running)?.stop();
});

export const runningServer = (): Promise<Server> => (running ??= startServer());

/** A client's session in a new namespace. */
export async function openSession(t: ExecutionContext, program: string, namespace: string): Promise<Session> {
  const server = await runningServer();
  const directory = temporaryDirectory('headway-client');
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  mkdirSync(join(directory, '.kube'));
  writeFileSync(join(directory, 'kubeconfig'), readFileSync(server.kubeconfig));
  const session = new Session({ t, program, directory, namespace });
  const admin = new Session({ t, program: 'kubectl', directory, namespace });
  await admin.output('create namespace $ns');
  await admin.output('config set-context --current --namespace=$ns');
  // What controllers put into every namespace.
  await admin.output('wait --for=create serviceaccount/default configmap/kube-root-ca.crt --timeout=30s');
  return session;
}

/** Registers a test once for each version of kubectl. */
export function kubectlTest(title: string, run: (session: Session) => Promise<void>): void {
  for (const { version, program, missing } of CLIENTS) {
    const name = `kubectl ${version}: ${title}`;
    if (missing !== undefined) {
      test.skip(`${name} (${missing})`, () => undefined);
      continue;
    }
    test(name, async (t) => {
      t.timeout(TIMEOUT_MS);
      await run(await openSession(t, program(), `${title.replaceAll(/[^a-z]+/g, '-').slice(0, 30)}-${version.replace('.', '')}`));
    });
  }
}
