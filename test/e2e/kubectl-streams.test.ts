import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { TestHeadway } from '#test/support/headway.ts';
import { temporaryDirectory } from '#test/support/temporary-directory.ts';
import { waitFor } from '#test/support/wait.ts';

const headway = new TestHeadway();
const directory = temporaryDirectory('headway-streams');
/** Prints its name, then repeats what it is told; serves a page; has `tar` for `kubectl cp`. */
const POD = `
apiVersion: v1
kind: Pod
metadata: { name: streams, namespace: demo }
spec:
  terminationGracePeriodSeconds: 0
  volumes: [{ name: tools, emptyDir: {} }]
  containers:
    - name: echo
      image: headway.local/demo:1
      imagePullPolicy: IfNotPresent
      stdin: true
      command: [/bin/sh, -c, "echo begun; while read line; do echo heard $line; done"]
    - name: web
      image: headway.local/demo:1
      imagePullPolicy: IfNotPresent
      env: [{ name: PATH, value: "/bin:/tools" }]
      volumeMounts: [{ name: tools, mountPath: /tools }]
      command: [/bin/sh, -c, "busybox mkdir -p /tmp/www; busybox ln -s /bin/busybox /tools/tar; echo served > /tmp/www/index.html; exec busybox httpd -f -p 8080 -h /tmp/www"]
`;
/** kubectl speaks WebSocket by default, and SPDY when it is told to. */
const PROTOCOLS = { WebSocket: {}, SPDY: { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false', KUBECTL_PORT_FORWARD_WEBSOCKETS: 'false' } } as const;

test.before(async (t) => {
  t.timeout(120_000);
  await headway.up();
  writeFileSync(join(directory, 'pod.yaml'), POD);
  await headway.kubectl('apply', '-f', join(directory, 'pod.yaml'));
  await headway.kubectl('-n', 'demo', 'wait', '--for=condition=Ready', 'pod/streams', '--timeout=60s');
});
test.afterEach.always(async (t) => {
  if (!t.passed) t.log(await headway.describe());
});
test.after.always(async () => {
  rmSync(directory, { recursive: true, force: true });
  await headway.cleanUp();
});

interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  output(): string;
  /** Resolves to the exit code. */
  readonly exited: Promise<number | null>;
}

function kubectl(t: ExecutionContext, env: Readonly<Record<string, string>>, ...args: readonly string[]): Running {
  const child = spawn('kubectl', ['-n', 'demo', ...args], { env: { ...process.env, ...env, KUBECONFIG: join(headway.dataDir, 'kubeconfig'), HOME: headway.directory } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  t.teardown(async () => {
    if (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL')) await exited;
  });
  return { child, exited, output: () => output };
}

const says = (running: Running, pattern: RegExp): Promise<string> => waitFor(() => pattern.exec(running.output())?.[1] ?? (pattern.test(running.output()) && 'yes'), { what: `kubectl to say ${pattern}, not ${running.output()}`, timeoutMs: 20_000 });

for (const [protocol, env] of Object.entries(PROTOCOLS)) {
  test.serial(`exec over ${protocol}: input, output, errors and the exit code`, async (t) => {
    const { child, exited, output } = kubectl(t, env, 'exec', '-i', 'streams', '-c', 'web', '--', 'sh', '-c', 'read line; echo got $line; echo wrong >&2; exit 7');
    child.stdin.end('hello\n');
    t.is(await exited, 7);
    t.regex(output(), /got hello/);
    t.regex(output(), /wrong/);
  });

  test.serial(`exec over ${protocol}: a megabyte goes through unchanged, both ways`, async (t) => {
    const sent = 'x'.repeat(1023).concat('\n').repeat(1024);
    const { child, exited, output } = kubectl(t, env, 'exec', '-i', 'streams', '-c', 'web', '--', 'busybox', 'cat');
    child.stdin.end(sent);
    t.is(await exited, 0);
    t.true(output() === sent);
  });

  test.serial(`attach over ${protocol} speaks with the process of the container`, async (t) => {
    const attached = kubectl(t, env, 'attach', '-i', 'streams', '-c', 'echo');
    attached.child.stdin.write(`${protocol}\n`);
    await says(attached, new RegExp(`heard ${protocol}`));
    t.pass();
  });

  test.serial(`port-forward over ${protocol} reaches the container, again and again`, async (t) => {
    const forwarding = kubectl(t, env, 'port-forward', 'pod/streams', ':8080');
    const port = await says(forwarding, /Forwarding from 127\.0\.0\.1:(\d+)/);
    for (let i = 0; i < 3; i++) t.is((await (await fetch(`http://127.0.0.1:${port}/index.html`)).text()).trim(), 'served');
  });
}

test.serial('cp brings a file into a container and back', async (t) => {
  const file = join(directory, 'file.txt');
  writeFileSync(file, 'one\ntwo\n'.repeat(10_000));
  await headway.kubectl('-n', 'demo', 'cp', '-c', 'web', file, 'streams:/tmp/file.txt');
  await headway.kubectl('-n', 'demo', 'cp', '-c', 'web', 'streams:/tmp/file.txt', `${file}.back`);
  t.true(readFileSync(`${file}.back`).equals(readFileSync(file)));
});

test.serial('logs follow, begin where they are told to, and carry times', async (t) => {
  const followed = kubectl(t, {}, 'logs', '-f', 'streams', '-c', 'echo', '--tail=1');
  const attached = kubectl(t, {}, 'attach', '-i', 'streams', '-c', 'echo');
  attached.child.stdin.write('followed\n');
  await says(followed, /heard followed/);
  t.notRegex(followed.output(), /begun/);
  t.regex(await headway.kubectl('-n', 'demo', 'logs', 'streams', '-c', 'echo', '--timestamps'), /^\d{4}-\d\d-\d\dT[\d:.]+Z begun$/m);
  t.regex(await headway.kubectl('-n', 'demo', 'logs', 'streams', '-c', 'echo', '--limit-bytes=5'), /^begun$/);
});

test.serial('what has not started says why it gives no log and takes no command', async (t) => {
  await headway.kubectl('-n', 'demo', 'run', 'absent', '--image=headway.local/absent:1', '--image-pull-policy=Never');
  await headway.kubectl('-n', 'demo', 'wait', '--for=jsonpath={.status.containerStatuses[0].state.waiting.reason}=ErrImageNeverPull', 'pod/absent', '--timeout=30s');
  const told = async (...args: readonly string[]): Promise<string> => (await headway.tryKubectl('-n', 'demo', ...args)).stderr.trim();
  t.is(await told('logs', 'absent'), 'Error from server (BadRequest): container "absent" in pod "absent" is waiting to start: ErrImageNeverPull');
  t.is(await told('logs', 'streams', '-c', 'echo', '--previous'), 'Error from server (BadRequest): previous terminated container "echo" in pod "streams" not found');
  t.is(await told('exec', 'absent', '--', 'date'), 'error: unable to upgrade connection: container not found ("absent")');
});
