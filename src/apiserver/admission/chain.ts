import { andThen } from '#base/and-then.ts';
import type { KubeObject } from '#api/object.ts';
import type { Write } from '#store/object-store.ts';
import type { Environment } from '../environment.ts';
import type { AdmissionPlugin, AdmissionRequest } from './plugin.ts';
import { Reinvocation } from './reinvocation.ts';

const NOTHING: readonly Write[] = [];

type Changing = AdmissionPlugin & Required<Pick<AdmissionPlugin, 'mutate'>>;
type Checking = AdmissionPlugin & Required<Pick<AdmissionPlugin, 'validate'>>;
type Reserving = AdmissionPlugin & Required<Pick<AdmissionPlugin, 'reserve'>>;
type Changed = AdmissionRequest & { readonly object: KubeObject };

/** Runs the plugins in their order. There is a promise only when a plugin has to wait for something. */
export class AdmissionChain {
  readonly #changing: readonly Changing[];
  readonly #checking: readonly Checking[];
  readonly #reserving: readonly Reserving[];

  constructor(plugins: readonly AdmissionPlugin[]) {
    this.#changing = plugins.filter((plugin): plugin is Changing => plugin.mutate !== undefined);
    this.#checking = plugins.filter((plugin): plugin is Checking => plugin.validate !== undefined);
    this.#reserving = plugins.filter((plugin): plugin is Reserving => plugin.reserve !== undefined);
  }

  /** The object as the plugins want it. @throws StatusError */
  mutate(env: Environment, request: Changed): KubeObject | Promise<KubeObject> {
    let present = request;
    for (let i = 0; i < this.#changing.length; i++) {
      const plugin = this.#changing[i];
      if (!plugin?.handles(present, env)) continue;
      if (plugin.isReinvoked) return this.#mutateFrom(i, env, present);
      const object = plugin.mutate(present, env);
      if (object instanceof Promise) return object.then((changed) => this.#mutateFrom(i + 1, env, withObject(present, changed)));
      present = withObject(present, object);
    }
    return present.object;
  }

  async #mutateFrom(first: number, env: Environment, request: Changed): Promise<KubeObject> {
    let present = request;
    let reinvocation: Reinvocation | undefined;
    for (const plugin of this.#changing.slice(first)) {
      if (!plugin.handles(present, env)) continue;
      if (plugin.isReinvoked) reinvocation ??= new Reinvocation();
      present = withObject(present, await plugin.mutate(plugin.isReinvoked ? { ...present, reinvocation } : present, env));
    }
    return reinvocation?.isRequested ? this.#mutateAgain(env, present, reinvocation) : present.object;
  }

  async #mutateAgain(env: Environment, request: Changed, reinvocation: Reinvocation): Promise<KubeObject> {
    reinvocation.startSecond();
    let { object } = request;
    for (const plugin of this.#changing) {
      const present = { ...request, object, reinvocation };
      if (plugin.handles(present, env)) object = await plugin.mutate(present, env);
    }
    return object;
  }

  /** @throws StatusError */
  validate(env: Environment, request: AdmissionRequest): void | Promise<void> {
    return this.#validateFrom(0, env, request);
  }

  #validateFrom(first: number, env: Environment, request: AdmissionRequest): void | Promise<void> {
    for (let i = first; i < this.#checking.length; i++) {
      const plugin = this.#checking[i];
      const checked = plugin?.handles(request, env) ? plugin.validate(request, env) : undefined;
      if (checked instanceof Promise) return checked.then(() => this.#validateFrom(i + 1, env, request));
    }
  }

  /** Writes that belong to the request, such as what it takes of a quota. @throws StatusError */
  reserve(env: Environment, request: AdmissionRequest): readonly Write[] | Promise<readonly Write[]> {
    return request.context.dryRun ? NOTHING : this.#reserveFrom(0, env, request, NOTHING);
  }

  #reserveFrom(first: number, env: Environment, request: AdmissionRequest, writes: readonly Write[]): readonly Write[] | Promise<readonly Write[]> {
    for (let i = first; i < this.#reserving.length; i++) {
      const plugin = this.#reserving[i];
      if (plugin?.handles(request, env)) return andThen(plugin.reserve(request, env), (more) => this.#reserveFrom(i + 1, env, request, [...writes, ...more]));
    }
    return writes;
  }
}

const withObject = (request: Changed, object: KubeObject): Changed => (object === request.object ? request : { ...request, object });
