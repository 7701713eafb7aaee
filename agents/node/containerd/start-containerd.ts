import { mkdirSync, openSync, closeSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { type Clock, systemClock } from '#base/clock.ts';
import { HeadwayError } from '#base/errors.ts';
import type { Instance } from '#base/instance.ts';
import type { Logger } from '#base/logger.ts';
import { replaceFileSync } from '#base/replace-file.ts';
import { PAUSE_IMAGE } from '../images/pause-image.ts';
import { podNetworkPaths } from '../network/paths.ts';
import { systemEnvironment } from '../system/environment.ts';
import { type ProcessIdentity, identify, isRunning, terminate } from '../system/process.ts';
import { CNI_BIN_DIRS, containerdMajor, findCniBinDir, hasCapSysResource, worksOverlay } from './capabilities.ts';
import { type ContainerdSettings, containerdConfig } from './config.ts';
import { waitForCri } from './cri-probe.ts';
import { containerdPaths } from './paths.ts';

export interface ContainerdOptions {
  readonly instance: Instance;
  /** Default `containerd` on the PATH. */
  readonly binary?: string | undefined;
  /** The sandbox image; default the one that Headway builds. */
  readonly pauseImage?: string | undefined;
  /** Default the folder that `ensurePodNetwork` writes to. */
  readonly cniConfDir?: string | undefined;
  /** Searched in order for the CNI plugins; default Debian's folder, then upstream's. */
  readonly cniBinDirs?: readonly string[] | undefined;
  readonly clock?: Clock | undefined;
  readonly log: Logger;
}

export interface Containerd {
  readonly socketPath: string;
  readonly pid: number;
  readonly snapshotter: ContainerdSettings['snapshotter'];
  /** Whether it already ran before, started by an earlier process of ours. */
  readonly isAdopted: boolean;
  /** Ends the daemon. Containers go on: their shims are processes of their own. */
  stop(): Promise<void>;
  /** Resolves when the daemon has ended, for whatever reason. */
  readonly exited: Promise<void>;
}

/** containerd ended or never answered after its start; its log says why. */
export class ContainerdFailed extends HeadwayError<{ readonly logFile: string; readonly lastLines: string }> {
  readonly code = 'containerd-failed';
  readonly isRetryable = true;
}

const START_TIMEOUT_MS = 15_000;
const STOP_GRACE_MS = 5000;
/** How often the end of an adopted daemon is looked for: it is no child, so the kernel does not tell. */
const EXIT_POLL_MS = 200;
/** A smaller heap for some more collections: a daemon that waits most of the time loses nothing. Measured: 2 of 42 MB. */
const GO_ENVIRONMENT = { GOGC: '40', GOMAXPROCS: '2' };

export interface DaemonRecord extends ProcessIdentity {
  readonly snapshotter: ContainerdSettings['snapshotter'];
  readonly settings: string;
}

/**
 * Starts this instance's containerd, in a session of its own, and resolves when its CRI plugin answers. One that runs already
 * with the same settings is adopted; with others it is replaced. Shims are never touched.
 * Throws {@link ContainerdFailed}, CniPluginsMissing, CommandFailed.
 */
export async function startContainerd(options: ContainerdOptions): Promise<Containerd> {
  const clock = options.clock ?? systemClock;
  const paths = containerdPaths(options.instance);
  const wanted = JSON.stringify([options.binary, options.pauseImage, options.cniConfDir, options.cniBinDirs]);
  const previous = readRecord(paths.recordFile);
  if (previous && isRunning(previous)) {
    if (previous.settings === wanted && (await waitForCri(paths.socketPath, clock, START_TIMEOUT_MS, () => !isRunning(previous)))) {
      options.log.info('Adopted the running containerd', { pid: previous.pid });
      return handle(previous, true, watchForeign(previous, clock), options);
    }
    await terminate(previous, clock, STOP_GRACE_MS);
  }
  return launch(options, wanted, clock);
}

async function launch(options: ContainerdOptions, settings: string, clock: Clock): Promise<Containerd> {
  const paths = containerdPaths(options.instance);
  const binary = options.binary ?? 'containerd';
  for (const directory of [paths.root, paths.state, paths.logDir]) mkdirSync(directory, { recursive: true, mode: 0o711 });
  const [major, overlay] = await Promise.all([containerdMajor(binary), worksOverlay(paths.root)]);
  const snapshotter = overlay ? 'overlayfs' : 'native';
  const cniBinDir = findCniBinDir(options.cniBinDirs ?? CNI_BIN_DIRS);
  writeFileSync(paths.configFile, containerdConfig({
    root: paths.root, state: paths.state, socketPath: paths.socketPath, runcRoot: paths.runcRoot,
    pauseImage: options.pauseImage ?? PAUSE_IMAGE, cniConfDir: options.cniConfDir ?? podNetworkPaths(options.instance).cniConfDir, snapshotter, restrictOomScoreAdj: !hasCapSysResource(), cniBinDir,
  }, major), { mode: 0o600 });
  rmSync(paths.socketPath, { force: true });
  const child = spawnDaemon(binary, paths.configFile, paths.logFile);
  await child.started;
  const identity = identify(child.pid);
  if (!identity) throw failure(paths.logFile, 'ended at once');
  const record: DaemonRecord = { ...identity, snapshotter, settings };
  replaceFileSync(paths.recordFile, JSON.stringify(record));
  if (!(await waitForCri(paths.socketPath, clock, START_TIMEOUT_MS, () => !isRunning(identity)))) {
    const reason = isRunning(identity) ? `did not answer within ${START_TIMEOUT_MS} ms` : 'ended during its start';
    await terminate(identity, clock, STOP_GRACE_MS);
    throw failure(paths.logFile, reason);
  }
  options.log.info('Started containerd', { pid: child.pid, snapshotter });
  return handle(record, false, child.exited, options);
}

function spawnDaemon(binary: string, configFile: string, logFile: string) {
  const log = openSync(logFile, 'a', 0o600);
  // Detached: a Ctrl-C on the terminal goes to its foreground process group, and must not reach the daemon.
  const child = spawn(binary, ['--config', configFile], { detached: true, stdio: ['ignore', log, log], env: { ...systemEnvironment(), ...GO_ENVIRONMENT } });
  closeSync(log);
  child.unref();
  const started = new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()).once('error', () => resolve()));
  return { get pid() { return child.pid ?? 0; }, started, exited };
}

function handle(record: DaemonRecord, isAdopted: boolean, exited: Promise<void>, options: ContainerdOptions): Containerd {
  const paths = containerdPaths(options.instance);
  return {
    socketPath: paths.socketPath, pid: record.pid, snapshotter: record.snapshotter, isAdopted, exited,
    stop: async () => {
      await terminate(record, options.clock ?? systemClock, STOP_GRACE_MS);
      rmSync(paths.recordFile, { force: true });
    },
  };
}

function watchForeign(target: ProcessIdentity, clock: Clock): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = (): void => {
    if (isRunning(target)) clock.after(EXIT_POLL_MS, look);
    else resolve();
  };
  look();
  return promise;
}

/** What is known of the daemon that was started last; undefined when there is no such file, or a crash left half of one. */
export function readRecord(recordFile: string): DaemonRecord | undefined {
  try {
    return JSON.parse(readFileSync(recordFile, 'utf8')) as DaemonRecord;
  } catch {
    return undefined;
  }
}

function failure(logFile: string, reason: string): ContainerdFailed {
  const lastLines = readFileSync(logFile, 'utf8').trim().split('\n').slice(-5).join('\n');
  return new ContainerdFailed(`containerd ${reason}, see ${logFile}: ${lastLines}`, { logFile, lastLines });
}
