import test from 'ava';
import { hasCapSysResource } from '#agents/node/containerd/capabilities.ts';
import { type ContainerdSettings, containerdConfig } from '#agents/node/containerd/config.ts';

const settings: ContainerdSettings = {
  root: '/data/containerd', state: '/run/x/containerd', socketPath: '/run/x/containerd.sock', pauseImage: 'headway.local/pause:1', snapshotter: 'overlayfs',
  restrictOomScoreAdj: true, runcRoot: '/run/x/runc', cniConfDir: '/data/network/conf', cniBinDir: '/usr/lib/cni',
};
const lines = (major: number): readonly string[] => containerdConfig(settings, major).split('\n').map((line) => line.trim());

test('containerd 1 has one CRI plugin', (t) => {
  const config = lines(1);
  t.is(config[0], 'version = 2');
  for (const line of ['[plugins."io.containerd.grpc.v1.cri"]', 'sandbox_image = "headway.local/pause:1"', 'restrict_oom_score_adj = true', 'stream_server_port = "0"',
    '[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]', 'Root = "/run/x/runc"', '[plugins."io.containerd.grpc.v1.cri".cni]', 'bin_dir = "/usr/lib/cni"']) t.true(config.includes(line), line);
});

test('containerd 2 splits it', (t) => {
  const config = lines(2);
  t.is(config[0], 'version = 3');
  for (const line of ['[plugins."io.containerd.cri.v1.images".pinned_images]', 'sandbox = "headway.local/pause:1"', '[plugins."io.containerd.cri.v1.runtime".cni]',
    '[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]', '[plugins."io.containerd.grpc.v1.cri"]']) t.true(config.includes(line), line);
});

test('the other snapshotters are off', (t) => {
  t.regex(containerdConfig(settings, 1), /disabled_plugins = .*snapshotter\.v1\.native"/);
  t.notRegex(containerdConfig(settings, 1), /disabled_plugins = .*snapshotter\.v1\.overlayfs"/);
});

test('the capability is read from the process status', (t) => {
  t.false(hasCapSysResource('CapEff:\t000001fffeffffff\n'));
  t.true(hasCapSysResource('CapEff:\t000001ffffffffff\n'));
});
