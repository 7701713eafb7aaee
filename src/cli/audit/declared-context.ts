import type { Application } from '#api/headway/v1/types.ts';
import { joinKey, keyOf } from '#api/object.ts';
import { APPLICATIONS } from '#api/resources.ts';
import { applicationInTime } from '#sync/audit/application-at.ts';
import { applicationOf } from '#sync/audit/application-of.ts';
import type { Checkout } from '#sync/audit/checkout.ts';
import type { DeclaredContext } from '#sync/audit/declared.ts';
import type { UnitRendering } from '#sync/render/unit-rendering.ts';
import type { AuditSession } from './session.ts';

export interface DeclaringRepository {
  readonly checkout: Checkout;
  readonly units: UnitRendering;
  /** Of the command: Applications that declare others, by `<namespace>/<name>`. */
  readonly parents: Map<string, DeclaredContext>;
}

/** All renderings of a command together; a template that never ends is stopped earlier by its worker. */
const RENDER_TIMEOUT_MS = 10 * 60_000;

/** What it takes to know what an Application declared at a commit of its repository. */
export async function declaredContext(session: AuditSession, application: Application, { checkout, units, parents }: DeclaringRepository): Promise<DeclaredContext> {
  const context = { repository: checkout.repository, ignore: checkout.ignore, scheme: session.cluster.scheme, units, signal: AbortSignal.timeout(RENDER_TIMEOUT_MS) };
  const within = (inner: Application, parent: DeclaredContext | undefined): DeclaredContext => ({ ...context, application: inner, applicationAt: applicationInTime({ application: inner, parent, onToday: tellOnce(inner) }) });
  // From the one that nothing declares inwards.
  const ancestors = (await withAncestors(session, application)).slice(1).toReversed();
  const parent = ancestors.reduce<DeclaredContext | undefined>((outer, inner) => {
    const known = parents.get(keyOf(inner)) ?? { ...within(inner, outer), rendered: new Map() };
    parents.set(keyOf(inner), known);
    return known;
  }, undefined);
  return within(application, parent);
}

/** The Application and those that declare it from the same repository, one the next. One that declares itself ends them. */
async function withAncestors(session: AuditSession, application: Application): Promise<readonly Application[]> {
  const chain = [application];
  for (let name = applicationOf(application); name; ) {
    const found = await session.find(APPLICATIONS, name);
    if (!found || chain.some((known) => keyOf(known) === keyOf(found)) || repositoryOf(found) !== repositoryOf(application)) break;
    chain.push(found);
    name = applicationOf(found);
  }
  return chain;
}

const repositoryOf = ({ metadata, spec }: Application): string => joinKey(metadata.namespace, spec.repository);

function tellOnce(application: Application): (revision: string) => void {
  let isTold = false;
  return (revision) => {
    if (!isTold) process.stderr.write(`headway: Git does not tell what Application ${keyOf(application)} said at ${revision.slice(0, 12)}; it is read as it is today\n`);
    isTold = true;
  };
}
