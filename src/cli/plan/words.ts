import type { SyncError } from '#api/headway/v1/types.ts';
import type { ObjectChange, PolicyFailure, Restart, RevisionName, StaleReader } from '#sync/offline/change-plan.ts';

/** `demo/web`, or `web` outside of namespaces. */
export const objectName = ({ kind, namespace, name }: Pick<ObjectChange, 'kind' | 'namespace' | 'name'>): string => `${kind} ${namespace ? `${namespace}/` : ''}${name}`;

const HOW: Readonly<Record<Restart['how'], (pods: string) => string>> = {
  replaced: (pods) => `${pods} replaced one after the other`,
  recreated: (pods) => `${pods} stopped, then started anew`,
  started: (pods) => `${pods} started`,
  stopped: (pods) => `${pods} stopped`,
  scaled: () => 'scaled',
  waiting: (pods) => `${pods} keep the old template until somebody deletes them or resumes the rollout`,
};

export const restartText = ({ how, pods }: Restart): string => HOW[how](pods === undefined ? 'one pod a node' : `${pods} ${pods === 1 ? 'pod' : 'pods'}`);
export const staleText = ({ object, reads }: StaleReader): string => `${object} reads ${reads} only at its start; its pods keep the old values until they restart`;
export const placeOf = ({ path, line }: Pick<SyncError, 'path' | 'line'>): string => (line === undefined ? path : `${path}:${line}`);
/** Of a hook. */
export const hookText = ({ phases = [] }: Pick<ObjectChange, 'phases'>): string => `runs (${phases.join(', ')})`;
export const policyText = ({ policy, declaredAt, message }: PolicyFailure): string => `${policy}${declaredAt ? ` (${declaredAt})` : ''}: ${message}`;
/** `clusters/production` of `./clusters/production/`. */
export const withoutSlashes = (path: string): string => path.replace(/^(?:\.?\/)+|\/+$/g, '').replace(/^\.$/, '');
/** A revision that is no name but the commit itself is not said twice. */
export const revisionText = ({ ref, commit }: RevisionName, quote: (text: string) => string = (text) => text): string => (commit.startsWith(ref) ? commit.slice(0, 7) : `${quote(ref)} ${commit.slice(0, 7)}`);
