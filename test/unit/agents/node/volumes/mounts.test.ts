import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Pod } from '#api/generated/core/v1.ts';
import type { PodPaths } from '#agents/node/pods/pod-paths.ts';
import { containerMounts } from '#agents/node/volumes/mounts.ts';
import type { PodVolumes } from '#agents/node/volumes/pod-volumes.ts';

async function folder(t: ExecutionContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'headway-mounts-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

async function hostPathOf(volume: string, subPath: string): Promise<string | undefined> {
  const container = { name: 'c', image: 'i', volumeMounts: [{ name: 'v', mountPath: '/data', subPath }] };
  const pod: Pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [container], volumes: [{ name: 'v', emptyDir: {} }] } };
  const paths = { etcHosts: '/hosts', terminationMessage: () => '/message' } as unknown as PodPaths;
  const volumes = { path: () => volume } as unknown as PodVolumes;
  const mounts = await containerMounts({ pod, container, attempt: 0, env: new Map(), volumes, paths });
  return mounts.find((m) => m.containerPath === '/data')?.hostPath;
}

test('a subPath that is absent is made; a file stays what it is', async (t) => {
  const volume = await folder(t);
  await writeFile(join(volume, 'file'), '');
  t.is(await hostPathOf(volume, 'a/b'), join(volume, 'a/b'));
  t.true(existsSync(join(volume, 'a/b')));
  t.is(await hostPathOf(volume, 'file'), join(volume, 'file'));
});

test('a volume that is absent is made for its subPath', async (t) => {
  const volume = join(await folder(t), 'deep/new');
  t.is(await hostPathOf(volume, 'a'), join(volume, 'a'));
});

test('a link inside the volume is followed', async (t) => {
  const volume = await folder(t);
  await mkdir(join(volume, 'real'));
  await symlink('real', join(volume, 'link'));
  t.is(await hostPathOf(volume, 'link/x'), join(volume, 'real/x'));
});

for (const subPath of ['../x', 'a/../../x', '/etc']) {
  test(`subPath ${subPath} is refused`, async (t) => {
    await t.throwsAsync(hostPathOf(await folder(t), subPath), { code: 'container-config' });
  });
}

test('nothing is made through a link that leads out of the volume', async (t) => {
  const [volume, outside] = [await folder(t), await folder(t)];
  await symlink(outside, join(volume, 'link'));
  await t.throwsAsync(hostPathOf(volume, 'link/made'), { code: 'container-config', message: /leaves its volume/ });
  t.false(existsSync(join(outside, 'made')));
});
