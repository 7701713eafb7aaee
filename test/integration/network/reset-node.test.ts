import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { credentials } from '@grpc/grpc-js';
import test from 'ava';
import { resetNode } from '#agents/node/cleanup/reset-node.ts';
import { readMounts } from '#agents/node/cleanup/mounts.ts';
import { cgroupFolders } from '#agents/node/cleanup/cgroups.ts';
import { containerdPaths } from '#agents/node/containerd/paths.ts';
import { type Containerd, startContainerd } from '#agents/node/containerd/start-containerd.ts';
import { readImageFile } from '#agents/node/images/image-file.ts';
import { importImages } from '#agents/node/images/import-images.ts';
import { buildOciArchive } from '#agents/node/images/oci-archive.ts';
import { PAUSE_IMAGE, buildPauseImage } from '#agents/node/images/pause-image.ts';
import { ensurePodNetwork } from '#agents/node/network/ensure-pod-network.ts';
import { RunPodSandboxRequest, RuntimeServiceClient } from '#agents/node/runtime/generated/cri.ts';
import { allPids, commandLine, identify, isRunning } from '#agents/node/system/process.ts';
import { run } from '#agents/node/system/run.ts';
import { parseBody } from '#api/parse.ts';
import { systemClock } from '#base/clock.ts';
import { type Instance, instanceOf } from '#base/instance.ts';
import { silentLogger as log } from '#base/logger.ts';
import { temporaryDirectory } from '#test/support/temporary-directory.ts';

const RESULT_CACHE = '/var/lib/cni/results';
const DEMO_IMAGE = join(import.meta.dirname, '../../../clusters/demo/images/demo/image.yaml');

async function startNode(dataDir: string) {
  const instance = instanceOf(dataDir);
  const options = { instance, log };
  const containerd = await startContainerd(options);
  const demo = buildOciArchive(await readImageFile(parseBody(readFileSync(DEMO_IMAGE), 'application/yaml').value));
  await importImages({ images: [buildPauseImage(), demo], socketPath: containerd.socketPath, snapshotter: containerd.snapshotter, clock: systemClock, log });
  return { instance, options, containerd };
}

/** A pod as the kubelet would start it, with its network. Resolves to its id. */
async function runSandbox(instance: Instance, { socketPath }: Containerd): Promise<string> {
  const client = new RuntimeServiceClient(`unix://${socketPath}`, credentials.createInsecure());
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const config = {
    metadata: { name: 'a', uid: 'uid-a', namespace: 'demo', attempt: 0 }, hostname: 'a', logDirectory: join(instance.dataDir, 'logs'),
    linux: { cgroupParent: `/${instance.cgroupRoot}/poduid-a`, securityContext: { namespaceOptions: {} } },
  };
  client.runPodSandbox(RunPodSandboxRequest.fromPartial({ config }), (error, response) => (error ? reject(error) : resolve(response.podSandboxId)));
  return promise.finally(() => client.close());
}

const runContainer = (instance: Instance, { socketPath, snapshotter }: Containerd): Promise<string> =>
  run('ctr', [
    '-a', socketPath, '-n', 'k8s.io', 'run', '-d', '--null-io', '--snapshotter', snapshotter, '--runc-root', containerdPaths(instance).runcRoot,
    '--cgroup', `/${instance.cgroupRoot}/pod1/c1`, PAUSE_IMAGE, 'c1',
  ]);

const shims = (socketPath: string): readonly number[] => allPids().filter((pid) => commandLine(pid).includes(socketPath) && commandLine(pid)[0]?.includes('shim'));

test('a reset leaves no process, mount, link, table, cgroup or file; twice is as good as once', async (t) => {
  const dataDir = temporaryDirectory('headway-reset');
  const { instance, containerd } = await startNode(dataDir);
  t.teardown(async () => {
    await resetNode(instance, log);
    rmSync(dataDir, { recursive: true, force: true });
  });
  await ensurePodNetwork({ instance, podCidr: '10.233.7.0/24', serviceCidr: '10.234.7.0/24', log });
  const sandbox = await runSandbox(instance, containerd);
  t.is(shims(containerd.socketPath).length, 1);
  t.true(cgroupFolders(instance.cgroupRoot).length > 0);

  await resetNode(instance, log);
  await resetNode(instance, log);

  t.deepEqual(allPids().filter((pid) => commandLine(pid).some((arg) => arg.includes(instance.runDir) || arg.includes(dataDir))), []);
  t.deepEqual(readMounts().filter(({ path }) => path.startsWith(dataDir) || path.startsWith(instance.runDir)), []);
  t.notRegex(await run('ip', ['link']), new RegExp(instance.bridge));
  t.notRegex(await run('nft', ['list', 'tables']), new RegExp(instance.nftTable));
  t.deepEqual(cgroupFolders(instance.cgroupRoot), []);
  t.deepEqual(existsSync(RESULT_CACHE) ? readdirSync(RESULT_CACHE).filter((name) => name.includes(sandbox)) : [], []);
  t.false(existsSync(instance.runDir));
  t.deepEqual(readdirSync(dataDir).flatMap((name) => (name === 'logs' ? readdirSync(join(dataDir, name)) : [name])), []);
});

test('containers outlive containerd, and a running containerd is adopted', async (t) => {
  const dataDir = temporaryDirectory('headway-containerd');
  const { instance, options, containerd } = await startNode(dataDir);
  t.teardown(async () => {
    await resetNode(instance, log);
    rmSync(dataDir, { recursive: true, force: true });
  });
  await runContainer(instance, containerd);
  const [shim] = shims(containerd.socketPath).map(identify);

  const adopted = await startContainerd(options);
  t.true(adopted.isAdopted);
  t.is(adopted.pid, containerd.pid);

  await containerd.stop();
  await Promise.all([containerd.exited, adopted.exited]);
  t.true(shim && isRunning(shim));
  const next = await startContainerd(options);
  t.false(next.isAdopted);
  t.regex(await run('ctr', ['-a', next.socketPath, '-n', 'k8s.io', 'images', 'list', '-q']), /headway\.local\/demo:1/);
  t.regex(await run('ctr', ['-a', next.socketPath, '-n', 'k8s.io', 'tasks', 'list']), /c1\s+\d+\s+RUNNING/);
});
