import type { DaemonSet } from '#api/generated/apps/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { isEqual } from '../../storage/equality.ts';
import type { Strategy } from '../strategy.ts';

type Daemons = DaemonSet & KubeObject;

/** A count of the template's versions from before there were revisions: clients still find it there. */
const GENERATION = 'deprecated.daemonset.template.generation';

export const DAEMON_SET: Strategy = {
  hasGeneration: true,
  prepareCreate: (set) => withGeneration(set, Math.max(1, Number(set.metadata.annotations?.[GENERATION] ?? 1))),
  asOwnedOnCreate: (set) => withGeneration(set, 0),
  prepareUpdate(set, live) {
    const before = Number(live.metadata.annotations?.[GENERATION] ?? 1);
    return withGeneration(set, isEqual((set as Daemons).spec.template, (live as Daemons).spec.template) ? before : before + 1);
  },
};

const withGeneration = (set: KubeObject, generation: number): KubeObject => ({ ...set, metadata: { ...set.metadata, annotations: { ...set.metadata.annotations, [GENERATION]: String(generation) } } });
