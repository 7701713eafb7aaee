import type { LimitRange, PersistentVolumeClaim, Pod } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { groupResource } from '#api/resource-type.ts';
import { forbidden } from '#api/status-error.ts';
import type { Environment } from '../../environment.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../plugin.ts';
import { claimProblems, podProblems } from './constraints.ts';
import { withLimitDefaults } from './defaults.ts';

/** Presets and bounds what containers, pods and claims ask for, as the LimitRanges of their namespace say. */
export const LIMIT_RANGER: AdmissionPlugin = {
  name: 'LimitRanger',
  handles: (request, env) => isLimited(request) && env.cache.list('limitranges', { namespace: request.namespace }).items.length > 0,
  mutate(request, env) {
    const object = request.object as KubeObject;
    if (request.operation !== 'CREATE' || groupResource(request.resource) !== 'pods') return object;
    return rangesOf(request, env).reduce(withLimitDefaults, object as Pod & KubeObject);
  },
  validate(request, env) {
    const { resource, name, object } = request;
    const problemsOf = (range: LimitRange): readonly string[] =>
      (groupResource(resource) === 'pods' ? podProblems(object as Pod & KubeObject, range) : claimProblems(object as PersistentVolumeClaim & KubeObject, range));
    // Every range is asked in turn: the first that refuses tells all that it finds.
    for (const range of rangesOf(request, env)) {
      const problems = [...new Set(problemsOf(range))];
      if (problems.length > 0) throw forbidden(resource, name, problems.length === 1 ? (problems[0] ?? '') : `[${problems.join(', ')}]`);
    }
  },
};

function isLimited({ operation, resource, subresource, object }: AdmissionRequest): boolean {
  if (object === undefined || resource.group !== '') return false;
  if (resource.plural === 'pods') return subresource === 'resize' || (operation === 'CREATE' && subresource === '');
  const isChange = operation === 'CREATE' || (operation === 'UPDATE' && object.metadata.deletionTimestamp === undefined);
  return resource.plural === 'persistentvolumeclaims' && subresource === '' && isChange;
}

const rangesOf = ({ namespace }: AdmissionRequest, env: Environment): readonly LimitRange[] => env.cache.list('limitranges', { namespace }).items.map((item) => item.object as LimitRange & KubeObject);
