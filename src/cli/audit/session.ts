import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import type { Application } from '#api/headway/v1/types.ts';
import type { KubeObject } from '#api/object.ts';
import { APPLICATIONS, REPOSITORIES } from '#api/resources.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { isStatus } from '#api/status-error.ts';
import type { Target } from '#client/client.ts';
import { ROOT_NAMESPACE } from '#sync/bootstrap.ts';
import { openCheckout, type Checkout } from '#sync/audit/checkout.ts';
import { UsageError } from '../usage-error.ts';
import { chartCredentials } from './chart-credentials.ts';
import { connectToCluster, type Cluster, type ClusterFlags } from './cluster.ts';
import { discoverKinds, findKind } from './kinds.ts';

/** Of every command that reads a cluster and its Git history. */
export interface AuditFlags extends ClusterFlags {
  readonly namespace?: string;
  /** A clone to read instead of the Repository's own place. */
  readonly repo?: string;
}

export interface NamedObject {
  readonly resource: ResourceType;
  readonly target: Target;
}

/** The cluster and the repositories behind its Applications, for one command. */
export class AuditSession {
  readonly cluster: Cluster;
  readonly #flags: AuditFlags;
  readonly #open: Checkout[] = [];
  #hasAllKinds = false;

  constructor(flags: AuditFlags, command: string) {
    this.#flags = flags;
    this.cluster = connectToCluster(flags, `headway-${command}`);
  }

  /** `KIND/NAME`. @throws UsageError for a kind that the server does not have */
  async named(text: string): Promise<NamedObject> {
    const slash = text.indexOf('/');
    const [kind, name] = [text.slice(0, slash), text.slice(slash + 1)];
    if (slash < 1 || name === '') throw new UsageError(`${JSON.stringify(text)} names no object; write KIND/NAME, such as deploy/web`);
    const known = findKind(this.cluster.scheme, kind) ?? (await this.allKinds(), findKind(this.cluster.scheme, kind));
    if (!known) throw new UsageError(`the server doesn't have a resource type ${JSON.stringify(kind)}`);
    return { resource: known, target: { name, ...(known.namespaced ? { namespace: this.#flags.namespace ?? this.cluster.namespace } : {}) } };
  }

  /** Custom kinds become known to the scheme. */
  async allKinds(): Promise<void> {
    if (this.#hasAllKinds) return;
    this.#hasAllKinds = true;
    await discoverKinds(this.cluster.client, this.cluster.scheme);
  }

  /** Undefined when there is none of that name. */
  async find<T extends KubeObject>(resource: ResourceType<T>, target: Target): Promise<T | undefined> {
    try {
      return await this.cluster.client.get(resource, target);
    } catch (error) {
      if (isStatus(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  /** `NAMESPACE/NAME`, or `NAME` in a namespace, by default headway-system. @throws UsageError when there is none */
  async application(text: string, namespace: string = ROOT_NAMESPACE): Promise<Application> {
    const [first = '', second] = text.split('/');
    const target = second === undefined ? { namespace, name: first } : { namespace: first, name: second };
    const found = await this.find(APPLICATIONS, target);
    if (found) return found;
    throw new UsageError(`there is no Application ${target.namespace}/${target.name}; "kubectl get applications -A" lists them`);
  }

  async applications(): Promise<readonly Application[]> {
    return (await this.cluster.client.list(APPLICATIONS)).items;
  }

  /** The application's repository. @throws UsageError, SourceError */
  async checkout({ metadata, spec }: Pick<Application, 'metadata' | 'spec'>, options: { readonly enough?: string | undefined } = {}): Promise<Checkout> {
    const { namespace } = metadata;
    const repository = await this.find(REPOSITORIES, { namespace, name: spec.repository });
    if (!repository) throw new UsageError(`Application ${namespace}/${metadata.name} names Repository ${spec.repository}, which does not exist`);
    const checkout = await openCheckout({
      spec: repository.spec, instead: this.#flags.repo === undefined ? undefined : resolve(this.#flags.repo), cacheDir: join(await cacheDirectory(), 'git'), gitBinary: 'git', enough: options.enough,
      ...(repository.spec.chart ? { version: repository.status?.resolvedRef, credentials: () => chartCredentials(this.cluster.client, repository) } : {}),
    });
    this.#open.push(checkout);
    if (checkout.problem) process.stderr.write(`headway: the repository could not be fetched, what was fetched before is read: ${checkout.problem.message}\n`);
    return checkout;
  }

  close(): void {
    for (const checkout of this.#open) checkout.close();
    this.cluster.close();
  }
}

/** Runs a command with a session that is closed however it ends. */
export async function withSession<R>(flags: AuditFlags, command: string, run: (session: AuditSession) => Promise<R>): Promise<R> {
  const session = new AuditSession(flags, command);
  try {
    return await run(session);
  } finally {
    session.close();
  }
}

/** The XDG base directory specification: a relative path is invalid and to be ignored. */
export async function cacheDirectory(): Promise<string> {
  const given = process.env['XDG_CACHE_HOME'];
  const directory = join(given && isAbsolute(given) ? given : join(homedir(), '.cache'), 'headway');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  return directory;
}
