import type { KubeObject } from '#api/object.ts';
import type { Write } from '#store/object-store.ts';
import type { Environment } from '../environment.ts';
import type { AdmissionPlugin, AdmissionRequest } from './plugin.ts';
import { Reinvocation } from './reinvocation.ts';

const NOTHING: readonly Write[] = [];

/** Runs the plugins in their order. Requests that no plugin handles cost no promise. */
export class AdmissionChain {
  readonly #plugins: readonly AdmissionPlugin[];

  constructor(plugins: readonly AdmissionPlugin[]) {
    this.#plugins = plugins;
  }

  /** The object as the plugins want it. @throws StatusError */
  async mutate(env: Environment, request: AdmissionRequest & { readonly object: KubeObject }): Promise<KubeObject> {
    let { object } = request;
    let reinvocation: Reinvocation | undefined;
    for (const plugin of this.#plugins) {
      const present = object === request.object ? request : { ...request, object };
      if (!plugin.mutate || !plugin.handles(present, env)) continue;
      if (plugin.isReinvoked) reinvocation ??= new Reinvocation();
      object = await plugin.mutate(plugin.isReinvoked ? { ...present, reinvocation } : present, env);
    }
    return reinvocation?.isRequested ? this.#mutateAgain(env, { ...request, object }, reinvocation) : object;
  }

  async #mutateAgain(env: Environment, request: AdmissionRequest & { readonly object: KubeObject }, reinvocation: Reinvocation): Promise<KubeObject> {
    reinvocation.startSecond();
    let { object } = request;
    for (const plugin of this.#plugins) {
      const present = { ...request, object, reinvocation };
      if (plugin.mutate && plugin.handles(present, env)) object = await plugin.mutate(present, env);
    }
    return object;
  }

  /** @throws StatusError */
  async validate(env: Environment, request: AdmissionRequest): Promise<void> {
    for (const plugin of this.#plugins) {
      if (plugin.validate && plugin.handles(request, env)) await plugin.validate(request, env);
    }
  }

  /** Writes that belong to the request, such as what it takes of a quota. @throws StatusError */
  async reserve(env: Environment, request: AdmissionRequest): Promise<readonly Write[]> {
    if (request.context.dryRun) return NOTHING;
    let writes = NOTHING;
    for (const plugin of this.#plugins) {
      if (plugin.reserve && plugin.handles(request, env)) writes = [...writes, ...(await plugin.reserve(request, env))];
    }
    return writes;
  }
}
