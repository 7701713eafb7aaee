import { createHash } from 'node:crypto';
import { APPLICATION_SET_LABEL, CONFIRM_DELETION_ANNOTATION, type Application, type ApplicationSet, type ApplicationSetStatus } from '#api/headway/v1/types.ts';
import { dns1123Subdomain } from '#api/names.ts';
import type { Parameters } from './parameters.ts';
import { readsPathsOnly } from './references.ts';
import { substitute, unknownMessage } from './substitute.ts';

export interface SetSnapshot {
  readonly set: ApplicationSet;
  /** What its generators give. */
  readonly parameters: readonly Parameters[];
  /** All Applications of its namespace. */
  readonly present: readonly Application[];
}

export interface SetPlan {
  /** To be applied; those of which nothing differs write nothing. */
  readonly apply: readonly Application[];
  readonly remove: readonly Application[];
  /** No longer made by the set, and kept. */
  readonly release: readonly Application[];
  /** Templates that cannot be used for some parameters. With any of them nothing is removed: what it stood for is not known. */
  readonly errors: readonly string[];
  readonly pending?: NonNullable<ApplicationSetStatus['pending']>;
}

const DEFAULT_LIMIT = 5;
const REVISION_LENGTH = 12;

/** What makes the Applications of a set what its generators say. */
export function planSet({ set, parameters, present }: SetSnapshot): SetPlan {
  const built = parameters.map((one) => buildApplication(set, one));
  const applications = built.filter((one) => typeof one !== 'string');
  const errors = [...built.filter((one) => typeof one === 'string'), ...clashes(applications, set, present)];
  const apply = applications.filter((one, i) => !isForeign(one, set, present) && applications.findIndex(({ metadata }) => metadata.name === one.metadata.name) === i);
  const wanted = new Set(applications.map(({ metadata }) => metadata.name));
  const gone = errors.length > 0 ? [] : present.filter((one) => isOfSet(one, set) && !one.metadata.deletionTimestamp && !wanted.has(one.metadata.name));
  if (set.spec.deletion?.mode === 'Orphan') return { apply, remove: [], release: gone, errors };
  const pending = unconfirmed(set, gone, wanted.size);
  return { apply, remove: pending ? [] : gone, release: [], errors, ...(pending ? { pending } : {}) };
}

/** The Application, or what is wrong with the template for these parameters. */
function buildApplication({ metadata: { namespace, name = '', uid = '' }, spec: { template, deletion } }: ApplicationSet, parameters: Parameters): Application | string {
  const { value, unknown: [missing] } = substitute(template, parameters);
  if (missing) return `spec.template.${unknownMessage(missing, parameters)}`;
  const [fault] = dns1123Subdomain(value.metadata.name);
  if (fault !== undefined) return `spec.template.metadata.name: ${JSON.stringify(value.metadata.name)}: ${fault}`;
  // What is to be kept must not go with the set either.
  const owner = deletion?.mode === 'Orphan' ? {} : { ownerReferences: [{ apiVersion: 'headway.dev/v1', kind: 'ApplicationSet', name, uid, controller: true, blockOwnerDeletion: true }] };
  return {
    apiVersion: 'headway.dev/v1', kind: 'Application', spec: value.spec,
    metadata: { ...value.metadata, namespace, labels: { ...value.metadata.labels, [APPLICATION_SET_LABEL]: name }, ...owner },
  };
}

const isOfSet = ({ metadata }: Application, set: ApplicationSet): boolean => metadata.labels?.[APPLICATION_SET_LABEL] === set.metadata.name;

/** Somebody else made an Application of this name: it is not taken over. */
const isForeign = ({ metadata }: Application, set: ApplicationSet, present: readonly Application[]): boolean =>
  present.some((one) => one.metadata.name === metadata.name && !isOfSet(one, set));

function clashes(applications: readonly Application[], set: ApplicationSet, present: readonly Application[]): readonly string[] {
  const names = applications.map(({ metadata }) => metadata.name ?? '');
  const twice = new Set(names.filter((name, i) => names.indexOf(name) !== i));
  const foreign = applications.filter((one) => isForeign(one, set, present));
  return [
    ...[...twice].map((name) => `spec.template.metadata.name: more than one set of parameters gives ${JSON.stringify(name)}`),
    ...foreign.map(({ metadata }) => `Application ${metadata.name} is there already and not of this set`),
  ];
}

/** More deletions at once than the limit wait for a person, and so do those that leave nothing: a folder may have got another name. */
function unconfirmed(set: ApplicationSet, gone: readonly Application[], left: number): SetPlan['pending'] {
  const { metadata, spec: { deletion } } = set;
  const isEmptied = left === 0 && gone.length > 0 && deletion?.limit === undefined && readsPathsOnly(set);
  if (!isEmptied && gone.length <= (deletion?.limit ?? DEFAULT_LIMIT)) return undefined;
  const deletions = gone.map((one) => one.metadata.name ?? '').sort();
  const revision = createHash('sha256').update(deletions.join('\n')).digest('hex').slice(0, REVISION_LENGTH);
  return metadata.annotations?.[CONFIRM_DELETION_ANNOTATION] === revision ? undefined : { revision, deletions };
}
