import { join } from 'node:path';
import type { Instance } from '#base/instance.ts';

/** Where the instance's containerd keeps its things. */
export function containerdPaths(instance: Instance) {
  const state = join(instance.runDir, 'containerd');
  return {
    root: join(instance.dataDir, 'containerd'),
    state,
    configFile: join(instance.dataDir, 'containerd', 'config.toml'),
    socketPath: join(instance.runDir, 'containerd.sock'),
    /** Which process runs, and with which settings. */
    recordFile: join(instance.runDir, 'containerd.json'),
    runcRoot: join(instance.runDir, 'runc'),
    /** One folder a sandbox, named by its id. */
    sandboxes: join(instance.dataDir, 'containerd', 'io.containerd.grpc.v1.cri', 'sandboxes'),
    /** `<namespace>/<id>/`: a task, with its shim's `address`. */
    tasks: join(state, 'io.containerd.runtime.v2.task'),
    logDir: join(instance.dataDir, 'logs'),
    logFile: join(instance.dataDir, 'logs', 'containerd.log'),
  };
}
