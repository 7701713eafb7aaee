import type { TypeReference } from '#api/facts.ts';
import { type FieldSet, fieldSet, fieldStep } from './field-set.ts';
import { hasStatusOfItsOwn, type TypeSource } from './rules.ts';

export type FieldPath = readonly string[];

const SPEC: FieldPath = ['spec'];
const SPEC_AND_METADATA: readonly FieldPath[] = [SPEC, ['metadata']];
const NOTHING: readonly FieldPath[] = [];

/** The kinds whose status endpoint puts back more than the spec (`GetResetFields` of Kubernetes' strategies). */
const RESET_BY_STATUS: Readonly<Record<TypeReference, readonly FieldPath[]>> = {
  // Old kubelets garbled them.
  'core/v1.Pod': [SPEC, ['metadata', 'ownerReferences']],
  'apps/v1.Deployment': [SPEC, ['metadata', 'labels']],
  'certificates/v1.CertificateSigningRequest': [SPEC, ['status', 'conditions']],
  'admissionregistration/v1.ValidatingAdmissionPolicy': SPEC_AND_METADATA,
  'apiregistration/v1.APIService': SPEC_AND_METADATA,
  'flowcontrol/v1.FlowSchema': SPEC_AND_METADATA,
  'flowcontrol/v1.PriorityLevelConfiguration': SPEC_AND_METADATA,
  'networking/v1.ServiceCIDR': SPEC_AND_METADATA,
  'resource/v1.ResourceClaim': SPEC_AND_METADATA,
  'storage/v1.VolumeAttachment': SPEC_AND_METADATA,
};

/**
 * What a write through an endpoint does not change, and so nobody owns by it, however it was sent. The object's own endpoint leaves the
 * status alone; that of the status all but the status, and of the metadata labels, annotations, finalizers and owners.
 */
export function resetFields(type: TypeSource, subresource: string | undefined): readonly FieldPath[] {
  switch (subresource) {
    case 'status': return isOfOurOwn(type) ? SPEC_AND_METADATA : RESET_BY_STATUS[type.facts ?? ''] ?? [SPEC];
    case 'approval': return [SPEC, ['status', 'certificate']];
    // What is recorded is of the Scale itself, all of which is its own.
    case 'scale': return NOTHING;
    default: return hasStatusOfItsOwn(type) ? [['status']] : NOTHING;
  }
}

const isOfOurOwn = ({ facts }: TypeSource): boolean => facts === undefined || facts.startsWith('headway/');

/** Without the paths and all that lies below them. */
export function withoutPaths(set: FieldSet, paths: readonly FieldPath[]): FieldSet {
  if (paths.length === 0) return set;
  const children = new Map(set.children);
  for (const [step, child] of set.children) {
    const below = paths.filter(([first = '']) => fieldStep(first) === step).map(([, ...rest]) => rest);
    if (below.some((path) => path.length === 0)) children.delete(step);
    else children.set(step, withoutPaths(child, below));
  }
  return fieldSet(set.isMember, children);
}
