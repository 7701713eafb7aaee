import type { Application } from '#api/headway/v1/types.ts';
import { joinKey } from '#api/object.ts';
import { applicationOf } from '#sync/audit/application-of.ts';
import type { Checkout } from '#sync/audit/checkout.ts';
import { declaredAt, type Declared, type DeclaredContext } from '#sync/audit/declared.ts';
import { SourceError } from '#sync/errors.ts';
import { identityOf, type Identity } from '#sync/inventory/identity.ts';
import type { UnitRendering } from '#sync/render/unit-rendering.ts';
import { UsageError } from '../usage-error.ts';
import { declaredContext } from './declared-context.ts';
import type { AuditSession, NamedObject } from './session.ts';

/** An application that may declare an object, with its repository at hand. */
export interface Candidate {
  readonly application: Application;
  readonly checkout: Checkout;
  readonly context: DeclaredContext;
}

/** The applications to ask for an object: the one that is named, the one that the live object is labelled with, or all. */
export async function candidatesFor(session: AuditSession, { resource, target }: NamedObject, { application, units }: { readonly application?: string | undefined; readonly units: UnitRendering }): Promise<readonly Candidate[]> {
  await session.allKinds();
  const label = application === undefined ? await session.find(resource, target).then((live) => live && applicationOf(live)) : undefined;
  const named = application ?? (label && `${label.namespace}/${label.name}`);
  const applications = named === undefined ? await session.applications() : [await session.application(named)];
  const checkouts = new Map<string, Promise<Checkout>>();
  const parents = new Map<string, DeclaredContext>();
  return Promise.all(applications.map(async (found) => {
    const key = joinKey(found.metadata.namespace, found.spec.repository);
    const opened = checkouts.get(key) ?? session.checkout(found);
    checkouts.set(key, opened);
    const checkout = await opened;
    return { application: found, checkout, context: await declaredContext(session, found, { checkout, units, parents }) };
  }));
}

export const identityOfNamed = ({ resource, target }: NamedObject): Identity => identityOf(resource, { metadata: target });

/** The first candidate that declares the object at the commit that `revisionOf` has for it. */
export async function findDeclared(candidates: readonly Candidate[], named: NamedObject, revisionOf: (candidate: Candidate) => Promise<string | undefined>): Promise<{ readonly candidate: Candidate; readonly revision: string; readonly declared: Declared } | undefined> {
  for (const candidate of candidates) {
    const revision = await revisionOf(candidate);
    const declared = revision === undefined ? undefined : await declaredAt(candidate.context, { revision, identity: identityOfNamed(named) });
    if (declared && revision !== undefined) return { candidate, revision, declared };
  }
  return undefined;
}

/** The newest commit of what the repository follows; what is applied when that cannot be told. */
export async function headOf({ application, checkout }: Pick<Candidate, 'application' | 'checkout'>): Promise<string> {
  try {
    return await checkout.repository.resolve(checkout.ref);
  } catch (error) {
    const applied = application.status?.syncedRevision;
    if (!(error instanceof SourceError) || applied === undefined) throw error;
    return applied;
  }
}

/** A commit by any of git's names. @throws UsageError when the repository has none of that name */
export async function commitOf({ history }: Checkout, name: string): Promise<string> {
  const commit = await history.resolve(name);
  if (commit === undefined) throw new UsageError(`the repository has no commit ${JSON.stringify(name)}`);
  return commit;
}
