import type { Container, Pod, Secret } from '#api/generated/core/v1.ts';
import type { Clock } from '#base/clock.ts';
import { asError, HeadwayError } from '#base/errors.ts';
import type { ReferencedObjects } from '../containers/env.ts';
import { BackOff } from '../pods/back-off.ts';
import type { ContainerRuntime, RuntimeImage, SandboxConfig } from '../runtime/container-runtime.ts';

export type ImageFailure = 'ErrImageNeverPull' | 'ErrImagePull' | 'ImagePullBackOff' | 'InvalidImageName';

/** The image of a container cannot be had now. `reason` is that of the waiting state. */
export class ImageError extends HeadwayError<{ readonly image: string; readonly retryAt: number }> {
  readonly code = 'image';
  readonly isRetryable = true;
  readonly reason: ImageFailure;

  constructor(reason: ImageFailure, message: string, data: { readonly image: string; readonly retryAt: number }, options?: ErrorOptions) {
    super(message, data, options);
    this.reason = reason;
  }
}

export interface PullRequest {
  readonly pod: Pod;
  readonly container: Container;
  readonly sandbox: SandboxConfig;
  readonly onEvent: (type: 'Normal' | 'Warning', reason: string, message: string) => void;
}

export interface ImagePullerOptions {
  readonly runtime: ContainerRuntime;
  readonly objects: ReferencedObjects;
  readonly clock: Clock;
}

/** A name that is refused is looked at again after this: `Never` may be helped by an import on the node. */
const NEVER_RETRY_MS = 10_000;

/** Finds images on the node, or pulls them: one pull at a time for an image, whoever asks. */
export class ImagePuller {
  readonly #options: ImagePullerOptions;
  readonly #backOff: BackOff;
  readonly #pulls = new Map<string, Promise<string>>();
  readonly #failedAt = new Map<string, { readonly at: number; readonly message: string }>();

  constructor(options: ImagePullerOptions) {
    this.#options = options;
    this.#backOff = new BackOff(options.clock);
  }

  /** Throws {@link ImageError}. */
  async ensure(request: PullRequest): Promise<RuntimeImage> {
    const { container, onEvent } = request;
    const image = container.image ?? '';
    const policy = container.imagePullPolicy ?? (isLatest(image) ? 'Always' : 'IfNotPresent');
    if (image === '' || /\s|[A-Z][^/]*$/.test(image.split(/[:@]/)[0] ?? '')) {
      throw new ImageError('InvalidImageName', `Failed to apply default image tag "${image}": couldn't parse image name`, { image, retryAt: this.#options.clock.now() + NEVER_RETRY_MS });
    }
    const present = await this.#options.runtime.imageStatus(image);
    if (present && policy !== 'Always') {
      onEvent('Normal', 'Pulled', `Container image "${image}" already present on machine`);
      return present;
    }
    if (policy === 'Never') {
      const message = `Container image "${image}" is not present with pull policy of Never`;
      onEvent('Warning', 'ErrImageNeverPull', message);
      throw new ImageError('ErrImageNeverPull', message, { image, retryAt: this.#options.clock.now() + NEVER_RETRY_MS });
    }
    return this.#pull(request, image);
  }

  async #pull(request: PullRequest, image: string): Promise<RuntimeImage> {
    const { clock, runtime } = this.#options;
    const failed = this.#failedAt.get(image);
    const retryAt = failed ? this.#backOff.readyAt(image, failed.at) : 0;
    if (failed && retryAt > clock.now()) {
      request.onEvent('Normal', 'BackOff', `Back-off pulling image "${image}"`);
      throw new ImageError('ImagePullBackOff', `Back-off pulling image "${image}": ErrImagePull: ${failed.message}`, { image, retryAt });
    }
    request.onEvent('Normal', 'Pulling', `Pulling image "${image}"`);
    const startedAt = clock.monotonic();
    try {
      const id = await this.#pullOnce(request, image);
      this.#failedAt.delete(image);
      this.#backOff.forget(image);
      request.onEvent('Normal', 'Pulled', `Successfully pulled image "${image}" in ${Math.round(clock.monotonic() - startedAt)}ms`);
      return (await runtime.imageStatus(image)) ?? (await runtime.imageStatus(id)) ?? { id, names: [], digests: [], sizeBytes: 0, uid: 0, username: '' };
    } catch (thrown) {
      const { message } = asError(thrown);
      this.#backOff.next(image);
      this.#failedAt.set(image, { at: clock.now(), message });
      request.onEvent('Warning', 'Failed', `Failed to pull image "${image}": ${message}`);
      request.onEvent('Warning', 'Failed', 'Error: ErrImagePull');
      throw new ImageError('ErrImagePull', message, { image, retryAt: this.#backOff.readyAt(image, clock.now()) }, { cause: thrown });
    }
  }

  async #pullOnce(request: PullRequest, image: string): Promise<string> {
    const running = this.#pulls.get(image);
    if (running) return running;
    const auth = registryAuth(await this.#pullSecrets(request.pod), image);
    const pull = this.#options.runtime.pullImage(image, auth, request.sandbox);
    this.#pulls.set(image, pull);
    return pull.finally(() => this.#pulls.delete(image));
  }

  async #pullSecrets(pod: Pod): Promise<readonly Secret[]> {
    const named = await Promise.all((pod.spec.imagePullSecrets ?? []).map(({ name }) => this.#options.objects.secret(pod.metadata.namespace ?? '', name ?? '')));
    return named.filter((secret) => secret !== undefined);
  }
}

const isLatest = (image: string): boolean => !image.includes('@') && (image.endsWith(':latest') || !/:[^/]+$/.test(image));

/** The entry of a docker configuration that fits the image's registry. */
export function registryAuth(secrets: readonly Secret[], image: string): { readonly username: string; readonly password: string } | undefined {
  const first = image.split('/')[0] ?? '';
  const registry = image.includes('/') && /[.:]|^localhost$/.test(first) ? first : 'docker.io';
  for (const secret of secrets) {
    const json = secret.data?.['.dockerconfigjson'];
    if (!json) continue;
    const { auths = {} } = JSON.parse(Buffer.from(json, 'base64').toString('utf8')) as { auths?: Record<string, { auth?: string; username?: string; password?: string }> };
    for (const [server, entry] of Object.entries(auths)) {
      const host = server.replace(/^https?:\/\//, '').split('/')[0];
      if (host !== registry && !(registry === 'docker.io' && host === 'index.docker.io')) continue;
      const [username = '', ...rest] = Buffer.from(entry.auth ?? '', 'base64').toString('utf8').split(':');
      return { username: entry.username ?? username, password: entry.password ?? rest.join(':') };
    }
  }
  return undefined;
}
