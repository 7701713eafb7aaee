import { chmod, chown, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostPathVolumeSource, Pod, Volume } from '#api/generated/core/v1.ts';
import { parseQuantity, units } from '#api/quantity.ts';
import type { Clock } from '#base/clock.ts';
import { asError } from '#base/errors.ts';
import type { Logger } from '#base/logger.ts';
import { readMounts, unmountBelow } from '../cleanup/mounts.ts';
import { run } from '../system/run.ts';
import { writePayload } from './atomic-writer.ts';
import type { ObjectWatches } from './object-watches.ts';
import { isPayloadVolume, referencesOf, VolumeNotReady, volumeContent, type PayloadContext } from './payload.ts';

const REFRESH_RETRY_MS = 2000;

export interface PodVolumesOptions {
  /** Folder of this pod's volumes. */
  readonly directory: string;
  readonly watches: ObjectWatches;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The volumes of one pod: made before its first container, kept up to date while it runs, gone after it. */
export class PodVolumes {
  readonly #options: PodVolumesOptions;
  readonly #ends: (() => void)[] = [];
  readonly #timers = new Map<string, () => void>();
  #context: PayloadContext | undefined;
  #isFollowing = false;
  #isEnded = false;

  constructor(options: PodVolumesOptions) {
    this.#options = options;
  }

  /** Where containers find a volume on this node. */
  path(volume: Volume): string {
    return volume.hostPath ? volume.hostPath.path : join(this.#options.directory, volume.name);
  }

  /** Makes or repairs every volume; safe to repeat. Throws {@link VolumeNotReady}. */
  async setUp(context: PayloadContext): Promise<void> {
    this.#context = context;
    this.#isEnded = false;
    await Promise.all((context.pod.spec.volumes ?? []).map((volume) => this.#make(context, volume)));
    this.#follow(context.pod);
  }

  /** Content that depends on the pod itself (labels in a downward volume) follows it. */
  async refresh(context: PayloadContext): Promise<void> {
    if (!this.#isFollowing) return;
    this.#context = context;
    await Promise.all((context.pod.spec.volumes ?? []).filter(isPayloadVolume).map((volume) => this.#write(volume)));
  }

  /** Stops following and removes everything below the pod's folder; hostPath volumes are not ours to remove. */
  async tearDown(): Promise<void> {
    this.stopFollowing();
    await unmountBelow(this.#options.directory, this.#options.log);
    await rm(this.#options.directory, { recursive: true, force: true });
  }

  stopFollowing(): void {
    for (const end of this.#ends.splice(0)) end();
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    this.#isFollowing = false;
    this.#isEnded = true;
  }

  async #make(context: PayloadContext, volume: Volume): Promise<void> {
    if (isPayloadVolume(volume)) return this.#write(volume);
    if (volume.hostPath) return verifyHostPath(volume.name, volume.hostPath);
    if (volume.emptyDir) return makeEmptyDir(this.path(volume), volume, context.pod);
  }

  async #write(volume: Volume): Promise<void> {
    const context = this.#context;
    if (!context) return;
    const content = await volumeContent(context, volume);
    await writePayload(this.path(volume), content.files, context.pod.spec.securityContext?.fsGroup);
    if (content.refreshAt !== undefined) this.#schedule(volume, content.refreshAt - this.#options.clock.now());
  }

  #follow(pod: Pod): void {
    if (this.#isFollowing) return;
    this.#isFollowing = true;
    for (const volume of (pod.spec.volumes ?? []).filter(isPayloadVolume)) {
      for (const { kind, name } of referencesOf(volume)) {
        this.#ends.push(this.#options.watches.subscribe(kind, pod.metadata.namespace ?? '', name, () => this.#update(volume)));
      }
    }
  }

  #update(volume: Volume): void {
    this.#write(volume).catch((thrown: unknown) => {
      this.#options.log.warn('volume kept as it was', { volume: volume.name, error: asError(thrown) });
      if (this.#isFollowing) this.#schedule(volume, REFRESH_RETRY_MS);
    });
  }

  #schedule(volume: Volume, ms: number): void {
    // A write that was under way at the end must not bring the volume back an hour later.
    if (this.#isEnded) return;
    this.#timers.get(volume.name)?.();
    // setTimeout takes at most 24.8 days; an hour is soon enough to look again.
    this.#timers.set(volume.name, this.#options.clock.after(Math.min(Math.max(ms, 100), 3_600_000), () => this.#update(volume)));
  }
}

async function makeEmptyDir(path: string, volume: Volume, pod: Pod): Promise<void> {
  const isNew = (await mkdir(path, { recursive: true })) !== undefined;
  const { medium, sizeLimit } = volume.emptyDir ?? {};
  if (medium === 'Memory' && !readMounts().some((mount) => mount.path === path)) {
    const size = sizeLimit === undefined ? '' : `,size=${units(parseQuantity(sizeLimit))}`;
    await run('mount', ['-t', 'tmpfs', '-o', `mode=0777${size}`, 'tmpfs', path]);
  }
  if (!isNew) return;
  const group = pod.spec.securityContext?.fsGroup;
  if (group !== undefined) await chown(path, 0, group);
  // umask keeps mkdir from giving everyone write access.
  await chmod(path, group === undefined ? 0o777 : 0o2777);
}

async function verifyHostPath(volume: string, { path, type = '' }: HostPathVolumeSource): Promise<void> {
  if (type === '') return;
  if (type === 'DirectoryOrCreate') await mkdir(path, { recursive: true });
  const found = await stat(path).catch(() => undefined);
  if (type === 'FileOrCreate' && !found) return writeFile(path, '', { flag: 'a', mode: 0o644 });
  const checks: Readonly<Record<string, boolean | undefined>> = {
    Directory: found?.isDirectory(), DirectoryOrCreate: found?.isDirectory(), File: found?.isFile(), FileOrCreate: found?.isFile(),
    Socket: found?.isSocket(), CharDevice: found?.isCharacterDevice(), BlockDevice: found?.isBlockDevice(),
  };
  if (!checks[type]) throw new VolumeNotReady(`hostPath type check failed: ${path} is not a ${type}`, { volume });
}
